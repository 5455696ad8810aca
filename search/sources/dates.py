"""The dates that files give -> spans. What cannot be read is told in a note, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import Final

from ..article import Span

_ISO_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:?\d{2}.*")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?\d{4,6}.*)?")
_EPOCH: Final = re.compile(r"(\d{10})(?:\d{3}|\.\d+)?")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b.*")


def read_date(text: str) -> Span:
    """Read ISO 8601 (with a time or not), `20240314`, `14/03/2024`, RFC 5322, or seconds since 1970.

    The day is the one that is written, whatever its time zone. Raises ValueError for anything else.
    """
    text = text.strip()
    if match := _ISO_TIME.fullmatch(text):
        return Span.parse(match[1])
    if match := _DAY_FIRST.fullmatch(text):
        return Span.of(int(match[3]), int(match[2]), int(match[1]))
    if match := _EPOCH.fullmatch(text):
        moment = dt.datetime.fromtimestamp(int(match[1]), dt.UTC)
        return Span.of(moment.year, moment.month, moment.day)
    if match := _COMPACT.fullmatch(text):
        return Span.of(*(int(part) for part in match.groups()))
    if "," in text or ":" in text:
        try:
            written = parsedate_to_datetime(text)
        except (ValueError, IndexError, OverflowError) as error:
            raise ValueError(f"{text[:40]!r} is not a date") from error
        return Span.of(written.year, written.month, written.day)
    return Span.parse(text)


def date_or_note(text: str | None) -> tuple[Span | None, tuple[str, ...]]:
    """The span of a date as given, or None and a note that says why."""
    if not text or not text.strip():
        return None, ()
    try:
        return read_date(text), ()
    except ValueError:
        return None, (f"its date {text.strip()[:40]!r} cannot be read: indexed without a date",)
