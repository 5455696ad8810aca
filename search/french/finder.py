"""Forms -> the tokens of a text that are one of them, without making tokens of all the rest.

A text is searched as its shadow: one byte a character, its letters and digits in lower case, as Latin-1
has them, and a space for every other character. What is seen there is held against the rules of
`tokens.py`, in its neighbourhood alone. A text with characters that a shadow would hide (soft hyphens,
combining accents ...) is read whole, as is any text for forms that cast no shadow (in Cyrillic ...).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby, product
from typing import Final

from ..limits import TOKEN_CHARACTERS
from .tokens import Token, normal_form, tokens

_APOSTROPHES: Final = "'\u2019\u2032\u2018\uff07"
_PLAIN: Final = frozenset(' \n\t\xa0\u202f.,;:!?…()[]"«»“”-–—/')
"""What parts words and nothing else; between two of these a run of letters is a token."""

_HIDDEN: Final = "\u00ad\u02bc\u0178\u1e9e\u200b\u200c\u200d\u2060\u212a\u212b\ufeff"
"""What is in no token, or what becomes a letter of Latin-1 in lower case or in NFC, from outside."""

_MARKS: Final = b"\xcc", b"\xcd"
"""The first bytes of combining accents in UTF-8."""

_LIGATURE: Final = b"\xe6"
"""æ, as which œ is seen too: what stands in forms as ae and oe."""

_LIGATURES: Final = 4
"""A form that may be spelled with more of them is not worth all its spellings."""

_JOINED: Final = re.compile(rf"(?:[^\W_]|[{_APOSTROPHES}])*")
_LOOK_AHEAD: Final = 4
"""How many characters beyond an elided article decide that it is one."""

_CLUSTER: Final = 4
"""So many first letters in common, and forms are searched at once by what they begin with."""

_NEEDLES: Final = 12
"""More searches than this cost more than to split the text."""


def _cast(code: int) -> int:
    letter = chr(code)
    if letter in "Ææ":
        return _LIGATURE[0]
    form = normal_form(letter) if letter.isalnum() else ""
    return ord(form) if len(form) == 1 and ord(form) < 0x100 else ord(" ")


_SHADOW: Final = bytes(map(_cast, range(0x100)))


class Finder:
    """Finds the tokens whose form is one of these."""

    def __init__(self, forms: Collection[str]) -> None:
        self._forms = frozenset(forms)
        self._has_ligatures = any("oe" in form or "ae" in form for form in forms)
        self._whole: dict[bytes, str] = {}
        self._partial: set[bytes] = set()
        self._casts_shadow = all(self._add(form) for form in self._forms)
        self._runs = self._whole.keys() | self._partial
        self._needles = _needles(self._runs)

    def _add(self, form: str) -> bool:
        """Note what a form looks like; False where it cannot be seen."""
        # The last letter of a form that was cut may be the first half of a ligature.
        if len(form) >= TOKEN_CHARACTERS or any("\u0300" <= letter <= "\u036f" for letter in form):
            return False
        if form.count("oe") + form.count("ae") > _LIGATURES:
            return False
        parts = [(part, "æ") if part in ("oe", "ae") else (part,) for part in re.split("(oe|ae)", form)]
        for spelling in map("".join, product(*parts)):
            seen = spelling.encode("latin-1", "replace").translate(_SHADOW)
            run = max(seen.split(), key=len, default=b"")
            if not run:
                return False
            if _LIGATURE not in seen and seen.decode("latin-1") == form:
                self._whole[run] = form
            else:
                self._partial.add(run)
        return True

    def find(self, text: str) -> list[Token]:
        """The tokens of a text that have one of the forms, in the order of reading."""
        if not self._casts_shadow or _hides(text):
            return [token for token in tokens(text) if token.form in self._forms]
        found: list[Token] = []
        past = 0
        for start, end, form in self._sightings(text):
            if start < past:
                continue
            if (
                form is not None
                and (not start or text[start - 1] in _PLAIN)
                and (end == len(text) or text[end] in _PLAIN)
            ):
                found.append(Token(form, start, end))
                continue
            low = start
            while low > past and (text[low - 1].isalnum() or text[low - 1] in _APOSTROPHES):
                low -= 1
            match = _JOINED.match(text, end)
            past = match.end() if match else end
            found.extend(token for token in tokens_between(text, low, past) if token.form in self._forms)
        return found

    def _sightings(self, text: str) -> list[tuple[int, int, str | None]]:
        """Where a form may stand, in order, each with the form that it is where nothing joins it."""
        if self._has_ligatures:
            text = text.replace("œ", "æ").replace("Œ", "æ")
        shadow = b" " + text.encode("latin-1", "replace").translate(_SHADOW) + b" "
        needles = self._needles
        if len(needles) > _NEEDLES:
            needles = [b" " + run + b" " for run in self._runs.intersection(shadow.split())]
        seen: list[tuple[int, int, str | None]] = []
        for needle in needles:
            at = shadow.find(needle)
            while at >= 0:
                end = shadow.find(b" ", at + 1)
                run = shadow[at + 1 : end]
                if run in self._runs:
                    seen.append((at, end - 1, self._whole.get(run)))
                at = shadow.find(needle, end)
        if len(needles) > 1:
            seen.sort(key=lambda sighting: sighting[0])
        return seen


def _hides(text: str) -> bool:
    """Whether a shadow would hide a letter of this text, or show one too many."""
    if text.isascii():
        return False
    for character in _HIDDEN:
        if character in text:
            return True
    written = text.encode("utf-8", "surrogatepass")
    return _MARKS[0] in written or _MARKS[1] in written


def _needles(runs: Iterable[bytes]) -> list[bytes]:
    """What to search for: forms that begin alike by their beginning, any other from space to space."""
    needles: list[bytes] = []
    for beginning, cluster in groupby(sorted(runs), key=lambda run: run[:_CLUSTER]):
        first, *others = cluster
        if others and len(beginning) == _CLUSTER:
            common = first
            while not others[-1].startswith(common):  # sorted: what first and last share, all do
                common = common[:-1]
            needles.append(b" " + common)
        else:
            needles.extend(b" " + run + b" " for run in (first, *others))
    return needles


def tokens_between(text: str, start: int, end: int) -> list[Token]:
    """The tokens of a text from `start` to `end`, neither of which may be inside a word."""
    found: list[Token] = []
    for form, first, last in tokens(text[start : end + _LOOK_AHEAD]):
        if start + first >= end:
            break
        found.append(Token(form, start + first, start + last))
    return found


def stretches(text: str, places: Sequence[Token], reach: int) -> Iterator[list[Token]]:
    """Runs of neighbouring tokens, in order, that hold each of these with `reach` others on either side,
    or as many as there are."""
    steps = reach + 2  # what stands between two spaces need not be a word
    while places:
        low, high = _around(text, places[0], steps)
        rank = 1
        while rank < len(places) and high < len(text):
            left, right = _around(text, places[rank], steps)
            if left > high:
                break
            high = max(high, right)
            rank += 1
        if high == len(text):
            rank = len(places)
        found = tokens_between(text, low, high)
        before = sum(token.start < places[0].start for token in found[:reach])
        after = sum(token.start > places[rank - 1].start for token in found[-reach:])
        if (before < reach and low > 0) or (after < reach and high < len(text)):
            steps *= 2
            continue
        yield found
        places = places[rank:]


def _around(text: str, token: Token, steps: int) -> tuple[int, int]:
    """So many spaces to the left and to the right of a token, or where the text ends."""
    low, high = token.start, token.end
    for _ in range(steps):
        low = text.rfind(" ", 0, low)
        if low < 0:
            break
    for _ in range(steps):
        high = text.find(" ", high + 1)
        if high < 0:
            break
    return max(low, 0), high if high >= 0 else len(text)
