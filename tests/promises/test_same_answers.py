"""R11: the same articles in any order and any number of commits; R12: an oracle of a hundred lines."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from search import Article, Index, create_index, open_index
from search.engine import _MODULES, load
from search.query.parser import parse

ARTICLES = 300
ORDERS = 5
QUERIES = 500


class History(NamedTuple):
    """How an index came to be: the order is drawn from a number."""

    order: int
    commits: int
    is_killed: bool


HISTORIES = [
    History(order, commits, is_killed)
    for order in range(ORDERS)
    for commits in (1, 7)
    for is_killed in (False, True)
]
SHORT = [each for each in HISTORIES if (each.order % 2 == 0) == (each.commits == 7) and each.is_killed] + [
    History(0, 1, False)
]


def _is_killed_while_adding(path: str, articles: Sequence[Article], after: float) -> bool:
    """Add them in a process of its own that is killed after so many seconds, if it takes so long."""
    child = os.fork()
    if not child:
        try:
            with open_index(path, write=True) as index:
                index.add(articles)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _made(
    path: str, articles: Sequence[Article], history: History, chosen: random.Random
) -> tuple[Index, int]:
    """The index of a history, compacted, and how many of its processes were killed in the middle."""
    ordered = list(articles)
    chosen.shuffle(ordered)
    size = -(-len(ordered) // history.commits)
    parts = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    create_index(path).close()
    kills = 0
    for part in parts:
        if history.is_killed:
            kills += _is_killed_while_adding(path, part, chosen.uniform(0, len(part) / 1_000))
        with open_index(path, write=True) as index:
            index.add(part)
    with open_index(path, write=True) as index:
        index.compact()
    return open_index(path), kills


def _articles(news: ModuleType, chosen: random.Random) -> list[Article]:
    """Articles some of which say the same, so that only their ids tell them apart."""
    made = news.News(chosen, words=1_500)
    articles = [made.article(f"n{number:03}", chosen.choice((20, 80, 200))) for number in range(ARTICLES)]
    for number in chosen.sample(range(ARTICLES), ARTICLES // 6):
        other = articles[chosen.randrange(ARTICLES)]
        articles[number] = Article(articles[number].id, other.title, other.body, other.date)
    return articles


def _asked(articles: Sequence[Article], count: int, chosen: random.Random) -> Iterator[dict[str, Any]]:
    """Queries of all kinds, in words that stand in the articles."""
    kinds: tuple[Callable[[list[str]], str], ...] = (
        lambda w: w[0],
        lambda w: f"{w[0]} {w[1]}",
        lambda w: f"{w[0]} OU {w[3]} OU {w[5]}",
        lambda w: f'"{w[0]} {w[1]}"',
        lambda w: f'"{w[0]} {w[2]}"~2',
        lambda w: f"{w[0]} NEAR/8 {w[4]}",
        lambda w: f"{w[0]} ADJ/5 {w[3]}",
        lambda w: f"{w[0][:3]}*",
        lambda w: f"{w[0][:2]}*{w[0][-1]}",
        lambda w: f"{w[0]}~",
        lambda w: f"={w[2]} OU titre:{w[0]}",
        lambda w: f"{w[0]} -{w[7]}",
        lambda w: f"{w[0]}>1",
        lambda w: f"({w[0]} OU {w[6]}) date:2021..2023",
        lambda w: f"date:{chosen.randint(2019, 2024)}-{chosen.randint(1, 12):02}",
        lambda w: f"{w[3]} source:AFP",
    )
    for number in range(count):
        body = chosen.choice(articles).body.replace(".", "").split()
        start = chosen.randrange(len(body) - 9)
        words = body[start : start + 8]
        # Of fewer letters neither a beginning nor a fuzzy word is read.
        words[0] = next((each for each in words if len(each) > 4), "drone")
        yield {
            "query": kinds[number % len(kinds)](words) if number % 20 else " ".join(words),
            "match": "all" if chosen.random() < 0.7 else "any",
            "sort": chosen.choice(("relevance", "relevance", "relevance", "date", "-date")),
            "limit": chosen.choice((3, 10, 50)),
            "offset": chosen.choice((0, 0, 0, 5)),
        }


def _answer(index: Index, asked: dict[str, Any]) -> tuple[object, ...]:
    page = index.search(**asked)
    hits = [(hit.id, hit.score.hex(), hit.date_match, hit.snippets) for hit in page.hits]
    return page.total, page.relaxed, page.parsed, tuple(page.notices), hits


@pytest.mark.row("R11")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the process that is killed is forked")
def test_the_way_that_articles_came_changes_no_answer(
    promise: Any, beside: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    chosen = promise.random
    articles = _articles(beside("news"), chosen)
    queries = list(_asked(articles, promise.cases(200), chosen))
    histories = HISTORIES if promise.is_full else SHORT
    expected: list[tuple[object, ...]] = []
    same = found = killed = 0
    differ: list[object] = []
    for number, history in enumerate(histories):
        made, kills = _made(str(tmp_path / f"{number}"), articles, history, chosen)
        killed += kills
        with made as index:
            assert index.info().holdings.articles == ARTICLES
            answers = [_answer(index, asked) for asked in queries]
        expected = expected or answers
        found += sum(bool(answer[0]) for answer in answers)
        for asked, answer, other in zip(queries, answers, expected, strict=True):
            same += answer == other
            differ += [] if answer == other else [(history, asked)]
    of = len(histories) * len(queries)
    assert found > of / 2, "most queries find something"
    if differ:
        promise.notes(f"the first that differs: {differ[0]}")
    promise.holds(
        same, of, f"answers the same to the bit, {len(histories)} histories, {len(queries)} queries"
    )


@pytest.mark.row("R12")
def test_generated_queries_find_what_the_oracle_finds(
    promise: Any, beside: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSEARCH_TODAY", "2024-03-15")
    language, oracle = beside("../engines/test_query_language"), beside("../engines/oracle")
    lines = len(Path(oracle.__file__).read_text(encoding="utf-8").splitlines())
    promise.holds(int(lines <= 100), 1, f"oracle of at most a hundred lines: {lines}")
    judge = oracle.Oracle(language.ARTICLES)
    queries = list(language.typed_queries(promise.cases(QUERIES), promise.seed))
    expected = [{row[0] for row in judge.answer(parse(typed).tree)} for typed in queries]
    telling = sum(0 < len(found) < len(language.ARTICLES) for found in expected)
    assert telling > len(queries) / 3, "many queries are met by some of the articles"
    for engine in sorted(_MODULES):
        path = str(tmp_path / engine)
        with create_index(path, engine=engine) as index:
            for first, last in ((0, 10), (10, 20), (20, None)):
                index.add(language.ARTICLES[first:last])
        reader = load(engine).open_reader(path)
        same = [language.found(reader, typed) for typed in queries]
        reader.close()
        differ = [typed for typed, one, other in zip(queries, same, expected, strict=True) if one != other]
        if differ:
            promise.notes(f"the first that differs: {differ[0]}")
        promise.holds(
            len(queries) - len(differ), len(queries), f"queries with the oracle's documents, engine {engine}"
        )
