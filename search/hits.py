"""What a search answers: a page of hits, each with its snippets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .article import Span
from .engine import DateMatch
from .snippets import Marks, Snippet


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that meets the query. `score` is relative to the query; `title_spans` are the words
    of the title that match, as (start, end) in code points."""

    id: str
    path: str | None
    title: str
    date: Span | None
    date_match: DateMatch | None
    source: str | None
    url: str | None
    author: str | None
    score: float
    title_spans: Marks
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits and how the query was read.

    `total` counts all articles that match (`total_relation` "eq"), or that were seen before a limit
    cut in ("gte", with `partial`). `relaxed` tells that no article has all the words, and that these
    have some.
    """

    typed: str
    parsed: str
    notices: tuple[str, ...]
    total: int
    offset: int
    hits: tuple[Hit, ...]
    relaxed: bool
    took_ms: float
    total_relation: Literal["eq", "gte"] = "eq"
    partial: bool = False
