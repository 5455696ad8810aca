"""What an index knows of the files that its articles came from, as one value that a commit carries.

With the ledger of the last commit a sync can tell, without opening a file, what is unchanged, and
which article has gone with which file.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from .messages import Message, Value

VERSION: Final = 1
NO_STAT: Final = -1
"""Stands for size, time and inode where the file must be read again whatever its state."""


LEDGER: Final = "ledger"
"""The attachment that holds the ledger."""


@dataclass(slots=True)
class FileEntry:
    """A file as it was when it was last read.

    `path` and `root` are absolute; `shown` is the path as a person would type it; `read_ns` is when
    the reading began (ns since 1970). `articles` gives the content hash of each id. `refusals` are
    (place in the file, reason); `stale` are ids kept from an older version, for one of those reasons,
    and `conflicts` the reasons by id where the file could not have it because it is another article's.
    """

    path: str
    shown: str
    root: str
    relative: str
    size: int = NO_STAT
    mtime_ns: int = NO_STAT
    inode: int = NO_STAT
    read_ns: int = 0
    articles: dict[str, str] = field(default_factory=dict)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    conflicts: dict[str, str] = field(default_factory=dict)

    def is_unchanged(self, size: int, mtime_ns: int, inode: int) -> bool:
        """Same size, time and inode, and older than the reading: a later change would show."""
        same = (self.size, self.mtime_ns, self.inode) == (size, mtime_ns, inode)
        return same and mtime_ns < self.read_ns


class Ledger:
    """The files by absolute path, the articles that a program added, and the ids that are forgotten."""

    def __init__(self) -> None:
        self.files: dict[str, FileEntry] = {}
        self.added: dict[str, str] = {}
        self.forgotten: dict[str, tuple[str, str]] = {}
        """For each id that was erased on purpose, its content hash and the file it came from, or ''."""
        self._owners: dict[str, str] = {}

    @classmethod
    def load(cls, data: bytes | None) -> Ledger:
        """The ledger of an attachment; an empty one where there is none yet."""
        ledger = cls()
        if data is None:
            return ledger
        head, *entries = zlib.decompress(data).decode().splitlines()
        record = json.loads(head)
        assert record["version"] == VERSION, "the engine checks the version of the index"
        ledger.added = record["added"]
        forgotten = record["forgotten"]
        if isinstance(forgotten, list):  # the first ledgers knew ids alone
            forgotten = dict.fromkeys(forgotten, ("", ""))
        ledger.forgotten = {id: (told, path) for id, (told, path) in forgotten.items()}
        for line in entries:
            ledger.put(_entry(json.loads(line)))
        return ledger

    def dump(self) -> bytes:
        """The ledger as bytes: a line of JSON for itself, then one a file, compressed."""
        head = {"version": VERSION, "added": self.added, "forgotten": self.forgotten}
        # ASCII, because a file name may hold what no UTF-8 can.
        lines = [json.dumps(head), *(json.dumps(_record(entry)) for entry in self.files.values())]
        return zlib.compress("\n".join(lines).encode("ascii"), level=1)

    def put(self, entry: FileEntry) -> None:
        """Enter a file, in place of what was known of it."""
        self.drop(entry.path)
        self.files[entry.path] = entry
        for id in entry.articles:
            self._owners[id] = entry.path

    def drop(self, path: str) -> None:
        """Strike a file out, with the articles that it still has."""
        entry = self.files.pop(path, None)
        for id in entry.articles if entry else ():
            if self._owners.get(id) == path:
                del self._owners[id]

    def owner(self, id: str) -> str | None:
        """The path of the file that an article came from, if it came from one."""
        return self._owners.get(id)

    def release(self, id: str) -> None:
        """Take an article from whatever has it."""
        self.added.pop(id, None)
        path = self._owners.pop(id, None)
        if path in self.files:
            self.files[path].articles.pop(id, None)
            self.files[path].stale = [kept for kept in self.files[path].stale if kept != id]

    def lose(self, id: str) -> None:
        """Take an article from whatever has it; its file is to be read again."""
        path = self.owner(id)
        self.release(id)
        if path in self.files:
            self.files[path].size = NO_STAT

    def forget(self, id: str) -> None:
        """Take an article from whatever has it, and remember not to take it again."""
        self.forgotten[id] = (self.hash_of(id) or "", self.owner(id) or "")
        self.release(id)

    def is_forgotten(self, id: str, told: str) -> bool:
        """Whether an article with this id, or with the same content under another, was erased."""
        return id in self.forgotten or any(told == erased for erased, _ in self.forgotten.values())

    def hash_of(self, id: str) -> str | None:
        """The content hash of an article, wherever it came from."""
        path = self._owners.get(id)
        return self.files[path].articles[id] if path else self.added.get(id)

    def ids(self) -> Iterator[str]:
        """The ids of all articles."""
        yield from self._owners
        yield from self.added

    def under(self, root: str, separator: str) -> list[FileEntry]:
        """The files whose root is this folder or below it."""
        inside = root.rstrip(separator) + separator
        return [e for e in self.files.values() if e.root == root or e.root.startswith(inside)]


def _record(entry: FileEntry) -> dict[str, object]:
    """A file as JSON; a Message stays what it was made of, to be said in another language by a later run."""
    record = asdict(entry)
    if entry.refusals:
        record["refusals"] = [[_taken_apart(place), _taken_apart(reason)] for place, reason in entry.refusals]
    if entry.conflicts:
        record["conflicts"] = {id: _taken_apart(reason) for id, reason in entry.conflicts.items()}
    return record


def _entry(record: dict[str, Any]) -> FileEntry:
    if isinstance(record["conflicts"], list):  # the first ledgers knew no reasons: have the file read again
        record |= {"conflicts": {}, "size": NO_STAT if record["conflicts"] else record["size"]}
    entry = FileEntry(**record)
    entry.refusals = [(_put_together(place), _put_together(reason)) for place, reason in entry.refusals]
    entry.conflicts = {id: _put_together(reason) for id, reason in entry.conflicts.items()}
    return entry


def _taken_apart(value: Value) -> object:
    """A Message as an object of its templates and values, in order, so that equal ones are equal bytes."""
    match value:
        case Message():
            values = {name: _taken_apart(value.values[name]) for name in sorted(value.values)}
            templates = [value.template] if value.plural is None else [value.template, value.plural]
            return {"message": templates, "values": values} if values else {"message": templates}
        case tuple():
            return [_taken_apart(each) for each in value]
        case str() | int() | float():
            return value
        case _:
            return str(value)  # a date: no reason has one that another language would write otherwise


def _put_together(told: Any) -> Any:
    match told:
        case dict():
            values = {name: _put_together(value) for name, value in told.get("values", {}).items()}
            return Message(*told["message"], **values)
        case list():
            return tuple(_put_together(each) for each in told)
        case _:
            return told
