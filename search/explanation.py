"""A query tree and an article -> how the query was read, and why the article meets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from .article import Article
from .engine import Reader
from .french.analysis import fold
from .french.tokens import forms
from .hits import FormReading, Reading, Reason
from .query.tree import Dated, Frequent, Leaf, Near, Node, Phrase, StopWord, Term, Word, leaves, terms
from .snippets import Marker


def reading(tree: Node, reader: Reader) -> tuple[Reading, ...]:
    """What each term of a tree stands for in the archive, the most important form first."""
    return tuple(_reading(term, reader) for term in dict.fromkeys(_all_terms(tree)))


def _all_terms(tree: Node) -> Iterator[Term]:
    for leaf in leaves(tree):
        if isinstance(leaf, Phrase):
            yield from leaf.words
        else:
            yield from terms(leaf)


def _reading(term: Term, reader: Reader) -> Reading:
    group = reader.group(term)
    found = tuple(
        FormReading(member.form, member.weight, member.matches, _articles(member.form, term, reader))
        for member in group.members
    )
    if not isinstance(term, Word):
        found = tuple(sorted(found, key=lambda each: (-each.articles, each.form)))
    return Reading(str(term), group.classes, found, group.complete)


def _articles(form: str, term: Term, reader: Reader) -> int:
    if term.field is None:
        return reader.articles_with(form)
    return reader.search(Word(form, term.field, exact=True), limit=0).total or 0


def reasons(article: Article, tree: Node, reader: Reader) -> tuple[Reason, ...]:
    """Which forms of each part of a tree stand in which field of an article, how often, at which weight."""
    return tuple(
        reason for leaf in leaves(tree, wanted_only=True) for reason in _reasons(article, leaf, reader)
    )


def _reasons(article: Article, leaf: Leaf, reader: Reader) -> Iterator[Reason]:
    if isinstance(leaf, StopWord):
        return
    if isinstance(leaf, Dated):
        if article.date:
            yield Reason(str(leaf), "date", str(article.date), 1, 0.0)
        return
    field = None if isinstance(leaf, Frequent) else leaf.field
    if field not in (None, "title", "body"):
        yield from _reasons_of_name(article, leaf, reader)
        return
    weights = {} if isinstance(leaf, Phrase | Near) else _weights(leaf, reader)
    marker = Marker(leaf, reader.group)
    for name, text in (("title", article.title), ("body", article.body)):
        found = Counter(token.form for token, _ in marker.marks(text, name, article.language))
        for form, times in sorted(found.items(), key=lambda item: (-weights.get(item[0], 1.0), item)):
            yield Reason(str(leaf), name, form, times, weights.get(form, 1.0))


def _weights(leaf: Term | Frequent, reader: Reader) -> dict[str, float]:
    term = replace(leaf.term, field="body") if isinstance(leaf, Frequent) else leaf
    return {member.form: member.weight for member in reader.group(term).members}


def _reasons_of_name(article: Article, leaf: Leaf, reader: Reader) -> Iterator[Reason]:
    """A field of names has no weight: it is met or not."""
    assert not isinstance(leaf, Dated | Frequent), "these are of no field of names"
    name = str(leaf.field)
    asked = leaf.words if isinstance(leaf, Phrase) else tuple(terms(leaf))
    wanted = frozenset[str]().union(*(reader.group(term).matching for term in asked))
    found = Counter(form for form in map(fold, forms(getattr(article, name) or "")) if form in wanted)
    for form, times in found.items():
        yield Reason(str(leaf), name, form, times, 0.0)
