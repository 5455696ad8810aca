"""What a program asks of the system below one folder: seen call by call, logged, refused, out of space.

Everything is patched in Python: files that are opened below the folder are real ones, over a FileIO that
tells of reads and writes.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import io
import mmap
import os
import random
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final

CHANGING: Final = frozenset(
    {"create", "write", "truncate", "fsync", "rename", "link", "unlink", "mkdir", "rmdir"}
)
"""The calls by which the disk changes."""

_lstat: Final = os.lstat


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its name, the paths it is about, and for a write where and what."""

    name: str
    path: str
    other: str = ""
    offset: int = 0
    data: bytes = b""

    @property
    def is_change(self) -> bool:
        """Whether the disk changes by it."""
        return self.name in CHANGING


@dataclass
class Disk:
    """The calls below `folder` while this is entered; `before` each it may raise OSError or end the process.

    With a `limit` no more bytes than that fit into the folder.
    """

    folder: str
    before: Callable[[Call], None] = lambda _: None
    limit: int | None = None
    calls: list[Call] = field(default_factory=list)
    _known: dict[int, str] = field(default_factory=dict)
    _patched: list[tuple[Any, str, Any]] = field(default_factory=list)
    _sizes: dict[str, int] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.RLock)

    def __enter__(self) -> Disk:
        self.folder = os.path.realpath(self.folder)
        with os.scandir(self.folder) as entries:
            self._sizes = {entry.path: entry.stat().st_size for entry in entries if entry.is_file()}
        for name in ("listdir", "scandir", "stat", "lstat", "unlink", "remove", "mkdir", "rmdir"):
            self._patch(os, name, self._about_one(getattr(os, name), name))
        for name in ("replace", "rename", "link"):
            self._patch(os, name, self._about_two(getattr(os, name), name))
        self._patch(os, "open", self._os_open(os.open))
        self._patch(os, "close", self._os_close(os.close))
        for owner, name in ((os, "fsync"), (fcntl, "flock"), (mmap, "mmap")):
            self._patch(owner, name, self._about_a_descriptor(getattr(owner, name), name))
        opened = self._opened(open)
        self._patch(builtins, "open", opened)
        self._patch(io, "open", opened)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._patched:
            owner, name, value = self._patched.pop()
            setattr(owner, name, value)

    def changes(self) -> list[Call]:
        """The calls that changed something."""
        return [call for call in self.calls if call.is_change]

    def call(self, call: Call) -> None:
        """Tell of a call that is about to be made."""
        with self.lock:
            self.calls.append(call)
            self.before(call)

    def room(self, path: str, end: int) -> int:
        """How many bytes too many a file that grows to `end` would be."""
        if self.limit is None:
            return 0
        used = sum(self._sizes.values()) - self._sizes.get(path, 0)
        return max(0, used + max(end, self._sizes.get(path, 0)) - self.limit)

    def grown(self, path: str, size: int) -> None:
        """Be told how large a file is by now."""
        self._sizes[path] = max(size, self._sizes.get(path, 0))

    def forget(self, descriptor: int) -> None:
        """Be told that a descriptor is about to be closed."""
        self._known.pop(descriptor, None)

    def _patch(self, owner: Any, name: str, value: Any) -> None:
        self._patched.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    def _below(self, path: Any) -> str | None:
        if isinstance(path, int) or path is None:
            return None
        absolute = os.path.abspath(os.fsdecode(path))
        inside = absolute == self.folder or absolute.startswith(self.folder + os.sep)
        return absolute if inside else None

    def _about_one(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        told = "unlink" if name == "remove" else name

        def made(path: Any = ".", *arguments: Any, **options: Any) -> Any:
            below = self._below(path)
            if below:
                self.call(Call(told, below))
            result = real(path, *arguments, **options)
            if below and told == "unlink":
                self._sizes.pop(below, None)
            return result

        return made

    def _about_two(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        told = "link" if name == "link" else "rename"

        def made(source: Any, target: Any, *arguments: Any, **options: Any) -> Any:
            below, other = self._below(source), self._below(target)
            if below and other:
                self.call(Call(told, below, other))
            result = real(source, target, *arguments, **options)
            if below and other and told == "rename":
                self._sizes[other] = self._sizes.pop(below, 0)
            return result

        return made

    def _about_a_descriptor(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        def made(descriptor: Any, *arguments: Any, **options: Any) -> Any:
            path = self._known.get(descriptor if isinstance(descriptor, int) else descriptor.fileno())
            if path:
                self.call(Call(name, path))
            return real(descriptor, *arguments, **options)

        return made

    def _os_open(self, real: Callable[..., int]) -> Callable[..., int]:
        def made(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
            below = self._below(path)
            if below is None:
                return real(path, flags, *arguments, **options)
            new = bool(flags & os.O_CREAT) and not _is_there(below)
            self.call(Call("create" if new else "open", below))
            descriptor = real(path, flags, *arguments, **options)
            self._known[descriptor] = below
            return descriptor

        return made

    def _os_close(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def made(descriptor: int) -> None:
            self._known.pop(descriptor, None)
            real(descriptor)

        return made

    def _opened(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def made(
            file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None,
            newline: Any = None, *more: Any, **options: Any,
        ) -> Any:  # fmt: skip
            below = self._below(file)
            if below is None:
                return real(file, mode, buffering, encoding, errors, newline, *more, **options)
            if set(mode) & set("wxa"):
                self.call(Call("create" if not _is_there(below) else "truncate", below))
            else:
                self.call(Call("open", below))
            raw = _File(self, below, mode.replace("b", "").replace("t", ""))
            self._known[raw.fileno()] = below
            if "w" in mode:
                self._sizes[below] = 0
            kind = (
                io.BufferedRandom if "+" in mode else io.BufferedReader if "r" in mode else io.BufferedWriter
            )
            buffer = kind(raw)
            return buffer if "b" in mode else io.TextIOWrapper(buffer, encoding or "utf-8", errors, newline)

        return made


class _File(io.FileIO):
    """A file whose reads and writes are told."""

    def __init__(self, disk: Disk, path: str, mode: str) -> None:
        self._disk, self._path = disk, path
        super().__init__(path, mode)

    def write(self, data: Any) -> int:
        """As much as there is room for."""
        with self._disk.lock:
            given, at = bytes(data), self.tell()
            self._disk.call(Call("write", self._path, offset=at, data=given))
            fits = given[: max(0, len(given) - self._disk.room(self._path, at + len(given)))]
            if given and not fits:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._path)
            written = super().write(fits)
            self._disk.grown(self._path, at + written)
            return written

    def readinto(self, buffer: Any) -> int | None:
        """What was read."""
        self._disk.call(Call("read", self._path))
        return super().readinto(buffer)

    def close(self) -> None:
        """Given back in any case, as Linux does where it tells of an error."""
        if self.closed:
            return
        self._disk.forget(self.fileno())
        try:
            if self.writable():
                self._disk.call(Call("close", self._path))
        finally:
            super().close()


def _is_there(path: str) -> bool:
    try:
        _lstat(path)
    except OSError:
        return False
    return True


@dataclass
class _Inode:
    """A file: its content as it was last synced, and what was written since."""

    synced: bytes = b""
    since: list[Call] = field(default_factory=list)


class Power:
    """What a disk may hold after the power went, from the calls that were made until then."""

    def __init__(self, folder: str, before: dict[str, bytes]) -> None:
        self._folder = os.path.realpath(folder)
        self._synced = {name: _Inode(content) for name, content in before.items()}
        self._names = dict(self._synced)
        self._pending: list[tuple[str, str | None, _Inode | None]] = []
        """Since the folder was last synced: (name that goes, name that comes, its file)."""

    def see(self, call: Call) -> None:
        """A call that was made."""
        name = os.path.basename(call.path)
        match call.name:
            case "create":
                self._names[name] = inode = _Inode()
                self._pending.append(("", name, inode))
            case "truncate" | "write":
                self._names[name].since.append(call)
            case "fsync" if call.path == self._folder:
                self._synced, self._pending = dict(self._names), []
            case "fsync":
                inode = self._names[name]
                inode.synced, inode.since = _content(inode.synced, inode.since), []
            case "rename":
                other = os.path.basename(call.other)
                self._names[other] = inode = self._names.pop(name)
                self._pending.append((name, other, inode))
            case "unlink":
                self._names.pop(name, None)
                self._pending.append((name, None, None))

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files that may be there: of names and bytes that were not synced any part, each by itself."""
        names = dict(self._synced)
        share = chance.choice((0.0, 0.5, 0.9, 1.0))
        for gone, come, inode in self._pending:
            if chance.random() < share:
                names.pop(gone, None)
                if come is not None and inode is not None:
                    names[come] = inode
        return {
            name: _content(
                inode.synced, [_torn(call, chance) for call in inode.since if chance.random() < share]
            )
            for name, inode in names.items()
        }


def _content(synced: bytes, calls: Iterable[Call]) -> bytes:
    content = bytearray(synced)
    for call in calls:
        if call.name == "truncate":
            content.clear()
        else:
            content.extend(bytes(max(0, call.offset - len(content))))
            content[call.offset : call.offset + len(call.data)] = call.data
    return bytes(content)


def _torn(call: Call, chance: random.Random) -> Call:
    """A write of which the disk has taken all, some sectors, or zeros in their place."""
    kind = chance.choice(("whole", "whole", "torn", "zeros"))
    if kind == "whole" or not call.data:
        return call
    if kind == "zeros":
        return Call(call.name, call.path, offset=call.offset, data=bytes(len(call.data)))
    sectors = chance.randrange(len(call.data) // 512 + 1)
    return Call(call.name, call.path, offset=call.offset, data=call.data[: 512 * sectors])


def restored(folder: str, content: Mapping[str, bytes]) -> None:
    """Make a folder of these files."""
    os.mkdir(folder)
    for name, data in content.items():
        Path(folder, name).write_bytes(data)


def files(folder: str) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.is_file()}
