"""What stands after `date:`, `since:` or `before:` -> an interval of days."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, Literal

from ..article import Span
from .tree import Dated

DateField = Literal["date", "since", "before"]

ACCEPTED: Final = "2024, 2024-03, 2024-03-14, 14/03/2024, 2024-03..2024-06, ..2023 and 2023.. can be read"
_DAY_FIRST: Final = re.compile(r"(?:(\d{1,2})/)?(\d{1,2})/(\d{4})")


def interval(field: DateField, text: str) -> Dated:
    """The days that the value of a date field covers. Raises ValueError with a sentence."""
    if field == "since":
        return Dated(_span(text).start, None)
    if field == "before":
        return Dated(None, _span(text).start - dt.timedelta(days=1))
    first, dots, last = text.partition("..")
    if not dots:
        span = _span(text)
        return Dated(span.start, span.end)
    if not first and not last:
        raise ValueError("this range has no beginning and no end")
    start = _span(first).start if first else None
    end = _span(last).end if last else None
    if start and end and start > end:
        raise ValueError(f"this range ends ({last}) before it begins ({first})")
    return Dated(start, end)


def _span(text: str) -> Span:
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
        return Span.of(int(year), int(month), int(day) if day else None)
    if not re.fullmatch(r"[\d-]+", text):
        raise ValueError(f"“{text}” cannot be read as a date yet")
    return Span.parse(text)
