"""Peers, a corpus and queries -> what each peer took: indexed one after another, asked in turns."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .corpus import Corpus
from .folders import emptied, size_of
from .processes import Peak, PeerEndedError, PeerFailedError, Worker, cpu_seconds
from .queries import Drawn

_REPEAT = 5
US = "newsearch"


@dataclass(frozen=True, slots=True)
class Entrant:
    """A peer by its name, the module that knows it, what that is told; newsearch perhaps from a checkout."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    checkout: Path | None = None


@dataclass(slots=True)
class Standings:
    """What was measured so far: values by measure and peer, in the order of measuring."""

    corpus: Corpus
    queries: int = 0
    values: defaultdict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    versions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    gaps: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    single: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def record(self) -> dict[str, Any]:
        """All of it, for JSON."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**told, "corpus": {**self.corpus._asdict(), "path": str(self.corpus.path)}}


class Contest:
    """Some peers over one corpus."""

    def __init__(self, entrants: Sequence[Entrant], corpus: Corpus, work: Path, seed: int) -> None:
        self.standings = Standings(corpus)
        self._entrants = entrants
        self._work = work
        self._random = random.Random(seed)

    def run(self, drawn: Drawn) -> None:
        """Index, then search; what was measured stands in `standings`, however it ends."""
        self.standings.queries = len(drawn.typed)
        for entrant in self._random.sample(self._entrants, len(self._entrants)):
            try:
                self._index(entrant)
            except PeerFailedError as error:
                self._leave_out(entrant.name, error)
        with ExitStack() as stack:
            workers: dict[str, Worker] = {}
            for entrant in self._entrants:
                if entrant.name not in self.standings.absent:
                    worker = stack.enter_context(self._worker(entrant))
                    try:
                        worker.ask("open", index=str(self.folder(entrant.name)))
                        workers[entrant.name] = worker
                    except PeerFailedError as error:
                        self._leave_out(entrant.name, error)
            for name, queries in drawn.classes.items():
                asked = [asdict(query) for query in queries]
                for counted in (False, True):
                    label = f"{name}, {'top 10 and total' if counted else 'top 10'}"
                    self._take_turns(workers, "search", label, asked, {"counted": counted})
            self._take_turns(workers, "whole", "whole query", drawn.typed, {})

    def peak(self, entrant: Entrant) -> None:
        """Index once more, straight from the file, and see how much memory that takes."""
        tell(f"{entrant.name}: peak of memory")
        corpus = self.standings.corpus
        index = emptied(self.folder(f"{entrant.name}-stream"))
        try:
            with self._worker(entrant) as worker:
                worker.ask("describe")  # so that its imports are there
                peak = Peak(worker.pid)
                peak.start()
                worker.ask("stream", corpus=str(corpus.path), articles=corpus.articles, index=str(index))
                self.standings.values["indexing, peak of memory (MB)"][entrant.name] = peak.stop() / 1e6
        except PeerFailedError as error:
            self.standings.gaps[entrant.name].append(f"peak of memory: {error}")

    def _index(self, entrant: Entrant) -> None:
        tell(f"{entrant.name}: indexing {self.standings.corpus.articles:,} articles")
        corpus, values = self.standings.corpus, self.standings.values
        with self._worker(entrant) as worker:
            told = worker.ask("describe")
            self.standings.versions[entrant.name] = told["version"]
            self.standings.notes[entrant.name] = told["note"]
            worker.ask("load", corpus=str(corpus.path), articles=corpus.articles)
            folder = emptied(self.folder(entrant.name))
            cpu, wall = cpu_seconds(worker.pid), time.perf_counter()
            worker.ask("build", index=str(folder))
            wall, cpu = time.perf_counter() - wall, cpu_seconds(worker.pid) - cpu
        values["indexing, CPU (s)"][entrant.name] = cpu
        values["indexing, wall (s)"][entrant.name] = wall
        values["index / text (bytes)"][entrant.name] = size_of(folder) / corpus.bytes

    def _take_turns(
        self,
        workers: dict[str, Worker],
        do: str,
        label: str,
        asked: Sequence[Any],
        options: Mapping[str, Any],
    ) -> None:
        """Ask every query of all peers in a random order; each is warmed up by the query before."""
        if not asked:
            return
        tell(label)
        taken: defaultdict[str, list[float]] = defaultdict(list)
        names = [name for name in workers if name not in self.standings.absent]
        for number, query in enumerate(asked):
            for name in self._random.sample(names, len(names)):
                request = {"asked": query, "warm": asked[number - 1], "repeat": _REPEAT, **options}
                try:
                    answer = workers[name].ask(do, **request)
                except PeerEndedError as error:
                    names.remove(name)
                    self._leave_out(name, error)
                except PeerFailedError as error:
                    names.remove(name)
                    self.standings.gaps[name].append(f"{label}: {error}")
                else:
                    if "unsupported" in answer:
                        names.remove(name)
                    else:
                        taken[name].append(answer["cpu"])
                        self.standings.single[label].append({"peer": name, "query": query, **answer})
        for name in names:  # who answered all
            times = taken[name]
            self.standings.values[f"{label}, p50 (ms)"][name] = statistics.median(times)
            self.standings.values[f"{label}, p95 (ms)"][name] = _ninety_fifth(times)

    def _leave_out(self, name: str, error: PeerFailedError) -> None:
        tell(f"{name}: {error}")
        self.standings.absent[name] = str(error)

    def _worker(self, entrant: Entrant) -> Worker:
        log = self.folder(entrant.name).with_suffix(".log")
        return Worker(entrant.module, *entrant.arguments, log=log, checkout=entrant.checkout)

    def folder(self, name: str) -> Path:
        """Where a peer's index is."""
        return self._work / f"index-{self.standings.corpus.articles}-{name}"


def _ninety_fifth(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


def tell(what: str) -> None:
    """Say on stderr what is being done."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
