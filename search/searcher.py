"""A typed query against an engine's reader -> a page of hits, relaxed where no article has every word."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal, get_args

from .engine import Match, Reader, Sort
from .errors import DamagedIndexError, UsageError
from .french.analysis import is_stop_word
from .hits import Hit, Page
from .limits import QUERY_LEAVES, RESULT_WINDOW
from .query.parser import parse
from .query.tree import (
    And,
    Dated,
    Node,
    Not,
    Phrase,
    StopWord,
    Word,
    all_of,
    any_of,
    echo,
    is_plain,
)
from .snippets import Marker

Words = Literal["all", "any"]


def search(
    reader: Reader,
    typed: str,
    *,
    limit: int = 10,
    offset: int = 0,
    match: Words = "all",
    sort: Sort = "relevance",
    snippets: bool = True,
) -> Page:
    """Answer a typed query. Raises QueryError, UsageError for a page out of bounds, and what the
    reader raises."""
    began = time.perf_counter()
    _check_arguments(limit, offset, match, sort)
    query = parse(typed, max_leaves=None if match == "any" else QUERY_LEAVES)
    notices = list(query.notices)
    tree = query.tree if match == "all" else _ranking(query.tree, reader, notices)
    matches = reader.search(tree, limit=limit, offset=offset, sort=sort)
    relaxed, wider = False, tree
    if not matches.total and match == "all":
        wider = _ranking(query.tree, reader, [])
        if _parts(wider) != _parts(tree):
            matches = reader.search(wider, limit=limit, offset=offset, sort=sort)
            notices.append(_what_stood_in_the_way(tree, reader, bool(matches.total)))
            relaxed = bool(matches.total)
    marker = Marker(wider if relaxed else tree)
    return Page(
        typed=typed,
        parsed=echo(tree),
        notices=tuple(notices),
        total=matches.total,
        offset=offset,
        hits=tuple(_hit(reader, each, marker, snippets) for each in matches.top),
        relaxed=relaxed,
        took_ms=(time.perf_counter() - began) * 1000,
    )


def _check_arguments(limit: int, offset: int, match: str, sort: str) -> None:
    if limit < 0 or offset < 0:
        raise UsageError("A limit and an offset are not negative.")
    if limit + offset > RESULT_WINDOW:
        raise UsageError(
            f"A page ends at hit {RESULT_WINDOW:,} at most. Narrow the query, by a date for example."
        )
    if match not in get_args(Words):
        raise UsageError(f"match is one of {', '.join(get_args(Words))}, not {match!r}.")
    if sort not in get_args(Sort):
        raise UsageError(f"sort is one of {', '.join(get_args(Sort))}, not {sort!r}.")


def _hit(reader: Reader, match: Match, marker: Marker, snippets: bool) -> Hit:
    article = reader.article(match.id)
    if article is None:
        raise DamagedIndexError(f"The article {match.id} was found, but its text is gone.")
    return Hit(
        id=article.id,
        path=article.path,
        title=article.title,
        date=article.date,
        date_match=match.date_match,
        source=article.source,
        url=article.url,
        author=article.author,
        score=match.score,
        title_spans=marker.spans(article.title, "title"),
        snippets=marker.snippets(article.body) if snippets else (),
    )


def _ranking(tree: Node, reader: Reader, notices: list[str]) -> Node:
    """The tree that asks for any of the plain words, and still for all else.

    A word that stands in no article is left out where other words or conditions remain.
    """
    children = tree.children if isinstance(tree, And) else (tree,)
    plain = [child for child in children if is_plain(child)]
    kept: list[Node] = [
        child for child in children if not is_plain(child) and not isinstance(child, StopWord)
    ]
    stop_words = [child for child in children if isinstance(child, StopWord)]
    words = list(dict.fromkeys(word for child in plain for word in _words_of(child)))
    if len(words) > QUERY_LEAVES:
        notices.append(f"{len(words)} words were typed; the {QUERY_LEAVES} rarest rank the articles.")
        frequencies = {word: reader.frequency(word) for word in words}
        present = sorted((word for word in words if frequencies[word]), key=frequencies.__getitem__)
        words = present[:QUERY_LEAVES] or words[:1]
    if kept and words and not any(isinstance(child, Dated | Not) for child in kept):
        words = [word for word in words if reader.frequency(word)]
    ranked = [any_of(list(words))] if words else []
    return all_of([*ranked, *kept, *stop_words])


def _parts(tree: Node) -> frozenset[Node]:
    return frozenset(tree.children if isinstance(tree, And) else (tree,))


def _words_of(node: Node) -> list[Word]:
    if isinstance(node, Phrase):
        return [Word(form, node.field) for form in node.forms if not is_stop_word(form)]
    assert isinstance(node, Word), "plain nodes are words and compounds"
    return [node]


def _what_stood_in_the_way(tree: Node, reader: Reader, any_found: bool) -> str:
    """A sentence that says which word keeps an And from matching."""
    children = [
        c for c in (tree.children if isinstance(tree, And) else (tree,)) if not isinstance(c, StopWord)
    ]
    plain = [child for child in children if is_plain(child)]
    absent = [child for child in plain if not reader.search(child, limit=0).total]
    if absent:
        blame = f"{_listed(absent)} {'stands' if len(absent) == 1 else 'stand'} in no article"
    else:
        telling = [
            child
            for child in plain
            if len(children) > 1
            and reader.search(all_of([c for c in children if c is not child]), limit=0).total
        ]
        blame = (
            f"no article that has the others has {_listed(telling, 'or')}"
            if telling
            else "no two conditions less would do"
        )
    found = (
        "these have some of the words" if any_found else "and no article has any of the words with the rest"
    )
    return f"No article has all the words ({blame}): {found}."


def _listed(nodes: Sequence[Node], last: str = "and") -> str:
    names = [f"“{str(node).strip(chr(34))}”" for node in nodes]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
