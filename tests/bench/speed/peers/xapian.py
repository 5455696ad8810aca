"""Xapian: forms with their positions and stems without, which is its own custom for several strategies."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from ..peer import BODY, BODY_EXACT, PAGE, SNIPPET_CHARACTERS, TITLE, TITLE_EXACT, Answer, Asked, Peer

_DEBIAN = "/usr/lib/python3/dist-packages"
_TITLE = "S"
_STEMMED = "Z"
_DATE, _ID = 0, 1
_MOST_EXPANDED = 1_024
"""As many forms as newsearch lets a prefix stand for."""


def open_peer() -> Peer:
    """Xapian, if Debian's python3-xapian is installed for this version of Python."""
    return Xapian()


class Xapian(Peer):
    """Xapian with its BM25; the texts are JSON in the data of its documents."""

    note = "phrases of forms, not of stems"

    def __init__(self) -> None:
        sys.path.append(_DEBIAN)
        import xapian

        sys.path.remove(_DEBIAN)
        self._xapian = xapian
        self._stem = xapian.Stem("french")
        self._total = 0

    @property
    def version(self) -> str:
        return f"Xapian {self._xapian.version_string()}"

    def index(self, articles: Iterable[dict[str, str]], index: str) -> None:
        xapian = self._xapian
        database = xapian.WritableDatabase(index, xapian.DB_CREATE_OR_OPEN)
        terms = xapian.TermGenerator()
        terms.set_stemmer(self._stem)
        terms.set_stemming_strategy(terms.STEM_SOME)
        for article in articles:
            document = xapian.Document()
            terms.set_document(document)
            terms.index_text(article["title"], 1, _TITLE)
            terms.increase_termpos()
            terms.index_text(article["body"])
            document.set_data(json.dumps(article, ensure_ascii=False))
            document.add_value(_DATE, article["date"])
            document.add_value(_ID, article["id"])
            document.add_boolean_term(f"Q{article['id']}")
            database.add_document(document)
        database.commit()
        database.close()

    def open(self, index: str) -> None:
        self._database = self._xapian.Database(index)
        self._enquire = self._xapian.Enquire(self._database)
        self._total = self._database.get_doccount()

    def query(self, asked: Asked) -> Any:
        query = self._xapian.Query
        if asked.kind == "prefix":
            most = query.WILDCARD_LIMIT_MOST_FREQUENT
            title, body = (
                query(query.OP_WILDCARD, f"{prefix}{asked.words[0]}", _MOST_EXPANDED, most)
                for prefix in (_TITLE, "")
            )
            return self._either(title, body)
        if asked.kind == "phrase":
            title, body = (
                query(query.OP_PHRASE, [f"{prefix}{word}" for word in asked.words], len(asked.words))
                for prefix in (_TITLE, "")
            )
            return self._either(title, body)
        words = [self._word(word) for word in asked.words]
        if asked.kind == "dated":
            days = query(query.OP_VALUE_RANGE, _DATE, asked.start, asked.end)
            return query(query.OP_FILTER, words[0], days)
        return query(query.OP_OR if asked.kind == "or" else query.OP_AND, words)

    def search(self, query: Any, counted: bool) -> Answer:
        self._enquire.set_query(query)
        found = self._enquire.get_mset(0, PAGE, self._total if counted else 0)
        top = [(each.document.get_value(_ID).decode(), each.weight) for each in found]
        return Answer(top, found.get_matches_estimated() if counted else None)

    def whole(self, typed: str) -> Sequence[Any]:
        words = [self._word(word) for word in typed.lower().split()]
        self._enquire.set_query(self._xapian.Query(self._xapian.Query.OP_AND, words))
        found = self._enquire.get_mset(0, PAGE, self._total)
        page = []
        for each in found:
            article = json.loads(each.document.get_data())
            snippet = found.snippet(article["body"], SNIPPET_CHARACTERS, self._stem)
            page.append((article["id"], article["title"], article["date"], snippet, each.weight))
        return page

    def _word(self, word: str) -> Any:
        stem = self._stem(word).decode()
        weights = {
            f"{_STEMMED}{_TITLE}{stem}": TITLE,
            f"{_STEMMED}{stem}": BODY,
            f"{_TITLE}{word}": TITLE_EXACT,
            word: BODY_EXACT,
        }
        query = self._xapian.Query
        terms = [query(query.OP_SCALE_WEIGHT, query(term), weight) for term, weight in weights.items()]
        return query(query.OP_OR, terms)

    def _either(self, title: Any, body: Any) -> Any:
        query = self._xapian.Query
        return query(query.OP_OR, [query(query.OP_SCALE_WEIGHT, title, TITLE), body])
