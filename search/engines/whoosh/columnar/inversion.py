"""Tokens in the order of reading -> postings in the order of the dictionary, by one sort."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .postings import Postings


def inverted(ranks: NDArray[np.int64], titles: NDArray[np.int64], bodies: NDArray[np.int64]) -> Postings:
    """The postings of terms 0, 1, 2 ..., each of which occurs.

    `ranks` are the terms of all tokens, article after article, the title's first; `titles` and `bodies` how
    many tokens these have in each article.
    """
    in_article = titles + bodies
    article_of = np.repeat(np.arange(len(titles), dtype=np.int32), in_article)
    place = np.arange(len(ranks), dtype=np.int32)
    place -= np.repeat((np.cumsum(in_article) - in_article).astype(np.int32), in_article)
    in_body = place >= np.repeat(titles, in_article)
    # The rank above, the token's number below: one sort orders by term, article and position.
    keys = ranks.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.arange(len(ranks), dtype=np.uint64)
    keys.sort()
    tokens = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
    terms = (keys >> np.uint64(32)).astype(np.int32)
    del keys
    articles, in_body = article_of[tokens], in_body[tokens]
    places = place[tokens] + in_body  # the gap between title and body
    del tokens, place
    new = np.ones(len(terms), bool)
    new[1:] = (terms[1:] != terms[:-1]) | (articles[1:] != articles[:-1])
    first = np.flatnonzero(new)
    all_told = np.diff(first, append=len(terms))
    body = np.add.reduceat(in_body, first, dtype=np.int64) if len(first) else first
    counts = np.bincount(terms[first]) if len(first) else first
    return Postings(counts, articles[first].astype(np.int64), all_told - body, body, places)


def occurrences(ranks: Array, chosen: Array, terms: int) -> NDArray[np.int64]:
    """How often each of so many terms is among the chosen tokens."""
    return np.bincount(ranks[chosen], minlength=terms)
