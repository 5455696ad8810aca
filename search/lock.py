"""One writer at a time for a folder: a lock that the system frees when its process ends.

Who holds it is written beside it, for the error that the next one gets.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket

from .errors import BusyError
from .messages import Message

_LOCK, _HOLDER = "writer.lock", "writer.json"


class WriterLock:
    """The right to write to the index in `folder`, from construction to `release`."""

    def __init__(self, folder: str, wait: float = 0.0) -> None:
        """Take the lock, waiting `wait` seconds at most. Raises BusyError with the holder's pid and host."""
        import filelock

        self._holder = os.path.join(folder, _HOLDER)
        self._lock = filelock.FileLock(os.path.join(folder, _LOCK))
        try:
            self._lock.acquire(timeout=max(wait, 0.0))
        except filelock.Timeout:
            raise self._busy(folder) from None
        try:
            with open(self._holder, "w", encoding="utf-8") as file:
                json.dump({"pid": os.getpid(), "host": socket.gethostname()}, file)
        except BaseException:
            self._lock.release()
            raise

    def release(self) -> None:
        """Let the next one write."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._holder)
        self._lock.release()

    def _busy(self, folder: str) -> BusyError:
        pid = host = None
        try:
            with open(self._holder, encoding="utf-8") as file:
                holder = json.load(file)
            pid, host = int(holder["pid"]), str(holder["host"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # it is being written, or has just been removed: the sentence does without
        who = Message("another process")
        if pid and host:
            who = Message("process {pid} on {host}", pid=str(pid), host=host)
        sentence = Message(
            "{who} is writing to {folder}. Try again later, or use --wait SECONDS.", who=who, folder=folder
        )
        return BusyError(sentence, pid, host)


def is_lock_file(name: str) -> bool:
    """Whether a file of this name in an index belongs to the lock."""
    return name in (_LOCK, _HOLDER)
