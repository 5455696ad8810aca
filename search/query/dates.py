"""What stands after `date:`, `since:` or `before:` -> an interval of days.

    2024   2024-03   2024-03-14   03/2024   14/03/2024        a year, a month, a day
    mars 2024   14 mars 2024   March 14, 2024                 the same in words
    hier   avant-hier   lundi   semaine dernière   this year  relative to today
    3m   il y a 3 mois   3 months ago                         a day so long ago: j d, s w, m, a y
    A..B   A..   ..B   du A au B   from A to B                from one to the other, both included
    3 derniers mois   last 3 months                           up to today

Words may be parted by hyphens, which need no quotes: `date:semaine-dernière`.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from typing import Final, Literal, NamedTuple

from ..article import Span
from ..errors import UsageError
from ..french.analysis import fold
from ..messages import Message
from ..months import month_of, months_before
from .tree import Dated

DateField = Literal["date", "since", "before"]

ACCEPTED: Final = Message(
    "2024, 2024-03, 14/03/2024, 2024-03..2024-06, ..2023, 3m.. and, in quotes, “14 mars 2024” can be read"
)
TODAY: Final = "NEWSEARCH_TODAY"
"""The variable that says which day is today."""

_DAY_FIRST: Final = re.compile(r"(?:(\d{1,2})[/.-])?(\d{1,2})[/.-](\d{4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})|(\d{4})(\d\d)(\d\d)")
_AGO: Final = re.compile(r"(\d{1,4}) ?([a-z]+)")
_AGO_IN_WORDS: Final = re.compile(r"il y a (.+)|(.+) ago")
_SINCE: Final = re.compile(r"(?:depuis|since) (.+)")
_UP_TO_TODAY: Final = re.compile(
    r"(?:les |ces |the )?(?:(?:last|past) (\d+)|(\d+) derni(?:er|ere)s|derni(?:er|ere)s (\d+)) ([a-z]+)"
)
_LAST: Final = re.compile(
    r"(?:the )?(?:last|past) (\w+)|(?:l |la |le )?(\w+) (?:derniere?|passee?)|dernier (\w+)"
)
_THIS: Final = re.compile(r"(?:this|ce|cet|cette) (\w+?)(?: ci)?")
_FROM_TO: Final = re.compile(
    r"(?:(?:du|de|from|entre|between|depuis|since) )?(.+?)"
    r" (?:au|a|to|until|jusqu au|jusqu a|et|and|-) (?:le |la )?(.+)"
)
_DAYS_OF_MONTH: Final = re.compile(r"(\d{1,2}) (\d{1,2} [a-z]{3,}\.? \d{4})")
_MONTHS_OF_YEAR: Final = re.compile(r"([a-z]{3,}) ([a-z]{3,} \d{4})")
_DAY_MONTH: Final = re.compile(r"(?:(\d{1,2})(?:er|st|nd|rd|th)? (?:of )?)?([a-z]{3,})\.? (\d{4})")
_MONTH_DAY: Final = re.compile(r"([a-z]{3,})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_ARTICLE: Final = re.compile(r"(?:en|le|la|in|on|l|annee|l annee|year) (?=\w)")

_NUMBERS: Final = {
    name: str(number)
    for names in (
        ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    )
    for number, name in enumerate(names, 1)
} | {"une": "1", "a": "1", "an": "1"}
"""`a` and `an` only before `ago`: they are months and years in French."""

_COUNTED: Final = re.compile(rf"\b(?:{'|'.join(name for name in _NUMBERS if len(name) > 2)})\b")

_DAYS_AGO: Final = {
    **dict.fromkeys(("aujourd hui", "today"), 0),
    **dict.fromkeys(("hier", "yesterday"), 1),
    **dict.fromkeys(("avant hier", "day before yesterday"), 2),
}
_UNITS: Final = {
    **dict.fromkeys(("j", "d", "jour", "jours", "day", "days"), "day"),
    **dict.fromkeys(("s", "w", "sem", "semaine", "semaines", "week", "weeks"), "week"),
    **dict.fromkeys(("m", "mois", "month", "months"), "month"),
    **dict.fromkeys(("a", "y", "an", "ans", "annee", "annees", "year", "years"), "year"),
}
_WEEKDAYS: Final = {
    name: number
    for names in (
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    )
    for number, name in enumerate(names)
}


class _Days(NamedTuple):
    """The days from `start` to `end`, both in it."""

    start: dt.date
    end: dt.date


def today() -> dt.date:
    """The day that relative dates count from: local time's, or NEWSEARCH_TODAY's. Raises UsageError."""
    told = os.environ.get(TODAY)
    if not told:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(told)
    except ValueError as error:
        raise UsageError(
            Message("{name} is “{text}”, which is no day such as 2024-03-14.", name=TODAY, text=told)
        ) from error


def interval(field: DateField, text: str) -> Dated:
    """The days that the value of a date field covers.

    Raises ValueError with a Message, or UsageError where today is not known.
    """
    folded = " ".join(map(fold, text.lower().split()))
    parts = folded.split("..", 1)
    if field != "date":
        days = _days(folded.removesuffix("..") if field == "since" else folded, text)
        return Dated(days.start, None) if field == "since" else Dated(None, days.start - dt.timedelta(1))
    if len(parts) == 1:
        if re.fullmatch(_AGO, folded) and _UNITS.get(folded.lstrip("0123456789 ")):
            raise ValueError(
                Message(
                    "“{text}” is a beginning: {text}.. is the time since then, ..{text} that before",
                    text=text,
                )
            )
        return _in_words(folded, text)
    first, last = (part.strip() for part in parts)
    if not first and not last:
        raise ValueError(Message("this range has no beginning and no end"))
    start = _days(first, first).start if first else None
    return _from_to(start, _days(last, last).end if last else None, first, last)


def _in_words(text: str, typed: str) -> Dated:
    """A range in words, or one date."""
    words = _in_plain_words(text)
    if match := _UP_TO_TODAY.fullmatch(_COUNTED.sub(lambda number: _NUMBERS[number[0]], words)):
        start = _ago(int(match[1] or match[2] or match[3]), match[4])
        if start:
            return Dated(start, today())
    ranges = (_FROM_TO.fullmatch(words), _DAYS_OF_MONTH.fullmatch(words), _MONTHS_OF_YEAR.fullmatch(words))
    for match in filter(None, ranges):
        found = _range(*match.groups())
        if found:
            return found
    if match := _SINCE.fullmatch(words):
        return Dated(_days(match[1], typed).start, None)
    return Dated(*_days(text, typed))


def _range(first: str, last: str) -> Dated | None:
    """From the one to the other; the first takes from the last what it lacks: `du 3 au 14 mars 2024`."""
    end = _known(last)
    if end is None:
        return None
    rest = last.split()[1:]
    filled = [f"{first} {' '.join(rest[cut:])}" for cut in reversed(range(len(rest)))]
    for said in (first, *filled, f"{first} {end.end.year}"):
        start = _known(said)
        if start is None:
            continue
        if start.start > end.end and said != first:
            # `du 28 décembre au 3 janvier 2018` begins in the year before.
            start = _Days(months_before(start.start, 12), start.end)
        return _from_to(start.start, end.end, said, last)
    return None


def _known(text: str) -> _Days | None:
    try:
        return _days(text, text)
    except ValueError:
        return None


def _from_to(start: dt.date | None, end: dt.date | None, first: str, last: str) -> Dated:
    if start and end and start > end:
        raise ValueError(
            Message("this range ends ({last}) before it begins ({first})", first=first, last=last)
        )
    return Dated(start, end)


def _days(text: str, typed: str) -> _Days:
    """The days that one date names. Raises ValueError with a Message."""
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
        return _of(Span.of(int(year), int(month), int(day) if day else None))
    if match := _YEAR_FIRST.fullmatch(text):
        return _of(Span.of(*(int(part) for part in match.groups() if part)))
    if re.fullmatch(r"[\d-]+", text):
        return _of(Span.parse(text))
    words = _in_plain_words(text)
    plain = _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words
    if re.fullmatch(r"\d{4}", plain):
        return _of(Span.parse(plain))
    found = _calendar_date(words) or _calendar_date(plain) or _relative(words)
    if found is None:
        if any(map(month_of, plain.split()[-1:])):
            raise ValueError(Message("“{text}” has no year", text=typed))
        raise ValueError(Message("“{text}” cannot be read as a date", text=typed))
    return found


def _in_plain_words(text: str) -> str:
    return " ".join(re.split(r"[\s_'’-]+", text)).replace(",", "").strip()


def _of(span: Span) -> _Days:
    return _Days(span.start, span.end)


def _calendar_date(words: str) -> _Days | None:
    """`14 mars 2024`, `mars 2024`, `March 14 2024`, a weekday before it or not."""
    weekday, _, rest = words.partition(" ")
    if weekday in _WEEKDAYS and rest:
        words = rest
    if match := _DAY_MONTH.fullmatch(words):
        day, name, year = match.groups()
    elif match := _MONTH_DAY.fullmatch(words):
        name, day, year = match.groups()
    else:
        return None
    month = month_of(name)
    if month is None:
        return None
    found = _of(Span.of(int(year), month, int(day) if day else None))
    if weekday in _WEEKDAYS and day and found.start.weekday() != _WEEKDAYS[weekday]:
        raise ValueError(Message("{day} is no {weekday}", day=found.start, weekday=weekday))
    return found


def _relative(words: str) -> _Days | None:
    """A date by how far it is from today."""
    if words in _DAYS_AGO:
        day = today() - dt.timedelta(_DAYS_AGO[words])
        return _Days(day, day)
    told = _AGO_IN_WORDS.fullmatch(words)
    number, _, unit = ((told[1] or told[2]) if told else words).partition(" ")
    if told and number in _NUMBERS:
        words = f"{_NUMBERS[number]} {unit}"
    elif told:
        words = f"{number} {unit}".strip()
    if match := _AGO.fullmatch(words):
        day_then = _ago(int(match[1]), match[2])
        return _Days(day_then, day_then) if day_then else None
    last, this = _LAST.fullmatch(words), _THIS.fullmatch(words)
    name = (last[1] or last[2] or last[3]) if last else this[1] if this else words
    if name in _WEEKDAYS and not this:
        day = today() - dt.timedelta((today().weekday() - _WEEKDAYS[name] - 1) % 7 + 1)
        return _Days(day, day)
    unit = _UNITS.get(name) if last or this else None
    return _whole(unit, today() if this else _before(1, unit)) if unit else None


def _ago(count: int, unit_name: str) -> dt.date | None:
    unit = _UNITS.get(unit_name)
    return _before(count, unit) if unit else None


def _before(count: int, unit: str) -> dt.date:
    """The day so many units before today."""
    try:
        if unit in ("day", "week"):
            day = today() - dt.timedelta(count * (7 if unit == "week" else 1))
        else:
            day = months_before(today(), count * (12 if unit == "year" else 1))
    except (ValueError, OverflowError) as error:
        raise ValueError(Message("no calendar goes so far back")) from error
    # The year as well as the day: what no article can bear is refused as if it had been typed.
    return Span.of(day.year, day.month, day.day).start


def _whole(unit: str, day: dt.date) -> _Days:
    """The week from Monday on, the month or the year that a day is in."""
    if unit == "day":
        return _Days(day, day)
    if unit == "week":
        monday = day - dt.timedelta(day.weekday())
        return _Days(monday, monday + dt.timedelta(6))
    return _of(Span.of(day.year, day.month if unit == "month" else None))
