"""A node in one segment -> its best articles, without scoring those that cannot be among them.

Articles lie in windows, and a node has for each window a bound that no score in it exceeds: the sum, over
its terms, of the saturated greatest impacts of the blocks there. The windows of the highest bounds are
scored first; then no window counts whose bound is less than the k-th best score. What is left out is out
by a true inequality, so that the answer is that of scoring all (block-max pruning: Ding & Suel, Faster
top-k document retrieval using block-max indexes, SIGIR 2011; here for all windows at once, by arrays).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .leaves import ROUNDING, Docs, Grid, Leaf, Mask, Scores, TermLeaf
from .segment import Segment

_LEAST_WINDOW: Final = 6
_MOST_WINDOWS: Final = 10
"""Windows have 64 articles at least, and are 1,024 at most: both as powers of two."""

PRUNED_FROM: Final = 20_000
"""Fewer candidates are scored as fast as bounds are reckoned."""

_LEAST_BLOCKS: Final = 48
"""A list of fewer blocks is scored as fast as it is chosen from."""

_FIRST: Final = 512
"""So many candidates are scored first, to know what a window must promise."""

_NOTHING: Final = -1.0


class Best(NamedTuple):
    """Articles and their scores, in no order: the k best, and all that tie with the last of them; and how
    many there are in all."""

    docs: Docs
    scores: Scores
    articles: int


def best(segment: Segment, node: Leaf, mask: Mask, count: int, k: int, threshold: float) -> Best:
    """The best k of `count` candidates; those below the threshold may be missing."""
    if count <= max(PRUNED_FROM, 4 * k):
        term = node.alone()
        if term:
            return _top(*term.scored(None if mask is term.mask else mask), k, count)
        scores = np.zeros(segment.size)
        node.add_scores(scores, mask, 1.0)
        docs = np.flatnonzero(mask)
        return _top(docs, scores[docs], k, count)
    scores = np.zeros(segment.size)
    docs = np.flatnonzero(_narrowed(node, mask, k, threshold, scores))
    return _top(docs, scores[docs], k, count)


def _top(docs: Docs, scores: Scores, k: int, articles: int) -> Best:
    if len(docs) > k:
        chosen = np.flatnonzero(scores >= _kth(scores, k))
        docs, scores = docs[chosen], scores[chosen]
    return Best(docs, scores, articles)


def _kth(scores: Scores, k: int) -> float:
    return float(np.partition(scores, len(scores) - k)[len(scores) - k])


def _narrowed(node: Leaf, mask: Mask, k: int, threshold: float, scores: Scores) -> Mask:
    """The candidates in windows that may hold one of the best, scored."""
    shift = max(_LEAST_WINDOW, (len(mask) - 1).bit_length() - _MOST_WINDOWS)
    grid = Grid(shift, ((len(mask) - 1) >> shift) + 1)
    bound = node.bound(grid)
    if isinstance(bound, float):
        node.add_scores(scores, mask, 1.0)
        return mask
    held = np.bincount(np.flatnonzero(mask) >> shift, minlength=grid.windows)
    bound[held == 0] = _NOTHING
    order = np.argsort(-bound)
    enough = int(np.searchsorted(np.cumsum(held[order]), max(_FIRST, 4 * k))) + 1
    first = np.zeros(grid.windows, bool)
    first[order[:enough]] = True
    chosen = mask & _articles_of(first, grid, len(mask))
    node.add_scores(scores, chosen, 1.0)
    found = scores[chosen]
    if len(found) >= k:
        threshold = max(threshold, _kth(found, k))
    second = (bound >= threshold) & ~first & (held > 0)
    if second.any():
        rest = mask & _articles_of(second, grid, len(mask))
        node.add_scores(scores, rest, 1.0)
        chosen |= rest
    return chosen


def _articles_of(windows: Mask, grid: Grid, size: int) -> Mask:
    return np.repeat(windows, 1 << grid.shift)[:size]


def best_of_one_list(node: Leaf, k: int, threshold: float) -> Best | None:
    """The best articles of a term of one form, from the blocks that may hold them, its list being read
    nowhere else; None where the node is no such term, its list is short, or not all of it counts."""
    if not isinstance(node, TermLeaf) or len(node.forms) != 1 or not node.matching_forms or node.field:
        return None
    term, segment = node.forms[0].term, node.where.segment
    _, greatest = segment.postings.blocks(term)
    if len(greatest) < max(_LEAST_BLOCKS, 4 * k) or term.odd or segment.live is not None:
        return None
    if node.foreign is not None:
        return None
    bound = node.scores_of(greatest.astype(np.float64) * node.where.growth) * ROUNDING
    first = np.argpartition(bound, len(bound) - k)[len(bound) - k :]
    docs, scores = _of_blocks(node, first)
    second = bound >= max(threshold, _kth(scores, k))
    second[first] = False
    if second.any():
        more_docs, more_scores = _of_blocks(node, np.flatnonzero(second))
        docs, scores = np.concatenate((docs, more_docs)), np.concatenate((scores, more_scores))
    return _top(docs, scores, k, term.articles)


def _of_blocks(leaf: TermLeaf, blocks: NDArray[np.int64]) -> tuple[Docs, Scores]:
    docs, codes = leaf.where.segment.postings.of_blocks(leaf.forms[0].term, np.sort(blocks))
    return docs, leaf.scores_of(leaf.parts_of(docs, codes))
