"""Segments -> the arguments of one segment that holds what is not deleted of them, by arrays.

Terms come in the order of the dictionary from every segment, so that a part of the merged dictionary is a
part of each: it is read, renumbered, put in order and written before the next, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .names import NAME_FIELDS
from .postings import Postings, ranges, starts_of
from .rows import Compression, compressor, decompressor
from .segment import Columns, Dictionary, Segment, write_segment

_POSTINGS_AT_ONCE = 1 << 17


def merge(path: str, segments: Sequence[Segment], compression: Compression) -> None:
    """Write the articles of segments, in their order, as one."""
    terms = sorted(set().union(*(segment.terms for segment in segments)))
    numbers = {term: number for number, term in enumerate(terms)}
    targets = [
        np.fromiter((numbers[term] for term in segment.terms), np.int64, len(segment.terms))
        for segment in segments
    ]
    del numbers
    kept = np.zeros(len(terms), np.int64)
    capitals = np.zeros(len(terms), np.int64)
    for segment, target in zip(segments, targets, strict=True):
        kept[target] += _live_tokens(segment)
        capitals[target] += _live_capitals(segment)
    # A term that only deleted articles had goes, as its postings do.
    stay = np.flatnonzero(kept > 0)
    write_segment(
        path,
        _columns(segments),
        Dictionary([terms[number] for number in stay.tolist()], capitals[stay]),
        _postings(segments, targets, len(terms)),
        _rows(segments, compression),
        compression,
    )


def _live_tokens(segment: Segment) -> NDArray[np.int64]:
    tokens = segment.postings.table()["tokens"].astype(np.int64)
    found: NDArray[np.int64] = tokens[1:] - tokens[:-1]
    if segment.deletions:
        found[segment.deletions.terms] -= segment.deletions.tokens
    return found


def _live_capitals(segment: Segment) -> NDArray[np.int64]:
    found = segment.capitals.astype(np.int64)
    if segment.deletions:
        found[segment.deletions.terms] -= segment.deletions.capitals
    return found


def _columns(segments: Sequence[Segment]) -> Columns:
    docs = [segment.live_docs() for segment in segments]
    pairs = list(zip(segments, docs, strict=True))
    return Columns(
        [id for segment, chosen in pairs for id in segment.ids_of(chosen)],
        np.concatenate([segment.lengths["title"][chosen].astype(np.int64) for segment, chosen in pairs]),
        np.concatenate([segment.lengths["body"][chosen].astype(np.int64) for segment, chosen in pairs]),
        np.concatenate([segment.dates[0][chosen] for segment, chosen in pairs]),
        np.concatenate([segment.dates[1][chosen] for segment, chosen in pairs]),
        {
            field: [segment.names(field).of(doc) for segment, chosen in pairs for doc in chosen.tolist()]
            for field in NAME_FIELDS
        },
    )


def _rows(segments: Sequence[Segment], compression: Compression) -> Iterator[bytes]:
    compress = compressor(compression)
    for segment in segments:
        same = segment.compression == compression
        decompress = None if same else decompressor(segment.compression)
        for doc in segment.live_docs().tolist():
            row = segment.compressed_row(doc)
            yield compress(decompress(row)) if decompress else row


def _postings(
    segments: Sequence[Segment], targets: Sequence[NDArray[np.int64]], terms: int
) -> Iterator[Postings]:
    docs_of = list(_new_numbers(segments))
    edges = np.zeros(terms + 1, np.int64)
    for segment, target in zip(segments, targets, strict=True):
        np.add.at(edges, target + 1, np.diff(segment.postings.table()["postings"].astype(np.int64)))
    np.cumsum(edges, out=edges)
    first = 0
    while first < terms:
        last = max(first + 1, int(np.searchsorted(edges, edges[first] + _POSTINGS_AT_ONCE, side="right")) - 1)
        parts = []
        for segment, target, docs in zip(segments, targets, docs_of, strict=True):
            begin, end = np.searchsorted(target, (first, last)).tolist()
            if begin < end:
                parts.append(_renumbered(segment.postings.part(begin, end), target[begin:end], docs))
        yield _interleaved(parts)
        first = last


def _new_numbers(segments: Sequence[Segment]) -> Iterator[NDArray[np.int64]]:
    """By segment: the new number of each article, -1 for a deleted one."""
    base = 0
    for segment in segments:
        numbers = np.arange(base, base + segment.size)
        if segment.live is not None:
            numbers = np.where(segment.live, base + np.cumsum(segment.live) - 1, -1)
        yield numbers
        base += segment.live_count


def _renumbered(
    part: Postings, terms: NDArray[np.int64], docs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Postings]:
    """The postings with new article numbers, without the deleted ones, and the term of each."""
    of = np.repeat(terms, part.counts)
    numbers = docs[part.docs]
    stay = numbers >= 0
    if stay.all():
        return of, part._replace(docs=numbers)
    places = part.places[np.repeat(stay, part.title + part.body)]
    return of[stay], Postings(part.counts, numbers[stay], part.title[stay], part.body[stay], places)


def _interleaved(parts: Sequence[tuple[NDArray[np.int64], Postings]]) -> Postings:
    """The postings of all, by term, and within a term in the order of the parts."""
    terms = np.concatenate([of for of, _ in parts])
    docs, title, body, places = (
        np.concatenate([getattr(part, name) for _, part in parts])
        for name in ("docs", "title", "body", "places")
    )
    if (terms[1:] < terms[:-1]).any():
        # Each part is sorted by term already: a stable sort merges them.
        order = np.argsort(terms, kind="stable")
        tokens = title + body
        places = places[ranges(starts_of(tokens)[:-1][order], tokens[order], len(places))]
        terms, docs, title, body = (each[order] for each in (terms, docs, title, body))
    counts = np.diff(np.flatnonzero(np.diff(terms, prepend=-1)), append=len(terms)) if len(terms) else terms
    return Postings(counts, docs, title, body, places)
