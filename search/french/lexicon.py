"""The lexicon of French: a form -> the classes of inflection that it belongs to, and their forms.

A class is a lemma as one part of speech. The data are derived from Dicollecte's dictionary
(`make_lexicon.py`, `data/NOTICE`), and kept as beginnings and paradigms, in blocks; nothing is unpacked
or expanded but what is looked up.
"""

from __future__ import annotations

import os
import zlib
from bisect import bisect_right
from functools import cache, cached_property, lru_cache
from typing import Final, Literal, NamedTuple

from .analysis import fold

PartOfSpeech = Literal["N", "V", "P", "O"]
"""Noun or adjective, verb, proper name, any other."""

LEXICON: Final = "dicollecte-7.0-1"
"""The name and version of the data, a part of the name of the analysis."""

_GZIP: Final = 31
"""What zlib calls a member of gzip."""


class Class(NamedTuple):
    """A class: its part of speech, its lemma if that is one of its forms, all its forms, and their
    foldings."""

    part_of_speech: PartOfSpeech
    lemma: str | None
    forms: tuple[str, ...]
    folded: frozenset[str]


class _Paradigm(NamedTuple):
    part_of_speech: PartOfSpeech
    has_lemma: bool
    endings: tuple[str, ...]
    by_folding: dict[str, list[str]]


class _Block:
    """Classes whose beginnings stand side by side; `first` is the number of the first of them."""

    def __init__(self, packed: bytes, first: int) -> None:
        beginnings, paradigms = zlib.decompress(packed, _GZIP).decode().split("=\n")
        self.first = first
        self.beginnings = beginnings.splitlines()
        self.paradigms = paradigms.splitlines()

    @cached_property
    def by_folding(self) -> dict[str, list[int]]:
        """Folded beginning -> the ranks in this block of the classes with it."""
        ranks: dict[str, list[int]] = {}
        for rank, line in enumerate(self.beginnings):
            ranks.setdefault(line.partition("|")[0], []).append(rank)
        return ranks

    def beginning(self, rank: int) -> tuple[str, str]:
        """What the forms of a class have in common, and its folding."""
        folded, bar, beginning = self.beginnings[rank].partition("|")
        return (beginning if bar else folded), folded


class Lexicon:
    """The forms of French and their classes, by number; a look-up unpacks the few blocks that it needs.

    `data` are members of gzip, as `make_lexicon.py` describes them.
    """

    def __init__(self, data: bytes) -> None:
        head = zlib.decompressobj(_GZIP)
        paradigms, endings, directory = head.decompress(data).decode().split("\n=\n")
        self._paradigms = paradigms.split("\n")
        self._endings = frozenset(endings.split("\n"))
        self._packed = head.unused_data
        self._beginnings: list[str] = []
        self._numbers: list[int] = []
        self._starts = [0]
        for line in directory.splitlines():
            beginning, number, length = line.split(",")
            self._beginnings.append(beginning)
            self._numbers.append(int(number))
            self._starts.append(self._starts[-1] + int(length))
        self._blocks: list[_Block | None] = [None] * len(self._numbers)
        self._read: dict[str, _Paradigm] = {}

    def _block(self, at: int) -> _Block:
        packed = self._packed[self._starts[at] : self._starts[at + 1]]
        block = self._blocks[at] = _Block(packed, self._numbers[at])
        return block

    def _paradigm(self, number: str) -> _Paradigm:
        paradigm = self._read[number] = _read_paradigm(self._paradigms[int(number)])
        return paradigm

    def spellings(self, folded: str) -> dict[str, tuple[int, ...]]:
        """The forms that fold to this one, each with the numbers of its classes."""
        found: dict[str, dict[int, None]] = {}
        for cut in range(len(folded) + 1):
            ending = folded[cut:]
            if ending not in self._endings:
                continue
            beginning = folded[:cut]
            at = bisect_right(self._beginnings, beginning) - 1
            block = self._blocks[at] or self._block(at)
            for rank in block.by_folding.get(beginning, ()):
                number = block.paradigms[rank]
                paradigm = self._read.get(number) or self._paradigm(number)
                for each in paradigm.by_folding.get(ending, ()):
                    form = block.beginning(rank)[0] + each
                    found.setdefault(form, {})[block.first + rank] = None
        return {form: tuple(numbers) for form, numbers in found.items()}

    def inflections(self, number: int) -> Class:
        """The class of this number."""
        at = bisect_right(self._numbers, number) - 1
        block = self._blocks[at] or self._block(at)
        rank = number - block.first
        name = block.paradigms[rank]
        paradigm = self._read.get(name) or self._paradigm(name)
        beginning, folded = block.beginning(rank)
        forms = tuple([beginning + ending for ending in paradigm.endings])
        return Class(
            paradigm.part_of_speech,
            forms[0] if paradigm.has_lemma else None,
            forms,
            frozenset([folded + ending for ending in paradigm.by_folding]),
        )


def _read_paradigm(line: str) -> _Paradigm:
    part_of_speech, has_lemma, *endings = line.split(",")
    assert part_of_speech in ("N", "V", "P", "O"), "the data know no other"
    by_folding: dict[str, list[str]] = {}
    for ending in endings:
        by_folding.setdefault(fold(ending), []).append(ending)
    return _Paradigm(
        part_of_speech,  # type: ignore[arg-type]  # as just tested
        has_lemma == "1",
        tuple(endings),
        by_folding,
    )


@cache
def lexicon() -> Lexicon:
    """The packaged lexicon, opened at the first call (4 ms)."""
    # Not by importlib.resources, whose import takes longer than all of this.
    with open(os.path.join(os.path.dirname(__file__), "data", "lexicon.txt.gz"), "rb") as file:
        return Lexicon(file.read())


@lru_cache(maxsize=1 << 12)
def spellings(folded: str) -> dict[str, tuple[int, ...]]:
    """The forms of French that fold to this one, each with the numbers of its classes."""
    return lexicon().spellings(folded)


@lru_cache(maxsize=1 << 12)
def inflections(number: int) -> Class:
    """The class of this number."""
    return lexicon().inflections(number)
