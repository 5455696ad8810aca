"""R14: Ctrl-C at any moment ends a run in one line, which says how many articles are safe, and they are."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from search import NoIndexError, open_index

if TYPE_CHECKING:
    from conftest import Promise

ARTICLES = 600
CHECKPOINT = 100
HANGS = 120
"""Seconds after which a process is taken to hang."""

PROGRAM = f"""
import os, signal, sys
import search.limits
search.limits.CHECKPOINT_ARTICLES = {CHECKPOINT}
import search.cli
# A shell's background job, as a test run may be, hands down that interrupts are ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.write(int(sys.argv.pop(1)), b"here")
search.cli.main()
"""
"""The command with small checkpoints. What comes before `main` is Python's beginning, and Python's to end."""

INTERRUPTED = re.compile(
    r"interrupted; (?:no article was indexed yet|what was committed is safe|(?P<safe>[\d,]+) articles? "
    r"of this run (?:is|are) safe, run it again to go on)\."
)
CHECKPOINTS = re.compile(r"checkpoint: ([\d,]+) articles? (?:is|are) safe")


@dataclass(frozen=True, slots=True)
class Blow:
    """When a run is interrupted: seconds after its beginning, or after its n-th checkpoint; and again."""

    moment: Literal["beginning", "anywhere", "checkpoint"]
    delay: float
    checkpoint: int
    again: tuple[float, ...]
    """Seconds from one interrupt to the next."""
    is_on_terminal: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, and what it said on stderr."""

    code: int
    said: str

    @property
    def lines(self) -> list[str]:
        """The lines that it said, without the bar."""
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.said).replace("\r", "\n")
        return [line for line in plain.split("\n") if line.strip() and "%" not in line]


@contextmanager
def started(
    *arguments: str, folder: Path, is_on_terminal: bool
) -> Iterator[tuple[subprocess.Popen[bytes], int, int]]:
    """The command in a process of its own, where its stderr is, and where it tells that `main` begins."""
    here, there = os.pipe()
    ours, theirs = pty.openpty() if is_on_terminal else os.pipe()
    running = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(there), *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        pass_fds=[there],
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(theirs)
    os.close(there)
    try:
        yield running, ours, here
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()
        os.close(ours)
        os.close(here)


def read(descriptor: int) -> bytes:
    """What is there to be read; nothing at the end, which Linux tells by EIO on a terminal."""
    try:
        return os.read(descriptor, 65_536)
    except OSError:
        return b""


def interrupted(folder: Path, blow: Blow, *arguments: str) -> Ended:
    """Run the command and interrupt it."""
    with started(*arguments, folder=folder, is_on_terminal=blow.is_on_terminal) as (running, told, begun):
        assert os.read(begun, 4) == b"here"
        said = b""
        while blow.moment == "checkpoint" and said.count(b"checkpoint: ") < blow.checkpoint:
            data = read(told)
            if not data:
                break
            said += data
        for delay in (blow.delay, *blow.again):
            time.sleep(delay)
            if running.poll() is None:
                running.send_signal(signal.SIGINT)
        while data := read(told):
            said += data
        return Ended(running.wait(HANGS), said.decode())


def numbers(folder: Path) -> set[int]:
    """Which articles the index has."""
    try:
        with open_index(str(folder / "index")) as index:
            return {int(article.title.removeprefix("Article ")) for article in index.articles()}
    except NoIndexError:
        return set()


def problems(folder: Path) -> list[str]:
    """What is wrong with the index but for files that no commit names; its lock must be free."""
    try:
        with open_index(str(folder / "index"), write=True, wait=0) as index:
            index.check(clean=True)
            return index.check()
    except NoIndexError:
        return []


def make(seeds: Path) -> None:
    """Files of many articles and of one."""
    seeds.mkdir()
    body = " ".join(f"mot{number}" for number in range(100))
    for start in range(0, ARTICLES, 100):
        records = (
            json.dumps({"title": f"Article {n}", "body": f"{body} {n}"}) for n in range(start, start + 100)
        )
        if start % 300:
            (seeds / f"{start:05}.jsonl").write_text("\n".join(records))
        else:
            (seeds / f"{start:05}").mkdir()
            for number, record in enumerate(records, start):
                (seeds / f"{start:05}" / f"{number}.json").write_text(record)


def how_long(folder: Path) -> float:
    """The seconds from the beginning of `main` to the end of an uninterrupted run."""
    with started("index", "seeds", "--index", "whole", folder=folder, is_on_terminal=False) as (
        running,
        told,
        begun,
    ):
        os.read(begun, 4)
        at = time.monotonic()
        while read(told):
            pass
        assert running.wait(HANGS) == 0
        return time.monotonic() - at


@pytest.mark.row("R14")
def test_an_interrupted_run_says_what_is_safe_and_the_next_one_goes_on(
    promise: Promise, tmp_path: Path
) -> None:
    make(tmp_path / "seeds")
    whole = how_long(tmp_path)
    rng = promise.random
    moments: tuple[Literal["beginning", "anywhere", "checkpoint"], ...] = (
        "beginning",
        "anywhere",
        "checkpoint",
        "anywhere",
    )
    counts = dict.fromkeys(("ended", "lines", "safe", "exact", "sound", "went on"), 0)
    stopped = finished = exact = traces = 0
    total = promise.cases(100)
    for case in range(total):
        folder = tmp_path / str(case)
        folder.mkdir()
        (folder / "seeds").symlink_to(tmp_path / "seeds")
        moment = moments[case % 4]
        blow = Blow(
            moment,
            rng.uniform(0, {"beginning": 0.3, "anywhere": 1.1, "checkpoint": 0.2}[moment]) * whole,
            rng.randint(1, ARTICLES // CHECKPOINT - 1),
            tuple(rng.choice((0.0, 0.001, 0.01, 0.05)) for _ in range(rng.choice((0, 0, 1, 2, 5)))),
            rng.random() < 0.4,
        )
        ended = interrupted(folder, blow, "index", "seeds", "--index", "index")
        traces += "Traceback" in ended.said or "Error" in ended.said or "Exception" in ended.said
        told = [match for line in ended.lines if (match := INTERRUPTED.fullmatch(line))]
        others = [
            line
            for line in ended.lines
            if not CHECKPOINTS.fullmatch(line) and not INTERRUPTED.fullmatch(line)
        ]
        held = numbers(folder)
        acknowledged = max((int(n.replace(",", "")) for n in CHECKPOINTS.findall(ended.said)), default=0)
        if ended.code == 0:
            finished += 1
            counts["ended"] += not told and held == set(range(ARTICLES))
            counts["lines"] += not others
        else:
            stopped += 1
            counts["ended"] += ended.code == 130
            counts["lines"] += len(told) == 1 and not others and ended.lines[-1] == told[0][0]
        safe = int(told[0]["safe"].replace(",", "")) if told and told[0]["safe"] else 0
        counts["safe"] += len(held) >= max(safe, acknowledged)
        if not blow.again and ended.code:
            # Who presses once is told the number to the article.
            exact += 1
            counts["exact"] += len(held) == safe
        counts["sound"] += problems(folder) == []
        with started("index", "seeds", "--index", "index", folder=folder, is_on_terminal=False) as (
            running,
            stderr,
            _,
        ):
            while read(stderr):
                pass
            counts["went on"] += running.wait(HANGS) == 0 and numbers(folder) == set(range(ARTICLES))
        assert counts["lines"] == case + 1, (blow, ended)
    promise.never(traces, "tracebacks")
    promise.holds(
        counts["ended"], total, f"runs ended with 130, or complete with 0: {stopped} and {finished}"
    )
    promise.holds(counts["lines"], total, "said it in one line")
    promise.holds(counts["safe"], total, "had every article that a line had called safe")
    promise.holds(
        counts["exact"], exact, "interrupted once and told the very number of articles that are safe"
    )
    promise.holds(counts["sound"], total, "indexes sound, and their lock free")
    promise.holds(counts["went on"], total, "next runs complete")
    assert stopped > total / 2, "too few were interrupted to tell"


COMMANDS = (
    ("query", "article mot5"),
    ("query", "--explain", "--json", "artcle mot7*"),
    ("show", "seeds/00000/5.json"),
    ("info",),
    ("forms", "article"),
    ("complete", "arti"),
    ("check",),
    ("check", "--clean"),
    ("compact",),
    ("rebuild",),
    ("forget", "seeds/00000/7.json"),
    ("--help",),
    ("nonsense",),
)


UNINTERRUPTED = {"query": (0, 1), "nonsense": (2,)}
"""The exit codes of a command that is quicker than the interrupt, where they are others than 0."""


@pytest.mark.row("R14")
def test_every_other_command_ends_in_one_line_too(promise: Promise, tmp_path: Path) -> None:
    make(tmp_path / "seeds")
    assert how_long(tmp_path)
    rng = promise.random
    total = promise.cases(130)
    traces: list[Ended] = []
    astray: list[Ended] = []
    sound = stopped = 0
    for case in range(total):
        folder = tmp_path / str(case)
        shutil.copytree(tmp_path / "whole", folder / "index")
        again = tuple(rng.choice((0.0, 0.001, 0.01)) for _ in range(rng.choice((0, 0, 1, 3))))
        blow = Blow("anywhere", rng.uniform(0, 0.5), 0, again, rng.random() < 0.5)
        command, *arguments = COMMANDS[case % len(COMMANDS)]
        given = (command, *arguments, *(() if command in ("--help", "nonsense") else ("--index", "index")))
        ended = interrupted(folder, blow, *given)
        told = [line for line in ended.lines if INTERRUPTED.fullmatch(line)]
        stopped += ended.code == 130
        if len(told) != (ended.code == 130) or ended.code not in (130, *UNINTERRUPTED.get(command, (0,))):
            astray.append(ended)
        if "Traceback" in ended.said or "Exception" in ended.said:
            traces.append(ended)
        held = numbers(folder)
        sound += (
            problems(folder) == []
            and held | {7} == set(range(ARTICLES))
            and (7 in held or command == "forget")
        )
        shutil.rmtree(folder)
    assert not traces, traces[0].said
    promise.never(len(traces), "tracebacks of other commands")
    kept = total - len(astray)
    assert not astray, f"{astray[0].code}: {astray[0].said}"
    promise.holds(kept, total, f"other commands ended with 130 and one line, {stopped}, or as ever")
    promise.holds(sound, total, "indexes sound after them, with every article")
