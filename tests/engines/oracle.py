"""Articles and a query tree -> the answer, by looking at every token of every article.

Plain loops and nothing kept for speed, so that it shares no idea with any engine. A word or phrase
that occurs f times in a field of l tokens weighs w f / (1 - b + b l / l̄) there; the fields' weights t
are added and saturate as t / (k1 + t), times the sum over its forms of ln(1 + (N - n + 0.5) / (n + 0.5)).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from search.article import Article
from search.french.analysis import fold, stem
from search.french.tokens import tokens
from search.query.tree import And, Dated, Node, Not, Or, Phrase, StopWord, Word, leaves

WEIGHT = {"title": 3.0, "body": 1.0}
B = {"title": 0.3, "body": 0.6}
K1 = 1.2

NO, POSSIBLE, CERTAIN = 0, 1, 2


class Oracle:
    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = articles
        self.held = {
            (article.id, field): [term(token.form, field) for token in tokens(getattr(article, field) or "")]
            for article in articles
            for field in ("title", "body", "source", "author", "path")
        }

    def answer(self, tree: Node, sort: str = "relevance") -> list[tuple[str, float, str | None]]:
        """(id, score, date_match) of every match, in order."""
        dated = any(isinstance(leaf, Dated) for leaf in leaves(tree))
        rows = []
        for article in self.articles:
            verdict = self.verdict(tree, article)
            if verdict != NO:
                certainty = ("possible" if verdict == POSSIBLE else "certain") if dated else None
                score = self.score(tree, article)
                day = article.date.start.toordinal() if article.date else math.inf
                by_sort = {"relevance": -score, "date": day, "-date": -day if article.date else math.inf}
                rows.append((by_sort[sort], article.id, score, certainty))
        return [row[1:] for row in sorted(rows, key=lambda row: row[:2])]

    def verdict(self, node: Node, article: Article) -> int:
        match node:
            case Word() | Phrase():
                return CERTAIN if any(self.times(node, each, article) for each in fields_of(node)) else NO
            case Dated():
                date = article.date
                first, last = node.start or dt.date.min, node.end or dt.date.max
                if date is None or date.end < first or date.start > last:
                    return NO
                return CERTAIN if first <= date.start and date.end <= last else POSSIBLE
            case And():
                return min(self.verdict(child, article) for child in node.children)
            case Or():
                return max(self.verdict(child, article) for child in node.children)
            case Not():
                return CERTAIN - self.verdict(node.child, article)
            case StopWord():
                return CERTAIN

    def score(self, node: Node, article: Article) -> float:
        if isinstance(node, And | Or) and self.verdict(node, article) != NO:
            return sum(self.score(child, article) for child in node.children)
        if not isinstance(node, Word | Phrase) or node.field not in (None, "title", "body"):
            return 0.0
        total = 0.0
        for field in fields_of(node):
            lengths = [len(self.held[each.id, field]) for each in self.articles]
            average = sum(lengths) / len(lengths) or 1.0
            normal = 1 - B[field] + B[field] * len(self.held[article.id, field]) / average
            total += WEIGHT[field] * self.times(node, field, article) / normal
        return sum(self.rarity(form, node.field) for form in forms_of(node)) * total / (K1 + total)

    def rarity(self, form: str, field: str | None) -> float:
        holding = sum(self.verdict(Word(form, field), each) == CERTAIN for each in self.articles)
        return math.log(1 + (len(self.articles) - holding + 0.5) / (holding + 0.5))

    def times(self, node: Word | Phrase, field: str, article: Article) -> int:
        wanted = [term(form, field) for form in forms_of(node)]
        held = self.held[article.id, field]
        return sum(held[at : at + len(wanted)] == wanted for at in range(len(held)))


def forms_of(node: Word | Phrase) -> tuple[str, ...]:
    return (node.form,) if isinstance(node, Word) else node.forms


def fields_of(node: Word | Phrase) -> tuple[str, ...]:
    return (node.field,) if node.field else ("title", "body")


def term(form: str, field: str) -> str:
    return stem(form) if field in WEIGHT else fold(form)
