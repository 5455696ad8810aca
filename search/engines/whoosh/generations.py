"""A folder of immutable files whose commits are whole: a manifest and attachments, synced, then Whoosh's TOC.

A commit of generation n is, in this order: the segment files, the attachments `newsearch-NAME-n`,
the manifest `newsearch-manifest-n.json` with the size and digest of every one of them and of the TOC,
all synced to the disk; then the rename that gives `_MAIN_n.toc` its name. That rename is the commit:
whatever happens before it, the generation before stays the newest one. Nothing here reads a pickle.

The generation before is kept until the next commit, for the case that the newest is damaged. Its TOC is
renamed to `newsearch-previous-N.toc`: a folder without `_MAIN_n.toc` has lost it, and is not taken for one
that never had it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict, TypeVar

from ...errors import (
    DamagedIndexError,
    IndexVersionError,
    NewsearchError,
    NoIndexError,
    SystemFailureError,
    system_reason,
)
from ...french.analysis import ANALYSIS
from ...messages import Message

_TOC: Final = re.compile(r"_MAIN_(\d+)\.toc")
_SEGMENT: Final = re.compile(r"(MAIN_[0-9a-z]+)\.[A-Za-z0-9_.]+")
_NUMBERED: Final = re.compile(r"newsearch-[a-z]+-(\d+)(?:\.json)?")
_FIRST: Final = re.compile(r"(?:ledger|manifest)-(\d+)(?:\.json)?")
"""What attachments and manifests were called at first; only a rebuild reads such an index."""
_PREVIOUS: Final = re.compile(r"newsearch-previous-(\d+)\.toc")
_LEFT_OVER: Final = re.compile(r"_MAIN_\d+\.toc\.\d.*|MAIN\.tmp")

_OPENING_TRIES: Final = 20
"""A commit that comes while an index is opened takes its files away: look again, so often."""

_OF_THE_FILE: Final = (errno.ENOENT, errno.EIO, errno.EISDIR, errno.ENOTDIR)
"""Errors that say something of a file; others are of a machine that has come to an end of something."""

NOT_AS_COMMITTED: Final = Message("it is not as it was committed")
OTHER_SIZE: Final = Message("its size is not what was committed")
COMMIT_BETWEEN: Final = Message("a commit came in between")


Opened = TypeVar("Opened")


class FileRecord(TypedDict):
    """What a manifest says of a file: bytes, and a BLAKE2b digest of 128 bits in hexadecimal."""

    size: int
    digest: str


NOTHING_KNOWN: Final[Mapping[str, FileRecord]] = {}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one generation consists of; `contents` is what the engine adds."""

    generation: int
    format: str
    analysis: str
    files: Mapping[str, FileRecord]
    contents: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """The files of the generation, the manifest's own among them."""
        return frozenset(self.files) | {manifest_name(self.generation)}


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
        return self._greatest(_TOC)

    def previous(self) -> int:
        """The generation before, where it is kept; else -1."""
        return self._greatest(_PREVIOUS)

    def numbers(self) -> set[int]:
        """The generations of which there is a manifest or an attachment."""
        return {int(match[1]) for name in self._names() if (match := _NUMBERED.fullmatch(name))}

    def next(self) -> int:
        """The number of the next generation: no file that a reader may have open bears it."""
        return max(self.newest(), self.previous(), *self.numbers()) + 1

    def toc_path(self, generation: int) -> str:
        """The path of a generation's TOC, under the name that it has by now."""
        kept = self.path_of(previous_name(generation))
        return kept if os.path.exists(kept) else self.path_of(toc_name(generation))

    def is_unfinished(self) -> bool:
        """Whether nothing was ever committed, not even the first, empty generation."""
        return self.newest() < 0 and self._greatest(_NUMBERED) <= 0

    def manifest(self, generation: int) -> Manifest:
        """The manifest of a generation. Raises DamagedIndexError."""
        if generation < 0:
            raise damaged(self.path_of(toc_name(self._greatest(_NUMBERED))), Message("it is missing"))
        path = self.path_of(manifest_name(generation))
        first = self.path_of(first_manifest_name(generation))
        is_first = not os.path.exists(path) and os.path.exists(first)
        try:
            with open(first if is_first else path, encoding="utf-8", newline="") as file:
                text = file.read()
            value = json.loads(text)
            if not is_first and text != manifest_text(
                {name: told for name, told in value.items() if name != "digest"}
            ):
                raise ValueError(Message("its digest is another"))
            if toc_name(generation) not in value["files"]:
                raise ValueError(Message("it is that of another commit"))
            return Manifest(
                generation, value["format"], value["analysis"], value["files"], value.get("contents", {})
            )
        except OSError as error:
            raise unreadable(path, error) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = error.args[0] if isinstance(error.args[0], Message) else NOT_AS_COMMITTED
            raise damaged(path, reason if isinstance(error, ValueError) else str(error)) from error

    def opened(self, open_one: Callable[[int], Opened]) -> Opened:
        """The newest generation as `open_one` opens it, looking again where a commit comes in between."""
        for tries_left in reversed(range(_OPENING_TRIES)):
            try:
                generation = self.newest()
            except OSError as error:
                raise unreadable(self.path, error) from error
            try:
                return open_one(generation)
            except (DamagedIndexError, OSError) as error:
                if self.newest() == generation or not tries_left:
                    if isinstance(error, OSError):
                        raise unreadable(error.filename or self.path, error) from error
                    raise
        raise AssertionError("the last try returns or raises")

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
        known: Mapping[str, FileRecord] = NOTHING_KNOWN,
    ) -> None:
        """Make a generation of these files, which are synced, the newest one, or change nothing.

        What is `known` of files from the generation that this one goes on from is not read again. Raises
        OSError, and SystemFailureError where the system could not even take the commit back.
        """
        records = {name: known.get(name) or record(self.path_of(name)) for name in files}
        self.prepare(generation, records, attachments, record_of(toc), contents)
        temporary = f"{toc_name(generation)}.0"
        self.write(temporary, toc)
        made, spare = self.path_of(toc_name(generation)), self.previous()
        os.replace(self.path_of(temporary), made)
        # What is kept of an older generation goes now: it has to lose its name, for good, before its files.
        if spare >= 0:
            with contextlib.suppress(OSError):
                os.unlink(self.path_of(previous_name(spare)))
        try:
            sync(self.path)
        except OSError as error:
            try:
                os.unlink(made)
            except OSError:
                raise unconfirmed(self.path, system_reason(error)) from error
            raise

    def retire(self, before: Manifest) -> None:
        """Keep the generation before the newest under another name."""
        with contextlib.suppress(FileNotFoundError):  # it may have been the one before already
            os.replace(
                self.path_of(toc_name(before.generation)), self.path_of(previous_name(before.generation))
            )

    def kept(self) -> list[Manifest]:
        """The manifests of the newest generation and of the one before. Raises DamagedIndexError."""
        before = self.previous()
        return [self.manifest(self.newest()), *([self.manifest(before)] if before >= 0 else [])]

    def garbage(self, kept: Iterable[Manifest], segments: set[str] | None = None) -> list[str]:
        """The files that belong to none of these generations, of which the first is the newest, or never came
        to belong to any: of segments those that no manifest names, or if the live `segments` are given,
        those of others."""
        named: set[str] = set()
        for number, manifest in enumerate(kept):
            named |= {*manifest.names, first_manifest_name(manifest.generation)}
            if number:
                named -= {toc_name(manifest.generation)}
                named |= {previous_name(manifest.generation)}
        found = []
        for name in self._names():
            segment = _SEGMENT.fullmatch(name)
            if segment and segments is not None:
                dead = segment[1] not in segments
            else:
                ours = segment or any(kind.fullmatch(name) for kind in (_NUMBERED, _FIRST, _TOC, _PREVIOUS))
                dead = bool(ours and name not in named) or bool(_LEFT_OVER.fullmatch(name))
            if dead:
                found.append(name)
        # A commit whose TOC has gone is garbage, one whose other files have is damage.
        return sorted(found, key=lambda name: (not _PREVIOUS.fullmatch(name), name))

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
            is_toc = name == toc_name(manifest.generation)
            path = self.toc_path(manifest.generation) if is_toc else self.path_of(name)
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

    def _greatest(self, numbered: re.Pattern[str]) -> int:
        """The highest generation in names of a kind, where the last group is the number; -1 without any."""
        found = (match for name in self._names() if (match := numbered.fullmatch(name)))
        return max((int(match[match.lastindex or 0]) for match in found), default=-1)


def toc_name(generation: int) -> str:
    """The file whose rename is the commit."""
    return f"_MAIN_{generation}.toc"


def previous_name(generation: int) -> str:
    """What the TOC of the generation before the newest is called."""
    return f"newsearch-previous-{generation}.toc"


def manifest_name(generation: int) -> str:
    """The file that names all others of a generation."""
    return f"newsearch-manifest-{generation}.json"


def first_manifest_name(generation: int) -> str:
    """The same in the first indexes."""
    return f"manifest-{generation}.json"


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
            "`newsearch rebuild` saves what can be read.",
            path=path,
            reason=reason,
        )
    )


def unreadable(path: str, error: OSError) -> NewsearchError:
    """The error for a file that cannot be read: damage, or a failure of the machine."""
    reason = system_reason(error)
    if error.errno in _OF_THE_FILE:
        return damaged(path, reason)
    return SystemFailureError(Message("{path} cannot be read: {reason}.", path=path, reason=reason))


def unconfirmed(path: str, reason: str) -> SystemFailureError:
    """The error for a commit that was made, but not confirmed by the system, and could not be taken back."""
    return SystemFailureError(
        Message(
            "{path}: {reason}. The last step was written, but the disk did not confirm it: run it again.",
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
