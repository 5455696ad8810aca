"""A word that no article has -> the words that were meant; the beginning of a query -> its completions.

What was meant is guessed as by a noisy channel (Kernighan, Church & Gale, A spelling correction program based
on a noisy channel model, COLING 1990): the best word is that for which (how likely its letters became those
that were typed) x (how often it stands in the archive) is greatest. One edit comes before two: four of five
slips are a single letter more, less or other, or two neighbours swapped (Damerau 1964, see `distance.py`).
Accents count nothing. What is answered are forms of the archive, never stems.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import log
from string import ascii_lowercase
from typing import Final

from .engine import Reader
from .expansion import Frequency
from .french.analysis import fold, is_stop_word
from .french.groups import is_name_like
from .french.tokens import tokens
from .limits import QUERY_CHARACTERS
from .query.vocabulary import FIELDS, NEARNESS, OPERATORS

_SHORTEST: Final = 3
"""One letter of a shorter word is half of it: any word may have been meant."""

_SHORTEST_FOR_TWO_EDITS: Final = 5
_SHORTEST_PART: Final = 2
"""Of two words that run together; a part of one letter is most often a letter too many."""

_BESIDE: Final = 0.3
"""How often chance alone puts two words side by side in the archive, for them to be weighed as one is."""

_SHORTEST_APART: Final = 3
"""As _SHORTEST_PART, for a pair that is rarer than that."""

_LOOKED_AT: Final = 64
"""So many of the most frequent words two edits away are weighed: a rarer one hardly ever comes first."""

_FREQUENCY: Final = 0.5
"""The power of the frequency. Who searches an archive types its rare words more often than it has them."""

_EDIT: Final = log(20)
"""What any edit costs: a typist slips once in some twenty letters."""

_SAME_LETTER: Final = 0.3
_LIKELY_LETTER: Final = 0.3
"""How many of the letters too many are typed twice, and of the wrong ones lie beside the right one or are
heard as it is; the rest is spread evenly over the alphabet."""

_KEYS: Final = ("azertyuiop", "qsdfghjklm", "wxcvbn")
_SOUNDS: Final = ("aeo", "iy", "ckqs", "sz", "gj", "ou")
_ALIKE: Final = (*(row[at : at + 2] for row in _KEYS for at in range(len(row) - 1)), *_SOUNDS)
"""Letters side by side on a French keyboard, and those that are heard alike."""

_LIKELY: Final = {
    letter: frozenset("".join(group for group in _ALIKE if letter in group)) - {letter}
    for letter in ascii_lowercase
}
_TOO_MANY: Final = (-log((1 - _SAME_LETTER) / 26), -log((1 - _SAME_LETTER) / 26 + _SAME_LETTER))
"""What it costs that just this letter is too many: any one, or the one before it again."""

_FIELD: Final = re.compile(r"([^\W\d_]+)\s?:\s*-?(?:\([^()]*|[\"«“„][^\"»”]*|[-=]*)$")
"""A field that the end of a query is in: beside it, in a bracket or in quotes."""

_AFTER_A_WORD: Final = tuple("~>*?^<")
"""What stands between a word and its count, its distance or its rest."""

_NO_WORDS: Final = frozenset([*OPERATORS, *NEARNESS])

_SPELLINGS: Final = 2
_WORDS_OF_GRAMMAR: Final = 60
"""So many forms more are asked for than are shown: those of a folding, and words of grammar."""


def suggestions(form: str, reader: Reader, limit: int = 3) -> tuple[str, ...]:
    """The archive's words that who typed a form may have meant, best first.

    Where the form has a space, the word of its parts is suggested; two words may be suggested for one. A name
    has its capital. Where the archive has the form itself, only what stands there more often is suggested.
    """
    parts = form.lower().split()
    typed = fold("".join(parts))
    if len(typed) < _SHORTEST or not _is_word(typed):
        return ()
    if len(parts) > 1:
        return tuple([_shown(each) for each in _by_folding(reader.spelled_like(typed, 0))])
    near = reader.spelled_like(typed, 1)
    itself = sum(each.occurrences for each in near if fold(each.form) == typed)
    beside, apart = _two_words(typed, reader)
    found = _ranked(typed, near, itself, beside)
    if len(found) < limit and len(typed) >= _SHORTEST_FOR_TWO_EDITS:
        found += _ranked(typed, reader.spelled_like(typed, 2)[:_LOOKED_AT], itself)
    return tuple(dict.fromkeys([*found, *apart]))[:limit]


def completions(typed: str, reader: Reader, limit: int = 10) -> tuple[str, ...]:
    """The beginning of a query with its last word completed by the archive's forms, the most frequent first,
    words of grammar last; of none that begins with a digit, nor of a date. What stands before is as typed."""
    read = list(tokens(typed)) if len(typed) <= QUERY_CHARACTERS else []
    last = read[-1] if read else None
    if last is None or last.end != len(typed) or not last.form[0].isalpha():
        return ()
    before, word = typed[: last.start], typed[last.start :]
    if word in _NO_WORDS or before.endswith(_AFTER_A_WORD):
        return ()
    named = _FIELD.search(before)
    match FIELDS.get(fold(named[1].lower())) if named else None:
        case "date" | "since" | "before":
            return ()
        case "source" | "author" | "path" as field:
            names = reader.frequent_beginning_with(fold(last.form), limit, field)
            return tuple([before + each.form for each in names])
    more = limit * _SPELLINGS + _WORDS_OF_GRAMMAR
    found = _by_folding(reader.frequent_beginning_with(fold(last.form), more))
    found.sort(key=lambda each: is_stop_word(each.form))
    return tuple([before + _shown(each) for each in found[:limit]])


def _ranked(
    typed: str, near: Iterable[Frequency], itself: int, pairs: Iterable[tuple[str, float]] = ()
) -> list[str]:
    """The words that stand in the archive more often than the form `itself`, the likeliest to have been meant
    first, with pairs of words that lack a space, and how often they stand there."""
    # The logarithm of (how often a word stands there) x (how likely it became what was typed).
    scores = {
        _shown(each): _FREQUENCY * log(each.occurrences) - _cost(typed, fold(each.form))
        for each in _by_folding(near)
        if each.occurrences > itself and _is_word(each.form)
    }
    scores.update({pair: _FREQUENCY * log(occurrences) - _EDIT for pair, occurrences in pairs})
    return sorted(scores, key=lambda shown: (-scores[shown], shown))


def _by_folding(found: Iterable[Frequency]) -> list[Frequency]:
    """The most frequent spelling of each folding, counted for all of them; the found ones are in order."""
    known: dict[str, Frequency] = {}
    for form, occurrences, capitals in found:
        folded = fold(form)
        shown, before, capitals_before = known.get(folded, (form, 0, 0))
        known[folded] = Frequency(shown, before + occurrences, capitals_before + capitals)
    return list(known.values())


def _is_word(form: str) -> bool:
    """Whether a form has letters alone, but for an apostrophe as in `aujourd'hui`."""
    return form.replace("'", "").isalpha()


def _shown(found: Frequency) -> str:
    """A form as the archive writes it."""
    form = found.form
    return form[0].upper() + form[1:] if is_name_like(*found) else form


def _two_words(typed: str, reader: Reader) -> tuple[list[tuple[str, float]], list[str]]:
    """The pairs of words that a form may be without its space: those that chance alone puts side by side in
    the archive, and how often; the best of the others."""
    beside: list[tuple[str, float]] = []
    apart: list[tuple[float, str]] = []
    for at in range(_SHORTEST_PART, len(typed) - _SHORTEST_PART + 1):
        found = [_by_folding(reader.spelled_like(part, 0)) for part in (typed[:at], typed[at:])]
        for left, right in zip(*found, strict=False):  # none, where one of the parts is no word
            shown = f"{_shown(left)} {_shown(right)}"
            together = left.occurrences * right.occurrences / reader.tokens()
            if together >= _BESIDE:
                beside.append((shown, together))
            elif min(at, len(typed) - at) >= _SHORTEST_APART:
                apart.append((-together, shown))
    return beside, [shown for _, shown in sorted(apart)[:1]]


def _cost(typed: str, meant: str) -> float:
    """What the cheapest edits cost that made one word of another: the negative logarithm of how likely they
    are; see `distance.distance`, whose table this is but for what the words share at both ends."""
    first, shorter = 0, min(len(typed), len(meant))
    while first < shorter and typed[first] == meant[first]:
        first += 1
    end = 0
    while end < shorter - first and typed[-1 - end] == meant[-1 - end]:
        end += 1
    one, other = typed[first : len(typed) - end], meant[first : len(meant) - end]
    # A letter that was typed twice lies behind the part that both words share.
    letter_before = typed[first - 1] if first else ""
    before: list[float] = []
    last = [j * _EDIT for j in range(len(other) + 1)]
    for i, letter in enumerate(one):
        too_many = _EDIT + _TOO_MANY[letter == letter_before]
        row = [last[0] + too_many]
        for j, right in enumerate(other):
            cost = min(last[j + 1] + too_many, row[j] + _EDIT)
            if letter == right:
                cost = min(cost, last[j])
            else:
                cost = min(cost, last[j] + _EDIT + _other_letter(letter, right))
                if i and j and letter == other[j - 1] and one[i - 1] == right:
                    cost = min(cost, before[j - 1] + _EDIT)
            row.append(cost)
        before, last, letter_before = last, row, letter
    return last[-1]


def _other_letter(typed: str, meant: str) -> float:
    """What it costs that just this letter was typed for that one: any other, or a likely one."""
    likely = _LIKELY.get(meant, ())
    share = _LIKELY_LETTER / len(likely) if typed in likely else 0
    return -log((1 - _LIKELY_LETTER) / 25 + share)
