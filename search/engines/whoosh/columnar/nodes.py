"""The inner nodes of a query tree in one segment: masks of their children, joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, reduce
from operator import add, and_, or_

import numpy as np

from ....deadline import NEVER, Deadline, OutOfTimeError
from .leaves import DatedLeaf, Docs, Grid, Leaf, Mask, Scores, TermLeaf, Unscored


class Conjunction:
    """What all children match."""

    def __init__(self, children: Sequence[Leaf], deadline: Deadline = NEVER) -> None:
        self.children = children
        self._deadline = deadline

    @cached_property
    def mask(self) -> Mask:
        """Where all match. Raises OutOfTimeError."""
        return reduce(and_, _masks(self.children, self._deadline))

    @cached_property
    def certain(self) -> Mask:
        """Where all are certain."""
        if all(child.certain is child.mask for child in self.children):
            return self.mask
        return reduce(and_, [child.certain for child in self.children])

    def alone(self) -> TermLeaf | None:
        """The term of the only child that scores."""
        scoring = [child for child in self.children if not isinstance(child, Unscored | Complement)]
        return scoring[0].alone() if len(scoring) == 1 else None

    def add_scores(self, scores: Scores, candidates: Mask | None, factor: float) -> None:
        """The sum of the children's."""
        mine = self.mask if candidates is None else candidates & self.mask
        for number, child in enumerate(self.children):
            if number and self._deadline.passed():
                return  # what is found stays found, ranked by what was reckoned
            child.add_scores(scores, mine, factor)

    def bound(self, grid: Grid) -> Scores | float:
        """The sum of the children's."""
        return _sum(child.bound(grid) for child in self.children)


class Disjunction:
    """What any child matches; after the deadline, what those match that were looked at, unless the `whole`
    is needed."""

    def __init__(self, children: Sequence[Leaf], deadline: Deadline = NEVER, *, whole: bool = False) -> None:
        self.children = children
        self._deadline = deadline
        self._whole = whole

    @cached_property
    def mask(self) -> Mask:
        """Where any matches. Raises OutOfTimeError."""
        masks: list[Mask] = []
        try:
            masks.extend(_masks(self.children, self._deadline))
        except OutOfTimeError:
            if self._whole or not masks:
                raise
            self.children = self.children[: len(masks)]
        return reduce(or_, masks)

    @cached_property
    def certain(self) -> Mask:
        """Where any is certain."""
        if all(child.certain is child.mask for child in self.children):
            return self.mask
        return reduce(or_, [child.certain for child in self.children])

    def alone(self) -> None:
        """None: there are several."""

    def add_scores(self, scores: Scores, candidates: Mask | None, factor: float) -> None:
        """The sum of those that match."""
        for number, child in enumerate(self.children):
            if number and self._deadline.passed():
                return
            child.add_scores(scores, None if candidates is None else candidates & child.mask, factor)

    def bound(self, grid: Grid) -> Scores | float:
        """The sum of the children's."""
        return _sum(child.bound(grid) for child in self.children)


class Complement:
    """What the child is not certain to match."""

    def __init__(self, child: Leaf) -> None:
        self._child = child

    @cached_property
    def mask(self) -> Mask:
        """Where the child is not certain."""
        return ~self._child.certain

    @cached_property
    def certain(self) -> Mask:
        """Where it does not match at all."""
        return self.mask if self._child.certain is self._child.mask else ~self._child.mask

    def alone(self) -> None:
        """None: there are no scores."""

    def add_scores(self, scores: Scores, candidates: Mask | None, factor: float) -> None:
        """Nothing."""

    def bound(self, grid: Grid) -> float:  # noqa: ARG002  # the same everywhere
        """Nothing."""
        return 0.0


class Multiplied:
    """The child, whose scores count so many times."""

    def __init__(self, child: Leaf, factor: float) -> None:
        self._child, self._factor = child, factor

    @property
    def mask(self) -> Mask:
        """The child's."""
        return self._child.mask

    @property
    def certain(self) -> Mask:
        """The child's."""
        return self._child.certain

    def alone(self) -> None:
        """None: a multiplied score is not the term's."""

    def add_scores(self, scores: Scores, candidates: Mask | None, factor: float) -> None:
        """The child's, multiplied."""
        self._child.add_scores(scores, candidates, factor * self._factor)

    def bound(self, grid: Grid) -> Scores | float:
        """The child's, multiplied."""
        return self._child.bound(grid) * self._factor


def _masks(children: Iterable[Leaf], deadline: Deadline) -> Iterator[Mask]:
    for child in children:
        deadline.check()
        yield child.mask


def _sum(bounds: Iterable[Scores | float]) -> Scores | float:
    return reduce(add, bounds)


def surely(node: Leaf, docs: Docs) -> Mask:
    """Which of these articles, which match, do so for certain; without looking at all others, where no more
    than dates are in doubt."""
    match node:
        case DatedLeaf():
            return node.lie_inside(docs)
        case Conjunction() if all(not isinstance(child, Complement | Disjunction) for child in node.children):
            return reduce(and_, [surely(child, docs) for child in node.children])
        case TermLeaf():
            return np.ones(len(docs), bool)
    certain: Mask = node.certain[docs]
    return certain
