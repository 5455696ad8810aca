"""R3: the n-th call to the system fails, for every n; R4: the disk is full, a little later each time."""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from search import Article, DamagedIndexError, SystemFailureError, open_index
from search.engines.whoosh.columnar import writer

pytest.importorskip("fcntl", reason="the calls of a lock are seen where it is a POSIX one")

KINDS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EMFILE": errno.EMFILE}
NEXT = Article("next", "Un titre", "Une suite inédite.")


@dataclass(frozen=True, slots=True)
class Failure:
    """What came of a commit of which one call failed."""

    change: str
    number: int
    kind: str
    call: str
    told: str
    """The error's class; nothing where the commit went through."""

    is_ours: bool
    is_right: bool
    """The old state was found where an error was told, the new one where none was."""

    went_on: bool
    """The same process wrote again, and `check` had nothing to say."""

    left_nothing: bool
    """No thread, no descriptor, no lock was left over."""

    def __str__(self) -> str:
        broken = [
            what
            for what, is_kept in (
                ("no error of ours", self.is_ours),
                ("the other state", self.is_right),
                ("no next write", self.went_on),
                ("something left over", self.left_nothing),
            )
            if not is_kept
        ]
        where = f"{self.change}, call {self.number}, {self.call}, {self.kind}"
        return f"{where}: {self.told or 'went through'}: {', '.join(broken)}"

    @property
    def is_kept(self) -> bool:
        """Whether the promise was."""
        return self.is_ours and self.is_right and self.went_on and self.left_nothing


def _descriptors() -> int:
    """How many descriptors are open, where the system tells."""
    gc.collect()
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def _fail(
    disk: ModuleType, archive: Any, path: str, name: str, number: int, kind: str, states: tuple[Any, Any]
) -> Failure:
    """Have the n-th call of a commit fail, and look at what became of it."""
    change, left, met = archive.changes[name], number, ""

    def before(call: Any) -> None:
        nonlocal left, met
        left -= 1
        if left == 0:
            met = call.name
            raise OSError(KINDS[kind], os.strerror(KINDS[kind]), call.path)

    threads, descriptors = threading.active_count(), _descriptors()
    told, is_ours, went_on = "", True, False
    index = open_index(path, write=True)
    try:
        with disk.Disk(path, before):
            change(index)
    except SystemFailureError as error:
        told = type(error).__name__
    except DamagedIndexError as error:
        # What cannot be read may be damaged for all that a program can tell.
        told, is_ours = type(error).__name__, not disk.Call(met, "").is_change
    except Exception as error:  # noqa: BLE001  # whatever else comes is what this counts
        told, is_ours = f"{type(error).__name__}: {error}", False
    found: Any = None
    try:
        found = archive.said(path)
        change(index)
        went_on = archive.said(path) == states[1]
        index.add([NEXT])
        went_on = went_on and index.check() == []
    except Exception as error:  # noqa: BLE001  # as above
        told += f", and then {type(error).__name__}: {error}"
    index.close()
    # The lock is another one's now.
    try:
        open_index(path, write=True).close()
        free = True
    except Exception as error:  # noqa: BLE001  # as above
        told, free = f"{told}, and then {error}", False
    del index
    left_nothing = free and threading.active_count() == threads and _descriptors() == descriptors
    return Failure(
        name, number, kind, met, told, is_ours, found == states[bool(not told)], went_on, left_nothing
    )


@pytest.mark.row("R3")
def test_a_commit_with_a_call_that_fails_is_refused_or_whole(
    promise: Any, beside: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, disk = promise.random, beside("disk")
    monkeypatch.setattr(writer, "_SMALL", 1)
    # Nothing is cut off here, so nothing has to be synced to stay.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    archive = beside("changes").made(tmp_path / "archive", beside("news").News(chosen, words=300), chosen)
    calls, cases = 0, list[tuple[str, int, str]]()
    states: dict[str, tuple[Any, Any]] = {}
    for name, change in archive.changes.items():
        states[name] = (archive.said(), archive.after(str(tmp_path / "after"), change))
        copy = str(tmp_path / "copy")
        shutil.copytree(archive.path, copy)
        with open_index(copy, write=True) as index, disk.Disk(copy) as seen:
            change(index)
        shutil.rmtree(copy)
        calls += len(seen.calls)
        every = [(name, number, kind) for number in range(1, len(seen.calls) + 1) for kind in KINDS]
        if promise.is_full:
            cases += every
            continue
        # What makes the commit, and what comes before and after all that has its own way to be refused.
        decisive = [
            case
            for case in every
            if seen.calls[case[1] - 1].name in ("fsync", "rename") or not 3 < case[1] <= len(seen.calls) - 12
        ]
        # Three has no divisor in common with either: the kinds take turns.
        cases += [*decisive[chosen.randrange(2) :: 2], *every[chosen.randrange(61) :: 61]]
    found = []
    for name, number, kind in cases:
        path = str(tmp_path / "index")
        shutil.copytree(archive.path, path)
        found.append(_fail(disk, archive, path, name, number, kind, states[name]))
        shutil.rmtree(path)
    total = len(found)
    harmless = sum(not failure.told for failure in found)
    kinds = Counter(failure.call for failure in found)
    promise.notes(f"{calls} calls of two commits; failed: {', '.join(f'{n} {k}' for k, n in kinds.items())}")
    for failure in [each for each in found if not each.is_kept][:20]:
        promise.notes(str(failure))
    promise.holds(
        sum(failure.is_ours for failure in found),
        total,
        f"failures told by an error of ours, or harmless, {harmless}",
    )
    promise.holds(
        sum(failure.is_right for failure in found),
        total,
        "at the old state, or where none was told at the new",
    )
    promise.holds(
        sum(failure.went_on for failure in found), total, "next writes of the same process, and sound"
    )
    promise.holds(
        sum(failure.left_nothing for failure in found), total, "left no thread, descriptor or lock behind"
    )
    assert 0 < harmless < total


ARTICLES = 500
LIMIT_STEP = 64 << 10
COMMAND = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("disk", sys.argv.pop(1))
disk = sys.modules["disk"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(disk)
from search.cli import main
with disk.Disk(sys.argv[sys.argv.index("--index") + 1], limit=int(sys.argv.pop(1))):
    main()
"""
"""The command, on a disk where an index may take so many bytes and no more."""

NEEDED = re.compile(r"No space left on device; about ([\d,]+) bytes are needed")


@dataclass(frozen=True, slots=True)
class Full:
    """What came of the command on a full disk."""

    code: int
    needed: int | None
    """The bytes that its line on stderr tells, if it was one line and told them."""

    is_old: bool
    """The index says what it said before, and `check` nothing."""

    is_given_back: bool
    """The files are what they were, to the byte."""

    is_free: bool
    """The lock can be had at once."""


def _sizes(path: str) -> dict[str, int]:
    """The files of an index and their sizes, but for the empty ones of the locks."""
    return {entry.name: entry.stat().st_size for entry in os.scandir(path) if entry.stat().st_size}


def _found_full(done: subprocess.CompletedProcess[str], archive: Any, path: str, old: Any) -> Full:
    is_old = is_free = False
    with contextlib.suppress(Exception):  # whatever the next one meets is what this counts
        with open_index(path) as index:
            is_old = archive.said(path) == old and index.check() == []
        open_index(path, write=True).close()
        is_free = True
    told = NEEDED.search(done.stderr) if done.stderr.count("\n") == 1 and not done.stdout else None
    return Full(
        done.returncode,
        int(told[1].replace(",", "")) if told else None,
        is_old,
        _sizes(path) == _sizes(archive.path),
        is_free,
    )


@pytest.mark.row("R4")
def test_a_commit_that_finds_the_disk_full_is_refused_whole(
    promise: Any, beside: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    chosen, disk = promise.random, beside("disk")
    news = beside("news").News(chosen, words=20_000)
    archive = beside("changes").made(tmp_path / "archive", news, chosen)
    with open(os.path.join(archive.folder, "many.jsonl"), "w", encoding="utf-8") as lines:
        for number in range(ARTICLES):
            article = news.article(f"m{number}", 200)
            lines.write(json.dumps({"id": article.id, "title": article.title, "body": article.body}) + "\n")
    old, taken = archive.said(), sum(_sizes(archive.path).values())
    new = archive.after(str(tmp_path / "after"), archive.changes["sync"])
    path = str(tmp_path / "index")

    typed = ("index", archive.folder, "--index", path)

    def run(limit: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", COMMAND, str(disk.__file__), str(limit), *typed],
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )

    found: list[Full] = []
    next_runs = whole = 0

    def refused(step: int) -> bool:
        """Run with so much space; whether that was too little, and may be enough another time."""
        nonlocal whole
        done = run(taken + step * LIMIT_STEP)
        if done.returncode == 0:
            whole += archive.said(path) == new
            return False
        found.append(_found_full(done, archive, path, old))
        # What is not given back takes the space of all that follow.
        return found[-1].is_given_back

    # The short form takes a tenth of the steps, and those after the last of them that fails.
    shutil.copytree(archive.path, path)
    stride = 1 if promise.is_full else 10
    step = 0
    while refused(step):
        step += stride
    if stride > 1:
        shutil.rmtree(path)
        shutil.copytree(archive.path, path)
        step -= stride
        while refused(step + 1):
            step += 1
        step += 1
    total, written = len(found), sum(_sizes(path).values()) - taken
    shutil.rmtree(path)
    shutil.copytree(archive.path, path)
    for steps, code in ((step - 1, 74), (100 * step, 0)):
        next_runs += run(taken + steps * LIMIT_STEP).returncode == code
    next_runs += archive.said(path) == new
    promise.notes(
        f"a commit by which an index grows by {written / 1e6:.1f} MB goes through with "
        f"{step * LIMIT_STEP / 1e6:.1f} MB of space; it tells that about "
        f"{max(full.needed or 0 for full in found) / 1e6:.1f} MB are needed"
    )
    promise.holds(sum(full.code == 74 for full in found), total, "full disks end with exit code 74")
    promise.holds(
        sum(full.is_old for full in found), total, "all or nothing: the index is as it was, and sound"
    )
    promise.holds(sum(full.is_free for full in found), total, "locks free")
    promise.holds(sum(full.is_given_back for full in found), total, "gave the space back")
    promise.holds(whole, 1 + (stride > 1), "commits with enough space whole")
    promise.holds(next_runs, 3, "checks that the next run, once there is space, is whole")
    promise.holds(
        sum(full.needed is not None for full in found), total, "said in one line how many bytes are needed"
    )
