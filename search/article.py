"""The article, as every part of newsearch knows it, and the interval that is its date."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from .limits import YEARS
from .messages import Message

Precision = Literal["day", "month", "year"]

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Span:
    """A date known to the day, the month or the year, as the days from `start` to `end`, both in it."""

    start: dt.date
    end: dt.date
    precision: Precision

    @classmethod
    def of(cls, year: int, month: int | None = None, day: int | None = None) -> Span:
        """The span of a year, a month or a day. Raises ValueError for a date that does not exist."""
        if not YEARS[0] <= year <= YEARS[1]:
            first_year, last_year = map(str, YEARS)
            raise ValueError(
                Message(
                    "the year {year} is not between {first} and {last}",
                    year=str(year),
                    first=first_year,
                    last=last_year,
                )
            )
        if month is None:
            return cls(dt.date(year, 1, 1), dt.date(year, 12, 31), "year")
        last = _days(year, month) if 1 <= month <= 12 else 0
        if not 1 <= (day or 1) <= last or day == 0:
            raise ValueError(
                Message("there is no day {day} in the month {month}", day=str(day), month=cls.of(year, month))
                if last
                else Message("there is no month {month}", month=str(month))
            )
        if day is None:
            first = dt.date(year, month, 1)
            return cls(first, first.replace(day=last), "month")
        exact = dt.date(year, month, day)
        return cls(exact, exact, "day")

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Raises ValueError for anything else."""
        match = _ISO.fullmatch(text.strip())
        if not match:
            raise ValueError(Message("“{text}” is not YYYY, YYYY-MM or YYYY-MM-DD", text=text))
        return cls.of(*(int(part) for part in match.groups() if part))

    def __str__(self) -> str:
        """The shortest ISO form that says as much: `2024`, `2024-03` or `2024-03-14`."""
        return self.start.isoformat()[: {"year": 4, "month": 7, "day": 10}[self.precision]]


def _days(year: int, month: int) -> int:
    """How many days a month has."""
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return (following - dt.timedelta(days=1)).day


@dataclass(frozen=True, slots=True)
class Article:
    """One article, with its text in the canonical form of `canonical`.

    `id` is unique in an index. `path` is where it came from, as a person would type it, or None
    for an article that a program added. The body has paragraphs set apart by one blank line.
    """

    id: str
    title: str
    body: str
    date: Span | None = None
    path: str | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    section: str | None = None
    language: str | None = None

    def content_hash(self) -> str:
        """32 hexadecimal digits over all that the article says; where it was found does not count."""
        told = (
            self.title,
            self.body,
            str(self.date or ""),
            self.source,
            self.url,
            self.author,
            self.section,
            self.language,
        )
        digest = hashlib.blake2b(digest_size=16)
        for part in told:
            data = (part or "").encode()
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.hexdigest()


_LINE_ENDS: Final = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NO_TEXT: Final = re.compile(r"[\x00\ud800-\udfff]")
_TRAILING: Final = re.compile(r"(?<![^\S\n])[^\S\n]+$", re.MULTILINE)
_BLANK_RUN: Final = re.compile(r"\n{3,}")
_NO_WORD_RUN: Final = re.compile(r"[^\x00-\u02ff\w\s]{31,}")


def canonical(text: str) -> str:
    """Text in NFC with LF line ends and no more than one blank line in a row, without blank ends.

    A NUL or a lone surrogate becomes U+FFFD, and more than 30 combining marks in a row, which no
    language has and normalisation would be slow over, are cut (UAX #15, Stream-Safe Text Format).
    """
    text = _NO_TEXT.sub("\ufffd", unicodedata.normalize("NFC", _NO_WORD_RUN.sub(_with_few_marks, text)))
    text = _TRAILING.sub("", _LINE_ENDS.sub("\n", text.replace("\ufeff", "")))
    return _BLANK_RUN.sub("\n\n", text).strip("\n")


def _with_few_marks(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= 30:
            kept.append(character)
    return "".join(kept)


def canonical_line(text: str) -> str:
    """Text for a field of one line: canonical, with every run of white space as one space."""
    return " ".join(canonical(text).split())
