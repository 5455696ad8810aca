"""A sentence for people, which knows how it was made -> the same sentence in their language.

A `Message` is its English text: whoever keeps it, compares it or writes it as JSON need know no more.
Whoever prints it for a person calls `translated`. The catalogues are gettext's, in `search/locale/`
(`make_catalogue.py` there collects the sentences and compiles the translations).
"""

from __future__ import annotations

import datetime as dt
import gettext
import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal, Protocol, get_args

from .months import FRENCH

Language = Literal["en", "fr"]
LANGUAGES: Final = get_args(Language)
LOCALE: Final = os.path.join(os.path.dirname(__file__), "locale")


class DateSpan(Protocol):
    """A date known to the day, the month or the year, as `article.Span` is."""

    @property
    def start(self) -> dt.date: ...  # noqa: D102  # its first day
    @property
    def precision(self) -> str: ...  # noqa: D102  # "day", "month" or "year"


Value = str | int | float | dt.date | DateSpan | tuple["Value", ...]
"""What a sentence may be filled with: numbers, dates and lists are written as the language does."""

_FIELD: Final = re.compile(r"\{(\w+)\}")
_THIN_SPACE: Final = "\u202f"


class Message(str):
    """An English sentence made of a template with `{names}` and values: `Message("{n} files", n=3)`.

    With a second template, the first is for a `count` of one, the second for all others.
    """

    __slots__ = ("plural", "template", "values")
    template: str
    plural: str | None
    values: Mapping[str, Value]

    def __new__(cls, template: str, plural: str | None = None, /, **values: Value) -> Message:  # noqa: D102
        chosen = template if plural is None or values["count"] == 1 else plural
        self = super().__new__(cls, _filled(chosen, values, "en"))
        self.template, self.plural, self.values = template, plural, values
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str, ...], dict[str, Value]]:
        """What a copy is made of."""
        templates = (self.template,) if self.plural is None else (self.template, self.plural)
        return templates, dict(self.values)


def translated(text: str, language: Language) -> str:
    """A message in this language; any other text as it is."""
    if language == "en" or not isinstance(text, Message):
        return str(text)
    catalogue = _catalogue(language)
    if text.plural is None:
        template = catalogue.gettext(text.template) if text.template else ""
    else:
        count = text.values["count"]
        assert isinstance(count, int), "plurals are chosen by a number"
        template = catalogue.ngettext(text.template, text.plural, count)
    return _filled(template, text.values, language)


def preferred_language(chosen: str | None = None) -> Language:
    """The language that was chosen (`fr`, `fr_FR.UTF-8` ...), else that of NEWSEARCH_LANG or of the locale.

    English is the language of whoever has none, or one that is not spoken here.
    """
    names = (chosen, *(os.environ.get(n) for n in ("NEWSEARCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG")))
    name = next((name for name in names if name), "")
    return "fr" if re.match(r"(?i)fr(?![a-z])", name) else "en"


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation("newsearch", LOCALE, [language])


def _filled(template: str, values: Mapping[str, Value], language: Language) -> str:
    return _FIELD.sub(lambda field: _written(values[field[1]], language), template)


def _written(value: Value, language: Language) -> str:
    """A value as the language writes it."""
    match value:
        case str():
            return translated(value, language)
        case bool():
            raise TypeError("a truth value is no part of a sentence")
        case int() | float():
            number = f"{value:,}"
            return number.replace(",", _THIN_SPACE).replace(".", ",") if language == "fr" else number
        case tuple():
            *others, last = (_written(each, language) for each in value)
            return f"{', '.join(others)}{' et ' if language == 'fr' else ' and '}{last}" if others else last
        case dt.date():
            return _date(value, "day", language)
        case _:
            return _date(value.start, value.precision, language)


def _date(day: dt.date, precision: str, language: Language) -> str:
    """In French `14 mars 2024`, in English the shortest ISO form that says as much."""
    if language == "en" or precision == "year":
        return day.isoformat()[: {"year": 4, "month": 7, "day": 10}[precision]]
    month = f"{FRENCH[day.month - 1]} {day.year}"
    return month if precision == "month" else f"{'1er' if day.day == 1 else day.day} {month}"
