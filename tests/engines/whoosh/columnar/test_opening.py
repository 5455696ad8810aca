"""A generation is opened whole, or the altered file is named and the generation before opened."""

from collections.abc import Callable
from pathlib import Path

import pytest

from search.article import Article
from search.engines.whoosh.columnar import engine
from search.engines.whoosh.columnar.opening import (
    OpenGeneration,
    open_generation,
    open_newest,
    open_newest_or_before,
)
from search.engines.whoosh.generations import Generations, previous_name, toc_name
from search.errors import DamagedIndexError


@pytest.fixture
def folder(
    tmp_path: Path, articles: Callable[..., list[Article]], commit: Callable[..., None]
) -> Generations:
    engine.create(str(tmp_path))
    commit(engine, str(tmp_path), articles(6))
    commit(engine, str(tmp_path), articles(4, seed=2, first=6), delete=[articles(6)[0].id])
    return Generations(str(tmp_path), engine.FORMAT)


def opened(folder: Generations) -> OpenGeneration:
    made = open_generation(folder, folder.newest(), False)
    made.close()
    return made


def test_segments_come_in_the_order_of_the_manifest_with_their_deletions(folder: Generations) -> None:
    newest = opened(folder)
    names = [segment.name for segment in newest.segments]
    assert names == [each["name"] for each in newest.manifest.contents["segments"]]
    assert [(segment.size, segment.live_count) for segment in newest.segments] == [(6, 5), (4, 4)]
    assert [segment.deletions_name is not None for segment in newest.segments] == [True, False]


def test_a_file_that_is_missing_or_of_another_size_is_named(folder: Generations) -> None:
    for name in folder.manifest(folder.newest()).files:
        file = Path(folder.path_of(name))
        whole = file.read_bytes()
        file.unlink()
        with pytest.raises((FileNotFoundError, DamagedIndexError)):
            opened(folder)
        file.write_bytes(whole + b"\0")
        with pytest.raises(DamagedIndexError, match=name):
            opened(folder)
        file.unlink()
        file.write_bytes(whole)
    assert len(opened(folder).segments) == 2


def test_a_new_index_has_no_segments(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    engine.create(str(tmp_path / "new"))
    assert opened(Generations(str(tmp_path / "new"), engine.FORMAT)).segments == []


def test_where_the_newest_is_damaged_the_one_before_opens_with_a_notice(folder: Generations) -> None:
    newest = folder.newest()
    assert folder.previous() == newest - 1
    before = folder.manifest(newest - 1)
    own = folder.manifest(newest).names - before.names
    assert len(own) == 4  # its manifest, its TOC, a segment, the deletions of another
    for name in own:
        file = Path(folder.path_of(name))
        whole = file.read_bytes()
        for damage in (None, whole[:-1], b"x" * 30):
            file.unlink(missing_ok=True)
            if damage is not None:
                file.write_bytes(damage)
            with pytest.raises(DamagedIndexError, match=name):
                open_newest(folder)
            instead = open_newest_or_before(folder)
            instead.close()
            assert instead.manifest == before
            assert instead.notice and name in instead.notice
        file.unlink(missing_ok=True)
        file.write_bytes(whole)
    sound = open_newest_or_before(folder)
    sound.close()
    assert sound.notice is None


def test_where_both_are_damaged_the_newest_is_named(folder: Generations) -> None:
    Path(folder.path_of(toc_name(folder.newest()))).write_bytes(b"x")
    Path(folder.path_of(previous_name(folder.previous()))).write_bytes(b"x")
    with pytest.raises(DamagedIndexError, match=toc_name(folder.newest())):
        open_newest_or_before(folder)
