"""A typed query against an engine's reader -> a page of hits, relaxed where no article has every word."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

from .engine import Match, Reader, Sort
from .errors import DamagedIndexError, UsageError
from .french.analysis import helps_to_rank, is_stop_word
from .hits import Hit, Page
from .limits import QUERY_LEAVES, RESULT_WINDOW
from .query.parser import parse
from .query.tree import And, Node, Phrase, StopWord, Word, all_of, any_of, echo, is_plain, leaves
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
    query = parse(typed, pasted=match == "any")
    notices = list(query.notices)
    tree = query.tree if match == "all" else _ranking(_unquoted(query.tree), reader, notices)
    answered = tree
    matches = reader.search(tree, limit=limit, offset=offset, sort=sort)
    if not matches.total and _sorted_out(query.tree)[0]:
        for wider in (_ranking(query.tree, reader, notices if match == "all" else []), _required(query.tree)):
            if not matches.total and wider and _parts(wider) != _parts(tree):
                matches = reader.search(wider, limit=limit, offset=offset, sort=sort)
                answered = wider
        notices.append(_what_stood_in_the_way(query.tree, reader, bool(matches.total)))
    relaxed = bool(matches.total) and answered is not tree
    marker = Marker(answered if relaxed else tree, reader.group)
    return Page(
        typed=typed,
        parsed=echo(tree),
        notices=tuple(notices),
        total=matches.total or 0,
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


def _unquoted(tree: Node) -> Node:
    """The tree whose quoted phrases are no more required than its words: quotes in a pasted headline."""
    children = tree.children if isinstance(tree, And) else (tree,)
    return all_of(
        [
            replace(child, compound=True) if isinstance(child, Phrase) and child.field is None else child
            for child in children
        ]
    )


def _ranking(tree: Node, reader: Reader, notices: list[str]) -> Node:
    """The tree that asks for any of the plain words, and still for all else."""
    plain, kept, stop_words = _sorted_out(tree)
    words = list(dict.fromkeys(word for child in [*plain, *stop_words] for word in _words_of(child)))
    if len(words) > QUERY_LEAVES:
        frequencies = {word: reader.frequency(word) for word in words}
        present = sorted((word for word in words if frequencies[word]), key=frequencies.__getitem__)
        if len(present) > QUERY_LEAVES:
            notices.append(f"{len(words)} words were typed; the {QUERY_LEAVES} rarest rank the articles.")
        words = present[:QUERY_LEAVES] or words[:1]
    ranked = [any_of(list(words))] if words else []
    return all_of([*ranked, *kept, *stop_words])


def _required(tree: Node) -> Node | None:
    """The tree without its plain words, where something is left to look for but a time."""
    _, kept, stop_words = _sorted_out(tree)
    texts = [leaf for child in kept for leaf in leaves(child, wanted_only=True)]
    return all_of([*kept, *stop_words]) if any(isinstance(leaf, Word | Phrase) for leaf in texts) else None


def _sorted_out(tree: Node) -> tuple[list[Node], list[Node], list[Node]]:
    """The plain words of a tree, what else it requires or excludes, and the stop words."""
    children = tree.children if isinstance(tree, And) else (tree,)
    plain = [child for child in children if is_plain(child)]
    stop_words: list[Node] = [child for child in children if isinstance(child, StopWord)]
    return plain, [child for child in children if child not in plain and child not in stop_words], stop_words


def _parts(tree: Node) -> frozenset[Node]:
    return frozenset(tree.children if isinstance(tree, And) else (tree,))


def _words_of(node: Node) -> list[Word]:
    """The words that a plain node or a stop word is ranked by."""
    if isinstance(node, Phrase):
        return [Word(form, loose=True) for form in node.forms if _ranks(form)]
    assert isinstance(node, Word | StopWord), "plain nodes are words and compounds"
    ranks = isinstance(node, Word) or (node.field is None and _ranks(node.form))
    return [Word(node.form, loose=True)] if ranks else []


def _ranks(form: str) -> bool:
    return not is_stop_word(form) or helps_to_rank(form)


def _what_stood_in_the_way(tree: Node, reader: Reader, any_found: bool) -> str:
    """A sentence that says what keeps an And from matching."""
    plain, kept, _ = _sorted_out(tree)
    children = [*plain, *kept]
    absent = [child for child in plain if not reader.search(child, limit=0).total]
    if absent:
        blame = f"{_listed(absent)} {'stands' if len(absent) == 1 else 'stand'} in no article"
    else:
        without = {child: [other for other in children if other is not child] for child in children}
        counts = {
            child: reader.search(all_of(others), limit=0).total or 0
            for child, others in without.items()
            if any(leaves(all_of(others), wanted_only=True)) and others
        }
        least = max(counts, key=counts.__getitem__, default=None)
        if least is not None and counts[least]:
            there = "there is" if counts[least] == 1 else "there are"
            blame = f"without {_listed([least])} {there} {counts[least]:,}"
        else:
            blame = "nor without any one part of it"
    is_word = len(children) == 1 and isinstance(children[0], Word)
    part = "have a word of its stem" if is_word else "meet a part of it"
    return f"No article meets the whole query ({blame}){f'; these {part}' if any_found else ''}."


def _listed(nodes: Sequence[Node]) -> str:
    names = [f"“{str(node).strip(chr(34))}”" for node in nodes]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
