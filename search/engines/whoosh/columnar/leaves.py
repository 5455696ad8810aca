"""A leaf of a query tree in one segment -> which of its articles it matches, and what it adds to scores.

Everything is an array over the segment's articles: masks (bool), scores (float64), numbers of articles
(int64). The lists of postings of a term's forms lie end to end, so that the number of operations does not
grow with the number of forms. The formula is BM25F's (Robertson & Zaragoza, The Probabilistic Relevance
Framework: BM25 and Beyond, 2009, section 3.6), as the stock engine's executor has it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ....ranking import EXACT_AGAIN, K1
from .arrays import Array
from .postings import (
    BODY_OF_CODE,
    LEAST_IN_TITLE,
    TITLE_OF_CODE,
    TOKENS_OF_CODE,
    Term,
    bound_factor,
    normals,
    ranges,
    starts_of,
)
from .segment import NO_DATE, Segment

Mask = NDArray[np.bool_]
Docs = NDArray[np.int64]
Scores = NDArray[np.float64]

ROUNDING: Final = 1 + 1e-9
"""Makes up for what a bound may lose when it is reckoned."""


class Form(NamedTuple):
    """A form of a term in one segment: its postings there, and what it is to the term.

    One that is not `written` as was asked counts in no article of a foreign language.
    """

    term: Term
    weight: float
    matches: bool
    exact: bool
    written: bool = True


class Setting(NamedTuple):
    """A segment among all that are searched: what one occurrence adds by field, for each article, and how
    much the impacts that the segment keeps may have grown."""

    segment: Segment
    normals: Mapping[str, Scores]
    growth: float


def setting(segment: Segment, averages: Mapping[str, float]) -> Setting:
    """A segment under the average lengths of all articles that are searched."""
    found = {name: normals(name, lengths, averages[name]) for name, lengths in segment.lengths.items()}
    return Setting(segment, found, bound_factor(segment.postings.averages, averages))


class Grid(NamedTuple):
    """So many `windows` of 2^`shift` articles each."""

    shift: int
    windows: int


class Leaf(Protocol):
    """What a node or a leaf answers in one segment.

    `mask` are the articles that match, `certain` those that do so surely (the same object, where all do);
    deleted ones may be among them.
    """

    @property
    def mask(self) -> Mask: ...  # noqa: D102  # see above

    @property
    def certain(self) -> Mask: ...  # noqa: D102  # see above

    def alone(self) -> TermLeaf | None:
        """The term that all scores of this come from, if they come from one."""

    def add_scores(self, scores: Scores, candidates: Mask | None, factor: float) -> None:
        """Add what this adds to the scores of candidates that it matches (None: of all), times a factor."""

    def bound(self, grid: Grid) -> Scores | float:
        """What no score exceeds, by window."""


class Unscored:
    """A leaf that matches and adds nothing to scores."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask

    @property
    def certain(self) -> Mask:
        """All are."""
        return self.mask

    def alone(self) -> None:
        """None: there are no scores."""

    def add_scores(self, scores: Scores, candidates: Mask | None, factor: float) -> None:
        """Nothing."""

    def bound(self, grid: Grid) -> float:  # noqa: ARG002  # the same everywhere
        """Nothing."""
        return 0.0


class DatedLeaf(Unscored):
    """The articles whose date meets the days from `low` to `high`; it is certain where it lies in them."""

    def __init__(self, segment: Segment, low: int, high: int) -> None:
        starts, ends = segment.dates
        # An unknown date is before all days.
        super().__init__((ends >= max(low, NO_DATE + 1)) & (starts <= high))
        self._segment, self._low, self._high = segment, low, high

    @cached_property
    def certain(self) -> Mask:
        """Where no other day is meant."""
        starts, ends = self._segment.dates
        return self.mask & (starts >= self._low) & (ends <= self._high)

    def lie_inside(self, docs: Docs) -> Mask:
        """Of which of these articles, which match, no other day is meant."""
        starts, ends = self._segment.dates
        found: Mask = (starts[docs] >= self._low) & (ends[docs] <= self._high)
        return found


class TermLeaf:
    """A term in titles and bodies. `rarities` must be set before anything is scored."""

    def __init__(
        self, where: Setting, forms: Sequence[Form], field: str | None = None, *, loose: bool = False
    ) -> None:
        self.where = where
        self.field = field
        self.forms = forms  # the exact ones first, then the others that match
        self.exact_forms = sum(form.exact for form in self.forms)
        self.matching_forms = sum(form.matches for form in self.forms)
        self._kept_forms = len(self.forms) if loose else self.matching_forms
        foreign = where.segment.foreign
        if foreign is not None and all(form.written for form in forms):
            foreign = None
        self.foreign = foreign  # the articles where some forms do not count, if there are any
        self.rarities = (0.0, 0.0)
        self._masks: dict[int, Mask] = {}

    @cached_property
    def _lists(self) -> _Lists:
        """The postings that count."""
        return self._read if self.foreign is None else self._read.but_for(self.foreign)

    @cached_property
    def _read(self) -> _Lists:
        """All postings."""
        return _Lists(self.where, self.forms, self.field)

    def count(self, forms: int) -> int:
        """How many live articles hold one of the first so many forms."""
        segment = self.where.segment
        if not forms:
            return 0
        everywhere = self.foreign is None or self.forms[0].written
        if forms == 1 and everywhere and self.field is None and segment.live is None:
            return self.forms[0].term.articles
        mask = self._mask_of(forms)
        return int(np.count_nonzero(mask if segment.live is None else mask & segment.live))

    @cached_property
    def mask(self) -> Mask:
        """The articles with a form that matches, or if loose with any."""
        return self._mask_of(self._kept_forms)

    @property
    def certain(self) -> Mask:
        """The same."""
        return self.mask

    def alone(self) -> TermLeaf:
        """The term itself."""
        return self

    def _mask_of(self, forms: int) -> Mask:
        mask = self._masks.get(forms)
        if mask is None:
            mask = self._masks[forms] = np.zeros(self.where.segment.size, bool)
            mask[self._lists.docs[: self._lists.edges[forms]]] = True
        return mask

    def scored(self, candidates: Mask | None = None) -> tuple[Docs, Scores]:
        """The articles that match, or those of them that are candidates, and their scores: of all forms as
        one term, and of the exact ones once more."""
        lists = self._lists
        if candidates is None and self._kept_forms < len(self.forms):
            candidates = self.mask
        chosen = None if candidates is None else np.flatnonzero(candidates[lists.docs])
        docs = lists.docs if chosen is None else lists.docs[chosen]
        parts = lists.parts(chosen, docs)
        if len(self.forms) == 1:
            # One list has each article once.
            return docs, self.scores_of(parts)
        rarity, exact_rarity = self.rarities
        exact_rarity *= EXACT_AGAIN
        size = self.where.segment.size
        dense = _added(docs, parts * lists.weights(chosen), size)
        once = np.flatnonzero(dense > 0)
        scores = _saturated(dense[once], rarity)
        if self.exact_forms:
            end = int(lists.edges[self.exact_forms])
            if chosen is not None:
                end = int(np.searchsorted(chosen, end))
            scores += _saturated(_added(docs[:end], parts[:end], size)[once], exact_rarity)
        return once, scores

    def scores_of(self, parts: Scores) -> Scores:
        """The scores for such parts of the weighted frequency, where the term has one form only."""
        rarity, exact_rarity = self.rarities
        weight = self.forms[0].weight
        scores = _saturated(parts if weight == 1.0 else parts * weight, rarity)
        if self.exact_forms:
            scores += _saturated(parts, EXACT_AGAIN * exact_rarity)
        return scores

    def add_scores(self, scores: Scores, candidates: Mask | None, factor: float) -> None:
        """Add the term's scores."""
        docs, found = self.scored(candidates)
        scores[docs] += found if factor == 1.0 else factor * found

    def bound(self, grid: Grid) -> Scores:
        """What no score exceeds, by window, from the impacts of the blocks."""
        everything, exact = np.zeros(grid.windows), np.zeros(grid.windows)
        for rank, form in enumerate(self.forms):
            if form.term.blocks == form.term.blocks_end:
                windows = (
                    self._lists.docs[self._lists.edges[rank] : self._lists.edges[rank + 1]] >> grid.shift
                )
                # Several postings in one window count as often: still a bound, and one operation for all.
                found = np.bincount(windows, minlength=grid.windows) * form.term.impact
            else:
                found = self._greatest(form.term, grid)
            everything += form.weight * found
            if form.exact:
                exact += found
        rarity, exact_rarity = self.rarities
        growth = self.where.growth * ROUNDING
        bound = _saturated(everything * growth, rarity)
        bound += _saturated(exact * growth, EXACT_AGAIN * exact_rarity)
        bound *= ROUNDING
        return bound

    def places(self, among: Mask) -> tuple[Docs, NDArray[np.int64]]:
        """The positions of all forms in these articles, form by form, each behind its article."""
        lists, postings = self._read, self.where.segment.postings
        kept = among[lists.docs]
        if self.foreign is not None:
            kept &= lists.count_but_for(self.foreign)
        chosen = kept.nonzero()[0]
        tokens = lists.tokens()
        starts = tokens.cumsum()
        starts -= tokens
        # Where the places of a form begin, less those of the forms before it.
        begin = np.array([form.term.places_at for form in self.forms]) - starts[lists.edges[:-1]]
        held = chosen.searchsorted(lists.edges)
        form_of = np.arange(len(self.forms)).repeat(held[1:] - held[:-1])
        counts = tokens[chosen]
        # A position takes a bit at least.
        numbers = ranges(starts[chosen] + begin[form_of], counts, 8 * self.where.segment.file.size)
        widths = np.array([form.term.places_width for form in self.forms])[form_of]
        return lists.docs[chosen].repeat(counts), postings.places_at(numbers, widths, counts)

    def parts_of(self, docs: Docs, codes: NDArray[np.uint8]) -> Scores:
        """What postings with these codes, none of them ODD, add to the weighted frequency."""
        return _parts(self.where, docs, codes)

    def times_in_body(self) -> NDArray[np.int64]:
        """How often the forms that match stand in the body of each article."""
        end = int(self._lists.edges[self.matching_forms])
        docs, size = self._lists.docs[:end], self.where.segment.size
        if end and int(docs.max()) >= size:
            raise ValueError("an article that there is not")
        return np.bincount(docs, self._lists.bodies(end), size).astype(np.int64)

    def _greatest(self, term: Term, grid: Grid) -> Scores:
        """The greatest impact of one form in each window, from its blocks."""
        last, greatest = self.where.segment.postings.blocks(term)
        found = np.zeros(grid.windows)
        starts = np.arange(grid.windows) << grid.shift
        first = np.searchsorted(last, starts)
        # The block that holds the window's last article, or comes after it, reaches into the window.
        final = np.minimum(np.searchsorted(last, starts + ((1 << grid.shift) - 1)), len(last) - 1)
        inside = first < len(last)
        edges = np.stack((first[inside], final[inside] + 1), axis=1).ravel()
        found[inside] = np.maximum.reduceat(np.append(greatest, np.float32(0)), edges)[::2]
        return found


class _Lists:
    """The postings of some forms in one segment, end to end.

    What stands how often is kept as codes; where one is ODD, or where one field only counts, as numbers.
    """

    def __init__(self, where: Setting, forms: Sequence[Form], field: str | None) -> None:
        self._where = where
        self._forms = forms
        postings = where.segment.postings
        docs = [postings.docs(form.term) for form in forms]
        self._numbers: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        if field is not None or any(form.term.odd for form in forms):
            found = [postings.frequencies(form.term) for form in forms]
            if field is not None:
                # What stands in the other field only is no posting here.
                stand = [np.flatnonzero(title if field == "title" else body) for title, body in found]
                docs = [each[chosen] for each, chosen in zip(docs, stand, strict=True)]
                found = [
                    (title[at], 0 * title[at]) if field == "title" else (0 * body[at], body[at])
                    for (title, body), at in zip(found, stand, strict=True)
                ]
            self._numbers = _joined([title for title, _ in found]), _joined([body for _, body in found])
        else:
            self._codes = _joined([postings.codes(form.term) for form in forms])
        self.docs: Docs = _joined(docs)
        self._counts = [len(each) for each in docs]
        self.edges = starts_of(np.array(self._counts, np.int64))

    def count_but_for(self, foreign: Mask) -> Mask:
        """Which postings count: not those in foreign articles of a form that is not written as was asked."""
        inflected = np.array([not form.written for form in self._forms])
        found: Mask = ~(foreign[self.docs] & inflected.repeat(self._counts))
        return found

    def but_for(self, foreign: Mask) -> _Lists:
        """The same with these postings alone."""
        chosen = np.flatnonzero(self.count_but_for(foreign))
        kept = copy.copy(self)
        kept.docs = self.docs[chosen]
        if self._numbers is None:
            kept._codes = self._codes[chosen]
        else:
            kept._numbers = self._numbers[0][chosen], self._numbers[1][chosen]
        kept.edges = np.searchsorted(chosen, self.edges)
        kept._counts = np.diff(kept.edges).tolist()
        return kept

    def parts(self, chosen: Docs | None, docs: Docs) -> Scores:
        """What each posting, or each chosen one, adds to the weighted frequency of its article; `docs` are
        their articles."""
        if self._numbers is None:
            return _parts(self._where, docs, self._codes if chosen is None else self._codes[chosen])
        title, body = (each if chosen is None else each[chosen] for each in self._numbers)
        normal = self._where.normals
        found: Scores = body * normal["body"][docs]
        found += title * normal["title"][docs]
        return found

    def weights(self, chosen: Docs | None) -> Scores:
        """The weight of the form of each posting."""
        of_form = np.array([form.weight for form in self._forms])
        if len(set(of_form.tolist())) == 1:
            return of_form[:1]
        if chosen is None:
            return np.repeat(of_form, self._counts)
        return np.repeat(of_form, np.diff(np.searchsorted(chosen, self.edges)))

    def tokens(self) -> NDArray[np.int64]:
        """How often each posting's form stands in title and body together."""
        if self._numbers is not None:
            title, body = self._numbers
            return title + body
        found: NDArray[np.int64] = TOKENS_OF_CODE[self._codes]
        return found

    def bodies(self, end: int) -> NDArray[np.int64]:
        """How often the first postings' forms stand in the body."""
        if self._numbers is not None:
            return self._numbers[1][:end]
        return (self._codes[:end] & 63).astype(np.int64)


def _parts(where: Setting, docs: Docs, codes: NDArray[np.uint8]) -> Scores:
    found: Scores = BODY_OF_CODE[codes]
    found *= where.normals["body"][docs]
    in_title = np.flatnonzero(codes >= LEAST_IN_TITLE)
    if len(in_title):
        found[in_title] += TITLE_OF_CODE[codes[in_title]] * where.normals["title"][docs[in_title]]
    return found


def _joined(parts: Sequence[Array]) -> Array:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _added(docs: Docs, parts: Scores, size: int) -> Scores:
    """The sum of the parts of each article."""
    return np.bincount(docs, parts, size).astype(np.float64, copy=False)


def _saturated(weighted: Scores, rarity: float) -> Scores:
    """Rarity x t / (k1 + t), t being the weighted frequency."""
    found = weighted / (weighted + K1)
    found *= rarity
    return found


def rarity_of(holding: int, articles: int) -> float:
    """ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative."""
    return math.log(1 + (articles - holding + 0.5) / (holding + 0.5))


class FrequentLeaf:
    """A term of which only the articles count that hold it in the body more often than `more_than`."""

    def __init__(self, term: TermLeaf, more_than: int) -> None:
        self._term = term
        self.mask: Mask = term.times_in_body() > more_than
        self.certain = self.mask

    def alone(self) -> TermLeaf:
        """The term."""
        return self._term

    def add_scores(self, scores: Scores, candidates: Mask | None, factor: float) -> None:
        """Add the term's scores."""
        self._term.add_scores(scores, self.mask if candidates is None else candidates & self.mask, factor)

    def bound(self, grid: Grid) -> Scores:
        """That of the term."""
        return self._term.bound(grid)
