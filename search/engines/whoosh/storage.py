"""A folder of Whoosh files whose commits are whole: a manifest and attachments, synced, then the TOC.

A commit of generation n is, in this order: the segment files, the attachments `newsearch-NAME-n`,
the manifest `newsearch-manifest-n.json` with the size and digest of every one of them and of the TOC,
all synced to the disk; then the rename that gives `_MAIN_n.toc` its name. That rename is the commit:
whatever happens before it, the generation before stays the newest one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypedDict

from whoosh.filedb.filestore import FileStorage

from ...errors import DamagedIndexError, IndexVersionError, NewsearchError
from ...french.analysis import ANALYSIS

FORMAT: Final = "whoosh-stock-2"
"""The layout of the folder and the schema; a change of either is a new name."""

_TOC: Final = re.compile(r"_MAIN_(\d+)\.toc")
_SEGMENT: Final = re.compile(r"(MAIN_[0-9a-z]+)\.[A-Za-z0-9_.]+")
_NUMBERED: Final = re.compile(r"newsearch-([a-z]+)-(\d+)(?:\.json)?")
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
            file_name = attachment_name(name, generation)
            self._write(file_name, data)
            known[file_name] = record(self.path_of(file_name))
        known[newname] = record(self.path_of(oldname))
        sync(self.path_of(oldname))
        manifest = sealed({"format": FORMAT, "analysis": ANALYSIS, "files": known})
        self._write(_manifest_name(generation), json.dumps(manifest, indent=1).encode())
        sync(self.folder)
        os.replace(self.path_of(oldname), self.path_of(newname))
        sync(self.folder)

    def path_of(self, name: str) -> str:
        """The path of a file of the index."""
        return os.path.join(self.folder, name)

    def newest(self) -> int:
        """The newest generation; -1 where none was ever committed."""
        return max((int(toc[1]) for name in self.list() if (toc := _TOC.fullmatch(name))), default=-1)

    def is_unfinished(self) -> bool:
        """Whether nothing was ever committed, not even the first, empty generation."""
        return self.newest() < 0 and self._newest_numbered() <= 0

    def manifest(self, generation: int) -> Manifest:
        """The manifest of a generation. Raises DamagedIndexError."""
        if generation < 0:
            raise damaged(self.path_of(f"_MAIN_{self._newest_numbered()}.toc"), "it is missing")
        path = self.path_of(_manifest_name(generation))
        try:
            with open(path, encoding="utf-8") as file:
                value = json.load(file)
            if value != sealed({name: value[name] for name in value if name != "digest"}):
                raise ValueError("its digest is another")
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

    def _newest_numbered(self) -> int:
        """The highest generation that a manifest or an attachment belongs to; -1 where there is none."""
        numbers = (int(match[2]) for name in self.list() if (match := _NUMBERED.fullmatch(name)))
        return max(numbers, default=-1)

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


def attachment_name(name: str, generation: int) -> str:
    """The file of an attachment. Raises ValueError for a name that is not of small letters only."""
    if not re.fullmatch("[a-z]+", name):
        raise ValueError(f"{name!r} cannot name an attachment: small letters only")
    return f"newsearch-{name}-{generation}"


def _manifest_name(generation: int) -> str:
    return f"newsearch-manifest-{generation}.json"


def sealed(manifest: Mapping[str, object]) -> dict[str, object]:
    """A manifest with the digest of all that it says."""
    text = json.dumps(manifest, sort_keys=True).encode()
    return {**manifest, "digest": hashlib.blake2b(text, digest_size=16).hexdigest()}


def segment_of(name: str) -> str | None:
    """The segment that a file belongs to, or None for a file of the whole index."""
    match = _SEGMENT.fullmatch(name)
    return match[1] if match else None


def record(path: str) -> FileRecord:
    """The size and digest of a file as it is now."""
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
        return {"size": file.tell(), "digest": digest.hexdigest()}


def record_of(data: bytes) -> FileRecord:
    """The same for a content in memory."""
    return {"size": len(data), "digest": hashlib.blake2b(data, digest_size=16).hexdigest()}


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


@contextmanager
def naming_damage(path: str) -> Iterator[None]:
    """Turn what Whoosh raises over an altered file into a DamagedIndexError that names the index.

    Whoosh has no error of its own for that: of 15,400 single bytes altered, those that it noticed
    raised a dozen kinds, the bare Exception among them.
    """
    try:
        yield
    except (NewsearchError, MemoryError):
        raise
    except Exception as error:
        raise damaged(path, f"{type(error).__name__}: {error}") from error
