"""bm25s: scores of every term and article, added up in NumPy; a bag of words and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from search.french.analysis import stem

from ..peer import PAGE, Answer, Asked, Peer, UnsupportedError, synced

_WORD = re.compile(r"[^\W_]+")
_KINDS = ("word", "or")


def open_peer() -> Peer:
    """bm25s, if it is installed."""
    return Bm25s()


class Bm25s(Peer):
    """One field of title and body, the whole index in memory."""

    note = "stemmed in Python; one field; no AND, phrase, date, prefix, total, texts or snippets"

    def __init__(self) -> None:
        import bm25s

        self._bm25s = bm25s

    @property
    def version(self) -> str:
        return f"bm25s {version('bm25s')}, NumPy {version('numpy')}"

    def index(self, articles: Iterable[dict[str, str]], index: str) -> None:
        vocabulary: dict[str, int] = {}
        ids, stems = [], []
        for article in articles:
            ids.append(article["id"])
            words = _WORD.findall(f"{article['title']}\n{article['body']}".lower())
            stems.append([vocabulary.setdefault(stem(word), len(vocabulary)) for word in words])
        retriever = self._bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        tokens = self._bm25s.tokenization.Tokenized(ids=stems, vocab=vocabulary)
        retriever.index(tokens, show_progress=False)
        retriever.save(index, show_progress=False)
        Path(index, "ids.json").write_text(json.dumps(ids), encoding="utf-8")
        synced(Path(index))

    def open(self, index: str) -> None:
        self._retriever = self._bm25s.BM25.load(index)
        self._ids = json.loads(Path(index, "ids.json").read_text(encoding="utf-8"))

    def query(self, asked: Asked) -> list[list[str]]:
        if asked.kind not in _KINDS:
            raise UnsupportedError(asked.kind)
        return [[stem(word) for word in asked.words]]

    def search(self, query: list[list[str]], counted: bool) -> Answer:
        if counted:
            raise UnsupportedError("a total")
        articles, scores = self._retriever.retrieve(query, k=PAGE, show_progress=False, n_threads=0)
        top = zip(articles[0].tolist(), scores[0].tolist(), strict=True)
        return Answer([(self._ids[number], score) for number, score in top], None)

    def whole(self, typed: str) -> Sequence[Any]:
        raise UnsupportedError("texts")
