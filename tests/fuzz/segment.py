"""Fuzz the segment reader: an altered file gives the right answers or a DamagedIndexError. With its
checksums repaired, which no accident does, it may give any answer, but no other error, nor crash, hang or
fill the memory.

    python tests/fuzz/segment.py [CORPUS] -max_total_time=1200

An input is a byte that says whether checksums are repaired and what is asked, and edits of six bytes: the
kind, a place of two bytes, a choice, a value of two bytes. Without repair they alter the files as they lie
on the disk, else arrays and directory by their names.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import resource
import struct
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

import atheris
from fuzzing import fuzz

with atheris.instrument_imports(include=["search.engines"]):
    from search import Article, Span
    from search.engines.whoosh.columnar import best, engine, writer
    from search.engines.whoosh.columnar.arrays import PAGE
    from search.engines.whoosh.columnar.opening import FORMAT, OpenGeneration
    from search.engines.whoosh.columnar.reader import ColumnarReader
    from search.engines.whoosh.columnar.segment import Segment
    from search.engines.whoosh.generations import Generations
    from search.errors import DamagedIndexError, IndexUnavailableError
    from search.query.parser import parse

SECONDS = 5.0
MEMORY = 500 << 20
ARTICLES = 300
ASKED = 8
QUERIES = (
    *("ville", "commun", "vill*", "v?lle", "vile~1", "économe~2", "=ville", "Lyon OU Paris"),
    "ville SAUF maire",
    *('"la ville"', '"ville maire"~5', "ville PRES/5 maire", "vill* ADJ/3 maire", "titre:ville"),
    "texte:commun",
    *("date:2020", "date:2020-03..2020-06 ville", "source:AFP -ville", "auteur:zo*", "auteur:zoe~1"),
    *("ville>1", "commun PRES/3 ville"),
    *('source:"agence france"', "chemin:dossier", "commun>70", "(ville OU maire) ET (commun SAUF date:2020)"),
)
NASTY = (
    *(0, 1, 2, 7, 8, 63, 64, 127, 128, 255, 256, 65_535, 65_536, 1 << 24, (1 << 31) - 1, 1 << 31),
    (1 << 32) - 1,
    *(1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 64, -1, -2, -8, -64, -(1 << 31), -(1 << 63)),
)
DTYPES = (
    *("|u1", "<u2", "<u4", "<u8", "|i1", "<i2", "<i4", "<i8", "<f2", "<f4", "<f8", ">u2", ">u4", ">i8"),
    "<c16",
    *("|O", "O", "|V4", "V0", "|S1", "<U1", "S0", "|b1", "<M8[s]", "<m8", "x", "", "i4,i4", "(2,)i4"),
    "u1" * 99,
)
ODD: tuple[Any, ...] = (
    *(None, True, "", "x", [], {}, [1], {"a": 1}, [[]], 0.5, 1e308, float("nan"), float("inf")),
    *("zstd", "zlib", {"title": 0, "body": 0}, {"title": 1e-300, "body": -1}),
)
FOLDER = Path(tempfile.mkdtemp(prefix="newsearch-fuzz-segment-index-"))
EDIT = struct.Struct("<BHBH")
TAIL = struct.Struct("<QQI")


def made() -> dict[str, bytes]:
    """The files of a segment of some articles, and of what was deleted of it, by suffix."""
    writer.installed_method = lambda: "zlib"  # type: ignore[attr-defined]  # the same wherever it runs
    engine.create(str(FOLDER))
    names = ("AFP", "Agence France-Presse", None)
    target = engine.open_writer(str(FOLDER))
    for number in range(ARTICLES):
        body = f"La ville et le maire de Lyon {number} " + " ".join(f"mot{number * n}" for n in range(12))
        body += " commun économie" + " commun" * (number % 90 if number % 20 == 0 else number % 3)
        target.add(
            Article(
                f"a{number}" if number % 2 else f"é/{number}",
                f"La ville {number}" + " ville" * (number % 50 == 0) * 4,
                f"{body} " + "Paris " * (number % 7 == 0) + "x" * 300 * (number % 40 == 0),
                date=Span.of(2020 + number % 2, 1 + number % 12) if number % 3 else None,
                source=names[number % 3],
                author="Zoé Martin" if number % 4 == 0 else None,
                path=f"dossier/{number % 10}.txt",
                section="Monde" if number % 5 else None,
                language="en" if number % 11 == 0 else "fr",
                url="http://a.fr/" if number % 6 == 0 else None,
            )
        )
    target.commit({})
    target = engine.open_writer(str(FOLDER))
    for number in (3, 40, 77, 78):
        target.delete(f"a{number}" if number % 2 else f"é/{number}")
    target.commit({})
    # Few articles go the ways that many take.
    best.PRUNED_FROM, best._LEAST_BLOCKS = 40, 1  # type: ignore[misc]  # final but for this
    files = {kind: next(FOLDER.glob(f"*{kind}*")) for kind in (".nsa", ".gone")}
    PATHS.update({suffix: FOLDER / "fuzzed" / file.name for suffix, file in files.items()})
    (FOLDER / "fuzzed").mkdir()
    return {suffix: file.read_bytes() for suffix, file in files.items()}


def parted(content: bytes) -> tuple[bytes, dict[str, Any]]:
    """The arrays of a file, and its directory."""
    end, length, _ = TAIL.unpack(content[-TAIL.size :])
    return content[:end], json.loads(content[end : end + length])


PATHS: dict[str, Path] = {}
WHOLE = made()
PARTED = {suffix: parted(content) for suffix, content in WHOLE.items()}
TREES = [parse(query).tree for query in QUERIES]
KEYS = [
    int(key).to_bytes(8, "big").rstrip(b"\0").decode()
    for key in Segment(str(FOLDER / PATHS[".nsa"].name)).sounding.keys[:3]
]


def answers(segment: str, gone: str | None, asked: int) -> list[Any]:
    """What a segment answers to an eighth of the questions."""
    opened = OpenGeneration(None, [Segment(segment, gone)], {})  # type: ignore[arg-type]  # no manifest
    reader = ColumnarReader(Generations(str(FOLDER), FORMAT), opened)
    try:
        said: list[Any] = [
            reader.search(tree, limit=5, sort=sort)
            for tree in TREES[asked::ASKED]
            for sort in ("relevance", "-date")
        ]
        match asked:
            case 0:
                said += [reader.search(TREES[0], limit=ARTICLES, sort="date"), reader.holdings()]
            case 1:
                said += [reader.names_sounding(key) for key in KEYS]
            case 2:
                said += [reader.spelled_like("vile", 1), reader.frequent_beginning_with("mo", 5)]
            case 3:
                said += [reader.frequent_beginning_with("", 5, "source"), reader.articles_with("ville")]
            case 4:
                said += [list(reader.ids()), reader.tokens()]
            case 5:
                said += [list(reader.ids("é/1")), *itertools.islice(reader.articles(), 20)]
            case 6:
                said += [reader.article(id) for id in ("a3", "a5", "é/120", "é/298", "none")]
    finally:
        reader.close()
    return said


def whole_paths() -> tuple[str, str]:
    """Where the files are that nobody altered."""
    return str(FOLDER / PATHS[".nsa"].name), str(FOLDER / PATHS[".gone"].name)


DUE = {
    with_gone: [answers(segment, gone if with_gone else None, asked) for asked in range(ASKED)]
    for segment, gone in [whole_paths()]
    for with_gone in (False, True)
}


def damaged(content: bytes, edits: list[tuple[int, ...]]) -> bytes:
    """A file as accidents leave it."""
    altered = bytearray(content)
    for kind, where, choice, value in edits:
        place = where * len(altered) >> 16
        if kind % 8 == 7:
            del altered[place:]
        elif kind % 8 == 6:
            altered[place : place + value % 5_000] = b"\0" * (choice * value % 5_000)
        elif place < len(altered):
            # The end says what is where.
            place = len(altered) - 1 - choice if kind % 8 == 5 and choice < len(altered) else place
            altered[place] ^= value & 255
    return bytes(altered)


def repaired(content: bytes, directory: dict[str, Any], edits: list[tuple[int, ...]]) -> bytes:
    """A file that says what it likes, with the checksums of what it says."""
    altered = bytearray(content)
    directory = json.loads(json.dumps(directory))
    arrays, values = directory["arrays"], directory["values"]
    tail: list[int | None] = [None, None]
    pages: list[Any] = []
    for numbered, where, choice, value in edits:
        kind = numbered % 16
        name = list(arrays)[choice % len(arrays)] if arrays else ""
        entry = arrays.get(name)
        if kind < 8 and name in PARTED[".nsa"][1]["arrays"] | PARTED[".gone"][1]["arrays"]:
            known = PARTED[".nsa"][1]["arrays"].get(name) or PARTED[".gone"][1]["arrays"][name]
            alter(altered, known, kind, where, value)
        elif kind == 8 and entry:
            entry[where % 3] = (*NASTY, *DTYPES)[value % len(NASTY + DTYPES)]
        elif kind == 9 and entry:
            entry[1] = DTYPES[value % len(DTYPES)]
        elif kind == 10 and entry and isinstance(entry[where % 2 * 2], int):
            entry[where % 2 * 2] += value - 32_768 if where & 2 else (value & 63) - 32
        elif kind == 11 and entry:
            arrays[name] = list(arrays.values())[where % len(arrays)]
        elif kind == 12 and entry:
            arrays.pop(name)
        elif kind == 13:
            key = list(values)[choice % len(values)] if values else "name"
            odd = (*NASTY, *ODD)
            if isinstance(values.get(key), dict) and where & 1:
                values[key] = dict.fromkeys(values[key], odd[value % len(odd)])
            elif key != "name" or where & 2:
                values[key] = odd[value % len(odd)]
        elif kind == 14:
            pages.append((*NASTY, *ODD)[value % len(NASTY + ODD)])
        elif kind == 15 and choice & 1:
            tail[choice >> 1 & 1] = NASTY[value % len(NASTY)]
        elif kind == 15:
            part = ("arrays", "values", "pages")[where % 3]
            directory[part] = ODD[value % len(ODD)]
    if "pages" in directory and isinstance(directory["pages"], list):
        sums = [zlib.crc32(altered[at : at + PAGE]) for at in range(0, len(altered), PAGE)]
        directory["pages"] = sums if not pages else (pages + sums)[: len(sums) + len(pages) % 2]
    text = json.dumps(directory).encode()
    end, length = (
        given % (1 << 64) if given is not None else due
        for given, due in zip(tail, (len(altered), len(text)), strict=True)
    )
    told = (bytes(altered) + text)[end : end + length]
    return bytes(altered) + text + TAIL.pack(end, length, zlib.crc32(told))


def alter(altered: bytearray, known: list[Any], kind: int, where: int, value: int) -> None:
    """Alter an element of an array."""
    offset, dtype, count = known
    if not count:
        return
    size = int(dtype[2])
    at = offset + (where % count if kind & 1 else where * count >> 16) * size
    now = int.from_bytes(altered[at : at + size], "little")
    to = (now + value - 32_768, now ^ value, value, NASTY[value % len(NASTY)])[kind >> 1]
    altered[at : at + size] = (to % (1 << 8 * size)).to_bytes(size, "little")


def one(data: bytes) -> None:
    """Write the files that the input makes, and read them."""
    if not data:
        return
    is_repaired = bool(data[0] & 3)
    suffix = ".gone" if data[0] & 12 == 12 else ".nsa"
    with_gone = suffix == ".gone" or bool(data[0] & 16)
    asked = data[0] >> 5
    edits = [EDIT.unpack_from(data, at) for at in range(1, len(data) - EDIT.size + 1, EDIT.size)][:8]
    for each, path in PATHS.items():
        path.unlink(missing_ok=True)
        if each != suffix:
            os.link(FOLDER / path.name, path)
        elif is_repaired:
            path.write_bytes(repaired(*PARTED[each], edits))
        else:
            path.write_bytes(damaged(WHOLE[each], edits))
    began = time.process_time()
    try:
        said = answers(str(PATHS[".nsa"]), str(PATHS[".gone"]) if with_gone else None, asked)
        assert is_repaired or said == DUE[with_gone][asked], "a wrong answer"
    except DamagedIndexError as error:
        assert str(FOLDER) in str(error), str(error)
        assert is_repaired or PATHS[suffix].name in str(error), str(error)
    except IndexUnavailableError as error:
        assert is_repaired and "Zstandard" in str(error), str(error)
    assert time.process_time() - began < SECONDS
    if next(RUNS) % 50 == 0:
        gc.collect()
        limit_memory()


RUNS = itertools.count(1)


def limit_memory() -> None:
    """Have whatever asks for much more than there is now get a MemoryError."""
    if sys.platform == "linux":
        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, most))


if __name__ == "__main__":
    seeds = [
        bytes([how | number % ASKED << 5])
        + EDIT.pack(number % 16, 9_999 * number % 65_536, number, number % 47)
        for number in range(96)
        for how in (0, 1, 13, 17)
    ]
    greatest = NASTY.index((1 << 63) - 1)
    for number in range(len(PARTED[".nsa"][1]["arrays"])):
        for asked in range(ASKED):
            # Two of these may be little in all, as 64 bits count.
            edits = EDIT.pack(7, 0, number, greatest) + EDIT.pack(7, 1, number, greatest)
            seeds.append(bytes([1 | asked << 5]) + edits)
    limit_memory()
    fuzz("segment", one, seeds, (), "-timeout=60", "-rss_limit_mb=4000", "-max_len=49", "-len_control=0")
