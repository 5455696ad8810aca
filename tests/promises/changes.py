"""An index of several segments, two ways to change it by one commit, and what it says before and after."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search import Article, Index, create_index, open_index


@dataclass(frozen=True, slots=True)
class Said:
    """What an index says: its articles, a page of ids for each query, and whatever it tells of damage."""

    articles: dict[str, Article]
    pages: tuple[tuple[str, ...], ...]
    damage: tuple[str, ...]


def said(path: str, queries: Sequence[str]) -> Said:
    """Open an index and ask it. Raises what it raises."""
    with open_index(path) as index:
        pages = [index.search(query, limit=1_000, snippets=False, variants=False) for query in queries]
        return Said(
            {article.id: article for article in index.articles()},
            tuple(tuple(hit.id for hit in page.hits) for page in pages),
            tuple(str(each) for page in pages for each in page.notices if "damaged" in each)
            + ((str(index.notice),) if index.notice else ()),
        )


@dataclass(frozen=True, slots=True)
class Archive:
    """An index, the folder that it is to be brought up to date with, and what a program is to add."""

    path: str
    folder: str
    more: tuple[Article, ...]
    queries: tuple[str, ...]

    @property
    def changes(self) -> dict[str, Callable[[Index], object]]:
        """Commits that add, replace and delete; they merge where the writer takes no segment for small."""
        return {"sync": lambda index: index.sync(self.folder), "add": lambda index: index.add(self.more)}

    def said(self, path: str | None = None) -> Said:
        """What the index says, or a copy of it."""
        return said(path or self.path, self.queries)

    def after(self, copy: str, change: Callable[[Index], object]) -> Said:
        """What it says once it was changed, in a copy."""
        shutil.copytree(self.path, copy)
        with open_index(copy, write=True) as index:
            change(index)
        found = self.said(copy)
        shutil.rmtree(copy)
        return found


def made(folder: Path, news: Any, chosen: random.Random) -> Archive:
    """An archive whose index has three segments, of files and of what a program added, and deletions."""
    path, below = str(folder / "index"), folder / "news"
    below.mkdir(parents=True)

    def write(numbers: range) -> None:
        for number in numbers:
            article = news.article(f"f{number}", 40)
            told = {"id": article.id, "title": article.title, "body": article.body}
            (below / f"{number}.json").write_text(json.dumps(told), encoding="utf-8")

    with create_index(path) as index:
        write(range(24))
        index.sync(str(below))
        index.add(news.article(f"a{number}", 40) for number in range(6))
        write(range(23, 27))
        index.sync(str(below))
    write(range(2))
    write(range(27, 31))
    for number in (5, 25):
        (below / f"{number}.json").unlink()
    words = chosen.sample(news.words, 14)
    queries = (
        *words,
        *(f"{one} {other}" for one, other in zip(words, chosen.sample(news.words, 4), strict=False)),
        f"{words[0][:2]}*",
        f"{words[1]} OU {words[2]}",
        f"de -{words[3]}",
    )
    more = tuple(news.article(f"a{number}", 40) for number in range(4, 10))
    return Archive(path, str(below), more, queries)
