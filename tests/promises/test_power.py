"""R2: the power goes at any moment of a commit, and of what was not synced any part is on the disk."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from search import Article, Index, NoIndexError, create_index, open_index
from search.engines.whoosh.columnar import writer

pytest.importorskip("fcntl", reason="the calls of a lock are seen where it is a POSIX one")

CUTS = 1_000
CUT_BEGINNINGS = 200
NEXT = Article("next", "Un titre", "Une suite inédite.")


@pytest.fixture(autouse=True)
def merging(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commits of a few articles merge segments, as those of many do."""
    monkeypatch.setattr(writer, "_SMALL", 1)


@dataclass(frozen=True, slots=True)
class Run:
    """Commits in a folder: its files before, what changed the disk, how much of that there was when each
    returned, and what the index said before the first and after each."""

    folder: str
    before: dict[str, bytes]
    calls: Sequence[Any]
    returned: Sequence[int]
    states: Sequence[Any]

    def points(self, number: int, chosen: random.Random) -> list[int]:
        """Moments in order, by the number of calls made: behind each kind of call as often."""
        kinds: dict[str, list[int]] = {}
        for made, call in enumerate(self.calls, 1):
            kinds.setdefault(call.name, []).append(made)
        named = [behind for _, behind in sorted(kinds.items())]
        return sorted(chosen.choice(chosen.choice(named)) for _ in range(number))

    def committed(self, point: int) -> int:
        """How many commits had returned."""
        return sum(made <= point for made in self.returned)

    def cuts(
        self, number: int, chosen: random.Random, disk: ModuleType
    ) -> Iterator[tuple[int, dict[str, bytes]]]:
        """Moments, and the files that are there once the power is back."""
        power, seen = disk.Power(self.folder, self.before), 0
        for point in self.points(number, chosen):
            for call in self.calls[seen:point]:
                power.see(call)
            seen = point
            yield point, power.cut(chosen)


@pytest.fixture(scope="module")
def archive(
    beside: Callable[[str], ModuleType], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Any]:
    """Makes an archive that a seed decides."""

    def make(chosen: random.Random) -> Any:
        news = beside("news").News(chosen, words=300)
        return beside("changes").made(tmp_path_factory.mktemp("archive") / "archive", news, chosen)

    return make


def _run(disk: ModuleType, archive: Any, path: str, steps: Sequence[Callable[[Index], object]]) -> Run:
    """Make commits in a copy, and keep all that they call."""
    shutil.copytree(archive.path, path)
    before, returned, states = disk.files(path), [], [archive.said(path)]
    with open_index(path, write=True) as index, disk.Disk(path) as seen:
        for step in steps:
            step(index)
            returned.append(len(seen.changes()))
            states.append(archive.said(path))
    shutil.rmtree(path)
    assert all(one != other for one, other in pairwise(states))
    return Run(path, before, seen.changes(), returned, states)


@pytest.mark.row("R2")
def test_a_power_cut_leaves_all_that_was_acknowledged(
    promise: Any, archive: Callable[..., Any], beside: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    chosen, disk = promise.random, beside("disk")
    made = archive(chosen)
    sync, add = made.changes["sync"], made.changes["add"]
    copy = str(tmp_path / "copy")
    runs = {
        "sync": _run(disk, made, copy, [sync]),
        "add": _run(disk, made, copy, [add]),
        "three": _run(disk, made, copy, [add, lambda index: index.forget("a5"), sync]),
    }
    total = promise.cases(CUTS)
    shares = {"sync": total // 3, "add": total // 3, "three": total - 2 * (total // 3)}
    counts: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    failures: list[str] = []
    for name, run in runs.items():
        for case, (point, content) in enumerate(run.cuts(shares[name], chosen, disk)):
            path = str(tmp_path / f"{name}-{case}")
            disk.restored(path, content)
            done = run.committed(point)
            try:
                counts.update(_found(made, path, run.states[done : done + 2]))
            except Exception as error:  # noqa: BLE001  # whatever the next one meets is what this counts
                failures.append(f"{name}, call {point}: {type(error).__name__}: {error}")
            changed[run.calls[point - 1].name] += 1
            shutil.rmtree(path)
    promise.notes(f"{sum(len(run.calls) for run in runs.values())} calls of five commits change the disk")
    promise.notes("behind " + ", ".join(f"{times} {name}" for name, times in changed.most_common()))
    for failure in [*failures, *(each for each in counts if "." in each)][:3]:
        promise.notes(failure)
    newer = f", {counts['newer']} of them a commit later than was acknowledged"
    promise.holds(counts["right"], total, f"folders open at the old or the new generation{newer}")
    promise.holds(counts["went on"], total, "next commits made, and sound")
    promise.holds(counts["sound"], total, "folders sound, but for files of no commit")
    assert 0 < counts["newer"] < total


def _found(archive: Any, path: str, allowed: Sequence[Any]) -> Iterator[str]:
    """What holds of a folder after a power cut."""
    found = archive.said(path)
    if found in allowed and not found.damage:
        yield "right"
        if found != allowed[0]:
            yield "newer"
    with open_index(path) as index:
        problems = [each for each in index.check() if "belongs to no commit" not in each]
    yield from problems or ["sound"]
    with open_index(path, write=True) as index:
        index.add([NEXT])
        problems = index.check()
        held = {article.id: article for article in index.articles()}
        asked = [hit.id for hit in index.search("inédite", variants=False).hits]
    if not problems and asked == ["next"] and held == {**found.articles, "next": NEXT}:
        yield "went on"


@pytest.mark.row("R2")
def test_a_power_cut_in_the_making_of_an_index_is_no_damage(
    promise: Any, beside: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    chosen, disk = promise.random, beside("disk")
    first = str(tmp_path / "first")
    os.mkdir(first)
    with disk.Disk(first) as seen, create_index(first) as index:
        made = len(seen.changes())
        index.add([NEXT])
        returned = [made, len(seen.changes())]
    run = Run(first, {}, seen.changes(), returned, [])
    total = promise.cases(CUT_BEGINNINGS)
    opened = went_on = unmade = 0
    failures: list[str] = []
    for case, (point, content) in enumerate(run.cuts(total, chosen, disk)):
        path = str(tmp_path / str(case))
        disk.restored(path, content)
        done = run.committed(point)
        try:
            with open_index(path) as index:
                held = [article.id for article in index.articles()]
                opened += held in ([["next"]] if done == 2 else [[], ["next"]] if done else [[]])
        except NoIndexError:
            opened += done == 0
            unmade += 1
        except Exception as error:  # noqa: BLE001  # whatever the next one meets is what this counts
            failures.append(f"call {point}: {type(error).__name__}: {error}")
        with contextlib.suppress(Exception), _opened_or_made(path) as index:
            index.add([NEXT])
            went_on += [article.id for article in index.articles()] == ["next"] and index.check() == []
        shutil.rmtree(path)
    for failure in failures[:3]:
        promise.notes(failure)
    promise.holds(opened, total, f"power cuts in the making of an index left it, or none, {unmade}")
    promise.holds(went_on, total, "such folders taken for an index by the next commit")


def _opened_or_made(path: str) -> Index:
    """What `newsearch index` does."""
    try:
        return open_index(path, write=True)
    except NoIndexError:
        return create_index(path)
