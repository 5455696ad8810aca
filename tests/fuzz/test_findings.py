"""What the fuzzers found, each a case that must not come back."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search import Article, Span
from search.engines.whoosh.columnar import engine
from search.engines.whoosh.columnar.arrays import PAGE
from search.engines.whoosh.columnar.opening import FORMAT, OpenGeneration
from search.engines.whoosh.columnar.reader import ColumnarReader
from search.engines.whoosh.columnar.segment import Segment
from search.engines.whoosh.generations import Generations
from search.errors import DamagedIndexError, QueryError
from search.limits import QUERY_LEAVES
from search.query.parser import parse
from search.query.tree import echo

TAIL = struct.Struct("<QQI")


@pytest.mark.parametrize("text", ["-".join("abcd" * 25), "de-la-" * 33, "auteur:" + "le/du/" * 40])
def test_a_chunk_of_many_words_counts_as_many(text: str) -> None:
    with pytest.raises(QueryError, match=f"more than {QUERY_LEAVES} words"):
        parse(f"drones {text}")
    assert parse(text, pasted=True)


@pytest.mark.parametrize("text", ["x date:-2024-de-d!", "x -date:2024-de-la"])
def test_what_was_no_construct_needs_no_stop_words_where_it_is_excluded(text: str) -> None:
    said = echo(parse(text, pasted=True).tree)
    assert "[de]" in said
    assert echo(parse(said).tree) == said


@pytest.mark.parametrize("text", ["ka?20İ", "kak*İ", "ka?e\u0301\u0327.", "Belg?ro\u0308\u0323d?"])
def test_a_mark_over_the_last_letter_of_a_pattern_stays_in_its_echo(text: str) -> None:
    said = echo(parse(text).tree)
    assert echo(parse(said).tree) == said


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A segment of some articles."""
    folder = tmp_path_factory.mktemp("segment")
    engine.create(str(folder))
    writer = engine.open_writer(str(folder))
    for number in range(40):
        body = f"La ville et le maire de Lyon {number} " + "commun " * (100 if number in (7, 8, 9) else 1)
        date = Span.of(2020, 1 + number % 12) if number % 3 else None
        writer.add(Article(f"a{number}", "Une ville", body, date=date, source="AFP" if number % 2 else None))
    writer.commit({})
    (path,) = folder.glob("*.nsa")
    return path


def forged(whole: Path, folder: Path, forge: Callable[[bytearray, dict[str, Any]], object]) -> Path:
    """A copy of a segment that says what it likes, with the checksums of what it says."""
    content = whole.read_bytes()
    end, length, _ = TAIL.unpack(content[-TAIL.size :])
    arrays, directory = bytearray(content[:end]), json.loads(content[end : end + length])
    directory.pop("pages")
    forge(arrays, directory)
    sums = [zlib.crc32(arrays[at : at + PAGE]) for at in range(0, end, PAGE)]
    directory.setdefault("pages", sums)
    text = json.dumps(directory).encode()
    path = folder / whole.name
    path.write_bytes(bytes(arrays) + text + TAIL.pack(end, len(text), zlib.crc32(text)))
    return path


def reader_of(path: Path) -> ColumnarReader:
    opened = OpenGeneration(None, [Segment(str(path))], {})  # type: ignore[arg-type]  # nothing asks for it
    return ColumnarReader(Generations(str(path.parent), FORMAT), opened)


def everything(reader: ColumnarReader) -> list[object]:
    queries = (
        "ville",
        "maire",
        "vill*",
        "vile~1",
        '"la ville"',
        "commun PRES/3 commun",
        "date:2020",
        "commun>3",
    )
    return [
        *(reader.search(parse(f"{query} OU source:af*").tree, limit=9, sort="-date") for query in queries),
        *(reader.holdings(), reader.tokens(), list(reader.ids()), list(reader.articles())),
        *(
            reader.spelled_like("vile", 1),
            reader.frequent_beginning_with("v", 3),
            reader.articles_with("ville"),
        ),
    ]


@pytest.mark.parametrize(
    ("array", "place", "value"),
    [
        *(("terms", 1, "|O"), ("terms", 1, "|V4"), ("codes", 1, "|b1"), ("table", 1, ">u4"), ("rows", 1, 7)),
        *(("terms", 0, -64), ("terms", 0, 1 << 40), ("terms", 0, 0.5), ("codes", 0, None), ("table", 0, [])),
        *(
            ("terms", 2, 1 << 62),
            ("codes", 2, -1),
            ("date_start", 2, 1 << 64),
            ("ids", 2, "1"),
            ("rows", 2, 0.5),
        ),
    ],
)
def test_an_array_that_cannot_lie_in_its_file_is_damage_when_it_is_opened(
    whole: Path, tmp_path: Path, array: str, place: int, value: object
) -> None:
    def forge(arrays: bytearray, directory: dict[str, Any]) -> None:
        directory["arrays"][array][place] = value

    path = forged(whole, tmp_path, forge)
    with pytest.raises(DamagedIndexError, match=path.name):
        Segment(str(path))


@pytest.mark.parametrize(
    "forge",
    [
        lambda directory: directory["arrays"].pop("terms_at"),
        lambda directory: directory["arrays"].pop("rows"),
        lambda directory: directory["arrays"].update(codes=[8, "|u1"]),
        lambda directory: directory.pop("arrays"),
        lambda directory: directory.update(arrays=None),
        lambda directory: directory.update(values=[]),
        lambda directory: directory["values"].pop("averages"),
        lambda directory: directory.update(pages=[]),
        lambda directory: directory.update(pages=None),
    ],
)
def test_a_directory_that_lacks_something_is_damage_when_it_is_opened(
    whole: Path, tmp_path: Path, forge: Callable[[dict[str, Any]], object]
) -> None:
    path = forged(whole, tmp_path, lambda _, directory: forge(directory))
    with pytest.raises(DamagedIndexError, match=path.name):
        Segment(str(path))


@pytest.mark.parametrize(
    "array",
    [
        *("terms_at", "folds_at", "folds_terms", "id_rank", "rows_at", "date_start", "table", "docs1"),
        *("source", "source_tokens", "source_tokens_at", "odd_title", "odd_body"),
    ],
)
def test_numbers_that_point_nowhere_are_damage_and_take_no_memory(
    whole: Path, tmp_path: Path, array: str
) -> None:
    def forge(arrays: bytearray, directory: dict[str, Any]) -> None:
        offset, dtype, count = directory["arrays"][array]
        size = np.dtype(dtype).itemsize * count
        # Not so much memory that a machine might have it.
        arrays[offset : offset + size] = (b"\xff" * (np.dtype(dtype).itemsize - 1) + b"\x7f") * count

    path = forged(whole, tmp_path, forge)
    with pytest.raises(DamagedIndexError, match=path.name):
        everything(reader_of(path))


def test_names_without_number_take_no_memory(whole: Path, tmp_path: Path) -> None:
    def forge(arrays: bytearray, directory: dict[str, Any]) -> None:
        offset, _, count = directory["arrays"]["source"]
        arrays[offset : offset + count] = b"\x01" * count
        directory["arrays"]["source"] = [offset, "<u8", count // 8]

    path = forged(whole, tmp_path, forge)
    with pytest.raises(DamagedIndexError, match=path.name):
        reader_of(path).holdings()


def test_counts_beyond_64_bits_end_no_process(whole: Path, tmp_path: Path) -> None:
    def forge(arrays: bytearray, directory: dict[str, Any]) -> None:
        offset, dtype, count = directory["arrays"]["odd_body"]
        assert (dtype, count) == ("<i8", 3), "as the program below needs it"
        struct.pack_into("<3q", arrays, offset, (1 << 63) - 1, (1 << 63) - 1, 100)

    path = forged(whole, tmp_path, forge)
    program = (
        "import sys\n"
        "from search.engines.whoosh.columnar import executor, segment\n"
        "from search.query.parser import parse\n"
        "where = executor.Executor([segment.Segment(sys.argv[1])])\n"
        "try: where.search(parse('commun PRES/3 ville').tree, 9, 'relevance', True)\n"
        "except ValueError as error: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr


def test_a_term_that_stands_oftener_than_it_has_places_is_not_merged(whole: Path, tmp_path: Path) -> None:
    def forge(arrays: bytearray, directory: dict[str, Any]) -> None:
        struct.pack_into("<2q", arrays, directory["arrays"]["odd_body"][0], (1 << 63) - 1, (1 << 63) - 1)

    segment = Segment(str(forged(whole, tmp_path, forge)))
    with pytest.raises(ValueError, match="more places"):
        segment.postings.part(0, len(segment.terms))


def test_what_is_forged_without_a_change_answers(whole: Path, tmp_path: Path) -> None:
    path = forged(whole, tmp_path, lambda _, directory: None)
    assert everything(reader_of(path)) == everything(reader_of(whole))
