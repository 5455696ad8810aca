"""The lexicon of French: a form -> the classes of inflection that it belongs to, and their forms.

A class is a lemma as one part of speech. The data are derived from Dicollecte's dictionary
(`make_lexicon.py`, `data/NOTICE`), and kept as beginnings and paradigms; nothing is expanded but
what is looked up.
"""

from __future__ import annotations

import gzip
from bisect import bisect_left, bisect_right
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, Literal, NamedTuple

from .analysis import fold

PartOfSpeech = Literal["N", "V", "P", "O"]
"""Noun or adjective, verb, proper name, any other."""

LEXICON: Final = "dicollecte-7.0-1"
"""The name and version of the data, a part of the name of the analysis."""


class Class(NamedTuple):
    """A class: its part of speech, its lemma if that is one of its forms, all its forms."""

    part_of_speech: PartOfSpeech
    lemma: str | None
    forms: tuple[str, ...]


class _Paradigm(NamedTuple):
    part_of_speech: PartOfSpeech
    has_lemma: bool
    endings: tuple[str, ...]
    folded: frozenset[str]


class Lexicon:
    """The forms of French and their classes, by number; a look-up reads what it needs of the text."""

    def __init__(self, text: str) -> None:
        paradigms, beginnings, numbers = (part.split("\n") for part in text.split("\n=\n"))
        self._paradigms, self._beginnings, self._numbers = paradigms, beginnings, numbers
        self._folded = [line.partition("|")[0] for line in beginnings]

    def _beginning(self, number: int) -> str:
        folded, bar, beginning = self._beginnings[number].partition("|")
        return beginning if bar else folded

    def _paradigm(self, number: int) -> _Paradigm:
        return _read_paradigm(self._paradigms[int(self._numbers[number])])

    def spellings(self, folded: str) -> dict[str, tuple[int, ...]]:
        """The forms that fold to this one, each with the numbers of its classes."""
        found: dict[str, list[int]] = {}
        for cut in range(len(folded) + 1):
            beginning, ending = folded[:cut], folded[cut:]
            first = bisect_left(self._folded, beginning)
            for number in range(first, bisect_right(self._folded, beginning, first)):
                paradigm = self._paradigm(number)
                if ending in paradigm.folded:
                    for each in paradigm.endings:
                        if fold(each) == ending:
                            found.setdefault(self._beginning(number) + each, []).append(number)
        return {form: tuple(dict.fromkeys(numbers)) for form, numbers in found.items()}

    def inflections(self, number: int) -> Class:
        """The class of this number."""
        paradigm = self._paradigm(number)
        beginning = self._beginning(number)
        forms = tuple(beginning + ending for ending in paradigm.endings)
        return Class(paradigm.part_of_speech, forms[0] if paradigm.has_lemma else None, forms)


@cache
def _read_paradigm(line: str) -> _Paradigm:
    part_of_speech, has_lemma, *endings = line.split(",")
    assert part_of_speech in ("N", "V", "P", "O"), "the data know no other"
    return _Paradigm(
        part_of_speech,  # type: ignore[arg-type]  # as just tested
        has_lemma == "1",
        tuple(endings),
        frozenset(map(fold, endings)),
    )


@cache
def lexicon() -> Lexicon:
    """The packaged lexicon, read at the first call (about 20 ms)."""
    data = files(__package__).joinpath("data", "lexicon.txt.gz").read_bytes()
    return Lexicon(gzip.decompress(data).decode())


@lru_cache(maxsize=1 << 16)
def spellings(folded: str) -> dict[str, tuple[int, ...]]:
    """The forms of French that fold to this one, each with the numbers of its classes."""
    return lexicon().spellings(folded)


@lru_cache(maxsize=1 << 14)
def inflections(number: int) -> Class:
    """The class of this number."""
    return lexicon().inflections(number)
