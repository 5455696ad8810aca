"""A folder of Whoosh files whose commits are whole: a manifest and attachments, synced, then the TOC.

A commit of generation n is, in this order: the segment files, the attachments `NAME-n`, the manifest
`manifest-n.json` with the size and digest of every one of them and of the TOC, all synced to the disk;
then the rename that gives `_MAIN_n.toc` its name. That rename is the commit: whatever happens before
it, the generation before stays the newest one.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from whoosh.filedb.filestore import FileStorage
from whoosh.index import IndexError as WhooshIndexError
from whoosh.reading import ReaderClosed

from ...errors import DamagedIndexError, IndexVersionError
from ...french.analysis import ANALYSIS

FORMAT: Final = "whoosh-stock-1"
"""The layout of the folder and the schema; a change of either is a new name."""

_TOC: Final = re.compile(r"_MAIN_(\d+)\.toc")
_SEGMENT: Final = re.compile(r"(MAIN_[0-9a-z]+)\.[A-Za-z0-9_.]+")
_NUMBERED: Final = re.compile(r"([a-z]+)-(\d+)(\.json)?")
_LEFT_OVER: Final = re.compile(r"_MAIN_\d+\.toc\.\d.*|MAIN\.tmp")


class FileRecord(TypedDict):
    """What a manifest says of a file: bytes, and a BLAKE2b digest of 128 bits in hexadecimal."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one generation consists of."""

    generation: int
    format: str
    analysis: str
    files: Mapping[str, FileRecord]


class CommittedStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's file storage, with `attachments` that the next commit carries along."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.attachments: Mapping[str, bytes] = {}

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename as Whoosh asks; where this is the commit, write first what belongs to it."""
        toc = _TOC.fullmatch(newname)
        if not toc:
            super().rename_file(oldname, newname, safe)
            return
        generation = int(toc[1])
        known = self._known_files()
        for name in [n for n in self.list() if _SEGMENT.fullmatch(n) and n not in known]:
            sync(self.path_of(name))
            known[name] = record(self.path_of(name))
        for name, data in self.attachments.items():
            self._write(f"{name}-{generation}", data)
            known[f"{name}-{generation}"] = record(self.path_of(f"{name}-{generation}"))
        known[newname] = record(self.path_of(oldname))
        sync(self.path_of(oldname))
        manifest = {"format": FORMAT, "analysis": ANALYSIS, "files": known}
        self._write(f"manifest-{generation}.json", json.dumps(manifest, indent=1).encode())
        sync(self.folder)
        os.replace(self.path_of(oldname), self.path_of(newname))
        sync(self.folder)

    def path_of(self, name: str) -> str:
        """The path of a file of the index."""
        return os.path.join(self.folder, name)

    def newest(self) -> int:
        """The newest generation; -1 where none was ever committed."""
        return max((int(toc[1]) for name in self.list() if (toc := _TOC.fullmatch(name))), default=-1)

    def manifest(self, generation: int) -> Manifest:
        """The manifest of a generation. Raises DamagedIndexError."""
        path = self.path_of(f"manifest-{generation}.json")
        try:
            with open(path, encoding="utf-8") as file:
                value = json.load(file)
            return Manifest(generation, value["format"], value["analysis"], value["files"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise damaged(path, str(error)) from error

    def garbage(self, manifest: Manifest, live_segments: set[str]) -> list[str]:
        """The files that no longer belong to any generation, or never came to."""
        found = []
        for name in self.list():
            segment, numbered = _SEGMENT.fullmatch(name), _NUMBERED.fullmatch(name)
            if segment:
                dead = segment[1] not in live_segments
            elif numbered:
                dead = int(numbered[2]) != manifest.generation
            else:
                toc = _TOC.fullmatch(name)
                dead = bool(toc and int(toc[1]) != manifest.generation) or bool(_LEFT_OVER.fullmatch(name))
            if dead:
                found.append(name)
        return sorted(found)

    def remove(self, names: list[str]) -> None:
        """Delete files, and the folders of runs that Whoosh left; one still in use stays (Windows)."""
        for name in names:
            path = self.path_of(name)
            try:
                if os.path.isdir(path):
                    for below in os.listdir(path):
                        os.unlink(os.path.join(path, below))
                    os.rmdir(path)
                else:
                    os.unlink(path)
            except FileNotFoundError:
                continue
            except PermissionError:
                if sys.platform != "win32":
                    raise

    def _known_files(self) -> dict[str, FileRecord]:
        newest = self.newest()
        if newest < 0:
            return {}
        present = set(self.list())
        return {
            name: told
            for name, told in self.manifest(newest).files.items()
            if _SEGMENT.fullmatch(name) and name in present
        }

    def _write(self, name: str, data: bytes) -> None:
        with open(self.path_of(name), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def segment_of(name: str) -> str | None:
    """The segment that a file belongs to, or None for a file of the whole index."""
    match = _SEGMENT.fullmatch(name)
    return match[1] if match else None


def record(path: str) -> FileRecord:
    """The size and digest of a file as it is now."""
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
        return {"size": file.tell(), "digest": digest.hexdigest()}


def sync(path: str) -> None:
    """Have the system put a file, or the names in a folder, on the disk."""
    if sys.platform == "win32" and os.path.isdir(path):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def damaged(path: str, reason: str) -> DamagedIndexError:
    """The error for a damaged file."""
    return DamagedIndexError(
        f"{path} is damaged ({reason}). `newsearch check` lists all damage; "
        "index the folder anew into another --index, or restore a copy."
    )


def version_error(path: str, manifest: Manifest) -> IndexVersionError:
    """The error for an index that another version made."""
    return IndexVersionError(
        f"The index in {path} was made by another version (format {manifest.format}, analysis "
        f"{manifest.analysis}; here {FORMAT}, {ANALYSIS}). "
        "`newsearch rebuild` makes it anew from its own text."
    )


_SIGNS_OF_DAMAGE: Final[tuple[Any, ...]] = (
    AssertionError, AttributeError, EOFError, KeyError, IndexError, OverflowError, TypeError, ValueError,
    MemoryError, struct.error, zlib.error, pickle.UnpicklingError, WhooshIndexError, ReaderClosed,
)  # fmt: skip
"""What Whoosh raises, in our experience of altered files; it has no error of its own for that."""


@contextmanager
def naming_damage(path: str) -> Iterator[None]:
    """Turn what Whoosh raises over an altered file into a DamagedIndexError that names the index."""
    try:
        yield
    except _SIGNS_OF_DAMAGE as error:
        raise damaged(path, f"{type(error).__name__}: {error}") from error
