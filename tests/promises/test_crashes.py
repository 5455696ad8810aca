"""R1, R1b: a process that is killed while it commits loses nothing that was acknowledged; R8: the next."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from search import Article, Index, create_index, open_index
from search.engines.whoosh.columnar import writer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes of these tests are forked")

KILLS = 500
LIVES = 10
"""So many processes are killed over one index: what one leaves behind is the next one's."""

LONGEST = 0.3
"""Seconds that a process lives at most; a commit takes some tenths of that, the first one half."""

DEAD = 77
"""The exit code of a process that ends itself where it was told to."""


@pytest.fixture(autouse=True)
def merging(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commits of a few articles merge segments, as those of many do."""
    monkeypatch.setattr(writer, "_SMALL", 4)
    monkeypatch.setattr(writer, "_MOST_SEGMENTS", 4)


# What follows commits batches: number n has some articles of its own, and one that each batch replaces.


def _batch(number: int) -> dict[str, str]:
    """The articles of a batch, by id: every second one comes from a folder, the others from a program."""
    kind = "f" if number % 2 else "a"
    text = f"Un article permanent du lot {_letters(number)}. " + "Belgorod et Koursk. " * (number % 7)
    own = {f"{kind}{number}-{each}": f"{text} {each}" for each in range(1 + number % 4)}
    return {**own, f"{kind}-last": f"{text} Le dernier."}


def _letters(number: int) -> str:
    """A word for a number that is no other number's inflection."""
    return "zk" + "".join("bcdfghjlmn"[int(digit)] for digit in str(number)) + "q"


def _committed(batches: int) -> dict[str, str]:
    """What an index holds after so many batches, by id."""
    return {id: text for number in range(batches) for id, text in _batch(number).items()}


def _commit(index: Index, folder: Path, number: int) -> None:
    """Commit a batch."""
    articles = _batch(number)
    if number % 2 == 0:
        index.add(Article(id, "Un titre", text) for id, text in articles.items())
        return
    for id, text in articles.items():
        told = json.dumps({"id": id, "title": "Un titre", "body": text})
        # A file that its writer was killed over is no article of the archive: it comes whole.
        (folder / f".{id}").write_text(told, encoding="utf-8")
        os.replace(folder / f".{id}", folder / f"{id}.json")
    index.sync(str(folder))


def _commit_on(path: str, folder: Path, first: int, log: Path) -> None:
    """Commit batch after batch, and put each that has returned on the disk as acknowledged."""
    with open_index(path, write=True) as index, log.open("w") as told:
        for number in range(first, first + 10_000):
            _commit(index, folder, number)
            told.write(f"{number}\n")
            told.flush()
            os.fsync(told.fileno())


@dataclass(frozen=True, slots=True)
class Kill:
    """What was found after a process had been killed."""

    opened: bool
    lost: int
    """Acknowledged articles that are not there, or not with their text."""
    whole: bool
    """Every batch is there with all of its articles, or with none."""
    sound: bool
    """`check` knows of nothing but files that belong to no commit."""
    went_on: bool
    """The next writer needed no help, what it committed is there, and then `check` has nothing to say."""
    acknowledged: int
    left_over: int


def _found_after_kill(path: str, folder: Path, first: int, log: Path) -> tuple[Kill, int]:
    """Look at an index after a kill, and commit to it; and how many batches it has then."""
    acknowledged = first + len(log.read_text().split())
    due = _committed(acknowledged)
    try:
        with open_index(path) as index:
            held = {article.id: article.body for article in index.articles()}
            counted = index.search("permanent", limit=0, variants=False).total
            is_newest = index.notice is None
            problems = index.check()
    except Exception:  # noqa: BLE001  # whatever the next one meets is what this counts
        return Kill(False, len(due), False, False, False, acknowledged - first, 0), acknowledged
    batches = next((n for n in (acknowledged, acknowledged + 1) if held == _committed(n)), None)
    left_over = sum("belongs to no commit" in problem for problem in problems)
    after = acknowledged if batches is None else batches
    return (
        Kill(
            is_newest,
            # What a batch came after its last acknowledgement may have replaced is no loss.
            sum(held.get(id) not in (text, _batch(acknowledged).get(id)) for id, text in due.items()),
            batches is not None and counted == len(held),
            left_over == len(problems),
            _goes_on(path, folder, after),
            acknowledged - first,
            left_over,
        ),
        after + 1,
    )


def _goes_on(path: str, folder: Path, number: int) -> bool:
    with contextlib.suppress(Exception), open_index(path, write=True) as index:  # as above
        _commit(index, folder, number)
        held = {article.id: article.body for article in index.articles()}
        return held == _committed(number + 1) and index.check() == []
    return False


def _in_a_child(work: Callable[[], object]) -> int:
    """The process id of a child that works, and ends."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(1)
    return child


@pytest.fixture(scope="module")
def kills(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., list[Kill]]:
    """The kills at random moments, made once for the rows R1 and R8."""
    made: list[Kill] = []

    def kill(total: int, chosen: random.Random) -> list[Kill]:
        while len(made) < total:
            made.extend(_lives(tmp_path_factory.mktemp("lives"), min(LIVES, total - len(made)), chosen))
        return made

    return kill


def _lives(tmp_path: Path, lives: int, chosen: random.Random) -> list[Kill]:
    """Kill one process after another over one index."""
    path, folder = str(tmp_path / "index"), tmp_path / "news"
    folder.mkdir()
    found: list[Kill] = []
    with create_index(path) as index:
        _commit(index, folder, 0)
    first = 1
    for life in range(lives):
        log = tmp_path / f"log-{life}"
        log.touch()
        child = _in_a_child(partial(_commit_on, path, folder, first, log))
        time.sleep(chosen.uniform(0, LONGEST))
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "it ended by itself"
        kill, first = _found_after_kill(path, folder, first, log)
        found.append(kill)
    shutil.rmtree(tmp_path)
    return found


@pytest.mark.row("R1")
def test_what_was_acknowledged_survives_a_kill_at_a_random_moment(
    promise: Any, kills: Callable[..., list[Kill]]
) -> None:
    found = kills(promise.cases(KILLS), promise.random)
    total = len(found)
    acknowledged = [kill.acknowledged for kill in found]
    promise.notes(
        f"{sum(acknowledged):,} commits acknowledged before {total} kills, {acknowledged.count(0)} of them "
        f"before the first; {sum(kill.left_over > 0 for kill in found)} left files that belong to no commit"
    )
    promise.holds(sum(kill.opened for kill in found), total, "indexes open after kill -9")
    promise.never(sum(kill.lost for kill in found), "acknowledged articles lost")
    promise.never(sum(not kill.whole for kill in found), "half commits")
    promise.holds(sum(kill.sound for kill in found), total, "indexes sound, but for files of no commit")
    promise.holds(sum(kill.went_on for kill in found), total, "next writers started and committed")
    assert sum(kill.left_over > 0 for kill in found) > total / 20, "too few were killed inside a commit"


@pytest.mark.row("R8")
def test_the_writer_after_a_kill_at_a_random_moment_needs_no_help(
    promise: Any, kills: Callable[..., list[Kill]]
) -> None:
    found = kills(promise.cases(KILLS), promise.random)
    went_on = sum(kill.went_on for kill in found)
    promise.holds(went_on, len(found), "writers started and committed after a kill -9 at a random moment")


@dataclass(frozen=True, slots=True)
class End:
    """What was found after a process had ended before its n-th call of a commit."""

    change: str
    call: str
    is_old: bool
    is_new: bool
    sound: bool
    is_same: bool
    """The same change was made again, with the same index to show."""
    went_on: bool
    """The next writer needed no help, and after its commit `check` has nothing to say."""


@pytest.fixture(scope="module")
def ends(beside: Callable[[str], ModuleType], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """The kills at each call, made once for the rows R1b and R8; and how many calls there are."""
    known: list[tuple[list[End], int]] = []

    def end(is_full: bool, chosen: random.Random) -> tuple[list[End], int]:
        if not known:
            with pytest.MonkeyPatch.context() as patched:
                # What a process wrote stays when it is killed, synced or not.
                patched.setattr(os, "fsync", lambda _: None)
                known.append(_ends(beside, tmp_path_factory.mktemp("ends"), is_full, chosen))
        return known[0]

    return end


def _ends(
    beside: Callable[[str], ModuleType], tmp_path: Path, is_full: bool, chosen: random.Random
) -> tuple[list[End], int]:
    archive = beside("changes").made(tmp_path / "archive", beside("news").News(chosen, words=300), chosen)
    old = archive.said()
    found: list[End] = []
    total = 0
    for name, change in archive.changes.items():
        new = archive.after(str(tmp_path / "after"), change)
        assert old != new
        disk = beside("disk").Disk
        copy = str(tmp_path / "copy")
        shutil.copytree(archive.path, copy)
        with open_index(copy, write=True) as index, disk(copy) as seen:
            change(index)
        shutil.rmtree(copy)
        calls = [call.name for call in seen.changes()]
        total += len(calls)
        every = 1 if is_full else 5
        for number in range(chosen.randrange(every), len(calls), every):
            path = str(tmp_path / "index")
            shutil.copytree(archive.path, path)
            child = _in_a_child(partial(_end_at, disk, path, change, number))
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DEAD, "it was not killed"
            found.append(_found_at_end(archive, path, name, calls[number], old, new))
            shutil.rmtree(path)
    return found, total


def _end_at(disk: Any, path: str, change: Callable[[Index], object], number: int) -> None:
    """Change an index, and end the process before the n-th call that changes the disk."""
    left = number

    def before(call: Any) -> None:
        nonlocal left
        if call.is_change:
            if left == 0:
                os._exit(DEAD)
            left -= 1

    with open_index(path, write=True) as index, disk(path, before):
        change(index)


def _found_at_end(archive: Any, path: str, change: str, call: str, old: Any, new: Any) -> End:
    is_old = is_new = sound = is_same = went_on = False
    with contextlib.suppress(Exception):  # whatever the next one meets is what this counts
        found = archive.said(path)
        is_old, is_new = found == old, found == new
        with open_index(path) as index:
            sound = _only_left_over(index)
        with open_index(path, write=True) as index:
            archive.changes[change](index)
            is_same = _only_left_over(index) and archive.said(path) == new
            # Where there was nothing left to change, there was no commit.
            index.add([Article("next", "Un titre", "Le suivant.")])
            went_on = index.check() == []
    return End(change, call, is_old, is_new, sound, is_same, went_on)


def _only_left_over(index: Index) -> bool:
    return all("belongs to no commit" in problem for problem in index.check())


@pytest.mark.row("R1b")
def test_a_commit_that_is_killed_at_any_call_leaves_the_old_state_or_the_new_one(
    promise: Any, ends: Callable[..., Any]
) -> None:
    found, calls = ends(promise.is_full, promise.random)
    total = len(found)
    kinds = Counter(end.call for end in found)
    promise.notes(f"{calls} calls of two commits change the disk; killed before {total} of them:")
    promise.notes(", ".join(f"{times} {name}" for name, times in kinds.most_common()))
    old, new = sum(end.is_old for end in found), sum(end.is_new for end in found)
    promise.holds(old + new, total, f"at the old state, {old}, or at the new one, {new}")
    promise.holds(sum(end.sound for end in found), total, "indexes sound, but for files of no commit")
    promise.holds(sum(end.is_same for end in found), total, "the same index once the change is made again")
    assert old and new
    if promise.is_full:
        assert total == calls
        assert {"fsync", "rename", "unlink", "create", "write"} <= set(kinds)


@pytest.mark.row("R8")
def test_the_writer_after_a_kill_at_any_call_needs_no_help(promise: Any, ends: Callable[..., Any]) -> None:
    found, _ = ends(promise.is_full, promise.random)
    went_on = sum(end.went_on for end in found)
    promise.holds(went_on, len(found), "writers started and committed after a kill -9 at a call of a commit")
