"""A typed query against an engine's reader -> a page of hits, relaxed where no article has every word."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Literal, get_args

from .article import Article
from .deadline import Deadline
from .engine import Match, Matches, Reader, Sort
from .errors import DamagedIndexError, UsageError
from .french.groups import Group
from .hits import Hit, Page, Reading, Reason, Suggestion
from .limits import EXPANSION_FORMS, HIT_SECONDS, QUERY_SECONDS, RESULT_WINDOW, SUGGESTIONS
from .messages import Message
from .naming import Naming, Variants, as_name
from .query.parser import parse
from .query.tree import Node, Term, Word, echo, terms, words
from .relaxation import (
    absent_words,
    can_be_relaxed,
    parts,
    ranking,
    required,
    unquoted,
    what_stood_in_the_way,
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
    variants: Variants | None = None,
    explain: bool = False,
) -> Page:
    """Answer a typed query, by the `variants` of its names too; with `explain` say how it was read and why
    each hit meets it.

    Raises QueryError, UsageError for a page out of bounds, and what the reader raises.
    """
    began = time.perf_counter()
    deadline = Deadline(QUERY_SECONDS)
    _check_arguments(limit, offset, match, sort)
    query = parse(typed, pasted=match == "any")
    notices = [*([reader.notice] if reader.notice else ()), *query.notices]
    asked = _Asked(reader, Naming(variants), deadline)
    tree = query.tree
    if match == "any":
        apart = unquoted(tree)
        if apart != tree:
            notices.append(Message("With --any, words in quotes are looked for one by one."))
        tree = ranking(apart, asked, notices, patterns=True)
    answered = tree
    wanted = partial(asked.search, limit=limit, offset=offset, sort=sort)
    matches = wanted(tree)
    suggested: tuple[Suggestion, ...] = ()
    if not matches.total and not deadline.passed():
        relaxing = notices if match == "all" else []
        answered, matches, told = _relaxed(query.tree, tree, asked, wanted, relaxing)
        # What was counted after the deadline is less than there is.
        notices += [] if deadline.cut else told
        suggested = () if deadline.passed() else _suggested(query.tree, asked)
    elif not deadline.passed():
        suggested = _meant_rather(asked)
        notices += _excluded_in_vain(query.tree, asked)
    notices += [
        Message("“{word}”: did you mean {words}?", word=each.word, words=", ".join(each.instead))
        for each in suggested
    ]
    relaxed = bool(matches.total) and answered is not tree
    cut = _incomplete(tree, reader, deadline)
    notices += [*asked.naming.notices(), *cut]
    shown = asked.naming.named(answered if relaxed else tree)
    deadline.extend(max(limit - 10, 0) * HIT_SECONDS)
    marker = Marker(shown, lambda term: _group(reader, term, deadline))
    hits = [
        _hit(reader, each, None if deadline.passed() else marker, snippets, shown if explain else None)
        for each in matches.top
    ]
    if deadline.cut:
        notices.append(
            Message(
                "The time for a query was up: this is what was found in {seconds} s. Narrow it, by a date "
                "for example.",
                seconds=QUERY_SECONDS,
            )
        )
    return Page(
        typed=typed,
        parsed=echo(tree),
        notices=tuple(notices),
        total=matches.total or 0,
        offset=offset,
        hits=tuple(hits),
        relaxed=relaxed,
        took_ms=(time.perf_counter() - began) * 1000,
        total_relation="gte" if cut or deadline.cut else "eq",
        partial=deadline.cut,
        suggestions=suggested,
        reading=_explained(shown, reader) if explain and not deadline.cut else (),
    )


class _Asked:
    """A reader that is asked for names by their other spellings too."""

    def __init__(self, reader: Reader, naming: Naming, deadline: Deadline) -> None:
        self.reader = reader
        self.naming = naming
        self._deadline = deadline

    def search(self, tree: Node, *, limit: int, offset: int = 0, sort: Sort = "relevance") -> Matches:
        """What the engine finds for a tree."""
        return self.reader.search(
            self.naming.named(tree), limit=limit, offset=offset, sort=sort, deadline=self._deadline
        )

    def frequency(self, word: Word) -> int:
        """In how many articles a word stands, as it was typed."""
        return self.reader.frequency(word)


def _relaxed(
    typed: Node, tree: Node, asked: _Asked, wanted: Callable[[Node], Matches], notices: list[str]
) -> tuple[Node, Matches, list[Message]]:
    """A wider tree that some article meets, if there is one, its matches, and what stood in the way."""
    answered, matches = tree, Matches(0, ())
    absent = absent_words(typed, asked)
    if can_be_relaxed(typed):
        for wider in (ranking(typed, asked, notices), required(typed)):
            if not matches.total and wider and parts(wider) != parts(tree):
                answered, matches = wider, wanted(wider)
    return answered, matches, what_stood_in_the_way(typed, asked, absent, bool(matches.total))


def _explained(tree: Node, reader: Reader) -> tuple[Reading, ...]:
    from .explanation import reading

    return reading(tree, reader)


def _suggested(tree: Node, asked: _Asked) -> tuple[Suggestion, ...]:
    """For each word of a text that stands in no article, nor by another spelling of its name, the words that
    may have been meant."""
    # A query that finds something does without.
    from .spelling import suggestions

    typed = dict.fromkeys(term.form for term in words(tree) if term.field in (None, "title", "body"))
    absent = [form for form in typed if form not in asked.naming.used and not asked.frequency(Word(form))]
    found = []
    for form in absent:
        names = map(as_name, asked.naming.others(form))
        meant = tuple(dict.fromkeys([*names, *suggestions(form, asked.reader)]))[:SUGGESTIONS]
        if meant:
            found.append(Suggestion(form, meant))
    return tuple(found)


def _meant_rather(asked: _Asked) -> tuple[Suggestion, ...]:
    """For each word that no article has and that other spellings were searched for: the names a slip or two
    away that stand in more articles than any of these."""
    if not asked.naming.used:
        return ()
    from .spelling import suggestions

    found = []
    for form, others in asked.naming.used.items():
        if asked.frequency(Word(form)):
            continue
        most = max(asked.frequency(Word(other, exact=True)) for other in others)
        names = (each for each in suggestions(form, asked.reader) if each[0].isupper())
        meant = tuple(name for name in names if asked.frequency(Word(name.lower(), exact=True)) > most)
        if meant:
            found.append(Suggestion(form, meant))
    return tuple(found)


def _excluded_in_vain(tree: Node, asked: _Asked) -> list[Message]:
    """A notice for each word that was to be left out and stands in no article."""
    wanted = set(terms(tree, wanted_only=True))
    excluded = (term for term in dict.fromkeys(terms(tree)) if term not in wanted and isinstance(term, Word))
    return [
        Message("“{word}” stands in no article: it excludes nothing.", word=str(word))
        for word in excluded
        if not asked.frequency(word)
    ]


def _group(reader: Reader, term: Term, deadline: Deadline) -> Group:
    """What a term stands for, nothing after the deadline."""
    return Group(str(term), (), ()) if deadline.passed() else reader.group(term)


def _incomplete(tree: Node, reader: Reader, deadline: Deadline) -> list[Message]:
    """A notice for each pattern that stands for more forms than were searched."""
    return [
        Message(
            "“{pattern}” stands for more than {count} forms; the {count} most frequent were searched.",
            pattern=str(term),
            count=EXPANSION_FORMS,
        )
        for term in dict.fromkeys(terms(tree))
        if not isinstance(term, Word) and not _group(reader, term, deadline).complete
    ]


def _check_arguments(limit: int, offset: int, match: str, sort: str) -> None:
    if limit < 0 or offset < 0:
        raise UsageError(Message("A limit and an offset are not negative."))
    if limit + offset > RESULT_WINDOW:
        raise UsageError(
            Message(
                "A page ends at hit {most} at most. Narrow the query, by a date for example.",
                most=RESULT_WINDOW,
            )
        )
    if match not in get_args(Words):
        raise UsageError(
            Message(
                "match is one of {values}, not “{given}”.", values=", ".join(get_args(Words)), given=match
            )
        )
    if sort not in get_args(Sort):
        raise UsageError(
            Message("sort is one of {values}, not “{given}”.", values=", ".join(get_args(Sort)), given=sort)
        )


def _hit(reader: Reader, match: Match, marker: Marker | None, snippets: bool, explained: Node | None) -> Hit:
    article = reader.article(match.id)
    if article is None:
        raise DamagedIndexError(Message("The article {id} was found, but its text is gone.", id=match.id))
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
        title_spans=marker.spans(article.title, "title", article.language) if marker else (),
        snippets=marker.snippets(article.body, article.language) if marker and snippets else (),
        reasons=_reasons(article, explained, reader) if marker and explained else (),
    )


def _reasons(article: Article, tree: Node, reader: Reader) -> tuple[Reason, ...]:
    from .explanation import reasons

    return reasons(article, tree, reader)
