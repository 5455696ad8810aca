"""SQLite's FTS5, fed with stems by us, at the positions of its own tokens, so that it can highlight."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from search.french.analysis import stem

from ..peer import BODY, BODY_EXACT, PAGE, TITLE, TITLE_EXACT, Answer, Asked, Peer, synced

_WORD = re.compile(r"[^\W_]+")
_WEIGHTS = f"bm25({TITLE}, {BODY}, {TITLE_EXACT}, {BODY_EXACT})"
_SNIPPET_TOKENS = 40
_TABLES = """
create table article(n integer primary key, id text unique, date text, title text, body text);
create view text as select n, title, body, title as title_exact, body as body_exact from article;
create virtual table f using fts5(title, body, title_exact, body_exact, content='text', content_rowid='n',
                                  tokenize="unicode61 remove_diacritics 0");
"""
_LAST = """
insert into f(f) values('optimize');
create index by_date on article(date);
"""


def open_peer() -> Peer:
    """The SQLite of this Python."""
    return Fts5()


class Fts5(Peer):
    """One file: the articles, an external-content index of them, and an index of their dates."""

    note = "stemmed in Python; size without a copy of the stems; one segment (optimize)"

    def __init__(self) -> None:
        sqlite3.connect(":memory:").executescript(_TABLES)

    @property
    def version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version} FTS5"

    def index(self, articles: Iterable[dict[str, str]], index: str) -> None:
        database = sqlite3.connect(Path(index) / "articles.db")
        database.executescript(f"pragma synchronous=normal; pragma cache_size=-200000; {_TABLES}")
        with database:
            for number, article in enumerate(articles):
                title, body = article["title"], article["body"]
                row = (number, article["id"], article["date"], title, body)
                database.execute("insert into article values(?, ?, ?, ?, ?)", row)
                forms = [_WORD.findall(text.lower()) for text in (title, body)]
                stems = [map(stem, each) for each in forms]
                database.execute(
                    "insert into f(rowid, title, body, title_exact, body_exact) values(?, ?, ?, ?, ?)",
                    (number, *map(" ".join, [*stems, *forms])),
                )
        with database:
            database.executescript(_LAST)
        database.close()
        synced(Path(index))

    def open(self, index: str) -> None:
        self._database = sqlite3.connect(Path(index) / "articles.db")
        self._database.execute("pragma cache_size=-200000")

    def query(self, asked: Asked) -> tuple[str, tuple[str, ...]]:
        if asked.kind == "prefix":
            return f'{{title_exact body_exact}} : "{asked.words[0]}" *', ()
        if asked.kind == "phrase":
            return f'{{title body}} : "{" ".join(map(stem, asked.words))}"', ()
        dates = (asked.start, asked.end) if asked.kind == "dated" else ()
        return (" OR " if asked.kind == "or" else " AND ").join(map(_word, asked.words)), dates

    def search(self, query: tuple[str, tuple[str, ...]], counted: bool) -> Answer:
        match, dates = query
        joined, between = "", ""
        if dates:
            joined, between = "join article on n = f.rowid", "and date between ? and ?"
        total = None
        if counted:
            count = f"select count(*) from f {joined} where f match ? {between}"
            (total,) = self._database.execute(count, (match, *dates)).fetchone()
        best = (
            f"select f.rowid, rank from f {joined} where f match ? {between}"
            f" and rank match '{_WEIGHTS}' order by rank limit {PAGE}"
        )
        top = self._database.execute(best, (match, *dates)).fetchall()
        ids = "select id from article where n = ?"
        return Answer([(self._database.execute(ids, (n,)).fetchone()[0], -rank) for n, rank in top], total)

    def whole(self, typed: str) -> Sequence[Any]:
        match = " AND ".join(map(_word, _WORD.findall(typed.lower())))
        self._database.execute("select count(*) from f where f match ?", (match,)).fetchone()
        return self._database.execute(
            "select article.id, article.title, article.date, rank,"
            f" snippet(f, 1, '<b>', '</b>', '…', {_SNIPPET_TOKENS})"
            f" from f join article on n = f.rowid where f match ? and rank match '{_WEIGHTS}'"
            f" order by rank limit {PAGE}",
            (match,),
        ).fetchall()


def _word(word: str) -> str:
    return f'({{title body}} : "{stem(word)}" OR {{title_exact body_exact}} : "{word}")'
