"""Fuzz the sources: any bytes as a file of each format give drafts and refusals, and whole articles.

python tests/fuzz/sources.py [CORPUS] -max_total_time=1200
"""

from __future__ import annotations

import io
import time
import unicodedata

import atheris
from fuzzing import fuzz

with atheris.instrument_imports(include=["search"]):
    from search.article import Article, canonical, canonical_line
    from search.engines.whoosh.columnar.tokenizer import Tokenizer
    from search.errors import ArticleError
    from search.french.tokens import forms, tokens
    from search.limits import ID_CHARACTERS, TOKEN_CHARACTERS, YEARS
    from search.sources.draft import Draft, Refusal
    from search.sources.reading import candidate_ids, content_of, drafts
    from search.sources.registry import formats

    formats()  # imports them

SECONDS = 5.0
SUFFIXES = (".txt", ".md", ".json", ".jsonl")
FILES = (
    " date 2024-03 Un titre\n\n\n\nUn paragraphe.\n\nUn intertitre\n\nLa suite, l'été.\n",
    "---\ntitle: Un titre\ndate: 14 mars 2024\nsource: AFP\ntags: [a, b]\n---\n"
    "# Titre\n\n*Texte* [lien](http://a.fr) ![image](b.png) <b>x</b> <!-- y --> `code` ==vif== [[a|b]]\n\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n> cité\n\n- un\n  - deux\n\n"
    "```\ncode\n```\n<div>bloc &amp; fin</div>\n",
    '{"id": 7, "title": "Un", "body": "Texte", "date": "2024-03-14T10:00:00Z", "author": {"name": "Zoé"}}',
    '[{"headline": "Un", "body": ["a", "b"], "tags": ["x", "clippings"], "source": "http://www.a.fr/b"}]',
    '{"headline": "Un", "texte": "É\\u0301t\\ud800"}\n{"id": "b", "titre": "Deux", "pubDate": 1710409600}\n',
    "\ufeffTitre\r\n\r\nTexte\u2028a\u00ad\u0301 aujourd’hui l’ «Europe» qu\u200b'il\u0345 İſﬁ\r\n",
)
WORDS = (
    *("---\n", "title: ", "date: ", "tags: [", "source: ", "id: ", "lang: ", "url: ", "\n...\n", "<!--"),
    "-->",
    *("# ", "> ", "- ", "1. ", "```", "| a |\n|--|\n", "[a](b)", "![", "[[", "]]", "==", "<div>", "<script>"),
    *('{"', '": "', '", "', '"}', "\\u0000", "\\ud800", "\\udc00", "[", "]", "null", "1e999", "NaN"),
    *("-0", "{}"),
    *('"id"', '"title"', '"body"', '"date"', '"author"', '"url"', '"tags"', '"articles"', '"name"'),
    '"created"',
    *(" date ", "2024-03-14", "14/03/2024", "1710409600", "Thu, 14 Mar 2024 10:00:00 GMT", "mars 2024"),
    "0001-01",
    *("\r\n", "\u2028", "\u0085", "\x0b", "\x1c", "\ufeff", "\u00ad", "\u200b", "\u0301", "\u0345", "l'"),
    "qu’",
    *("aujourd'hui", "«", "œ", "İ", "ſ", "ﬁ", "\u1100\u1161", "\U0001f600", "http://", "&amp;", "&#0;"),
    "&#xd800;",
)
tokenizer = Tokenizer()


def one(data: bytes) -> None:
    """The first byte chooses the format, the rest is the file."""
    if not data:
        return
    path, stream = f"file{SUFFIXES[data[0] % len(SUFFIXES)]}", io.BytesIO(data[1:])
    began = time.process_time()
    for item in drafts(path, stream):
        if isinstance(item, Refusal):
            assert str(item.reason)
            continue
        assert all(map(str, item.notes))
        try:
            article = content_of(item)
        except ArticleError as error:
            assert str(error)
            continue
        is_whole(article)
        has_ids(item, article, path)
    assert time.process_time() - began < SECONDS


def is_whole(article: Article) -> None:
    """Raises AssertionError unless an article is in canonical form and is read in tokens as it says."""
    named = (article.source, article.url, article.author, article.section, article.language)
    lines = [article.title, *(line for line in named if line is not None)]
    assert article.title or article.body
    assert all(lines[1:])
    assert article.body == canonical(article.body)
    for line in lines:
        assert line == canonical_line(line)
    if article.date is not None:
        assert YEARS[0] <= article.date.start.year <= article.date.end.year <= YEARS[1]
        assert article.date.start <= article.date.end
    texts = [*lines, article.body]
    for text in texts:
        assert "\0" not in text
        text.encode()  # no lone surrogate
        end = 0
        for token in tokens(text):
            assert end <= token.start < token.end <= len(text)
            assert 0 < len(token.form) <= TOKEN_CHARACTERS
            assert token.form == unicodedata.normalize("NFC", token.form)
            assert " " not in token.form and "\n" not in token.form
            end = token.end
    read = tokenizer(texts)
    told = [tokenizer.forms[number >> 1] for number in read.numbers.tolist()]
    assert told == [form for text in texts for form in forms(text)]
    assert read.counts.tolist() == [len(forms(text)) for text in texts]
    assert len(article.content_hash()) == 32


def has_ids(draft: Draft, article: Article, path: str) -> None:
    """Raises AssertionError unless the ids that a draft may get can be ids."""
    ids = candidate_ids(draft, article, "/root", path)
    assert len(ids) == (1 if draft.id is not None else 2)
    for id in ids:
        assert 0 < len(id) <= ID_CHARACTERS and id.isprintable() and id == id.strip()
        id.encode()


if __name__ == "__main__":
    seeds = [bytes([kind]) + file.encode() for file in FILES for kind in range(len(SUFFIXES))]
    seeds += [bytes([kind]) + FILES[4 * (kind > 1)].encode("utf-16") for kind in range(len(SUFFIXES))]
    seeds += [bytes([kind]) + FILES[0].encode("cp1252") for kind in range(2)]
    fuzz("sources", one, seeds, WORDS, "-timeout=30", "-max_len=8192")
