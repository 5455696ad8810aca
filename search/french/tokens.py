"""French text -> tokens: forms in lower case with their accents, each with its place in the text.

A token is a run of letters and digits. Words part at hyphens and apostrophes; an elided article or
pronoun (`l'`, `qu'`, `jusqu'` ...) is no token and takes no position; a few words keep their
apostrophe (`aujourd'hui`). Soft hyphens and zero-width characters inside a word do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from ..limits import TOKEN_CHARACTERS

_APOSTROPHE: Final = "['\u2019\u02bc\u2032\u2018\uff07]"
_INVISIBLE: Final = "\u00ad\u200b-\u200d\u2060\ufeff"
_MARKS: Final = "\u0300-\u036f"
_CHARACTER: Final = rf"(?:[^\W_]|[{_MARKS}{_INVISIBLE}])"
_ELIDED: Final = "jusqu|quoiqu|lorsqu|puisqu|qu|[lmtnsjdc]"

_TOKEN: Final = re.compile(
    rf"(?P<elided>(?:{_ELIDED}){_APOSTROPHE}(?=[\s\"«“„]{{0,3}}{_CHARACTER}))"
    rf"|aujourd{_APOSTROPHE}hui|quelqu{_APOSTROPHE}une?s?|presqu{_APOSTROPHE}[iî]les?"
    rf"|prud{_APOSTROPHE}hom{_CHARACTER}*"
    rf"|[^\W_]{_CHARACTER}*",
    re.IGNORECASE,
)
_OTHER_APOSTROPHES: Final = re.compile("[\u2019\u02bc\u2032\u2018\uff07]")
_UNSEEN: Final = re.compile(f"[{_INVISIBLE}]")


class Token(NamedTuple):
    """A form and where it stands: `text[start:end]`, in code points; its position is its rank."""

    form: str
    start: int
    end: int


def normal_form(written: str) -> str:
    """The form of a word as written: NFC, lower case, one apostrophe, œ as oe; accents are kept."""
    written = written[:TOKEN_CHARACTERS]
    if written.isascii():
        return written.lower()
    form = unicodedata.normalize("NFC", _UNSEEN.sub("", written)).lower()
    return _OTHER_APOSTROPHES.sub("'", form).replace("œ", "oe").replace("æ", "ae")


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text in the order of reading."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup is None:
            start, end = match.span()
            yield Token(normal_form(match[0]), start, end)


def forms(text: str) -> list[str]:
    """The forms of a text in the order of reading, where offsets are not needed."""
    return [normal_form(match[0]) for match in _TOKEN.finditer(text) if match.lastgroup is None]
