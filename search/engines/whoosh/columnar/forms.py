"""The dictionaries of some segments -> one dictionary of forms, as the expansion of terms asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from ....expansion import Frequency, most_frequent, names_among
from ....french.analysis import stem
from .segment import Segment

Places = tuple[tuple[int, int], ...]
"""Where a form is: (number of the segment, term) for each segment that has it."""

_REMEMBERED = 1 << 11


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

    def beginning_with(
        self, folded: str, limit: int | None = None, pattern: re.Pattern[str] | None = None
    ) -> list[Frequency]:
        """The most frequent forms whose folding begins so and, where there is a pattern, is all of it."""
        found = []
        for segment in self._segments:
            first, last = segment.folds.beginning_with(folded.encode())
            numbers = np.arange(first, last)
            if pattern:
                lines = b"\n".join(segment.folds.part(first, last)).decode().split("\n")
                numbers = numbers[[at for at, line in enumerate(lines) if pattern.fullmatch(line)]]
            found.append(numbers)
        return self._most_frequent(found, limit)

    def within(self, folded: str, distance: int, limit: int | None = None) -> list[Frequency]:
        """The most frequent forms whose folding is at most so many edits away."""
        if not distance:
            equal = (segment.folds.equal_to(folded.encode()) for segment in self._segments)
            return self._most_frequent([np.arange(first, last) for first, last in equal], limit)
        found = [segment.neighbours.within(folded, distance) for segment in self._segments]
        return self._most_frequent(found, limit)

    def names_sounding(self, key: str) -> list[Frequency]:
        """The names with this key of sounds, the most frequent first."""
        found = names_among(self._most_frequent([each.sounding.of(key) for each in self._segments], None))
        if len(self._segments) > 1:
            # Where a form stands without a capital in all of a segment, it was not counted there.
            counted = [Frequency(each.form, *self.occurrences(each.form)) for each in found]
            found = most_frequent(names_among(counted))
        return found

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

    def _most_frequent(self, numbers: Sequence[np.ndarray], limit: int | None) -> list[Frequency]:
        """The most frequent forms of these numbers among each segment's foldings."""
        held = []
        for segment, chosen in zip(self._segments, numbers, strict=True):
            terms = segment.terms_of_folds[chosen]
            terms = terms[segment.live_tokens[terms] > 0]
            if len(terms):
                held.append((segment, terms))
        if len(held) == 1:
            # Only the forms that are kept are read.
            ((segment, terms),) = held
            tokens = segment.live_tokens[terms]
            best = _greatest(tokens, limit)
            terms, tokens = terms[best], tokens[best]
            forms, capitals = segment.forms(terms), segment.live_capitals[terms]
        else:
            number_of: dict[str, int] = {}
            ids = [
                number_of.setdefault(form, len(number_of))
                for segment, terms in held
                for form in segment.forms(terms)
            ]
            tokens, capitals = (
                np.bincount(ids, np.concatenate([np.zeros(0), *counts]), len(number_of)).astype(np.int64)
                for counts in (
                    [segment.live_tokens[terms] for segment, terms in held],
                    [segment.live_capitals[terms] for segment, terms in held],
                )
            )
            best = _greatest(tokens, limit)
            tokens, capitals = tokens[best], capitals[best]
            every = list(number_of)
            forms = [every[at] for at in best.tolist()]
        return most_frequent(map(Frequency, forms, tokens.tolist(), capitals.tolist()), limit)


def _greatest(values: np.ndarray, limit: int | None) -> np.ndarray:
    """Where the greatest of these values are, and all that equal the last of them."""
    if limit is None or limit >= len(values):
        return np.arange(len(values))
    least = np.partition(values, len(values) - limit)[len(values) - limit] if limit else np.inf
    return np.flatnonzero(values >= least)


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
