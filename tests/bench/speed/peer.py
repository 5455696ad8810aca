"""What a peer must be able to do to be measured, and what it is asked for."""

from __future__ import annotations

import os
import statistics
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

Kind = Literal["word", "and", "or", "phrase", "dated", "prefix"]

TITLE, BODY, TITLE_EXACT, BODY_EXACT = 3.0, 1.0, 0.9, 0.3
"""The weights of a word's four fields; newsearch's own parameters, as far as a peer can follow them."""

PAGE = 10
SNIPPET_CHARACTERS = 240


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, free of any engine: words as people type them, and for `dated` the first and the last day."""

    kind: Kind
    words: tuple[str, ...]
    start: str = ""
    end: str = ""

    @classmethod
    def of(cls, record: dict[str, Any]) -> Asked:
        """Read what JSON made of it."""
        return cls(record["kind"], tuple(record["words"]), record["start"], record["end"])


class Answer(NamedTuple):
    """The ids and scores of a page, and the number of all matches where it was asked for."""

    top: Sequence[tuple[str, float]]
    total: int | None


class Timing(NamedTuple):
    """Medians over the repetitions, in ms, of the whole process's CPU and of the clock on the wall."""

    cpu: float
    wall: float
    total: int | None


class UnsupportedError(Exception):
    """A peer has no such query."""


class Peer(ABC):
    """A search engine that is measured. Importing its module imports no library; making it does."""

    note = ""
    """What of it is not like the others, in a few words."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Its name and version."""

    def prepared(self, article: dict[str, str]) -> Any:
        """What its indexing begins with, from a record of the corpus."""
        return article

    def load(self, records: Iterable[dict[str, str]]) -> int:
        """Keep the articles in memory, parsed, and say how many."""
        self._articles = [self.prepared(record) for record in records]
        return len(self._articles)

    def build(self, index: str) -> None:
        """Index what was loaded, and forget it."""
        articles, self._articles = self._articles, []
        self.index(articles, index)

    @abstractmethod
    def index(self, articles: Iterable[Any], index: str) -> None:
        """Make the articles a committed, synced, searchable index in an empty folder."""

    @abstractmethod
    def open(self, index: str) -> None:
        """Open the index for what follows."""

    @abstractmethod
    def query(self, asked: Asked) -> Any:
        """The peer's own form of a query. Raises UnsupportedError."""

    @abstractmethod
    def search(self, query: Any, counted: bool) -> Answer:
        """The ten best articles, and the exact total where it is `counted`."""

    @abstractmethod
    def whole(self, typed: str) -> Sequence[Any]:
        """From what a user types, an And of words, to ten articles with highlighted snippets."""

    def forget(self, *, analysis: bool) -> None:  # noqa: B027 - most peers remember nothing
        """Forget what was remembered of the last query: postings always, its words if `analysis`."""

    def time_search(self, asked: Asked, warm: Asked, counted: bool, repeat: int) -> Timing:
        """Time a query, after another one that is not timed.

        Its words are analysed before: stemmed by the peers, expanded into groups of forms by newsearch.
        What a prefix stands for is found by the search.
        """
        self.search(self.query(warm), counted)
        query = self.query(asked)
        self.search(query, counted)
        patterns = asked.kind == "prefix"
        return _median(
            repeat, lambda: self.forget(analysis=patterns), lambda: self.search(query, counted).total
        )

    def time_whole(self, typed: str, warm: str, repeat: int) -> Timing:
        """Time a typed query, after another one that is not timed."""
        self.whole(warm)
        return _median(repeat, lambda: self.forget(analysis=True), lambda: len(self.whole(typed)))


def _median(repeat: int, before: Callable[[], None], run: Callable[[], int | None]) -> Timing:
    cpus, walls, total = [], [], None
    for _ in range(repeat):
        before()
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        total = run()
        cpus.append(time.process_time_ns() - cpu)
        walls.append(time.perf_counter_ns() - wall)
    return Timing(statistics.median(cpus) / 1e6, statistics.median(walls) / 1e6, total)


def synced(folder: str) -> None:
    """Make a peer's files last, where it does not do so itself."""
    for path in Path(folder).rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
