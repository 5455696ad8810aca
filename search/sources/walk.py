"""A folder -> the files in it that may hold articles, and what is refused without being opened.

Links are never followed: one that stays inside the folder leads to a file that is met anyway, one
that leaves it is refused. Names that begin with a dot, and folders that hold an index, are passed
over. Nothing is opened here.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from ..engine import INDEX_MARK
from ..errors import system_reason
from ..messages import Message
from .registry import format_of

_NOT_REGULAR: Final = Message("it is not a regular file")


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A regular file under a root: absolute path, path as shown to people, and what stat tells."""

    path: str
    shown: str
    relative: str
    size: int
    mtime_ns: int
    inode: int


@dataclass(slots=True)
class Walk:
    """What a walk found; `refused` are (path, path as shown, reason), `closed` unreadable folders."""

    root: str
    typed: str
    files: list[SeenFile] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


def walk(typed: str) -> Walk:
    """Walk a folder, or look at a single file. Raises FileNotFoundError where there is neither."""
    root = os.path.realpath(typed)
    shown = PurePath(typed).as_posix()
    result = Walk(root, shown)
    mode = os.stat(root).st_mode
    if not stat.S_ISDIR(mode):
        _look(result, root, shown, os.path.basename(root))
        return result
    folders = [(root, shown, "")]
    while folders:
        folder, folder_shown, relative = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            result.closed.append(folder)
            result.refused.append((folder, folder_shown, reason_of(error)))
            continue
        if any(entry.name == INDEX_MARK for entry in entries):
            continue
        below = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            entry_shown = f"{folder_shown.rstrip('/')}/{entry.name}"
            entry_relative = f"{relative}/{entry.name}".lstrip("/")
            if entry.is_dir(follow_symlinks=False):
                below.append((entry.path, entry_shown, entry_relative))
            else:
                _look(result, entry.path, entry_shown, entry_relative)
        folders.extend(reversed(below))
    return result


def _look(result: Walk, path: str, shown: str, relative: str) -> None:
    """Take a file, or refuse it with a reason."""
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            target = os.path.realpath(path, strict=True)
            inside = os.path.relpath(target, result.root).split(os.sep)
            if inside[0] == os.pardir:
                result.refused.append((path, shown, Message("it is a link that leads out of the folder")))
            elif any(part.startswith(".") and part != os.curdir for part in inside):
                result.refused.append((path, shown, Message("it is a link to what is passed over")))
            return
    except OSError as error:
        result.refused.append((path, shown, reason_of(error)))
        return
    if not stat.S_ISREG(found.st_mode):
        result.refused.append((path, shown, _NOT_REGULAR))
    elif format_of(path) is None:
        suffix = PurePath(path).suffix
        reason = (
            Message("no format reads “{suffix}” files", suffix=suffix)
            if suffix
            else Message("its name has no ending that tells its format")
        )
        result.refused.append((path, shown, reason))
    else:
        result.files.append(SeenFile(path, shown, relative, found.st_size, found.st_mtime_ns, found.st_ino))


def is_readable(path: str) -> bool:
    """Whether this process may read the file, without opening it."""
    return os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids)


def open_regular(path: str) -> int:
    """A file descriptor on a regular file, never through a link and never waiting on a FIFO.

    Raises OSError where it cannot be opened or is no longer a regular file.
    """
    flags = os.O_RDONLY
    if sys.platform != "win32":
        flags |= os.O_NOFOLLOW | os.O_NONBLOCK
    else:
        flags |= os.O_BINARY
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, _NOT_REGULAR)
    return descriptor


def reason_of(error: OSError) -> str:
    """Why the system would not give a file, as a clause that begins with "it"."""
    if isinstance(error, PermissionError):
        return Message("it may not be read (permission denied)")
    if isinstance(error, FileNotFoundError):
        return Message("it is a link to nothing, or has just gone")
    if error.errno == errno.ELOOP:
        return Message("it is a link in a loop of links")
    if error.strerror is _NOT_REGULAR:
        return _NOT_REGULAR
    return Message("it cannot be read ({reason})", reason=system_reason(error))
