"""Whoosh as it comes: its own codec, writer, searcher and highlighter; stems by us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from search.french.analysis import stem
from search.french.tokens import forms

from ..peer import (
    BODY,
    BODY_EXACT,
    PAGE,
    SNIPPET_CHARACTERS,
    TITLE,
    TITLE_EXACT,
    Answer,
    Asked,
    Peer,
    synced,
)

_MEGABYTES = 256


def open_peer() -> Peer:
    """Whoosh, which newsearch depends on."""
    return Whoosh()


class Whoosh(Peer):
    """Whoosh with its default BM25F; scores are sums over fields."""

    note = (
        f"tokens and stems by newsearch's own functions; one process, limitmb={_MEGABYTES}; "
        "ids by document number, from a list made at opening; a total by len(results), mostly a search more; "
        "dates as its filter; a prefix's words are not weighed; its And may miss one of the ten best"
    )

    def __init__(self) -> None:
        import whoosh.analysis
        import whoosh.fields
        import whoosh.highlight
        import whoosh.index
        import whoosh.query

        self._whoosh = whoosh

    @property
    def version(self) -> str:
        return f"Whoosh {self._whoosh.versionstring()}"

    def index(self, articles: Iterable[dict[str, str]], index: str) -> None:
        opened = self._whoosh.index.create_in(index, self._schema())
        writer = opened.writer(limitmb=_MEGABYTES)
        for article in articles:
            title, body = forms(article["title"]), forms(article["body"])
            writer.add_document(  # a list is one of tokens
                id=article["id"],
                date=_number(article["date"]),
                title=list(map(stem, title)),
                body=list(map(stem, body)),
                title_exact=title,
                body_exact=body,
                _stored_title=article["title"],
                _stored_body=article["body"],
            )
        writer.commit()
        opened.close()
        synced(index)

    def open(self, index: str) -> None:
        self._searcher = self._whoosh.index.open_dir(index).searcher()
        self._ids = [fields["id"] for fields in self._searcher.reader().all_stored_fields()]

    def query(self, asked: Asked) -> tuple[Any, Any]:
        """A query and a filter, or None: an And with a range loses matches, once others score better."""
        query, days = self._whoosh.query, None
        if asked.kind == "prefix":
            fields = (("title_exact", TITLE), ("body_exact", BODY))
            parts = [query.Prefix(field, asked.words[0], boost=weight) for field, weight in fields]
        elif asked.kind == "phrase":
            stems = list(map(stem, asked.words))
            fields = (("title", TITLE), ("body", BODY))
            parts = [query.Phrase(field, stems, boost=weight) for field, weight in fields]
        else:
            parts = list(map(self._word, asked.words))
        if asked.kind == "dated":
            days = query.NumericRange("date", _number(asked.start), _number(asked.end))
        if len(parts) == 1:
            return parts[0], days
        return (query.And if asked.kind == "and" else query.Or)(parts), days

    def search(self, query: tuple[Any, Any], counted: bool) -> Answer:
        words, days = query
        results = self._searcher.search(words, limit=PAGE, filter=days)
        top = [(self._ids[number], score) for score, number in results.top_n]
        return Answer(top, len(results) if counted else None)

    def whole(self, typed: str) -> Sequence[Any]:
        words = self._whoosh.query.And(list(map(self._word, forms(typed))))
        results = self._searcher.search(words, limit=PAGE)
        results.fragmenter = self._whoosh.highlight.ContextFragmenter(maxchars=SNIPPET_CHARACTERS)
        len(results)
        return [
            (hit["id"], hit["title"], hit["date"], hit.highlights("body", top=1), hit.score)
            for hit in results
        ]

    def _word(self, word: str) -> Any:
        query, stemmed = self._whoosh.query, stem(word)
        terms = (
            ("title", stemmed, TITLE),
            ("body", stemmed, BODY),
            ("title_exact", word, TITLE_EXACT),
            ("body_exact", word, BODY_EXACT),
        )
        return query.Or([query.Term(field, text, boost=weight) for field, text, weight in terms])

    def _schema(self) -> Any:
        analysis, fields = self._whoosh.analysis, self._whoosh.fields
        # What is indexed are lists of tokens: the analysers are for highlights alone.
        exact = analysis.RegexTokenizer(r"[^\W_]+") | analysis.LowercaseFilter()
        stemmed = exact | analysis.StemFilter(stemfn=stem)
        return fields.Schema(
            id=fields.ID(unique=True, stored=True),
            date=fields.NUMERIC(int, sortable=True, stored=True),
            title=fields.TEXT(stemmed, stored=True),
            body=fields.TEXT(stemmed, stored=True),
            title_exact=fields.TEXT(exact),
            body_exact=fields.TEXT(exact),
        )


def _number(day: str) -> int:
    return int(day.replace("-", ""))
