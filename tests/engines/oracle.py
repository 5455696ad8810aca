"""Articles and a query tree -> the answer, by looking at every token of every article.

Plain loops and nothing kept for speed, so that it shares no idea with any engine but the group of forms
that a word stands for, which is tested by itself. Forms of weight v that occur f times in a field of l
tokens weigh v w f / (1 - b + b l / l̄) there; all are added and saturate as t / (k1 + t), times
ln(1 + (N - n + 0.5) / (n + 0.5)); the exact forms count once more, at 0.3, apart.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence, Set

from search.article import Article
from search.french.analysis import fold, is_stop_word, stem
from search.french.groups import Group, group
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
            (article.id, field): [token.form for token in tokens(getattr(article, field) or "")]
            for article in articles
            for field in ("title", "body", "source", "author", "path")
        }

    def forms_of_stem(self, wanted: str) -> Set[str]:
        texts = (held for (_, field), held in self.held.items() if field in WEIGHT)
        return {form for held in texts for form in held if stem(form) == wanted}

    def occurrences(self, form: str) -> tuple[int, int]:
        texts = [text for article in self.articles for text in (article.title, article.body)]
        found = [text[t.start].isupper() for text in texts for t in tokens(text) if t.form == form]
        return len(found), sum(found)

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
                wanted = self.wanted(node)
                return CERTAIN if any(self.times(wanted, f, article) for f in fields_of(node)) else NO
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
        if isinstance(node, Phrase):
            rarity = sum(self.rarity(w, node) for w in self.wanted(node))
            return rarity * self.saturated([dict.fromkeys(w, 1.0) for w in self.wanted(node)], node, article)
        own = group(node.form, self)
        everything = {member.form: member.weight for member in own.members}
        met = [own.matching] if any(self.holding(own.matching, node)) else [frozenset(everything)]
        exact = dict.fromkeys(own.exact, 1.0)
        return self.rarity(met[0], node) * self.saturated([everything], node, article) + 0.3 * self.rarity(
            own.exact, node
        ) * self.saturated([exact], node, article)

    def saturated(
        self, wanted: Sequence[Mapping[str, float]], node: Word | Phrase, article: Article
    ) -> float:
        total = 0.0
        for field in fields_of(node):
            lengths = [len(self.held[each.id, field]) for each in self.articles]
            average = sum(lengths) / len(lengths) or 1.0
            normal = 1 - B[field] + B[field] * len(self.held[article.id, field]) / average
            total += WEIGHT[field] * self.times(wanted, field, article) / normal
        return total / (K1 + total)

    def holding(self, wanted: Set[str], node: Word | Phrase) -> list[bool]:
        return [any(self.times([wanted], field, a) for field in fields_of(node)) for a in self.articles]

    def rarity(self, wanted: Set[str], node: Word | Phrase) -> float:
        holding = sum(self.holding(wanted, node))
        return math.log(1 + (len(self.articles) - holding + 0.5) / (holding + 0.5))

    def wanted(self, node: Word | Phrase) -> list[Set[str]]:
        forms = (node.form,) if isinstance(node, Word) else node.forms
        if node.field and node.field not in WEIGHT:
            alike = {form for held in self.held.values() for form in held}
            return [{form for form in alike if fold(form) == fold(wanted)} for wanted in forms]
        groups: list[Group] = [group(form, self) for form in forms]
        if isinstance(node, Word) and node.loose:
            return [{member.form for member in groups[0].members}]
        if isinstance(node, Phrase):
            return [each.exact if is_stop_word(each.word) else each.matching for each in groups]
        return [each.matching for each in groups]

    def times(self, wanted: Sequence[Set[str] | Mapping[str, float]], field: str, article: Article) -> float:
        """How often the wanted stand side by side; one that has weights counts by them."""
        held, total = self.held[article.id, field], 0.0
        for at in range(len(held) - len(wanted) + 1):
            if all(held[at + step] in each for step, each in enumerate(wanted)):
                first = wanted[0]
                total += first[held[at]] if isinstance(first, Mapping) and len(wanted) == 1 else 1.0
        return total


def fields_of(node: Word | Phrase) -> tuple[str, ...]:
    return (node.field,) if node.field else ("title", "body")
