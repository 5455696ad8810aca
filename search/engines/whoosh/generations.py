"""A folder of immutable files whose commits are whole: a manifest and attachments, synced, then Whoosh's TOC.

A commit of generation n is, in this order: the segment files, the attachments `newsearch-NAME-n`,
the manifest `newsearch-manifest-n.json` with the size and digest of every one of them and of the TOC,
all synced to the disk; then the rename that gives `_MAIN_n.toc` its name. That rename is the commit:
whatever happens before it, the generation before stays the newest one. Nothing here reads a pickle.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict

from ...errors import DamagedIndexError, IndexVersionError, NoIndexError, system_reason
from ...french.analysis import ANALYSIS
from ...messages import Message

_TOC: Final = re.compile(r"_MAIN_(\d+)\.toc")
_SEGMENT: Final = re.compile(r"(MAIN_[0-9a-z]+)\.[A-Za-z0-9_.]+")
_NUMBERED: Final = re.compile(r"newsearch-([a-z]+)-(\d+)(?:\.json)?")
_LEFT_OVER: Final = re.compile(r"_MAIN_\d+\.toc\.\d.*|MAIN\.tmp")

NOT_AS_COMMITTED: Final = Message("it is not as it was committed")
OTHER_SIZE: Final = Message("its size is not what was committed")
COMMIT_BETWEEN: Final = Message("a commit came in between")


class FileRecord(TypedDict):
    """What a manifest says of a file: bytes, and a BLAKE2b digest of 128 bits in hexadecimal."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one generation consists of; `contents` is what the engine adds."""

    generation: int
    format: str
    analysis: str
    files: Mapping[str, FileRecord]
    contents: Mapping[str, Any] = field(default_factory=dict)


class Generations:
    """The generations in one folder, written in one format."""

    def __init__(self, path: str, format: str) -> None:
        self.path = path
        self.format = format

    def path_of(self, name: str) -> str:
        """The path of a file of the index."""
        return os.path.join(self.path, name)

    def newest(self) -> int:
        """The newest generation; -1 where none was ever committed."""
        return max((int(toc[1]) for name in self._names() if (toc := _TOC.fullmatch(name))), default=-1)

    def is_unfinished(self) -> bool:
        """Whether nothing was ever committed, not even the first, empty generation."""
        return self.newest() < 0 and self._newest_numbered() <= 0

    def manifest(self, generation: int) -> Manifest:
        """The manifest of a generation. Raises DamagedIndexError."""
        if generation < 0:
            raise damaged(self.path_of(toc_name(self._newest_numbered())), Message("it is missing"))
        path = self.path_of(manifest_name(generation))
        try:
            with open(path, encoding="utf-8", newline="") as file:
                text = file.read()
            value = json.loads(text)
            if text != manifest_text({name: told for name, told in value.items() if name != "digest"}):
                raise ValueError(Message("its digest is another"))
            return Manifest(
                generation, value["format"], value["analysis"], value["files"], value.get("contents", {})
            )
        except OSError as error:
            raise damaged(path, system_reason(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(
                path, error.args[0] if isinstance(error.args[0], Message) else str(error)
            ) from error

    def prepare(
        self,
        generation: int,
        files: Mapping[str, FileRecord],
        attachments: Mapping[str, bytes],
        toc: FileRecord,
        contents: Mapping[str, Any],
    ) -> None:
        """Write and sync all of a generation but its TOC."""
        known = dict(files)
        for name, data in attachments.items():
            self.write(attachment_name(name, generation), data)
            known[attachment_name(name, generation)] = record_of(data)
        known[toc_name(generation)] = toc
        manifest: dict[str, object] = {"format": self.format, "analysis": ANALYSIS, "files": known}
        if contents:
            manifest["contents"] = contents
        self.write(manifest_name(generation), manifest_text(manifest).encode())
        sync(self.path)

    def commit(
        self,
        generation: int,
        files: Iterable[str],
        attachments: Mapping[str, bytes],
        toc: bytes,
        contents: Mapping[str, Any],
    ) -> None:
        """Make a generation of these files, which are synced, the newest one, or change nothing."""
        newest = self.newest()
        known = self.manifest(newest).files if newest >= 0 else {}
        records = {name: known.get(name) or record(self.path_of(name)) for name in files}
        self.prepare(generation, records, attachments, record_of(toc), contents)
        temporary = f"{toc_name(generation)}.0"
        self.write(temporary, toc)
        os.replace(self.path_of(temporary), self.path_of(toc_name(generation)))
        sync(self.path)

    def garbage(self, manifest: Manifest, segments: set[str] | None = None) -> list[str]:
        """The files that no longer belong to any generation, or never came to: of segments those that the
        manifest does not name, or if the live `segments` are given, those of others."""
        found = []
        for name in self._names():
            segment, numbered = _SEGMENT.fullmatch(name), _NUMBERED.fullmatch(name)
            if segment:
                dead = name not in manifest.files if segments is None else segment[1] not in segments
            elif numbered:
                dead = name not in manifest.files and name != manifest_name(manifest.generation)
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

    def altered(self, manifest: Manifest) -> list[str]:
        """A sentence for each file of a manifest that is missing or not as it was committed."""
        problems: list[str] = []
        for name, told in manifest.files.items():
            path = self.path_of(name)
            if not os.path.exists(path):
                problems.append(Message("{path} is missing.", path=path))
            elif record(path) != told:
                problems.append(Message("{path} is not as it was committed.", path=path))
        return problems

    def write(self, name: str, data: bytes) -> None:
        """Write and sync a file."""
        with open(self.path_of(name), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _names(self) -> list[str]:
        return os.listdir(self.path)

    def _newest_numbered(self) -> int:
        """The highest generation that a manifest or an attachment belongs to; -1 where there is none."""
        numbers = (int(match[2]) for name in self._names() if (match := _NUMBERED.fullmatch(name)))
        return max(numbers, default=-1)


def toc_name(generation: int) -> str:
    """The file whose rename is the commit."""
    return f"_MAIN_{generation}.toc"


def manifest_name(generation: int) -> str:
    """The file that names all others of a generation."""
    return f"newsearch-manifest-{generation}.json"


def attachment_name(name: str, generation: int) -> str:
    """The file of an attachment. Raises ValueError for a name that is not of small letters only."""
    if not re.fullmatch("[a-z]+", name):
        raise ValueError(Message("“{name}” cannot name an attachment: small letters only", name=name))
    return f"newsearch-{name}-{generation}"


def generation_of(toc: str) -> int | None:
    """The generation that a file is the TOC of."""
    match = _TOC.fullmatch(toc)
    return int(match[1]) if match else None


def segment_of(name: str) -> str | None:
    """The segment that a file belongs to, or None for a file of the whole index."""
    match = _SEGMENT.fullmatch(name)
    return match[1] if match else None


def manifest_text(manifest: Mapping[str, object]) -> str:
    """The content of a manifest's file, to the byte."""
    return json.dumps(sealed(manifest), indent=1)


def sealed(manifest: Mapping[str, object]) -> dict[str, object]:
    """A manifest with the digest of all that it says."""
    text = json.dumps(manifest, sort_keys=True).encode()
    return {**manifest, "digest": hashlib.blake2b(text, digest_size=16).hexdigest()}


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
        Message(
            "{path} is damaged ({reason}). `newsearch check` lists all damage; "
            "index the folder anew into another --index, or restore a copy.",
            path=path,
            reason=reason,
        )
    )


def belongs_to_none(path: str) -> Message:
    """The sentence for a file that no commit names."""
    return Message("{path} belongs to no commit; `newsearch check --clean` removes it.", path=path)


def never_finished(path: str) -> NoIndexError:
    """The error for a folder in which nothing was ever committed."""
    return NoIndexError(
        Message("The index in {path} was never finished; `newsearch index` makes it.", path=path)
    )


def version_error(path: str, manifest: Manifest, format: str) -> IndexVersionError:
    """The error for an index that another version made."""
    return IndexVersionError(
        Message(
            "The index in {path} was made by another version (format {format}, analysis {analysis}; "
            "here {format_here}, {analysis_here}). `newsearch rebuild` makes it anew from its own text.",
            path=path,
            format=manifest.format,
            analysis=manifest.analysis,
            format_here=format,
            analysis_here=ANALYSIS,
        )
    )
