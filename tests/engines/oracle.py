"""Articles and a query tree -> the answer, by looking at every token of every article: plain loops, and no
idea shared with an engine but the group of forms that a term stands for, which is tested by itself."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, product
from math import inf, log
from types import SimpleNamespace
from typing import Any

from search.article import Article
from search.distance import distance
from search.expansion import Frequency, Group, group_of, group_of_name, most_frequent
from search.french.analysis import fold, stem
from search.french.tokens import tokens
from search.query.tree import And, Boost, Dated, Frequent, Near, Node, Not, Or, Phrase, StopWord, Term, Word

NAMES, WEIGHT, B = ("source", "author", "path"), {"title": 3.0, "body": 1.0}, {"title": 0.3, "body": 0.6}


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
        times = Counter(form for form, _ in written)
        some = lambda fits: most_frequent(Frequency(f, times[f], 0) for f in times if fits(fold(f)))  # noqa: E731
        dictionary = SimpleNamespace(
            forms_of_stem=lambda wanted: {f for f in times if stem(f) == wanted},
            beginning_with=lambda a, _, re=None: some(re.fullmatch if re else lambda f: f.startswith(a)),
            within=lambda a, most, _: some(lambda f: distance(f, a) <= most),
            occurrences=lambda form: (times[form], written.count((form, True))),
        )
        return of(term, dictionary)

    def counted(self, term: Term, kind: str) -> dict[str, Any]:
        in_language = self.group(term).in_language
        return {each.id: getattr(in_language(each.language), kind) for each in self.articles}

    def judge(self, node: Node, article: Article) -> tuple[int, float]:
        """How sure the article is to match (0 no, 1 possibly, 2 certainly), and its score."""
        match node:
            case And() | Or() | StopWord():
                parts = [self.judge(child, article) for child in getattr(node, "children", ())]
                sure = (max if isinstance(node, Or) else min)((part[0] for part in parts), default=2)
                return sure, sum(score for _, score in parts) if sure else 0.0
            case Not(child) | Boost(child):
                sure, score = self.judge(child, article)
                return (2 - sure, 0.0) if isinstance(node, Not) else (sure, node.factor * score)
            case Dated(start, end):
                on = article.date
                meets = on is not None and on.start <= (end or on.end) and on.end >= (start or on.start)
                return meets + (meets and (start or on.start) <= on.start and on.end <= (end or on.end)), 0.0
            case Frequent(term, most):
                matching = self.counted(term := replace(term, field="body"), "matching")[article.id]
                times = sum(form in matching for form, _ in self.held[article.id, "body"])
                return self.judge(term, article) if times > most else (0, 0.0)
            case Phrase(forms, field, _, slop, exact):
                words = [self.counted(Word(form, field, exact=exact), "in_phrase") for form in forms]
                met = score = self.row(words, article, field, reach=(0, len(forms) - 1 + slop))
            case Near(left, right, reach, ordered, field):
                words = [self.counted(replace(term, field=field), "matching") for term in (left, right)]
                met = score = self.row(words, article, field, reach=(0 if ordered else reach, reach))
            case object(field=field):
                weights, matching, exact = (self.counted(node, k) for k in ("weights", "matching", "exact"))
                met = self.row([weights if getattr(node, "loose", 0) else matching], article, field)
                score = self.row([weights], article, field, matching)
                score += 0.3 * self.row([exact], article, field)
        return (2, 0.0 if field in NAMES else score) if met else (0, 0.0)

    def row(self, asked: Any, article: Article, field: Any, rare: Any = None, reach: Any = (0, 0)) -> float:
        """BM25F of words in a row as one term; the first has the others so many places before or after it."""
        total, fields, words = 0.0, (field,) if field else (*WEIGHT,), [forms[article.id] for forms in asked]
        for name in fields:
            held = [form for form, _ in self.held[article.id, name]]
            average = sum(len(self.held[each.id, name]) for each in self.articles) / len(self.articles) or 1.0
            scale = WEIGHT.get(name, 1.0) / (1 - B.get(name, 0.0) * (1 - len(held) / average))
            for at, form in enumerate(held):
                around = held[at + 1 : at + 1 + reach[1]] + held[max(at - reach[0], 0) : at]
                rows = [(form, *others) for others in combinations(around, len(words) - 1)]
                if any(all(f in forms for f, forms in zip(row, words, strict=True)) for row in rows):
                    total += scale * (words[0][form] if isinstance(words[0], dict) else 1.0)
        texts = [(each.id, {f for n in fields for f, _ in self.held[each.id, n]}) for each in self.articles]
        ns = [[sum(not t.isdisjoint(f[id]) for id, t in texts) for f in (rare or own, own)] for own in asked]
        return sum(log((len(texts) + 1) / ((n or m) + 0.5)) for n, m in ns) * total / (1.2 + total)
