"""The months of the year by their names in French and in English, and days some months apart."""

from __future__ import annotations

import calendar
import datetime as dt
import unicodedata
from typing import Final

FRENCH: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
ENGLISH: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_FOLDED: Final = tuple(
    unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode() for name in FRENCH
)


def month_of(name: str) -> int | None:
    """The number of a month by its name, or three letters or more of it, in lower case without accents."""
    found = [
        number
        for number, names in enumerate(zip(_FOLDED, ENGLISH, strict=True), 1)
        if len(name) >= 3 and any(full.startswith(name) for full in names)
    ]
    return found[0] if len(found) == 1 else None


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day so many months earlier, or the last of that month. Raises ValueError before the year 1."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < dt.MINYEAR:
        raise ValueError("no such year")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
