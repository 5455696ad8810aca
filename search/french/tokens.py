"""French text -> tokens: forms in lower case with their accents, each with its place in the text.

A token is a run of letters and digits. Words part at hyphens and apostrophes; an elided article or
pronoun (`l'`, `qu'`, `jusqu'` ...) is no token and takes no position; a few words keep their
apostrophe (`aujourd'hui`). Soft hyphens and zero-width characters inside a word do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple

from ..limits import TOKEN_CHARACTERS

APOSTROPHES: Final = "\u2019\u02bc\u2032\u2018\uff07"
"""Those beside the plain one."""
INVISIBLE: Final = "\u00ad\u200b-\u200d\u2060\ufeff"
MARKS: Final = "\u0300-\u036f"
LETTER: Final = r"[^\W_\u02bc]"
"""What a token begins with: U+02BC is an apostrophe to people and a letter to Unicode."""
AFTER_ELISION: Final = r"[\s\"«“„]{0,3}"
"""What may stand between an elided word and the one that it belongs to."""

_ELIDED: Final = ("jusqu'", "quoiqu'", "lorsqu'", "puisqu'", "qu'", *(f"{letter}'" for letter in "lmtnsjdc"))
_WHOLE: Final = ("aujourd'hui", "quelqu'un", "presqu'ile", "presqu'île", "prud'hom")
"""The beginnings of the words that keep their apostrophe; what follows belongs to them."""

_HIDDEN: Final = re.compile(f"[{INVISIBLE}{MARKS}]")
_APOSTROPHE: Final = re.compile(f"['{APOSTROPHES}]")
_RUN: Final = re.compile(r"[^\W_]+")
"""A token of a text that has none of these."""


@cache
def _pattern(hidden: bool) -> re.Pattern[str]:
    """The rules for a text with apostrophes, and with characters that are `hidden` in words, if need be: with
    these a pattern takes 7 ms to compile."""
    between = f"[{INVISIBLE}]*" if hidden else ""

    def written(words: Iterable[str]) -> str:
        apostrophe = f"['{APOSTROPHES}]"
        return "|".join(
            between.join(apostrophe if letter == "'" else letter for letter in word) for word in words
        )

    character = rf"(?:{LETTER}|[{MARKS}{INVISIBLE}])" if hidden else LETTER
    return re.compile(
        rf"(?P<elided>(?:{written(_ELIDED)})(?={AFTER_ELISION}{character}))"
        rf"|(?:{written(_WHOLE)}){character}*"
        rf"|{LETTER}{character}*",
        re.IGNORECASE,
    )


_OTHER_APOSTROPHES: Final = re.compile(f"[{APOSTROPHES}]")
_UNSEEN: Final = re.compile(f"[{INVISIBLE}]")


class Token(NamedTuple):
    """A form and where it stands: `text[start:end]`, in code points; its position is its rank."""

    form: str
    start: int
    end: int


def normal_form(written: str) -> str:
    """The form of a word as written: NFC, lower case, one apostrophe, œ as oe; accents are kept."""
    if written.isascii():
        return written[:TOKEN_CHARACTERS].lower()
    seen = _UNSEEN.sub("", written[: 4 * TOKEN_CHARACTERS])
    form = _OTHER_APOSTROPHES.sub("'", seen.lower()).replace("œ", "oe").replace("æ", "ae")
    form = form.replace("\u00b5", "\u03bc")  # the micro sign, whose capital is that of mu
    return unicodedata.normalize("NFC", form)[:TOKEN_CHARACTERS]


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text in the order of reading."""
    for match in _matches(text):
        if match.lastgroup is None:
            start, end = match.span()
            yield Token(normal_form(match[0]), start, end)


def forms(text: str) -> list[str]:
    """The forms of a text in the order of reading, where offsets are not needed."""
    return [normal_form(match[0]) for match in _matches(text) if match.lastgroup is None]


def _matches(text: str) -> Iterator[re.Match[str]]:
    hidden = _HIDDEN.search(text) is not None
    return (_pattern(hidden) if hidden or _APOSTROPHE.search(text) else _RUN).finditer(text)
