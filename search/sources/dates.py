"""The dates that files give -> spans. What cannot be read is told in a note, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Final

from ..article import Span, canonical_line
from ..french.analysis import fold
from ..messages import Message
from ..months import month_of

_ISO_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:?\d{2}.*")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(?:\d{2}){1,3}(?:\.\d+)?Z?)?")
_EPOCH: Final = re.compile(r"(1\d{9})(?:\d{3}|\.\d+)?")
"""Seconds or milliseconds since 1970, until 2033: ten digits that begin with 2 are a day and an hour."""

_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b.*")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})\b.*")
_IN_WORDS: Final = re.compile(r"(?:[a-z]+\.? )?(?:(\d{1,2})(?:er)? )?([a-z]+)\.? (\d{4})\b.*")
_IN_ENGLISH: Final = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b.*")


def read_date(text: str) -> Span:
    """Read a date as files write it; the day is the one that is written, whatever its time zone.

    ISO 8601 (with a time or not), `20240314`, `14/03/2024`, `2024/03/14`, `14 mars 2024`, `mars 2024`,
    `March 14, 2024`, RFC 5322, seconds since 1970. Raises ValueError for anything else.
    """
    text = canonical_line(text)
    if match := _ISO_TIME.fullmatch(text):
        return Span.parse(match[1])
    if match := _DAY_FIRST.fullmatch(text):
        return Span.of(int(match[3]), int(match[2]), int(match[1]))
    if match := _EPOCH.fullmatch(text):
        moment = dt.datetime.fromtimestamp(int(match[1]), dt.UTC)
        return Span.of(moment.year, moment.month, moment.day)
    if match := _COMPACT.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return Span.of(*(int(part) for part in match.groups()))
    folded = " ".join(map(fold, text.lower().split()))
    if match := _IN_ENGLISH.fullmatch(folded):
        return Span.of(int(match[3]), _month(match[1]), int(match[2]))
    if match := _IN_WORDS.fullmatch(folded):
        return Span.of(int(match[3]), _month(match[2]), int(match[1]) if match[1] else None)
    if "," in text or ":" in text:
        try:
            written = parsedate_to_datetime(text)
        except (ValueError, IndexError, OverflowError) as error:
            raise ValueError(Message("“{text}” is not a date", text=text[:40])) from error
        return Span.of(written.year, written.month, written.day)
    return Span.parse(text)


def first_date(texts: Sequence[str]) -> tuple[Span | None, tuple[str, ...]]:
    """The span of the first date that can be read; where none can, a note that says so."""
    for text in texts:
        try:
            return read_date(text), ()
        except ValueError:
            continue
    if not texts:
        return None, ()
    told = texts[0].strip()[:40]
    return None, (Message("its date “{date}” cannot be read: indexed without a date", date=told),)


def _month(name: str) -> int:
    """The number of a month by its name or the beginning of it."""
    month = month_of(name)
    if month is None:
        raise ValueError(Message("“{name}” is no month", name=name))
    return month
