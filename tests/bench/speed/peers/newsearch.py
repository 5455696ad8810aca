"""newsearch itself, by the contract that its engines fulfil."""

from __future__ import annotations

import datetime as dt
import inspect
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from types import ModuleType
from typing import Any, cast

from search import Index, engine
from search.article import Article, Span
from search.query.tree import And, Dated, Node, Or, Phrase, Prefix, Word

from ..peer import PAGE, Answer, Asked, Peer


def open_peer(name: str, method: str = "") -> Peer:
    """newsearch with one of its engines, or with its own where no name is given; with the method "zlib" as if
    zstandard were not installed."""
    if method == "zlib":
        sys.modules["zstandard"] = cast(ModuleType, None)
    return Newsearch(name or engine.DEFAULT_ENGINE, method)


class Newsearch(Peer):
    """One engine of newsearch."""

    def __init__(self, name: str, method: str) -> None:
        self._name = f"{name} {method}".rstrip()
        self._engine = engine.load(name)

    @property
    def version(self) -> str:
        return f"newsearch {version('newsearch')}, engine {self._name}"

    def prepared(self, article: dict[str, str]) -> Article:
        return Article(article["id"], article["title"], article["body"], Span.parse(article["date"]))

    def index(self, articles: Iterable[Article], index: str) -> None:
        self._engine.create(index)
        writer = self._engine.open_writer(index)
        for article in articles:
            writer.add(article)
        writer.commit({})

    def open(self, index: str) -> None:
        self._index = Index(index, self._engine, None)
        self._reader = self._index._read()
        takes_counted = "counted" in inspect.signature(self._reader.search).parameters
        self._options = (lambda counted: {"counted": counted}) if takes_counted else (lambda _: {})

    def query(self, asked: Asked) -> Node:
        words = tuple(map(Word, asked.words))
        if asked.kind == "prefix":
            return Prefix(asked.words[0])
        if asked.kind == "phrase":
            return Phrase(asked.words)
        if asked.kind == "dated":
            days = Dated(dt.date.fromisoformat(asked.start), dt.date.fromisoformat(asked.end))
            return And((*words, days))
        if asked.kind == "word":
            return words[0]
        return And(words) if asked.kind == "and" else Or(words)

    def search(self, query: Node, counted: bool) -> Answer:
        matches = self._reader.search(query, limit=PAGE, **self._options(counted))
        return Answer([(match.id, match.score) for match in matches.top], matches.total)

    def forget(self, *, analysis: bool) -> None:
        if hasattr(self._reader, "forget_groups"):
            if analysis:
                self._reader.forget_groups()
        else:
            # The stock engine keeps the postings of every form that it was asked for.
            self._reader._executor._frequencies.cache_clear()
            if analysis:
                self._reader._executor.group.cache_clear()

    def whole(self, typed: str) -> Sequence[Any]:
        return self._index.search(typed).hits
