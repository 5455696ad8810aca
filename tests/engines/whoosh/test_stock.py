"""What the stock engine does with its segments and with those who read while it writes."""

import os
from collections.abc import Iterable
from pathlib import Path
from threading import Thread

import pytest

from search.article import Article
from search.engines.whoosh import stock
from search.engines.whoosh.stock import _MOST_SEGMENTS
from search.query.tree import Word


@pytest.fixture
def path(tmp_path: Path) -> str:
    stock.create(str(tmp_path))
    return str(tmp_path)


def commit(path: str, ids: Iterable[str] = (), *, delete: Iterable[str] = (), compact: bool = False) -> None:
    writer = stock.open_writer(path)
    for id in delete:
        writer.delete(id)
    for id in ids:
        writer.add(Article(id, "Drones", f"Un mot de plus : mot{id}."))
    writer.commit({"ledger": "".join(ids).encode()}, compact=compact)


def segments(path: str) -> set[str]:
    with stock.open_reader(path) as reader:
        return reader.segments


def test_there_are_never_more_segments_than_a_query_should_read(path: str) -> None:
    counts = []
    ids = [f"{number:02}" for number in range(2 * _MOST_SEGMENTS)]
    for id in ids:
        commit(path, [id])
        counts.append(len(segments(path)))
    assert max(counts) == _MOST_SEGMENTS
    assert counts != sorted(counts), "segments were merged"
    with stock.open_reader(path) as reader:
        assert list(reader.ids()) == ids
        assert reader.search(Word("drones"), limit=0).total == len(ids)
        assert all(reader.frequency(Word(f"mot{id}")) == 1 for id in ids)
    assert stock.check(path) == []


def test_a_merge_takes_the_smallest_segments(path: str) -> None:
    commit(path, (f"big{number}" for number in range(20)))
    big = segments(path)
    for number in range(_MOST_SEGMENTS):
        commit(path, [f"small{number}"])
    assert len(segments(path)) < _MOST_SEGMENTS
    assert big < segments(path)


def test_a_segment_of_deleted_articles_goes_with_the_commit(path: str) -> None:
    commit(path, ["a"])
    first = segments(path)
    commit(path, ["b"], delete=["a"])
    assert not first & segments(path)
    assert not [name for name in os.listdir(path) if name.split(".")[0] in first]


def test_compacting_takes_deleted_text_off_the_disk(path: str) -> None:
    commit(path, ["secret", "public"])
    commit(path, delete=["secret"])
    assert b"motsecret" in everything(path)
    commit(path, compact=True)
    assert b"motsecret" not in everything(path)
    assert b"motpublic" in everything(path)


def everything(path: str) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(Path(path).iterdir()))


def test_an_index_can_be_opened_and_read_at_any_moment_of_a_commit(path: str) -> None:
    commit(path, ["first"])
    writing = Thread(target=lambda: [commit(path, [f"{number:02}"]) for number in range(40)])
    writing.start()
    seen = []
    try:
        while writing.is_alive():
            with stock.open_reader(path) as reader:
                seen.append(len(list(reader.ids())))
                assert reader.search(Word("drones"), limit=0).total == seen[-1]
    finally:
        writing.join()
    assert seen == sorted(seen)
    assert len(segments(path)) <= _MOST_SEGMENTS
