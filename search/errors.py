"""Everything newsearch raises on purpose, as one tree, each kind with its exit code.

NewsearchError                 1
├── UsageError                 2   the call cannot be carried out as it was typed
│   ├── QueryError             2   the query cannot be read; points at the character
│   ├── SyncRefusedError       2   a sync would lose too much, or its folder is not there
│   ├── ArticleError           2   an article given to the library cannot be taken
│   └── UnknownArticleError    2   no article has this id, or several begin with it
├── IndexUnavailableError      3   nothing to read from
│   ├── NoIndexError           3
│   ├── DamagedIndexError      3
│   └── IndexVersionError      3
├── SystemFailureError        74   the disk or the system failed; the last commit is intact
└── BusyError                 75   another process is writing; try again
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

from .messages import Message

_REASONS: Final = {
    errno.ENOENT: Message("No such file or directory"),
    errno.EPERM: Message("Operation not permitted"),
    errno.EACCES: Message("Permission denied"),
    errno.EIO: Message("Input/output error"),
    errno.EBUSY: Message("Device or resource busy"),
    errno.EEXIST: Message("File exists"),
    errno.ENOTDIR: Message("Not a directory"),
    errno.EISDIR: Message("Is a directory"),
    errno.EINVAL: Message("Invalid argument"),
    errno.ENFILE: Message("Too many open files in system"),
    errno.EMFILE: Message("Too many open files"),
    errno.EFBIG: Message("File too large"),
    errno.ENOSPC: Message("No space left on device"),
    errno.EROFS: Message("Read-only file system"),
    errno.ENAMETOOLONG: Message("File name too long"),
    errno.ENOTEMPTY: Message("Directory not empty"),
    errno.ELOOP: Message("Too many levels of symbolic links"),
    errno.EDQUOT: Message("Disk quota exceeded"),
    errno.ESTALE: Message("Stale file handle"),
    errno.ENOMEM: Message("Cannot allocate memory"),
}
"""What the system says, in Linux's words, so that it can be translated; other errors stay as they are."""


class NewsearchError(Exception):
    """Whatever newsearch raises on purpose: `str()` says what happened, where, and what to do."""

    exit_code: ClassVar[int] = 1

    @property
    def message(self) -> str:
        """What `str()` says, as the `Message` that it was made of, so that it can be translated."""
        return self.args[0] if self.args else ""


class UsageError(NewsearchError):
    """The call cannot be carried out as it was typed."""

    exit_code = 2


class QueryError(UsageError):
    """A query that cannot be read.

    `position` counts code points in `query`, which is what was typed, in NFC; `suggestion` is a
    query or a remark that helps, or None.
    """

    def __init__(self, message: str, query: str, position: int, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.query = query
        self.position = position
        self.suggestion = suggestion


class SyncRefusedError(UsageError):
    """A sync that changed nothing, because a folder is missing or would lose over half its articles."""


class ArticleError(UsageError):
    """An article that cannot be taken into an index."""


class UnknownArticleError(UsageError):
    """No article has this id or path, or more than one id begins so."""


class IndexUnavailableError(NewsearchError):
    """There is no index to read from."""

    exit_code = 3


class NoIndexError(IndexUnavailableError):
    """The folder holds no index."""


class DamagedIndexError(IndexUnavailableError):
    """A file of the index is missing, cut or altered."""


class IndexVersionError(IndexUnavailableError):
    """The index was made by another version of the format or of the analysis."""


class SystemFailureError(NewsearchError):
    """The system failed (disk full, input or output); what was committed before is intact."""

    exit_code = 74


class BusyError(NewsearchError):
    """Another process holds the index for writing."""

    exit_code = 75

    def __init__(self, message: str, pid: int | None = None, host: str | None = None) -> None:
        super().__init__(message)
        self.pid = pid
        self.host = host


def system_reason(error: OSError) -> str:
    """Why the system failed, as a Message where that is one of the usual reasons."""
    if isinstance(error.strerror, Message):
        return error.strerror
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


@contextmanager
def system_failures(where: str, needed: int | None = None) -> Iterator[None]:
    """Turn an OSError inside the block into a SystemFailureError that names `where`.

    `needed` is an estimate, in bytes, of what the block writes; it is told when the disk is full.
    """
    try:
        yield
    except OSError as error:
        reason = system_reason(error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT) and needed is not None:
            reason = Message("{reason}; about {needed} bytes are needed", reason=reason, needed=needed)
        raise SystemFailureError(
            Message(
                "{where}: {reason}. Nothing of this step was kept, what was committed before is safe.",
                where=where,
                reason=reason,
            )
        ) from error
