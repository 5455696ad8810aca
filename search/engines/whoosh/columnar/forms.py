"""The dictionaries of some segments -> one dictionary of forms, as the expansion of terms asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from ....french.analysis import stem
from .edits import within
from .segment import Segment

Places = tuple[tuple[int, int], ...]
"""Where a form is: (number of the segment, term) for each segment that has it."""

_REMEMBERED = 1 << 14


class Forms:
    """The forms that stand in live articles. What is asked for is remembered."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self.places_of_stem = lru_cache(_REMEMBERED)(self._places_of_stem)
        self.occurrences = lru_cache(_REMEMBERED)(self._occurrences)

    def close(self) -> None:
        """Let go of the segments."""
        self.__dict__.clear()

    def forms_of_stem(self, stem: str) -> Iterable[str]:
        """The forms with this light stem."""
        return self.places_of_stem(stem)

    def places(self, form: str) -> Places:
        """Where this form is."""
        return self.places_of_stem(stem(form)).get(form, ())

    def beginning_with(self, folded: str) -> list[str]:
        """The forms whose folding begins so."""
        return self._named(segment.folds.beginning_with(folded.encode()) for segment in self._segments)

    def within(self, folded: str, distance: int) -> list[str]:
        """The forms whose folding is at most so many edits away."""
        return self._chosen([within(segment.folds, folded, distance) for segment in self._segments])

    def _places_of_stem(self, stem: str) -> Mapping[str, Places]:
        prefix = f"{stem} ".encode()
        found: dict[str, Places] = {}
        for number, segment in enumerate(self._segments):
            first, last = segment.terms.beginning_with(prefix)
            for term, text in enumerate(segment.terms.part(first, last), first):
                if _is_live(segment, term):
                    form = text[len(prefix) :].decode()
                    found[form] = (*found.get(form, ()), (number, term))
        return found

    def _occurrences(self, form: str) -> tuple[int, int]:
        """How often a form stands in the archive, and how often of these with a capital."""
        everywhere = capitals = 0
        for number, term in self.places(form):
            segment = self._segments[number]
            everywhere += _tokens(segment, term)
            capitals += segment.capitals_of(term)
            if segment.deletions:
                at, here = _deleted(segment, term)
                everywhere -= int(segment.deletions.tokens[at]) if here else 0
                capitals -= int(segment.deletions.capitals[at]) if here else 0
        return everywhere, capitals

    def _named(self, parts: Iterable[tuple[int, int]]) -> list[str]:
        return self._chosen([np.arange(first, last) for first, last in parts])

    def _chosen(self, numbers: Sequence[np.ndarray]) -> list[str]:
        """The live forms of these numbers among each segment's foldings."""
        found: set[str] = set()
        for segment, chosen in zip(self._segments, numbers, strict=True):
            for term in segment.terms_of_folds(chosen):
                if _is_live(segment, term):
                    found.add(segment.terms[term].partition(b" ")[2].decode())
        return sorted(found)


def _deleted(segment: Segment, term: int) -> tuple[int, bool]:
    """Where a term is among those of deleted articles, and whether it is."""
    assert segment.deletions is not None, "asked only where something was deleted"
    terms = segment.deletions.terms
    at = int(np.searchsorted(terms, term))
    return at, at < len(terms) and int(terms[at]) == term


def _tokens(segment: Segment, number: int) -> int:
    term = segment.postings.term(number)
    return term.tokens_end - term.tokens


def _is_live(segment: Segment, term: int) -> bool:
    if segment.deletions is None:
        return True
    at, here = _deleted(segment, term)
    return not here or int(segment.deletions.tokens[at]) < _tokens(segment, term)
