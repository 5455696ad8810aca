"""One immutable segment: what articles became, in one file, and what was deleted since, in another.

terms               the dictionary: "stem form" in UTF-8, sorted, so that the forms of a stem stand together
capitals            how often each form was written with a capital
folds folds_terms   the same forms by their folding, sorted, and the term of each
(sounding.py)       those that stand with a capital by how they sound
(postings.py)       where they stand
title_length ...    tokens of the title and of the body of each article; its first and last day
ids ids_at ids_doc id_rank     the ids, sorted, the article of each, and the rank of each article's
(names.py)          source, author, section, path, language
rows rows_at rows_dictionary   title, address and body, compressed
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....article import Article, Span
from ....errors import NewsearchError
from ....french.analysis import fold, is_french
from ..generations import damaged
from .arrays import MISREAD, NONSENSE, Array, ArrayFile, ArrayFileWriter, smallest
from .edits import Neighbours
from .names import NAME_FIELDS, Names, write_names
from .postings import Postings, PostingsReader, PostingsWriter, starts_of
from .rows import Compression, Row, decoded, decompressor
from .sounding import Sounding, read_sounding, sounding, write_sounding
from .strings import Strings, write_strings

SUFFIX: Final = ".nsa"
NO_DATE: Final = 0
"""The ordinal that stands for an unknown date; the year 1 begins at 1."""


class Columns(NamedTuple):
    """What is known of articles by their number: ids, tokens in title and body, first and last day as
    ordinals, and names by field."""

    ids: Sequence[str]
    titles: Array
    bodies: Array
    starts: Array
    ends: Array
    names: Mapping[str, Sequence[str | None]]


class Dictionary(NamedTuple):
    """The terms of a segment, sorted, and how often each was written with a capital."""

    terms: Sequence[bytes]
    capitals: Array


def write_segment(
    path: str,
    columns: Columns,
    dictionary: Dictionary,
    postings: Iterable[Postings],
    rows: Iterable[bytes],
    compression: Compression,
    *,
    views: bool = True,
) -> None:
    """Write a whole segment. `postings` come in the order of the dictionary, `rows`, which are compressed,
    in that of the articles. Without the `views` of its dictionary it can only be merged."""
    file = ArrayFileWriter(path)
    try:
        _write_columns(file, columns)
        write_strings(file, "terms", dictionary.terms)
        file.add("capitals", smallest(dictionary.capitals))
        if views:
            _write_folds(file, dictionary)
        writer = PostingsWriter(file, {"title": columns.titles, "body": columns.bodies})
        for part in postings:
            writer.append(part)
        writer.close()
        sizes = []
        file.append("rows", np.zeros(0, np.uint8))
        for row in rows:
            file.append("rows", np.frombuffer(row, np.uint8))
            sizes.append(len(row))
        file.add("rows_at", smallest(starts_of(np.array(sizes, np.int64))))
        file.add("rows_dictionary", np.frombuffer(compression.dictionary, np.uint8))
        file.value("compression", compression.method)
        file.close()
    except BaseException:
        file.abandon()
        raise


def _write_columns(file: ArrayFileWriter, columns: Columns) -> None:
    file.add("title_length", smallest(columns.titles))
    file.add("body_length", smallest(columns.bodies))
    file.add("date_start", columns.starts.astype(np.int32))
    file.add("date_end", columns.ends.astype(np.int32))
    ids = [id.encode() for id in columns.ids]
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
    ranks = np.empty(len(ids), np.int64)
    ranks[order] = np.arange(len(ids))
    file.add("ids", np.frombuffer(b"".join(ids[number] for number in order.tolist()), np.uint8))
    file.add("ids_at", smallest(starts_of(np.array([len(ids[n]) for n in order.tolist()], np.int64))))
    file.add("ids_doc", smallest(order))
    file.add("id_rank", smallest(ranks))
    for field, names in columns.names.items():
        write_names(file, field, names)


def _write_folds(file: ArrayFileWriter, dictionary: Dictionary) -> None:
    folded = [fold(term.partition(b" ")[2].decode()).encode() for term in dictionary.terms]
    order = sorted(range(len(folded)), key=folded.__getitem__)
    in_order = [folded[number] for number in order]
    write_strings(file, "folds", in_order)
    file.add("folds_terms", smallest(np.array(order, np.int64)))
    write_sounding(file, in_order, np.asarray(dictionary.capitals)[np.array(order, np.int64)])


class Deletions(NamedTuple):
    """What was deleted of a segment: the articles, and by term how many of its tokens, and how many of
    these with a capital, stood in them."""

    docs: NDArray[np.int64]
    terms: NDArray[np.int64]
    tokens: NDArray[np.int64]
    capitals: NDArray[np.int64]


def write_deletions(path: str, deletions: Deletions) -> None:
    """Write what was deleted of a segment."""
    file = ArrayFileWriter(path)
    for name, array in deletions._asdict().items():
        file.add(name, smallest(array))
    file.close()


class Segment:
    """An open segment. Raises DamagedIndexError, now or when something altered is first read."""

    def __init__(self, path: str, deletions: str | None = None) -> None:
        self.name = os.path.basename(path).removesuffix(SUFFIX)
        self.file = ArrayFile(path)
        self.deletions_name = os.path.basename(deletions) if deletions else None
        self._deletions_file = ArrayFile(deletions) if deletions else None
        try:
            self.terms = Strings(self.file, "terms")
            self.postings = PostingsReader(self.file)
            self.size = self.file.column("date_start").count
            self._rows, self._rows_at = self.file.column("rows"), self.file.column("rows_at")
        except MISREAD as error:
            raise damaged(path, NONSENSE) from error
        self._names = {field: Names(self.file, field) for field in NAME_FIELDS}
        self.has_views = "folds" in self.file

    @property
    def is_whole(self) -> bool:
        """Whether it is as a merge would make it."""
        return self.has_views and self.deletions is None

    @property
    def tokens(self) -> int:
        """How many tokens its articles have, deleted ones included."""
        return int(self.postings.table(len(self.terms))["tokens"][0])

    @cached_property
    def deletions(self) -> Deletions | None:
        """What was deleted, if anything was."""
        file = self._deletions_file
        if file is None:
            return None
        return Deletions(*(file.array(name).astype(np.int64) for name in Deletions._fields))

    def delete(self, deletions: Deletions) -> None:
        """Have this object know of other deletions than it was opened with."""
        self.deletions = deletions
        for known in ("live", "live_count", "live_tokens", "live_capitals"):
            self.__dict__.pop(known, None)

    @cached_property
    def live(self) -> NDArray[np.bool_] | None:
        """Which articles are not deleted; None where all are not."""
        if self.deletions is None:
            return None
        live = np.ones(self.size, bool)
        live[self.deletions.docs] = False
        return live

    @cached_property
    def live_count(self) -> int:
        """How many articles are not deleted."""
        return self.size - (len(self.deletions.docs) if self.deletions else 0)

    @cached_property
    def lengths(self) -> Mapping[str, Array]:
        """Tokens of each article, by field."""
        return {name: self.file.array(f"{name}_length") for name in ("title", "body")}

    @cached_property
    def dates(self) -> tuple[Array, Array]:
        """The first and the last day of each article, as ordinals; NO_DATE where unknown."""
        return self.file.array("date_start"), self.file.array("date_end")

    @cached_property
    def capitals(self) -> Array:
        """How often each form was written with a capital, in all articles."""
        return self.file.array("capitals")

    def capitals_of(self, term: int) -> int:
        """The same for one form."""
        return self.file.column("capitals").item(term)

    @cached_property
    def live_tokens(self) -> NDArray[np.int64]:
        """How often each form stands in the articles that are not deleted."""
        begin = self.postings.table()["tokens"].astype(np.int64)
        tokens: NDArray[np.int64] = begin[1:] - begin[:-1]
        if self.deletions:
            tokens[self.deletions.terms] -= self.deletions.tokens
        return tokens

    @cached_property
    def live_capitals(self) -> Array:
        """The same with a capital."""
        if not self.deletions:
            return self.capitals
        capitals = self.capitals.astype(np.int64)
        capitals[self.deletions.terms] -= self.deletions.capitals
        return capitals

    @cached_property
    def terms_of_folds(self) -> Array:
        """The term of each folding."""
        return self.file.array("folds_terms")

    def forms(self, terms: Array) -> list[str]:
        """The forms of some terms."""
        return [term.partition(" ")[2] for term in self.terms.several(terms)]

    @cached_property
    def folds(self) -> Strings:
        """The folded forms, sorted, as often as there are forms."""
        return Strings(self.file, "folds")

    @cached_property
    def neighbours(self) -> Neighbours:
        """The folded forms by their letters, for what is a few edits away."""
        return Neighbours(self.folds)

    @cached_property
    def sounding(self) -> Sounding:
        """The forms that ever stand with a capital by how they sound."""
        known = read_sounding(self.file)
        return known or sounding(self.folds, self.capitals[self.terms_of_folds])

    @cached_property
    def id_ranks(self) -> Array:
        """The rank of each article's id among all."""
        return self.file.array("id_rank")

    @cached_property
    def _ids(self) -> _Ids:
        return _Ids(self.file)

    def ids_of(self, docs: NDArray[np.int64]) -> list[str]:
        """The ids of some articles."""
        return self._ids.several(self.id_ranks[docs])

    def id_of(self, doc: int) -> str:
        """The id of an article."""
        return self._ids.id(self.id_ranks.item(doc))

    def doc_of(self, id: str) -> int | None:
        """The article with this id, if it is not deleted."""
        doc = self._ids.doc(id)
        return None if doc is None or (self.live is not None and not self.live[doc]) else doc

    def ids(self, beginning: str = "") -> Iterator[tuple[str, int]]:
        """(id, article) of those that are not deleted, in the order of the ids that begin so."""
        for id, doc in self._ids.beginning_with(beginning):
            if self.live is None or self.live[doc]:
                yield id, doc

    def names(self, field: str) -> Names:
        """The names of a field."""
        return self._names[field]

    @cached_property
    def foreign(self) -> NDArray[np.bool_] | None:
        """Which articles are in a language that is not French; None, and only the table of languages read,
        where none is."""
        languages = self.names("language")
        known = np.array([not is_french(languages.name(n)) for n in range(languages.count() + 1)])
        return known[languages.numbers] if known.any() else None

    @cached_property
    def compression(self) -> Compression:
        """How the rows are compressed."""
        method = self.file.values["compression"]
        return Compression(method, self.file.array("rows_dictionary").tobytes())

    def row(self, doc: int) -> Row:
        """The title, the address and the body of an article."""
        data = self.compressed_row(doc)
        try:
            return decoded(self._decompress(data))
        except NewsearchError:
            raise
        except Exception as error:  # each library has an error of its own
            raise damaged(self.file.path, f"{type(error).__name__}: {error}") from error

    def compressed_row(self, doc: int) -> bytes:
        """The same as it is kept."""
        return self._rows.bytes(self._rows_at.item(doc), self._rows_at.item(doc + 1))

    @cached_property
    def _decompress(self) -> Callable[[bytes], bytes]:
        return decompressor(self.compression)

    def article(self, doc: int) -> Article:
        """An article as it was added."""
        title, url, body = self.row(doc)
        starts, ends = self.dates
        return Article(
            id=self.id_of(doc),
            title=title,
            body=body,
            date=_span(int(starts[doc]), int(ends[doc])),
            url=url,
            **{field: names.of(doc) for field, names in self._names.items()},
        )

    def live_docs(self) -> NDArray[np.int64]:
        """The articles that are not deleted, in order."""
        return np.arange(self.size) if self.live is None else np.flatnonzero(self.live)


class _Ids:
    def __init__(self, file: ArrayFile) -> None:
        self._text, self._at = file.column("ids"), file.column("ids_at")
        self._docs = file.column("ids_doc")

    def id(self, rank: int) -> str:
        start, end = self._at[rank : rank + 2].tolist()
        return self._text.bytes(start, end).decode()

    def several(self, ranks: Array) -> list[str]:
        starts, ends = (self._all_at[ranks + step].tolist() for step in (0, 1))
        return [self._text.bytes(start, end).decode() for start, end in zip(starts, ends, strict=True)]

    @cached_property
    def _all_at(self) -> Array:
        return self._at[:]

    def doc(self, id: str) -> int | None:
        rank = self._place(id)
        return self._docs.item(rank) if rank < self._docs.count and self.id(rank) == id else None

    def beginning_with(self, beginning: str) -> Iterator[tuple[str, int]]:
        for rank in range(self._place(beginning), self._docs.count):
            id = self.id(rank)
            if not id.startswith(beginning):
                return
            yield id, self._docs.item(rank)

    def _place(self, id: str) -> int:
        low, high = 0, self._docs.count
        while low < high:
            middle = (low + high) >> 1
            if self.id(middle) < id:
                low = middle + 1
            else:
                high = middle
        return low


def _span(start: int, end: int) -> Span | None:
    """The span from one day to another, which is a day, a month or a year."""
    if start == NO_DATE:
        return None
    first, last = dt.date.fromordinal(start), dt.date.fromordinal(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    return Span(first, last, "day" if start == end else "year" if months else "month")
