"""One commit with adds, deletions and a merge, whose n-th call to the system fails or never returns.

As a program, `failing.py BEFORE AFTER` copies the index BEFORE to AFTER/1, AFTER/2 ... and commits to each
in a process of its own, which dies at its n-th call, until one lives; it prints what was called.
"""

import builtins
import errno
import itertools
import os
import pickle
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from search.article import Article
from search.engines.whoosh.columnar import engine, writer
from search.engines.whoosh.columnar.arrays import ArrayFileWriter
from search.errors import SystemFailureError

DEAD = 77
Before = Callable[[str], None]
SetAttribute = Callable[[object, str, object], None]


def intercept(set_attribute: SetAttribute, before: Before) -> None:
    """Have `before` called, with a name, ahead of each call by which a commit changes the disk."""
    lock = threading.RLock()

    def intercepted(call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def made(*arguments: Any, **options: Any) -> Any:
            with lock:
                before(name)
            return call(*arguments, **options)

        return made

    for name in ("fsync", "replace", "rename", "unlink"):
        set_attribute(os, name, intercepted(getattr(os, name), name))
    set_attribute(ArrayFileWriter, "close", intercepted(ArrayFileWriter.close, "close"))
    open_ = builtins.open
    open_to_write = intercepted(open_, "open")

    def opened(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        return (open_to_write if set(mode) & set("wax+") else open_)(file, mode, *arguments, **options)

    set_attribute(builtins, "open", opened)


def change(path: str, articles: list[Article]) -> writer.ColumnarWriter:
    """A writer with the changes that are to be committed: two articles replaced, two gone, the others new."""
    changed = engine.open_writer(path)
    for article in articles:
        changed.add(article)
    changed.delete("a0001")
    for id in GONE:
        changed.delete(id)
    return changed


GONE = ("gone-1", "gone-2")
ATTACHMENTS = {"ledger": b"new", "notes": b"\0" * 1000}


def commit_failing_at(
    path: str, articles: list[Article], number: int, *, ever_after: bool
) -> tuple[bool, list[str]]:
    """Commit, with EIO at the n-th call; whether it was refused, and the calls that there were."""
    calls: list[str] = []
    patched: list[tuple[Any, str, object]] = []

    def before(name: str) -> None:
        calls.append(name)
        if len(calls) == number or (ever_after and len(calls) > number):
            raise OSError(errno.EIO, os.strerror(errno.EIO), f"call {len(calls)}")

    def patch(owner: object, name: str, value: object) -> None:
        patched.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    intercept(patch, before)
    try:
        changed = change(path, articles)
        try:
            changed.commit(ATTACHMENTS)
        except OSError as error:
            assert error.errno == errno.EIO
            changed.rollback()
            return True, calls
        except SystemFailureError:
            changed.rollback()
            return True, calls
        return False, calls
    finally:
        for owner, name, value in reversed(patched):
            setattr(owner, name, value)


def main(before: str, after: str) -> None:
    """Kill one commit at each of its calls."""
    writer._SMALL = 1
    articles = pickle.loads(sys.stdin.buffer.read())
    for number in itertools.count(1):
        path = os.path.join(after, str(number))
        shutil.copytree(before, path)
        child = os.fork()
        if not child:
            counted = itertools.count(1)

            def die(name: str, counted: Any = counted, number: int = number) -> None:
                if next(counted) == number:
                    os.write(1, f"{name}\n".encode())
                    os._exit(DEAD)

            intercept(setattr, die)
            change(path, articles).commit(ATTACHMENTS)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != DEAD:
            sys.exit(status)


if __name__ == "__main__":
    main(*(str(Path(argument)) for argument in sys.argv[1:]))
