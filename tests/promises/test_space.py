"""R9: what a folder takes after many commits and kills, of disk and of descriptors."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from search import Index, create_index, open_index

COMMITS, KILLS = 1_000, 100
FILES, ADDED = 200, 100
HOT = 10
"""So many articles are replaced again and again."""
_MOST = 2.2


class Archive:
    """A folder of articles that people add to, rewrite and throw away, and a program that adds its own."""

    def __init__(self, folder: Path, news: Any, chosen: random.Random) -> None:
        self._folder, self._news, self._chosen = folder, news, chosen
        folder.mkdir()
        self._next = 0
        for _ in range(FILES):
            self._write(self._next)
            self._next += 1

    def _write(self, number: int) -> None:
        article = self._news.article(f"f{number}", self._chosen.choice((40, 150, 150, 600)))
        text = f"{article.title}\n\n{article.body}\n"
        (self._folder / f"{number:05}.txt").write_text(text, encoding="utf-8")

    def change(self) -> None:
        """Files come, are rewritten, and go; now and then many go at once."""
        chosen = self._chosen
        there = sorted(self._folder.iterdir())
        for path in there[: chosen.choice((0, 0, 1, 1, 3))]:
            self._write(int(path.stem))
        for path in chosen.sample(there, chosen.choice((0, 1, 1, 2))):
            self._write(int(path.stem))
        for path in chosen.sample(there, min(len(there) // 3, chosen.choice((0, 1, 1, 2)))):
            path.unlink()
        if chosen.random() < 0.02:
            for path in chosen.sample(there := sorted(self._folder.iterdir()), len(there) // 3):
                path.unlink()
        while len(list(self._folder.iterdir())) < FILES // 2 or chosen.random() < 0.6:
            self._write(self._next)
            self._next += 1

    def step(self, index: Index) -> None:
        """One commit, of one kind or another."""
        chosen = self._chosen
        kind = chosen.random()
        if kind < 0.5:
            self.change()
            index.sync(str(self._folder), prune=True)
        elif kind < 0.995:
            numbers = {chosen.randrange(HOT), chosen.randrange(HOT), chosen.randrange(ADDED)}
            index.add(self._news.article(f"a{number}", 150) for number in sorted(numbers))
        else:
            article = self._news.article("gone", 150)
            index.add([article])
            index.forget("gone")


class Space(NamedTuple):
    """Bytes: of the whole folder, of the files of the newest generation, and of the same articles alone."""

    folder: int
    newest: int
    live: int


def _space(path: str, copy: str) -> Space:
    taken = sum(entry.stat().st_size for entry in os.scandir(path))
    with open_index(path) as index:
        newest = index.info().statistics.size
    shutil.copytree(path, copy)
    with open_index(copy, write=True) as index:
        index.compact()
        live = index.info().statistics.size
    shutil.rmtree(copy)
    return Space(taken, newest, live)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def _is_killed(path: str, step: Callable[[Index], None], after: float) -> bool:
    """Commit on and on in a process of its own that is killed after so many seconds."""
    child = os.fork()
    if not child:
        try:
            while True:
                with open_index(path, write=True) as index:
                    step(index)
        finally:
            os._exit(1)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.row("R9")
@pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="only Linux tells the open files of a process so"
)
def test_a_folder_stays_small_after_many_commits_and_kills(
    promise: Any, beside: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    chosen = promise.random
    path, copy = str(tmp_path / "index"), str(tmp_path / "copy")
    archive = Archive(tmp_path / "news", beside("news").News(chosen, words=20_000), chosen)
    with create_index(path) as index:
        index.sync(str(tmp_path / "news"))
    commits, kills = promise.cases(COMMITS), promise.cases(KILLS)
    sampled, orphans, killed = list[Space](), list[str](), 0
    writer, reader = open_index(path, write=True), open_index(path)
    descriptors = list[int]()
    for number in range(1, commits + 1):
        reader.search("drone")
        writer.search("drone")
        archive.step(writer)
        reader.close()
        # A reader has a descriptor for each file of its generation: they are counted where none is open.
        descriptors.append(_descriptors())
        reader = open_index(path)
        if number % (commits // kills) == 0:
            writer.close()
            killed += _is_killed(path, archive.step, chosen.uniform(0, 0.12))
            writer = open_index(path, write=True)
            archive.step(writer)
            orphans += writer.check()
        if number % (20 if promise.is_full else 5) == 0:
            sampled.append(_space(path, copy))
    writer.close()
    reader.close()
    most = max(sampled, key=lambda each: each.folder / each.live)
    own = max(each.newest / each.live for each in sampled)
    beyond = max(each.folder / each.newest for each in sampled)
    promise.notes(f"{commits:,} commits, {killed} kills, {sampled[-1].live / 1e6:.1f} MB live at the end")
    promise.notes(f"the folder takes {most.folder / most.live:.2f} times the live bytes at the most")
    promise.notes(f"the files of the newest generation {own:.2f} times the live bytes at the most")
    promise.notes(f"the folder {beyond:.2f} times the files of the newest generation at the most")
    if orphans:
        promise.notes(orphans[0])
    strayed = max(descriptors) - min(descriptors)
    promise.holds(killed, kills, "processes killed while they committed")
    promise.never(len(orphans), "sentences of `check` after the commit that follows a kill")
    promise.holds(int(strayed <= 2), 1, f"process within 2 descriptors of its beginning: {strayed}")
    small = sum(each.folder <= _MOST * each.live for each in sampled)
    promise.holds(small, len(sampled), f"samples within {_MOST} times the live bytes")
