"""Words of a phrase, or two terms near each other -> the articles where they stand so, and how often.

A place is one number: (2 x article + whether in the body) << 32 | position, so that a sorted array of
places is in the order of reading, and no distance reaches from a title into a body.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ....ranking import K1
from .leaves import Grid, Mask, Scores, Setting, TermLeaf
from .names import Names

Places = NDArray[np.int64]
_SHIFT: Final = 32


def places_of(word: TermLeaf, among: Mask, field: str | None) -> Places:
    """Where one of a term's forms stands in these articles, in order."""
    docs, places = word.places(among)
    in_body = places >= word.where.segment.lengths["title"][docs]
    found: Places = (2 * docs + in_body) << _SHIFT | places
    if field is not None:
        found = found[in_body == (field == "body")]
    found.sort()
    return found


def places_in_names(names: Names, terms: set[str]) -> Places:
    """The same in a field of names: article is the number of the name."""
    keys = names.keys(terms)
    return (keys >> _SHIFT << (_SHIFT + 1)) | (keys & ((1 << _SHIFT) - 1))


def named(names: Names, places: Places) -> NDArray[np.int64]:
    """The articles whose name is one where these places are."""
    return names.docs(np.unique(places >> (_SHIFT + 1)))


def in_order(words: Sequence[Places], slop: int) -> Places:
    """Where the first word stands, if the others follow in order with at most `slop` other words in all."""
    starts = words[0]
    if not slop:
        for offset, places in enumerate(words[1:], 1):
            starts = _in_both(starts, places - offset)
        return starts
    reached = starts
    for places in words[1:]:
        # The nearest place after the one reached is the best that can be.
        at = np.searchsorted(places, reached, side="right")
        follows = np.flatnonzero(at < len(places))
        starts, reached, nearest = starts[follows], reached[follows], places[at[follows]]
        together = (nearest >> _SHIFT) == (reached >> _SHIFT)
        starts, reached = starts[together], nearest[together]
    found: Places = starts[reached - starts <= len(words) - 1 + slop]
    return found


def near(left: Places, right: Places, distance: int, ordered: bool) -> Places:
    """Where the left one stands with the right one at most so far from it; after it, if ordered."""
    if not len(right):
        return left[:0]
    after = np.searchsorted(right, left, side="right")
    follows = right[np.minimum(after, len(right) - 1)] - left
    found = (follows > 0) & (follows <= distance)
    if not ordered:
        before = np.searchsorted(right, left, side="left") - 1
        precedes = left - right[np.maximum(before, 0)]
        found |= (before >= 0) & (precedes > 0) & (precedes <= distance)
    places: Places = left[found]
    return places


def _in_both(one: Places, other: Places) -> Places:
    """What two arrays have in common, each in order and without repetition."""
    # One sort of numbers costs the processor less than as many searches.
    merged = np.sort(np.concatenate((one, other)))
    found: Places = merged[1:][merged[1:] == merged[:-1]]
    return found


class PlacesLeaf:
    """A phrase, or a nearness, by the places where it stands; scored as one term of the given rarity."""

    def __init__(self, where: Setting, places: Places) -> None:
        self._where = where
        self.rarity = 0.0
        texts, counts = _counted(places >> _SHIFT)
        docs, in_body = texts >> 1, (texts & 1).astype(bool)
        self.mask = np.zeros(where.segment.size, bool)
        self.mask[docs] = True
        self.certain = self.mask
        normals = where.normals
        parts = counts * np.where(in_body, normals["body"][docs], normals["title"][docs])
        first = _first(docs)
        self._docs = docs[first]
        self._parts = np.add.reduceat(parts, first) if len(first) else parts

    def alone(self) -> None:
        """None: this is no term."""

    def add_scores(self, scores: Scores, candidates: Mask | None, factor: float) -> None:
        """Add the score of BM25F."""
        docs, parts = self._docs, self._parts
        if candidates is not None:
            chosen = candidates[docs]
            docs, parts = docs[chosen], parts[chosen]
        scores[docs] += factor * self.rarity * (parts / (K1 + parts))

    def bound(self, grid: Grid) -> float:  # noqa: ARG002  # the same everywhere
        """The saturated score."""
        return self.rarity


def _first(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each number of an array in order stands first."""
    new = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=new[1:])
    return new.nonzero()[0]


def _counted(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers of an array in order, each once, and how often each stands there."""
    first = _first(numbers)
    counts = np.empty_like(first)
    counts[:-1] = first[1:] - first[:-1]
    counts[-1:] = len(numbers) - first[-1:]
    return numbers[first], counts
