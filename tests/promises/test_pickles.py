"""A pickle planted in any file of an index is not executed, whatever else becomes of the answer."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import shutil
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pytest
import whoosh.index
from whoosh import columns, externalsort, formats
from whoosh.codec import whoosh3
from whoosh.filedb import structfile

from search import Article, Index, NewsearchError, Span, create_index, open_index
from search.engines.whoosh import storage
from search.engines.whoosh.columnar import arrays
from search.engines.whoosh.generations import Generations, manifest_name, manifest_text, record

Payload = Callable[[str], Iterator[bytes]]
"""The path of a mark -> pickles that make it."""

Plant = Callable[[Path, bytes], None]
"""Puts a pickle into an index."""

ARTICLES: Final = [
    Article("a", "Drones", "Des drones ont visé Belgorod hier.", Span.parse("2024-03"), source="AFP"),
    Article("b", "Scrutin", "Le scrutin et les drones, dimanche à Koursk.", Span.parse("2024"), source="AFP"),
    Article("c", "Front", "Rien de nouveau à Koursk, ni à Belgorod.", source="Le Monde"),
]


# Payloads


class Calls:
    """What, unpickled, calls something."""

    def __init__(self, what: Callable[..., object], *arguments: object) -> None:
        self.call = what, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def code(mark: str) -> str:
    """An expression that makes the mark."""
    return f"__import__('os').mkdir({mark!r})"


def reduced(mark: str) -> Iterator[bytes]:
    """A function of the standard library, in an old protocol and in a new one."""
    for protocol in (2, 4):
        yield pickle.dumps(Calls(os.mkdir, mark), protocol)


def evaluated(mark: str) -> Iterator[bytes]:
    """Python's own eval, under its names of Python 3 and of Python 2."""
    for protocol in (0, 2, 5):
        yield pickle.dumps(Calls(eval, code(mark)), protocol)


def in_text(mark: str) -> Iterator[bytes]:
    """The pickle of the textbooks, by each opcode that calls."""
    command = f"S{f'mkdir {mark}'!r}\n".encode()
    yield b"cos\nsystem\n(" + command + b"tR."
    yield b"(" + command + b"ios\nsystem\n."
    yield b"(cos\nsystem\n" + command + b"o."


def built(mark: str) -> Iterator[bytes]:
    """A class that a list of segments may name, whose state carries more, or that is itself given a state."""
    segment = whoosh3.W3Segment.__new__(whoosh3.W3Segment)
    segment.__dict__ = {"indexname": "MAIN", "segid": "0", "_deleted": Calls(os.mkdir, mark)}
    yield pickle.dumps([segment], 4)
    yield pickle.dumps([segment], 2)
    yield b"\x80\x02cwhoosh.codec.whoosh3\nW3Segment\n(N}X\x07\x00\x00\x00planted\x88stb."


def dotted(mark: str) -> Iterator[bytes]:
    """Names with dots in them, from a module that may be named to one that may not."""

    def text(value: str) -> bytes:
        return b"X" + len(value.encode()).to_bytes(4, "little") + value.encode()

    for module, name in (
        ("collections", "namedtuple.__builtins__.get"),
        ("whoosh.codec.whoosh3", "W3Segment.codec.__builtins__.get"),
    ):
        got = b"\x80\x04" + text(module) + text(name) + b"\x93" + text("eval") + b"\x85R"
        yield got + text(code(mark)) + b"\x85R."


PAYLOADS: Final[tuple[Payload, ...]] = (reduced, evaluated, in_text, built, dotted)


def executed(mark: str) -> bool:
    """Whether a payload did what it is for; afterwards it has not."""
    done = os.path.isdir(mark) or hasattr(whoosh3.W3Segment, "planted")
    with suppress(FileNotFoundError):
        os.rmdir(mark)
    with suppress(AttributeError):
        del whoosh3.W3Segment.planted
    return done


# Places


def resealed(path: Path) -> None:
    """Have the manifest say that the files are as they were committed."""
    folder = Generations(str(path), "")
    manifest = folder.manifest(folder.newest())
    told = json.loads((path / manifest_name(manifest.generation)).read_text())
    del told["digest"]
    told["files"] = {name: record(str(path / name)) for name in told["files"]}
    (path / manifest_name(manifest.generation)).write_text(manifest_text(told))


def replaced(path: Path, pattern: str, content: Callable[[bytes], bytes]) -> None:
    """Write other bytes into the files of this pattern."""
    for file in list(path.glob(pattern)):
        data = content(file.read_bytes())
        # Not the same inode: an index that is open elsewhere has the old one mapped.
        file.unlink()
        file.write_bytes(data)


def whole_file(*patterns: str, seal: bool = True) -> list[Plant]:
    """In the place of a file."""

    def plant(pattern: str) -> Plant:
        def planted(path: Path, payload: bytes) -> None:
            assert list(path.glob(pattern)) or not seal, "there is such a file"
            if seal:
                replaced(path, pattern, lambda _: payload)
                resealed(path)
            else:
                (path / pattern).write_bytes(payload)

        return planted

    return [plant(pattern) for pattern in patterns]


def in_toc(path: Path, payload: bytes) -> None:
    """In the place of both pickles of Whoosh's TOC: the schema, which has its length before it, and the
    segments."""
    newest = Generations(str(path), "").newest()
    whole = (path / f"_MAIN_{newest}.toc").read_bytes()
    at = whole.index(b"\x80\x02")
    reader = structfile.BufferFile(whole)
    for _ in range(3):
        reader.read_varint()
    reader.read_int(), reader.read_int()
    for _ in range(3):
        reader.read_varint()
    schema = reader.read_string()
    rest = whole[reader.tell() :]
    replaced(path, f"_MAIN_{newest}.toc", lambda _: whole[:at] + schema + rest[:8] + payload)
    resealed(path)


def in_toc_whole(path: Path, payload: bytes) -> None:
    """The same where the schema is the payload too."""
    newest = Generations(str(path), "").newest()
    replaced(path, f"_MAIN_{newest}.toc", lambda whole: whole[: whole.index(b"\x80\x02")] + 2 * payload)
    resealed(path)


def in_rows(path: Path, payload: bytes) -> None:
    """As the stored row of each article, compressed and not."""
    for file in path.glob("*.nsa"):
        old = arrays.ArrayFile(str(file))
        contents = {name: old.array(name).copy() for name in old._directory}
        kinds = [np.frombuffer(data, np.uint8) for data in (payload, zlib.compress(payload))]
        rows = [kinds[number % 2] for number in range(len(contents["rows_at"]) - 1)]
        contents["rows"] = np.concatenate(rows)
        ends = np.cumsum([0, *map(len, rows)])
        contents["rows_at"] = ends.astype(contents["rows_at"].dtype)
        values = {name: value for name, value in old.values.items() if name != "name"}
        file.unlink()
        writer = arrays.ArrayFileWriter(str(file))
        for name, array in contents.items():
            writer.add(name, array)
        for name, value in values.items():
            writer.value(name, value)
        writer.close()
    resealed(path)


def in_directory(path: Path, payload: bytes) -> None:
    """In the place of the directory of a file of arrays, with the checksum that it needs."""

    def content(whole: bytes) -> bytes:
        end, _, _ = arrays._TAIL.unpack(whole[-arrays._TAIL.size :])
        return whole[:end] + payload + arrays._TAIL.pack(end, len(payload), zlib.crc32(payload))

    replaced(path, "*.nsa", content)
    resealed(path)


def in_manifest(path: Path, payload: bytes) -> None:
    """In the place of the manifest."""
    replaced(path, "newsearch-manifest-*.json", lambda _: payload)


def in_ledger_compressed(path: Path, payload: bytes) -> None:
    """In the place of what is compressed in the ledger."""
    replaced(path, "newsearch-ledger-*", lambda _: zlib.compress(payload))
    resealed(path)


def by_whoosh(module: Any, names: tuple[str, ...], caller: str, size: int | None = None) -> Plant:
    """In the place of what Whoosh pickles in a function of this name (a tuple of so many), when it writes the
    whole index anew."""

    def plant(path: Path, payload: bytes) -> None:
        planted = 0

        def pickled(value: Any, protocol: int = -1) -> bytes:
            nonlocal planted
            frames = sys._getframe(1), sys._getframe(2), sys._getframe(3)
            if not any(frame.f_code.co_name == caller for frame in frames) or size not in (None, len(value)):
                return pickle.dumps(value, protocol)
            planted += 1
            return payload

        def dump(value: object, file: IO[bytes], protocol: int = -1) -> None:
            file.write(pickled(value, protocol))

        shutil.rmtree(path)
        with pytest.MonkeyPatch.context() as patched, create_index(str(path), engine="whoosh-stock") as index:
            for name in names:
                if hasattr(module, name):
                    patched.setattr(module, name, pickled if name == "dumps" else dump)
            index.add(ARTICLES)
        assert planted, f"Whoosh pickles in {caller}"

    return plant


def in_terms(path: Path, payload: bytes) -> None:
    """As the postings that stand beside each term. Whoosh means to put those of rare words there, but never
    does; it reads them."""
    shutil.rmtree(path)
    to_bytes = whoosh3.W3TermInfo.to_bytes
    head = whoosh3.W3TermInfo._struct.size
    with pytest.MonkeyPatch.context() as patched, create_index(str(path), engine="whoosh-stock") as index:
        patched.setattr(whoosh3.W3TermInfo, "to_bytes", lambda self: b"\1" + to_bytes(self)[1:head] + payload)
        index.add(ARTICLES)


def in_column(path: Path, payload: bytes) -> None:
    """As each value of a column."""
    shutil.rmtree(path)
    add = columns.RefBytesColumn.Writer.add
    with pytest.MonkeyPatch.context() as patched, create_index(str(path), engine="whoosh-stock") as index:
        patched.setattr(
            columns.RefBytesColumn.Writer, "add", lambda self, number, _: add(self, number, payload)
        )
        index.add(ARTICLES)


FAST: Final[Mapping[str, list[Plant]]] = {
    "Whoosh's list of segments": [in_toc, in_toc_whole],
    "stored rows": [in_rows],
    "the directory of a segment": [in_directory],
    "what was deleted": whole_file("*.gone*"),
    "the manifest": [in_manifest],
    "the ledger": [*whole_file("newsearch-ledger-*"), in_ledger_compressed],
    "newsearch.json and writer.json": whole_file("newsearch.json", "writer.json", seal=False),
    "aliases.txt": whole_file("aliases.txt", seal=False),
}
SLOW: Final[Mapping[str, list[Plant]]] = {
    "Whoosh's list of segments, of the older engine": [in_toc, in_toc_whole],
    "stored fields": [by_whoosh(columns, ("dumps",), "add")],
    "postings": [
        by_whoosh(whoosh3, ("dumps",), "_write_block", 6),
        by_whoosh(whoosh3, ("dumps",), "_write_block", 3),
        in_terms,
        by_whoosh(formats, ("dumps",), "encode"),
    ],
    "directories and columns": [
        by_whoosh(structfile, ("dump", "dump_pickle"), "_write_extras"),
        by_whoosh(structfile, ("dump", "dump_pickle"), "write_dir"),
        in_column,
    ],
}


# Ways

Use = Callable[[Index], object]

READING: Final[tuple[Use, ...]] = (
    lambda index: index.search("drones Koursk"),
    lambda index: index.search('"drones ont visé" OU Kou* OU scrutn~ OU Koursk PRES/9 Belgorod'),
    lambda index: index.search("source:AFP date:2024", sort="date"),
    lambda index: index.search("Kiev dronne", match="any", explain=True),
    lambda index: index.marks(index.article("a"), "drones"),
    lambda index: [index.article(id) for id in "abc"],
    lambda index: list(index.articles()),
    lambda index: (index.completions("dro"), index.forms("drones")),
    lambda index: index.info(),
    lambda index: index.check(),
)
WRITING: Final[tuple[Use, ...]] = (
    lambda index: index.check(clean=True),
    lambda index: index.add([Article("a", "Autre", "Un autre texte.")]),
    lambda index: index.sync(os.path.join(os.path.dirname(index.path), "news")),
    lambda index: index.forget("b"),
    lambda index: index.compact(),
)
REBUILDING: Final[tuple[Use, ...]] = (lambda index: index.rebuild(),)


def outcomes(path: Path) -> Iterator[str]:
    """What became of each way in which newsearch reads an index: an answer, or the name of an error."""
    copy = path.with_name("copy")
    for uses, at in ((READING, path), (WRITING, copy), (REBUILDING, copy)):
        if at is copy:
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(path, copy)
        opened: list[Index] = []
        yield outcome(lambda: opened.append(open_index(str(at), write=at is copy)))  # noqa: B023
        for index in opened:
            with index:
                for use in uses:
                    yield outcome(lambda: use(index))  # noqa: B023  # called now


def outcome(way: Callable[[], object]) -> str:
    try:
        way()
    except NewsearchError:
        return "refused"
    except Exception as error:  # noqa: BLE001  # what the test is about
        return f"{type(error).__module__}.{type(error).__name__}"
    return "answered"


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """These indexes need not survive a power cut, and Whoosh need not look ten times at what is damaged."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(whoosh.index, "sleep", lambda _: None)


@pytest.fixture(autouse=True)
def news(tmp_path: Path) -> None:
    """A folder to bring an index up to date with."""
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "une.txt").write_text("Un titre\n\nUn texte sur des drones.\n", encoding="utf-8")


@pytest.fixture
def fast(tmp_path: Path) -> Path:
    """An index with a file of each kind that the fast engine has."""
    path = tmp_path / "fast"
    with create_index(str(path)) as index:
        # A segment is written anew where much of it is gone.
        index.add([*ARTICLES, *(dataclasses.replace(ARTICLES[1], id=f"b{number}") for number in range(9))])
        index.add([dataclasses.replace(ARTICLES[0], body="Des drones, de nouveau.")])
    assert list(path.glob("*.gone*"))
    return path


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """An index of the older engine."""
    path = tmp_path / "slow"
    with create_index(str(path), engine="whoosh-stock") as index:
        index.add(ARTICLES)
    return path


@pytest.mark.row("S1")
def test_no_planted_pickle_is_executed(promise: Any, tmp_path: Path, fast: Path, slow: Path) -> None:
    mark = str(tmp_path / "mark")
    path = tmp_path / "planted"
    done: Counter[str] = Counter()
    foreign: Counter[str] = Counter()
    for payload in PAYLOADS:
        for pickled in payload(mark):
            pickle.loads(pickled)
            assert executed(mark), "it would work"
    for (places, whole), payload in product(((FAST, fast), (SLOW, slow)), PAYLOADS):
        for place, spots in places.items():
            cases = list(product(payload(mark), spots))
            executions = 0
            for pickled, plant in cases:
                shutil.rmtree(path, ignore_errors=True)
                shutil.copytree(whole, path)
                plant(path, pickled)
                found = list(outcomes(path))
                executions += executed(mark)
                foreign.update(f"{each}: {place}" for each in found if each not in ("answered", "refused"))
                done["ways"] += len(found)
            done.update({"plants": len(cases), "executions": executions, "refused": executions == 0})
    promise.holds(
        done["refused"],
        (len(FAST) + len(SLOW)) * len(PAYLOADS),
        f"refused or never read, in {done['plants']} variants read in {done['ways']:,} ways",
    )
    promise.never(done["executions"], "executed")
    promise.never(foreign.total(), f"errors that are none of ours {dict(foreign) or ''}".rstrip())


@pytest.mark.parametrize("place", [place for place in SLOW if "list" not in place])
def test_whoosh_itself_executes_a_pickle_in_each_of_its_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    mark = str(tmp_path / "mark")
    payload = next(reduced(mark))
    for plant in SLOW[place]:
        path = tmp_path / "planted"
        path.mkdir(exist_ok=True)
        plant(path, payload)
        assert not executed(mark)
        with monkeypatch.context() as patched:
            patched.setattr(storage, "_have_whoosh_unpickle_plain_data", lambda: None)
            for module in (columns, externalsort, formats, structfile, whoosh3):
                for name in ("load", "load_pickle", "loads"):
                    if hasattr(module, name):
                        patched.setattr(module, name, getattr(pickle, name.removesuffix("_pickle")))
            for _ in outcomes(path):
                pass
        assert executed(mark) == (plant is not in_column)
