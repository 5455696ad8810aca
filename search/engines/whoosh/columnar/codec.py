"""A columnar segment -> a Whoosh segment that `whoosh.index.open_dir` and Whoosh's own Searcher can read.

newsearch itself never comes this way. Whoosh sees the fields of `schema.py`: `title` and `body` hold
stems, each with the postings of all its forms; `title_forms` and `body_forms` the forms, behind their stems;
`source`, `author`, `section`, `path` folded forms. It reads through plain lists, slowly, and cannot write:
only newsearch writes here.
"""

# What is not documented here, and the arguments not used, are Whoosh's own.
# ruff: noqa: ARG002, D102

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
from whoosh.codec import base
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from ..dictionary import TEXT_FIELDS, forms_field
from ..generations import toc_name
from ..schema import schema
from .arrays import Array
from .names import SEARCHED
from .segment import SUFFIX, Segment

_GAP: Final = 1
"""Between the positions of a title and of its body (see `postings.py`)."""


def toc_bytes(segments: Sequence[Segment], generation: int) -> bytes:
    """The content of Whoosh's TOC of a generation."""
    known = [WhooshSegment(segment) for segment in segments]
    storage = RamStorage()
    TOC(schema(), known, generation).write(storage, "MAIN")
    content: bytes = storage.files[toc_name(generation)]
    return content


class WhooshSegment(base.Segment):  # type: ignore[misc]  # Whoosh has no types
    """What Whoosh's TOC keeps of a segment."""

    def __init__(self, segment: Segment) -> None:
        indexname, _, self.segid = segment.name.partition("_")
        self.indexname = indexname
        self.compound = False
        self.size = segment.size
        self.deletions_name = segment.deletions_name
        self.deleted = frozenset(segment.deletions.docs.tolist()) if segment.deletions else frozenset()

    def codec(self) -> Codec:
        return Codec()

    def doc_count_all(self) -> int:
        return self.size

    def deleted_count(self) -> int:
        return len(self.deleted)

    def deleted_docs(self) -> Iterator[int]:
        return iter(self.deleted)

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self.deleted


class Codec(base.Codec):  # type: ignore[misc]
    """Reads segments for Whoosh."""

    def terms_reader(self, storage: Any, segment: WhooshSegment) -> TermsReader:
        return TermsReader(_opened(storage, segment))

    def per_document_reader(self, storage: Any, segment: WhooshSegment) -> DocumentsReader:
        return DocumentsReader(_opened(storage, segment), segment)

    def automata(self, storage: Any, segment: WhooshSegment) -> base.Automata:
        return base.Automata()


def _opened(storage: Any, segment: WhooshSegment) -> Segment:
    return Segment(os.path.join(storage.folder, segment.segment_id() + SUFFIX))


class _Entries(list[tuple[int, list[int]]]):
    """The postings of one term: (article, positions), in order."""


class _Field(Protocol):
    """One of Whoosh's fields: its terms, sorted, and the postings of the n-th."""

    @property
    def terms(self) -> Sequence[bytes]: ...

    def entries(self, number: int) -> _Entries: ...


class _TextField:
    """The forms of titles or bodies, or their stems."""

    def __init__(self, segment: Segment, field: str, stemmed: bool) -> None:
        self._segment, self._field = segment, field
        forms: dict[bytes, list[int]] = {}
        for number, (term, present) in enumerate(zip(segment.terms, self._present(), strict=True)):
            if present:
                forms.setdefault(term.partition(b" ")[0] if stemmed else term, []).append(number)
        self.terms = sorted(forms)
        self._forms = forms

    def entries(self, number: int) -> _Entries:
        places: dict[int, list[int]] = {}
        for form in self._forms[self.terms[number]]:
            for doc, found in self._of_form(form):
                places.setdefault(doc, []).extend(found)
        return _Entries((doc, sorted(places[doc])) for doc in sorted(places))

    def _of_form(self, form: int) -> Iterator[tuple[int, list[int]]]:
        postings = self._segment.postings
        term = postings.term(form)
        title, body = postings.frequencies(term)
        places = postings.places(term).tolist()
        at = 0
        titles = self._segment.lengths["title"]
        for doc, in_title, in_body in zip(
            postings.docs(term).tolist(), title.tolist(), body.tolist(), strict=True
        ):
            middle = at + in_title
            if self._field == "title" and in_title:
                yield doc, places[at:middle]
            if self._field == "body" and in_body:
                first = int(titles[doc]) + _GAP
                yield doc, [place - first for place in places[middle : middle + in_body]]
            at = middle + in_body

    def _present(self) -> list[bool]:
        """Whether each form stands in this field at all."""
        postings = self._segment.postings
        counts = len(self._segment.terms)
        part = postings.part(0, counts)
        here = part.title if self._field == "title" else part.body
        if not counts:
            return []
        present: list[bool] = (np.add.reduceat(here, postings.table()["postings"][:-1]) > 0).tolist()
        return present


class _NameField:
    """The folded forms of names."""

    def __init__(self, segment: Segment, field: str) -> None:
        self._names = segment.names(field)
        self.terms = sorted(term.encode() for term in self._names.terms)

    def entries(self, number: int) -> _Entries:
        places: dict[int, list[int]] = {}
        for key in self._names.keys({self.terms[number].decode()}).tolist():
            places.setdefault(key >> 32, []).append(key & 0xFFFFFFFF)
        docs = self._names.docs(places)
        return _Entries((doc, places[int(self._names.numbers[doc])]) for doc in docs.tolist())


class _WholeField:
    """Ids, or languages, each one term."""

    def __init__(self, values: Mapping[bytes, list[int]]) -> None:
        self.terms = sorted(values)
        self._values = values

    def entries(self, number: int) -> _Entries:
        return _Entries((doc, [0]) for doc in self._values[self.terms[number]])


class TermsReader(base.TermsReader):  # type: ignore[misc]
    """Terms and postings of one segment."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._lengths = _Lengths(segment)

    @cached_property
    def _fields(self) -> Mapping[str, _Field]:
        segment = self._segment
        ids: dict[bytes, list[int]] = {}
        languages: dict[bytes, list[int]] = {}
        for doc in range(segment.size):
            ids[segment.id_of(doc).encode()] = [doc]
            language = segment.names("language").of(doc)
            if language is not None:
                languages.setdefault(language.encode(), []).append(doc)
        fields: dict[str, _Field] = {"id": _WholeField(ids), "language": _WholeField(languages)}
        for field in SEARCHED:
            fields[field] = _NameField(segment, field)
        for field in TEXT_FIELDS:
            fields[field] = _TextField(segment, field, stemmed=True)
            fields[forms_field(field)] = _TextField(segment, field, stemmed=False)
        return dict(sorted(fields.items()))

    def _terms(self, field: str) -> Sequence[bytes]:
        return self._fields[field].terms if field in self._fields else ()

    def _place(self, field: str, term: bytes) -> int | None:
        terms = self._terms(field)
        place = bisect_left(terms, term)
        return place if place < len(terms) and terms[place] == term else None

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._place(*term) is not None

    def cursor(self, fieldname: str, fieldobj: Any) -> Cursor:
        return Cursor(self._terms(fieldname), self, fieldname)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return ((name, term) for name, field in self._fields.items() for term in field.terms)

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        return ((name, term) for name, term in self.terms() if (name, term) >= (fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def _entries_or_none(self, field: str, term: bytes) -> _Entries:
        place = self._place(field, term)
        return _Entries() if place is None else self._fields[field].entries(place)

    def _entries(self, field: str, term: bytes) -> _Entries:
        entries = self._entries_or_none(field, term)
        if not entries:
            raise TermNotFound(f"No term {field}:{term!r}")
        return entries

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        return self._info(fieldname, self._entries(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> int:
        return sum(len(places) for _, places in self._entries_or_none(fieldname, text))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return len(self._entries_or_none(fieldname, text))

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> Matcher:
        entries = self._entries(fieldname, text)
        return Matcher(entries, format_, scorer, (fieldname, text), self._info(fieldname, entries))

    def indexed_field_names(self) -> list[str]:
        return list(self._fields)

    def _info(self, field: str, entries: _Entries) -> TermInfo:
        lengths = self._lengths[field][[doc for doc, _ in entries]]
        counts = [len(places) for _, places in entries]
        return TermInfo(
            weight=sum(counts),
            df=len(entries),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=max(counts),
            minid=entries[0][0],
            maxid=entries[-1][0],
        )


class _Lengths(dict[str, Array]):
    """By field: how many terms each article of a segment has; 0 where that says nothing."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def __missing__(self, field: str) -> Array:
        segment, text_field = self._segment, field.removesuffix("_forms")
        lengths = np.zeros(segment.size, np.int64)
        if text_field in TEXT_FIELDS:
            lengths = segment.lengths[text_field].astype(np.int64)
        elif field in SEARCHED and segment.names(field).exist:
            at = segment.file.array(f"{field}_tokens_at").astype(np.int64)
            lengths = np.diff(at, prepend=0)[segment.names(field).numbers]
        self[field] = lengths
        return lengths


class Matcher(ListMatcher):  # type: ignore[misc]
    """Postings as Whoosh walks along them."""

    def __init__(self, entries: _Entries, format_: Any, scorer: Any, term: object, info: TermInfo) -> None:
        super().__init__(
            [doc for doc, _ in entries],
            [float(len(places)) for _, places in entries],
            format=format_,
            scorer=scorer,
            term=term,
            terminfo=info,
        )
        self._entries = entries

    def copy(self) -> Matcher:
        made = Matcher(self._entries, self._format, self._scorer, self._term, self._terminfo)
        made._i = self._i
        return made

    def block_max_weight(self) -> float:
        return float(self._terminfo.max_weight())

    def supports(self, astype: str) -> bool:
        return astype in ("positions", "frequency", "weight") and bool(self._format.supports(astype))

    def value_as(self, astype: str) -> Any:
        places = self._entries[self._i][1]
        return places if astype == "positions" else len(places)


class Cursor(base.FieldCursor):  # type: ignore[misc]
    """The terms of a field, one after another."""

    def __init__(self, terms: Sequence[bytes], reader: TermsReader, field: str) -> None:
        self._terms, self._reader, self._field = terms, reader, field
        self._at = 0

    def first(self) -> str | None:
        self._at = 0
        return self.text()

    def find(self, string: str | bytes) -> str | None:
        self._at = bisect_left(self._terms, string.encode() if isinstance(string, str) else string)
        return self.text()

    def next(self) -> str | None:
        self._at += 1
        return self.text()

    def text(self) -> str | None:
        return self._terms[self._at].decode() if self.is_valid() else None

    def term_info(self) -> TermInfo | None:
        return self._reader.term_info(self._field, self._terms[self._at]) if self.is_valid() else None

    def is_valid(self) -> bool:
        return self._at < len(self._terms)


class DocumentsReader(base.PerDocumentReader):  # type: ignore[misc]
    """Counts, lengths and stored fields of one segment's articles."""

    def __init__(self, segment: Segment, told: WhooshSegment) -> None:
        self._segment, self._told = segment, told
        self._lengths = _Lengths(segment)

    def doc_count(self) -> int:
        return self._told.doc_count_all() - self._told.deleted_count()

    def doc_count_all(self) -> int:
        return self._told.doc_count_all()

    def has_deletions(self) -> bool:
        return self._told.deleted_count() > 0

    def is_deleted(self, docnum: int) -> bool:
        return self._told.is_deleted(docnum)

    def deleted_docs(self) -> Iterator[int]:
        return self._told.deleted_docs()

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return int(self._lengths[fieldname][docnum])

    def field_length(self, fieldname: str) -> int:
        return int(self._lengths[fieldname].sum())

    def min_field_length(self, fieldname: str) -> int:
        return int(self._lengths[fieldname].min(initial=0))

    def max_field_length(self, fieldname: str) -> int:
        return int(self._lengths[fieldname].max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, str]:
        article = self._segment.article(docnum)
        fields = ("id", "title", "body", "url", "language", *SEARCHED)
        found = {name: getattr(article, name) for name in fields}
        found |= {"date": article.date and str(article.date), "hash": article.content_hash()}
        return {name: value for name, value in found.items() if value is not None}
