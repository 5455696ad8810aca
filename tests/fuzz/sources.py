"""Fuzz the sources: any bytes as a file of each format give drafts and refusals, and whole articles.

python tests/fuzz/sources.py [CORPUS] -max_total_time=1200
"""

from __future__ import annotations

import io
import sys
import time

import atheris

with atheris.instrument_imports(include=["search"]):
    from search.article import canonical, canonical_line
    from search.errors import ArticleError
    from search.french.tokens import tokens
    from search.sources.draft import Refusal
    from search.sources.formats import json, jsonl, markdown, text  # noqa: F401  # else not instrumented
    from search.sources.reading import candidate_ids, content_of, drafts

from seeds import corpus

SECONDS = 5.0
SUFFIXES = (".txt", ".md", ".json", ".jsonl")
FILES = (
    " date 2024-03 Un titre\n\n\n\nUn paragraphe.\n\nUn intertitre\n\nLa suite, l'été.\n",
    "---\ntitle: Un titre\ndate: 14 mars 2024\nsource: AFP\ntags: [a, b]\n---\n"
    "# Titre\n\n*Texte* [lien](http://a.fr)\n",
    '{"id": 7, "title": "Un", "body": "Texte", "date": "2024-03-14T10:00:00Z", "author": {"name": "Zoé"}}',
    '{"headline": "Un", "texte": "É\\u0301t\\ud800"}\n{"id": "b", "titre": "Deux", "pubDate": 1710409600}\n',
    "\ufeffTitre\r\n\r\nTexte\r\n",
)


def one(data: bytes) -> None:
    """The first byte chooses the format, the rest is the file."""
    if not data:
        return
    path, stream = f"file{SUFFIXES[data[0] % len(SUFFIXES)]}", io.BytesIO(data[1:])
    began = time.process_time()
    for item in drafts(path, stream):
        if isinstance(item, Refusal):
            assert item.reason
            continue
        try:
            article = content_of(item)
        except ArticleError as error:
            assert str(error)
            continue
        assert article.title == canonical_line(article.title)
        assert article.body == canonical(article.body)
        for text in (article.title, article.body, article.source or "", article.author or ""):
            assert "\0" not in text
            text.encode()  # no lone surrogate
            assert all(0 <= start < end <= len(text) for _, start, end in tokens(text))
        ids = candidate_ids(item, article, "/root", path)
        assert ids and all(id.isprintable() and id for id in ids)
        article.content_hash()
    assert time.process_time() - began < SECONDS


if __name__ == "__main__":
    seeds = [bytes([kind]) + file.encode() for file in FILES for kind in range(len(SUFFIXES))]
    atheris.Setup([*sys.argv, corpus("sources", seeds)], one)
    atheris.Fuzz()
