"""What a reader tells of its generation, whatever segments it is made of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search.article import Article
from search.engines.whoosh.columnar import engine
from search.errors import DamagedIndexError
from search.french.analysis import ANALYSIS
from search.query.tree import And, Word

Articles = Callable[..., list[Article]]
Commit = Callable[..., None]


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory, articles: Articles, commit: Commit) -> list[Any]:
    """The same articles in one segment, and in five with deletions."""
    one, five = (str(tmp_path_factory.mktemp(name)) for name in ("one", "five"))
    kept = articles(60)
    engine.create(one)
    commit(engine, one, kept)
    engine.create(five)
    old = [Article(each.id, "Vieux drones", "Élysée ! Des drones, de vieux drones.") for each in kept]
    for start in range(0, 60, 15):
        commit(engine, five, [*kept[start : start + 12], *old[start + 12 : start + 15]])
    commit(engine, five, [each for start in range(0, 60, 15) for each in kept[start + 12 : start + 15]])
    opened = [engine.open_reader(path) for path in (one, five)]
    assert [reader.statistics().segments for reader in opened] == [1, 5]
    return opened


def test_segments_and_deletions_change_no_answer(
    readers: list[Any], everything: Callable[[Any], dict[str, Any]]
) -> None:
    one, five = (everything(reader) for reader in readers)
    for name in one.keys() - {"matches", "first"}:
        assert one[name] == five[name], name
    for name in ("matches", "first"):
        for pages in zip(one[name], five[name], strict=True):
            here, there = (getattr(page, "top", page) for page in pages)
            assert [match.id for match in here] == [match.id for match in there]
            assert [match.score for match in here] == pytest.approx([match.score for match in there])
    assert [each.total for each in one["matches"]] == [each.total for each in five["matches"]]


def test_ids_come_in_the_order_of_all_segments(readers: list[Any]) -> None:
    for reader in readers:
        ids = list(reader.ids())
        assert ids == sorted(ids)
        assert list(reader.ids("été/")) == [id for id in ids if id.startswith("été/")] != []
        assert list(reader.ids("zzz")) == []
        assert reader.article("été/") is None


def test_pages_join_without_gaps(readers: list[Any]) -> None:
    tree = And((Word("drones"),))
    for reader in readers:
        whole = reader.search(tree, limit=60).top
        assert len(whole) > 6
        for sort in ("relevance", "date", "-date"):
            whole = reader.search(tree, limit=60, sort=sort).top
            pages = [reader.search(tree, limit=4, offset=at, sort=sort).top for at in range(0, 60, 4)]
            assert tuple(match for page in pages for match in page) == whole
        assert reader.search(tree, limit=0).top == ()
        assert reader.search(tree, limit=5, offset=1_000).top == ()


def test_statistics_tell_versions_and_sizes(readers: list[Any]) -> None:
    for reader, generation in zip(readers, (1, 5), strict=True):
        told = reader.statistics()
        assert told.generation == generation
        assert told.size > 1_000
        assert told.versions["analysis"] == ANALYSIS
        assert told.versions["format"] == engine.FORMAT
        assert told.versions["numpy"] == np.__version__


def test_an_attachment_altered_after_it_was_opened_is_not_handed_out(tmp_path: Path, commit: Commit) -> None:
    path = str(tmp_path)
    engine.create(path)
    commit(engine, path, attachments={"ledger": b"whole", "notes": b""})
    reader = engine.open_reader(path)
    assert reader.attachment("ledger") == b"whole"
    assert reader.attachment("other") is None
    (tmp_path / "newsearch-ledger-1").write_bytes(b"other")
    with pytest.raises(DamagedIndexError, match="newsearch-ledger-1"):
        reader.attachment("ledger")
    assert reader.attachment("notes") == b""
    reader.close()
