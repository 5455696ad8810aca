"""Postings of a segment <-> arrays of its file.

A term is a form, by its rank in the segment's dictionary; a posting says in which article it stands, how
often in the title and in the body, and at which positions. Titles and bodies share one list and one line
of positions: the title's tokens from 0 on, then a gap of one, then the body's.

    docs1 docs2 docs4  the first article of a term, then the steps to the next, in the fewest bytes that
                       hold all of the term's
    codes              title << 6 | body; 255 where that holds too little: then see `odd`
    places1 ... 32     all positions of the term, article by article, in the fewest bits
    last greatest      for each block of 128 postings, of terms that have more than 128: the last article
                       and the greatest impact
    table              a `Term` for each term, and one more, which ends the last

The impact of a posting is its part of BM25F's weighted frequency (`ranking.py`) at the average lengths
that the segment was written with, never rounded down; `bound_factor` makes it a bound at other averages.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....ranking import FIELD_WEIGHTS
from .arrays import Array, ArrayFile, ArrayFileWriter
from .bits import BitsWriter, bits_of, picked, unpacked

BLOCK: Final = 128
ODD: Final = 255
_MOST_IN_CODE: Final = {"title": 3, "body": 63}
_KINDS: Final[Mapping[int, type[np.unsignedinteger]]] = {1: np.uint8, 2: np.uint16, 4: np.uint32}

_ROW: Final = struct.Struct("<IIIIIBBBxf")
_TABLE: Final = np.dtype(
    {
        "names": [
            "postings", "tokens", "docs_at", "places_at", "blocks",
            "docs_width", "places_width", "odd", "impact",
        ],
        "formats": ["<u4", "<u4", "<u4", "<u4", "<u4", "u1", "u1", "u1", "<f4"],
        "offsets": [0, 4, 8, 12, 16, 20, 21, 22, 24],
        "itemsize": _ROW.size,
    }
)  # fmt: skip
"""A row of the table, to one and to the other library."""

LEAST_IN_TITLE: Final = 1 << 6
"""The least code of a posting in a title."""

_CODES: Final = np.arange(256)
TITLE_OF_CODE: Final = (_CODES >> 6).astype(np.float64)
BODY_OF_CODE: Final = (_CODES & 63).astype(np.float64)
TOKENS_OF_CODE: Final = (_CODES >> 6) + (_CODES & 63)
"""What a code says, as numbers to reckon with."""


class Postings(NamedTuple):
    """The postings of consecutive terms: `counts` by term; `docs`, `title`, `body` by posting; `places`,
    title + body of them for each posting."""

    counts: Array
    docs: Array
    title: Array
    body: Array
    places: Array


def normals(name: str, lengths: Array, average: float) -> NDArray[np.float64]:
    """What one occurrence in a field adds to the weighted frequency: w / (1 - b + b l / l̄)."""
    setting = FIELD_WEIGHTS[name]
    found: NDArray[np.float64] = setting.weight / (1 - setting.b + setting.b * lengths / (average or 1.0))
    return found


def bound_factor(written: Mapping[str, float], now: Mapping[str, float]) -> float:
    """By how much impacts at the averages `written` may have grown at the averages of `now`.

    (1 - b + b l / a) / (1 - b + b l / a') is at most max(1, a' / a) whatever l is.
    """
    return max([1.0, *(now[name] / written[name] for name in written if written[name])])


def starts_of(counts: Array) -> NDArray[np.int64]:
    """Where each of consecutive runs of these lengths begins, and where the last one ends."""
    found = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=found[1:])
    return found


def ranges(starts: Array, counts: Array, most: int | None = None) -> NDArray[np.int64]:
    """The numbers start ... start + count - 1 of each pair, end to end.

    Raises ValueError where they are more than `most`, before they take memory: NumPy itself does not notice
    a sum beyond 64 bits, and writes where nothing is its own.
    """
    ends = np.cumsum(counts)
    if most is not None and len(ends) and (counts.max() > most or ends[-1] > most):
        raise ValueError("more places than there can be")
    found: NDArray[np.int64] = np.repeat(np.asarray(starts) - ends + counts, counts)
    found += np.arange(len(found))
    return found


class PostingsWriter:
    """Writes the postings of terms in the order of the dictionary, in parts of any size."""

    def __init__(self, file: ArrayFileWriter, lengths: Mapping[str, Array]) -> None:
        self._file = file
        self._averages = {name: float(each.mean()) if len(each) else 0.0 for name, each in lengths.items()}
        self._normals = {name: normals(name, each, self._averages[name]) for name, each in lengths.items()}
        self._per_term: dict[str, list[Array]] = {}
        self._odd: list[tuple[Array, Array, Array]] = []
        self._bits: dict[int, BitsWriter] = {}
        self._written = 0
        file.value("averages", self._averages)
        for width, kind in _KINDS.items():
            file.append(f"docs{width}", np.zeros(0, kind))
        for name, dtype in (("codes", "u1"), ("last", "<u4"), ("greatest", "<f4")):
            file.append(name, np.zeros(0, dtype))

    def append(self, part: Postings) -> None:
        """Write the postings of the next terms; every one has at least one."""
        if not len(part.counts):
            return
        first = starts_of(part.counts)[:-1]
        tokens = part.title + part.body
        per_term = np.add.reduceat(tokens, first)
        steps = np.diff(part.docs, prepend=0)
        steps[first] = part.docs[first]
        self._append_steps(steps, part.counts)
        self._append_places(part.places, per_term)
        self._append_codes(part)
        impacts = (
            part.title * self._normals["title"][part.docs] + part.body * self._normals["body"][part.docs]
        )
        self._append_blocks(part, _rounded_up(impacts), first)
        self._keep("postings", part.counts)
        self._keep("tokens", per_term)
        self._written += len(part.docs)

    def close(self) -> None:
        """Write what is known by term."""
        for bits in self._bits.values():
            bits.close()
        counts = {name: self._all(name, np.int64) for name in ("postings", "tokens", "blocks")}
        table = np.zeros(len(counts["postings"]) + 1, _TABLE)
        for name, each in counts.items():
            table[name] = starts_of(each)
        for name, counted in (("docs", "postings"), ("places", "tokens")):
            widths = self._all(f"{name}_width", np.uint8)
            table[f"{name}_width"][:-1] = widths
            for width in np.unique(widths):
                chosen = np.flatnonzero(widths == width)
                table[f"{name}_at"][chosen] = starts_of(counts[counted][chosen])[:-1]
        table["impact"][:-1] = self._all("impact", np.float32)
        if self._odd:
            odd = np.concatenate([found for found, _, _ in self._odd])
            table["odd"][np.searchsorted(table["postings"], odd, side="right") - 1] = 1
        self._file.add("table", table.view(np.uint8))
        for name, column in zip(("odd", "odd_title", "odd_body"), zip(*self._odd, strict=True), strict=False):
            self._file.add(name, np.concatenate(column))

    def _append_steps(self, steps: Array, counts: Array) -> None:
        greatest = np.maximum.reduceat(steps, starts_of(counts)[:-1])
        widths = np.where(greatest < 1 << 8, 1, np.where(greatest < 1 << 16, 2, 4)).astype(np.uint8)
        for width, kind in _KINDS.items():
            self._file.append(f"docs{width}", steps[np.repeat(widths == width, counts)].astype(kind))
        self._keep("docs_width", widths)

    def _append_places(self, places: Array, counts: Array) -> None:
        widths = bits_of(np.maximum.reduceat(places, starts_of(counts)[:-1]))
        for width in np.unique(widths).tolist():
            if width not in self._bits:
                self._bits[width] = BitsWriter(self._file, f"places{width}", width)
            self._bits[width].append(places[np.repeat(widths == width, counts)])
        self._keep("places_width", widths)

    def _append_codes(self, part: Postings) -> None:
        codes = np.minimum(part.title, 3) << 6 | np.minimum(part.body, 63)
        large = (part.title > _MOST_IN_CODE["title"]) | (part.body > _MOST_IN_CODE["body"])
        codes[large] = ODD
        odd = np.flatnonzero(codes == ODD)
        if len(odd):
            self._odd.append((odd + self._written, part.title[odd], part.body[odd]))
        self._file.append("codes", codes.astype(np.uint8))

    def _append_blocks(self, part: Postings, impacts: Array, first: Array) -> None:
        self._keep("impact", np.maximum.reduceat(impacts, first))
        blocks = np.where(part.counts > BLOCK, -(-part.counts // BLOCK), 0)
        large = np.flatnonzero(blocks)
        within = ranges(np.zeros(len(large), np.int64), blocks[large])
        begin = np.repeat(first[large], blocks[large]) + within * BLOCK
        end = np.minimum(begin + BLOCK, np.repeat((first + part.counts)[large], blocks[large]))
        greatest = np.zeros(0, np.float32)
        if len(begin):
            # Every second of the reductions lies between blocks.
            edges = np.stack((begin, end), axis=1).ravel()
            greatest = np.maximum.reduceat(np.append(impacts, np.float32(0)), edges)[::2]
        self._file.append("last", part.docs[end - 1].astype(np.uint32))
        self._file.append("greatest", greatest)
        self._keep("blocks", blocks)

    def _keep(self, name: str, array: Array) -> None:
        self._per_term.setdefault(name, []).append(array)

    def _all(self, name: str, kind: type[np.generic]) -> Array:
        parts = self._per_term.get(name, [])
        return np.concatenate(parts) if parts else np.zeros(0, kind)


def _rounded_up(impacts: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.nextafter(impacts.astype(np.float32), np.float32(np.inf))


class Term(NamedTuple):
    """Where the postings of a term begin and end, in each of the arrays; whether some code of it is ODD; its
    greatest impact."""

    postings: int
    tokens: int
    docs_at: int
    places_at: int
    blocks: int
    docs_width: int
    places_width: int
    odd: int
    impact: float
    postings_end: int
    tokens_end: int
    blocks_end: int

    @property
    def articles(self) -> int:
        """In how many articles it stands, deleted ones included."""
        return self.postings_end - self.postings


class PostingsReader:
    """The postings of one segment's file."""

    def __init__(self, file: ArrayFile) -> None:
        column = file.column
        self._docs = {width: column(f"docs{width}") for width in _KINDS}
        self._places = {bits: column(f"places{bits}") for bits in range(1, 33) if f"places{bits}" in file}
        self._table = column("table")
        self._codes = column("codes")
        self._last, self._greatest = column("last"), column("greatest")
        self._file = file
        self._odd: list[int] | None = None
        self.averages: Mapping[str, float] = file.values["averages"]

    def term(self, number: int) -> Term:
        """What is known of a term."""
        size = _ROW.size
        data = self._table.bytes(number * size, (number + 2) * size)
        after = _ROW.unpack_from(data, size)
        return Term._make((*_ROW.unpack_from(data), after[0], after[1], after[4]))

    def docs(self, term: Term) -> NDArray[np.int64]:
        """The articles of a term, in order."""
        at = term.docs_at
        steps = self._docs[term.docs_width][at : at + term.postings_end - term.postings]
        return steps.cumsum(dtype=np.int64)

    def codes(self, term: Term) -> NDArray[np.uint8]:
        """The codes of a term's postings; see `odd` for those that are ODD."""
        return self._codes[term.postings : term.postings_end]

    def odd(self, term: Term) -> list[tuple[int, int, int]]:
        """(rank among the term's postings, title, body) of the postings with the code ODD."""
        if not term.odd:
            return []
        if self._odd is None:
            self._odd = self._file.array("odd").tolist()
        first = bisect_left(self._odd, term.postings)
        last = bisect_left(self._odd, term.postings_end, first)
        title, body = (self._file.column(name)[first:last].tolist() for name in ("odd_title", "odd_body"))
        if sum(title) + sum(body) > term.tokens_end - term.tokens or min([0, *title, *body]) < 0:
            raise ValueError("more places than the term has")
        ranks = [each - term.postings for each in self._odd[first:last]]
        return list(zip(ranks, title, body, strict=True))

    def frequencies(self, term: Term) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How often a term stands in the title and in the body of each of its articles."""
        codes = self.codes(term).astype(np.int64)
        title, body = codes >> 6, codes & 63
        for rank, in_title, in_body in self.odd(term):
            title[rank], body[rank] = in_title, in_body
        return title, body

    def places(self, term: Term) -> NDArray[np.uint32]:
        """The positions of a term, article by article."""
        width = term.places_width
        return unpacked(self._places[width], width, term.places_at, term.tokens_end - term.tokens)

    def places_at(
        self, numbers: NDArray[np.int64], widths: Array, counts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Positions of any terms, each by its number among all of its width; `counts` of them have the first
        of the widths, and so on."""
        present = set(widths.tolist())
        if len(present) == 1:
            width = present.pop()
            return picked(self._places[width], width, numbers)
        found = np.empty(len(numbers), np.int64)
        of_place = widths.repeat(counts)
        for width in present:
            chosen = (of_place == width).nonzero()[0]
            found[chosen] = picked(self._places[width], width, numbers[chosen])
        return found

    def blocks(self, term: Term) -> tuple[Array, Array]:
        """The last article and the greatest impact of each block; of none, where one block holds all."""
        return self._last[term.blocks : term.blocks_end], self._greatest[term.blocks : term.blocks_end]

    def of_blocks(self, term: Term, blocks: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """The articles and the codes of some blocks, in order, of a term that has more than one."""
        sizes = np.minimum(BLOCK, term.articles - blocks * BLOCK)
        chosen = ranges(blocks * BLOCK, sizes)
        steps = self._docs[term.docs_width][term.docs_at : term.docs_at + term.articles][chosen].astype(
            np.int64
        )
        last, _ = self.blocks(term)
        first = starts_of(sizes)[:-1]
        # Each block goes on from the last article of the one before; the first step is an article.
        before = np.where(blocks > 0, last[blocks - 1], 0).astype(np.int64)
        sums = np.cumsum(steps)
        before -= sums[first] - steps[first]
        return sums + np.repeat(before, sizes), self.codes(term)[chosen]

    def part(self, first: int, last: int) -> Postings:
        """The postings of the terms from `first` to before `last`."""
        table = self.table(first, last + 1)
        edges = table["postings"].astype(np.int64)
        counts = np.diff(edges)
        steps = self._all_of("docs", table[:-1], counts)
        sums = np.cumsum(steps, dtype=np.int64)
        begin = edges[:-1] - edges[0]
        docs = sums - np.repeat((sums - steps)[begin], counts) if len(counts) else sums
        codes = self._codes[int(edges[0]) : int(edges[-1])].astype(np.int64)
        title, body = codes >> 6, codes & 63
        for number in self._odd_terms(edges):
            for rank, in_title, in_body in self.odd(self.term(first + number)):
                at = int(begin[number]) + rank
                title[at], body[at] = in_title, in_body
        tokens = np.diff(table["tokens"].astype(np.int64))
        return Postings(counts, docs, title, body, self._all_of("places", table[:-1], tokens))

    def table(self, first: int = 0, last: int | None = None) -> Array:
        """What is known of the terms from `first` to before `last`, the one that ends the last included."""
        size = _ROW.size
        end = None if last is None else last * size
        return self._table[first * size : end].view(_TABLE)

    def _odd_terms(self, edges: NDArray[np.int64]) -> list[int]:
        """Which of the terms between these edges have a posting with the code ODD."""
        odd = self._file.array("odd") if "odd" in self._file else np.zeros(0, np.int64)
        among = odd[np.searchsorted(odd, edges[0]) : np.searchsorted(odd, edges[-1])]
        terms: list[int] = np.unique(np.searchsorted(edges, among, side="right") - 1).tolist()
        return terms

    def _all_of(self, name: str, table: Array, counts: Array) -> NDArray[np.uint32]:
        """The steps or places of some terms, end to end, from where each width keeps them."""
        widths, at = table[f"{name}_width"], table[f"{name}_at"]
        found = np.empty(int(counts.sum()), np.uint32)
        for width in np.unique(widths).tolist():
            chosen = widths == width
            begin, size = int(at[int(chosen.argmax())]), int(counts[chosen].sum())
            found[np.repeat(chosen, counts)] = (
                self._docs[width][begin : begin + size]
                if name == "docs"
                else unpacked(self._places[width], width, begin, size)
            )
        return found
