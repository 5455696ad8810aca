"""Fuzz the segment reader: an altered file gives the right answers or a DamagedIndexError, and with its
checksums repaired, which no accident does, it may lie or fail, but neither crash, hang nor fill the memory.

    python tests/fuzz/segment.py [CORPUS] -max_total_time=1200

An input is a byte (1: cut the file, 2: repair the checksums, 4: alter the directory, too) and edits of 4
bytes: where, in 65,536ths of the file, and what to add to that byte.
"""

from __future__ import annotations

import gc
import json
import os
import struct
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["search.engines"]):
    from search import Article, Span
    from search.engines.whoosh.columnar import engine
    from search.engines.whoosh.columnar.arrays import PAGE
    from search.engines.whoosh.columnar.executor import Executor
    from search.engines.whoosh.columnar.segment import Segment

from search.errors import DamagedIndexError
from search.query.parser import parse
from seeds import corpus

SECONDS = 5.0
QUERIES = (
    "ville",
    "vill*",
    "vile~1",
    '"la ville"',
    "ville PRES/5 maire",
    "date:2020",
    "source:AFP -ville",
    "ville>1",
)
FOLDER = Path(tempfile.mkdtemp(prefix="newsearch-fuzz-segment-index-"))


def made() -> tuple[bytes, str]:
    """The bytes and the name of a segment of some articles."""
    engine.create(str(FOLDER))
    writer = engine.open_writer(str(FOLDER))
    for number in range(60):
        body = f"La ville et le maire de Lyon {number} " + " ".join(f"mot{number * n}" for n in range(30))
        date = Span.of(2020, 1 + number % 12) if number % 3 else None
        writer.add(
            Article(f"a{number}", f"La ville {number}", body, date=date, source="AFP" if number % 2 else None)
        )
    writer.commit({})
    (file,) = FOLDER.glob("*.nsa")
    return file.read_bytes(), file.name


WHOLE, NAME = made()
TREES = [parse(query).tree for query in QUERIES]


def everything(path: str) -> list[Any]:
    """What a segment answers."""
    segment = Segment(path)
    executor = Executor([segment])
    try:
        said: list[Any] = [
            executor.search(tree, 20, sort, True) for tree in TREES for sort in ("relevance", "-date")
        ]
        said += [segment.article(doc) for doc in segment.live_docs().tolist()]
        said += [
            list(segment.ids()),
            executor.names_sounding("lj"),
            executor.dictionary(None).within("vile", 1),
        ]
    finally:
        executor.close()
    return said


DUE = everything(str(FOLDER / NAME))


def altered(data: bytes) -> tuple[bytes, bool]:
    """The file that an input makes, and whether its checksums are right."""
    how = data[0]
    content = bytearray(WHOLE)
    end, length, _ = struct.unpack("<QQI", content[-20:])
    last = len(content) if how & 4 else end
    for at in range(1, len(data) - 3, 4):
        place, value = struct.unpack_from("<HB", data, at)
        position = (place * last >> 16) + data[at + 3] % max(1, last >> 16)
        content[position] = (content[position] + value) & 255
    if how & 1:
        content = content[: len(content) * data[-1] >> 8]
    if not how & 2 or len(content) < 28:
        return bytes(content), False
    end, length, _ = struct.unpack("<QQI", content[-20:])
    end, length = (end, length) if end + length + 20 == len(content) else (min(end, len(content) - 20), 0)
    text = bytes(content[end : len(content) - 20])
    try:
        directory = json.loads(text)
        pages = range(0, end, PAGE)
        directory["pages"] = [zlib.crc32(content[page : min(page + PAGE, end)]) for page in pages]
        text = json.dumps(directory).encode()
    except (ValueError, TypeError):
        pass
    return bytes(content[:end]) + text + struct.pack("<QQI", end, len(text), zlib.crc32(text)), True


def one(data: bytes) -> None:
    """Write the file that the input makes, and read it."""
    if not data:
        return
    content, is_repaired = altered(data)
    path = FOLDER / "fuzzed" / NAME
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    began = time.process_time()
    try:
        said = everything(os.fspath(path))
        assert is_repaired or said == DUE, "a wrong answer"
    except DamagedIndexError as error:
        assert NAME in str(error)
    except Exception:
        if not is_repaired:
            raise
    assert time.process_time() - began < SECONDS
    if began // 5 != time.process_time() // 5:
        gc.collect()  # errors hold the files that they were met in


if __name__ == "__main__":
    seeds = [bytes([how, 0, 128, 1, 7]) for how in range(8)] + [
        bytes([how]) + os.urandom(16) for how in range(8)
    ]
    atheris.Setup([*sys.argv, "-rss_limit_mb=1000", corpus("segment", seeds)], one)
    atheris.Fuzz()
