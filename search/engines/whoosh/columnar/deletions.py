"""Articles of a segment that go -> what the segment must know of them, from their texts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..dictionary import form_term
from .segment import Deletions, Segment
from .tokenizer import Tokenizer

_AT_ONCE = 256


def deletions_of(segment: Segment, docs: Iterable[int], tokenizer: Tokenizer) -> Deletions:
    """The deletions of a segment once these articles are gone too."""
    known = segment.deletions
    before = set(known.docs.tolist()) if known else set()
    new = sorted(set(docs) - before)
    tokens, capitals = (np.zeros(len(segment.terms), np.int64) for _ in range(2))
    if known:
        tokens[known.terms], capitals[known.terms] = known.tokens, known.capitals
    for start in range(0, len(new), _AT_ONCE):
        rows = [segment.row(doc) for doc in new[start : start + _AT_ONCE]]
        numbers = tokenizer([text for title, _, body in rows for text in (title, body)]).numbers
        forms, counts = np.unique(numbers, return_counts=True)
        for form, count in zip(forms.tolist(), counts.tolist(), strict=True):
            term = segment.terms.find(form_term(tokenizer.forms[form >> 1]).encode())
            assert term is not None, "a form of an article of this segment"
            tokens[term] += count
            capitals[term] += count * (form & 1)
    terms = np.flatnonzero(tokens)
    return Deletions(np.array(sorted(before | set(new)), np.int64), terms, tokens[terms], capitals[terms])
