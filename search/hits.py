"""What a search answers: a page of hits, each with its snippets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .article import Span
from .engine import DateMatch
from .snippets import Marks, Snippet


@dataclass(frozen=True, slots=True)
class FormReading:
    """A form that a part of a query stands for: its weight, whether it satisfies the part or ranks only, and
    in how many articles it stands."""

    form: str
    weight: float
    matches: bool
    articles: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a part of a query stands for; `complete` unless the archive has too many such forms."""

    part: str
    classes: tuple[str, ...]
    forms: tuple[FormReading, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A form of a part of the query that stands in a field of an article: how often, and its weight.

    The weight is 0 in a field that is met or not and ranks nothing."""

    part: str
    field: str
    form: str
    times: int
    weight: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Words of the archive that may have been meant by one that stands in few articles or none."""

    word: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that meets the query. `score` is relative to the query; `title_spans` are the words
    of the title that match, as (start, end) in code points; `reasons` say why it matches, where asked for."""

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
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits and how the query was read.

    `total` counts all articles that match (`total_relation` "eq"), or that were seen before a limit
    cut in ("gte", with `partial` or a notice). `relaxed` tells that no article has all the words, and that
    these have some. `reading` is what each part stands for, where asked for.
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
    suggestions: tuple[Suggestion, ...] = ()
    reading: tuple[Reading, ...] = ()
