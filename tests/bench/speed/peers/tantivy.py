"""tantivy, by the bindings on PyPI: four text fields and a boosted query of the same shape."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

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
)

_HEAP_BYTES = 300_000_000
_THREADS = 2
_IDS = "ids.json"


def open_peer() -> Peer:
    """tantivy, if it is installed."""
    return Tantivy()


class Tantivy(Peer):
    """tantivy with its default BM25; scores are sums over fields."""

    note = "2 threads, heap of 300 MB; ids by a fast number of the article, not from its document store"

    def __init__(self) -> None:
        import tantivy

        self._tantivy = tantivy
        tokens, filters = tantivy.Tokenizer, tantivy.Filter
        exact = tantivy.TextAnalyzerBuilder(tokens.regex(r"[\p{L}\p{N}]+")).filter(filters.lowercase())
        self._exact = exact.build()
        stemmed = tantivy.TextAnalyzerBuilder(tokens.regex(r"[\p{L}\p{N}]+")).filter(filters.lowercase())
        self._stemmed = stemmed.filter(filters.stemmer("french")).filter(filters.ascii_fold()).build()
        schema = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
        for field in ("title", "body"):
            schema.add_text_field(field, stored=True, tokenizer_name="stemmed")
            schema.add_text_field(f"{field}_exact", tokenizer_name="exact")
        schema.add_integer_field("number", fast=True)
        schema.add_date_field("date", stored=True, indexed=True, fast=True)
        self._schema = schema.build()

    @property
    def version(self) -> str:
        return f"tantivy-py {version('tantivy')}"

    def index(self, articles: Iterable[dict[str, str]], index: str) -> None:
        opened = self._opened(index)
        writer = opened.writer(heap_size=_HEAP_BYTES, num_threads=_THREADS)
        ids = []
        for number, article in enumerate(articles):
            ids.append(article["id"])
            title, body = article["title"], article["body"]
            writer.add_document(
                self._tantivy.Document(
                    id=article["id"],
                    number=number,
                    title=title,
                    body=body,
                    title_exact=title,
                    body_exact=body,
                    date=_moment(article["date"]),
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        Path(index, _IDS).write_text(json.dumps(ids), encoding="utf-8")

    def open(self, index: str) -> None:
        opened = self._opened(index)
        opened.reload()
        self._searcher = opened.searcher()
        self._ids = json.loads(Path(index, _IDS).read_text(encoding="utf-8"))

    def query(self, asked: Asked) -> Any:
        query, occur = self._tantivy.Query, self._tantivy.Occur
        if asked.kind == "prefix":
            pattern = f"{asked.words[0]}.*"
            return query.boolean_query(
                [
                    (occur.Should, query.boost_query(query.regex_query(self._schema, field, pattern), weight))
                    for field, weight in (("title_exact", TITLE), ("body_exact", BODY))
                ]
            )
        if asked.kind == "phrase":
            stems = [self._stemmed.analyze(word)[0] for word in asked.words]
            return query.boolean_query(
                [
                    (occur.Should, query.boost_query(query.phrase_query(self._schema, field, stems), weight))
                    for field, weight in (("title", TITLE), ("body", BODY))
                ]
            )
        words = [self._word(word) for word in asked.words]
        if asked.kind == "dated":
            date = self._tantivy.FieldType.Date
            days = query.range_query(self._schema, "date", date, _moment(asked.start), _moment(asked.end))
            return query.boolean_query(
                [(occur.Must, words[0]), (occur.Must, query.const_score_query(days, 0.0))]
            )
        if asked.kind == "word":
            return words[0]
        return query.boolean_query([(occur.Must if asked.kind == "and" else occur.Should, w) for w in words])

    def search(self, query: Any, counted: bool) -> Answer:
        found = self._searcher.search(query, PAGE, count=counted)
        numbers = self._searcher.fast_field_values("number", [address for _, address in found.hits])
        top = [(self._ids[n], score) for n, (score, _) in zip(numbers, found.hits, strict=True)]
        return Answer(top, found.count if counted else None)

    def whole(self, typed: str) -> Sequence[Any]:
        words = [(self._tantivy.Occur.Must, self._word(word)) for word in self._exact.analyze(typed)]
        query = self._tantivy.Query.boolean_query(words)
        snippets = self._tantivy.SnippetGenerator.create(self._searcher, query, self._schema, "body")
        snippets.set_max_num_chars(SNIPPET_CHARACTERS)
        page = []
        for score, address in self._searcher.search(query, PAGE, count=True).hits:
            document = self._searcher.doc(address)
            snippet = snippets.snippet_from_doc(document).to_html()
            page.append((document["id"][0], document["title"][0], document["date"][0], snippet, score))
        return page

    def _word(self, word: str) -> Any:
        query, occur = self._tantivy.Query, self._tantivy.Occur
        stems, forms = self._stemmed.analyze(word), self._exact.analyze(word)
        terms = (
            ("title", stems, TITLE),
            ("body", stems, BODY),
            ("title_exact", forms, TITLE_EXACT),
            ("body_exact", forms, BODY_EXACT),
        )
        return query.boolean_query(
            [
                (occur.Should, query.boost_query(query.term_query(self._schema, field, found[0]), weight))
                for field, found, weight in terms
            ]
        )

    def _opened(self, index: str) -> Any:
        opened = self._tantivy.Index(self._schema, path=index)
        opened.register_tokenizer("stemmed", self._stemmed)
        opened.register_tokenizer("exact", self._exact)
        return opened


def _moment(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
