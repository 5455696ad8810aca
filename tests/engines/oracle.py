"""Articles and a query tree -> the answer, by looking at every token of every article: plain loops, and no
idea shared with an engine but the group of forms that a term stands for, which is tested by itself."""

import datetime as dt
from dataclasses import replace
from itertools import combinations, product
from math import inf, log
from types import SimpleNamespace
from typing import Any

from search.article import Article
from search.distance import distance
from search.expansion import Group, group_of, group_of_name
from search.french.analysis import fold, stem
from search.french.tokens import tokens
from search.query.tree import And, Boost, Dated, Frequent, Near, Node, Not, Or, Phrase, StopWord, Term, Word

NAMES = ("source", "author", "path")
WEIGHT, B, K1 = {"title": 3.0, "body": 1.0}, {"title": 0.3, "body": 0.6}, 1.2


class Oracle:
    def __init__(self, articles: list[Article]) -> None:
        self.articles, self.held = articles, dict[tuple[str, str], list[tuple[str, bool]]]()
        for article, field in product(articles, (*WEIGHT, *NAMES)):
            text, spelled = getattr(article, field) or "", fold if field in NAMES else str
            self.held[article.id, field] = [(spelled(t.form), text[t.start].isupper()) for t in tokens(text)]

    def answer(self, tree: Node, sort: str = "relevance") -> list[tuple[str, float, str | None]]:
        """(id, score, date_match) of every match, in order."""
        rows, says = [], ("possible", "certain") if "Dated(" in repr(tree) else (None, None)
        for article in self.articles:
            sure, score = self.judge(tree, article)
            day = article.date.start.toordinal() if article.date else inf
            key = {"relevance": -score, "date": day, "-date": -day if article.date else inf}[sort]
            rows += [(key, article.id, score, says[sure - 1])] if sure else []
        return [row[1:] for row in sorted(rows)]

    def group(self, term: Term) -> Group:
        fields, of = ((term.field,), group_of_name) if term.field in NAMES else (WEIGHT, group_of)
        written = [each for (_, field), held in self.held.items() if field in fields for each in held]
        dictionary = SimpleNamespace(
            forms_of_stem=lambda wanted: {f for f in dict(written) if stem(f) == wanted},
            beginning_with=lambda folded: {f for f in dict(written) if fold(f).startswith(folded)},
            within=lambda folded, most: {f for f in dict(written) if distance(fold(f), folded) <= most},
            occurrences=lambda form: (sum(form == each for each, _ in written), written.count((form, True))),
        )
        return of(term, dictionary)

    def judge(self, node: Node, article: Article) -> tuple[int, float]:
        """How sure the article is to match (0 no, 1 possibly, 2 certainly), and its score."""
        match node:
            case And() | Or() | StopWord():
                parts = [self.judge(child, article) for child in getattr(node, "children", ())]
                sure = (max if isinstance(node, Or) else min)((part[0] for part in parts), default=2)
                return sure, sum(score for _, score in parts) if sure else 0.0
            case Not(child):
                return 2 - self.judge(child, article)[0], 0.0
            case Boost(child, factor):
                return self.judge(child, article)[0], factor * self.judge(child, article)[1]
            case Dated(start, end):
                days, first, last = article.date, start or dt.date.min, end or dt.date.max
                meets = days is not None and days.start <= last and days.end >= first
                return meets + (meets and first <= days.start and days.end <= last), 0.0
            case Frequent(term, most):
                matching = self.group(term := replace(term, field="body")).matching
                times = sum(form in matching for form, _ in self.held[article.id, "body"])
                return self.judge(term, article) if times > most else (0, 0.0)
            case Phrase(forms, field, _, slop, exact):
                words = [self.group(Word(form, field, exact=exact)).in_phrase for form in forms]
                met = score = self.row(words, article, field, reach=(0, len(forms) - 1 + slop))
            case Near(left, right, reach, ordered, field):
                words = [self.group(replace(term, field=field)).matching for term in (left, right)]
                met = score = self.row(words, article, field, reach=(0 if ordered else reach, reach))
            case _:
                group, field = self.group(node), node.field
                weights = {member.form: member.weight for member in group.members}
                met = self.row([weights if getattr(node, "loose", 0) else group.matching], article, field)
                score = self.row([weights], article, field, group.matching)
                score += 0.3 * self.row([group.exact], article, field)
        return (2, 0.0 if field in NAMES else score) if met else (0, 0.0)

    def row(self, words: Any, article: Article, field: Any, rare: Any = (), reach: Any = (0, 0)) -> float:
        """BM25F of words in a row as one term; the first has the others so many places before or after it."""
        total, fields, (before, after) = 0.0, (field,) if field else (*WEIGHT,), reach
        for name in fields:
            held = [form for form, _ in self.held[article.id, name]]
            average = sum(len(self.held[each.id, name]) for each in self.articles) / len(self.articles) or 1.0
            scale = WEIGHT.get(name, 1.0) / (1 - B.get(name, 0.0) * (1 - len(held) / average))
            for at, form in enumerate(held):
                around = held[at + 1 : at + 1 + after] + held[max(at - before, 0) : at]
                rows = [(form, *others) for others in combinations(around, len(words) - 1)]
                if any(all(f in forms for f, forms in zip(row, words, strict=True)) for row in rows):
                    total += scale * (words[0][form] if isinstance(words[0], dict) else 1.0)
        counts = [self.holding(rare, fields) or self.holding(forms, fields) for forms in words]
        rarity = sum(log(1 + (len(self.articles) - n + 0.5) / (n + 0.5)) for n in counts)
        return rarity * total / (K1 + total)

    def holding(self, forms: Any, fields: tuple[str, ...]) -> int:
        return sum(any(f in forms for n in fields for f, _ in self.held[a.id, n]) for a in self.articles)
