"""A query tree over a Whoosh reader -> every article that matches, with its score, by exhaustion.

Postings are read one by one and nothing is pruned: slow, plain, and the oracle for any faster way.
A word is its group of forms, scored as one term by BM25F (Robertson & Zaragoza, The Probabilistic
Relevance Framework: BM25 and Beyond, 2009, section 3.6): the frequencies of its forms, weighted by form
and by field, each over the field's length normalisation, are added before the one saturation; the
inverse frequency counts the articles with a form that matches. The exact forms score once more, apart.
A phrase is scored as one term whose weight is the sum of its words'.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from whoosh.reading import IndexReader, TermNotFound

from ...french.analysis import fold
from ...french.groups import Group, group
from ...query.tree import And, Dated, Node, Not, Or, Phrase, StopWord, Word
from ...ranking import EXACT_AGAIN, FIELD_WEIGHTS, K1
from .dictionary import TEXT_FIELDS, FormDictionary, form_term, forms_field
from .schema import NO_DATE


@dataclass(slots=True)
class Found:
    """The score of each document that matches; `possible` are those that do by a vague date only."""

    scores: dict[int, float]
    possible: set[int] = field(default_factory=set)


class Executor:
    """Evaluates trees over one reader; lengths, dates and live documents are read once."""

    def __init__(self, reader: IndexReader) -> None:
        self._leaves: list[tuple[Any, int]] = [
            (leaf, base) for leaf, base in reader.leaf_readers() if leaf.doc_count_all()
        ]
        self._bases = [base for _, base in self._leaves]
        self._ids: dict[int, Any] = {}
        self.live = {
            base + number
            for leaf, base in self._leaves
            for number in range(leaf.doc_count_all())
            if not leaf.is_deleted(number)
        }
        self._frequencies = lru_cache(maxsize=1 << 12)(self._read_frequencies)
        self._dictionary = FormDictionary(self._leaves, self._frequencies)
        self.group = lru_cache(maxsize=1 << 12)(self._group)
        self._lengths = {name: self.column(f"{name}_length") for name in TEXT_FIELDS}
        self._average = {
            name: sum(lengths[number] for number in self.live) / max(len(self.live), 1) or 1.0
            for name, lengths in self._lengths.items()
        }

    def column(self, name: str) -> list[Any]:
        """The values of a column, by document number."""
        values: list[Any] = []
        for leaf, _ in self._leaves:
            reader = leaf.column_reader(name)
            values.extend(reader[number] for number in range(leaf.doc_count_all()))
        return values

    def id_of(self, number: int) -> str:
        """The id of a document, from its column: cheaper than its stored fields."""
        at = bisect_right(self._bases, number) - 1
        if at not in self._ids:
            self._ids[at] = self._leaves[at][0].column_reader("id")
        return str(self._ids[at][number - self._bases[at]])

    def evaluate(self, node: Node) -> Found:
        """All documents that match the node."""
        match node:
            case Word():
                return Found(self._word(node))
            case Phrase():
                return Found(self._phrase(node))
            case Dated():
                return self._dated(node)
            case And():
                return self._and(node)
            case Or():
                return self._or(node)
            case Not():
                inner = self.evaluate(node.child)
                certain = inner.scores.keys() - inner.possible
                return Found(dict.fromkeys(self.live - certain, 0.0), inner.possible & self.live)
            case StopWord():
                return Found(dict.fromkeys(self.live, 0.0))

    def frequency(self, word: Word) -> int:
        """In how many documents the word stands."""
        return len(self._word(word))

    def articles_with(self, form: str) -> int:
        """In how many documents this very form stands."""
        return len(set().union(*(self._frequencies(forms_field(n), form_term(form)) for n in TEXT_FIELDS)))

    def _group(self, form: str) -> Group:
        """The forms that a word stands for."""
        return group(form, self._dictionary)

    def _and(self, node: And) -> Found:
        wanted = [child for child in node.children if not isinstance(child, StopWord)]
        parts = [self.evaluate(child) for child in wanted]
        numbers = set.intersection(*(set(part.scores) for part in parts)) if parts else set(self.live)
        return Found(
            {number: sum(part.scores[number] for part in parts) for number in numbers},
            numbers & set().union(*(part.possible for part in parts)),
        )

    def _or(self, node: Or) -> Found:
        scores: dict[int, float] = {}
        certain: set[int] = set()
        for part in map(self.evaluate, node.children):
            for number, score in part.scores.items():
                scores[number] = scores.get(number, 0.0) + score
            certain.update(part.scores.keys() - part.possible)
        return Found(scores, scores.keys() - certain)

    def _dated(self, node: Dated) -> Found:
        low = node.start.toordinal() if node.start else 1
        high = node.end.toordinal() if node.end else 10**9
        found = Found({})
        dates = zip(self.column("date_start"), self.column("date_end"), strict=True)
        for number, (start, end) in enumerate(dates):
            if start == NO_DATE or end < low or start > high or number not in self.live:
                continue
            found.scores[number] = 0.0
            if start < low or end > high:
                found.possible.add(number)
        return found

    def _word(self, word: Word) -> dict[int, float]:
        if word.field and word.field not in TEXT_FIELDS:
            return dict.fromkeys(self._frequencies(word.field, fold(word.form)), 0.0)
        found = self.group(word.form)
        names = (word.field,) if word.field else TEXT_FIELDS
        matching = self._holding(found.matching, names)
        weights = {member.form: member.weight for member in found.members}
        scores = self._group_score(weights, names, len(matching or self._holding(weights, names)))
        exact = dict.fromkeys(found.exact, 1.0)
        again = self._group_score(exact, names, len(self._holding(exact, names)))
        kept = scores if word.loose else matching
        return {number: scores[number] + EXACT_AGAIN * again.get(number, 0.0) for number in kept}

    def _holding(self, forms: Iterable[str], names: Iterable[str]) -> set[int]:
        """The documents that hold one of the forms in one of the fields."""
        return {
            number
            for form in forms
            for name in names
            for number in self._frequencies(forms_field(name), form_term(form))
        }

    def _group_score(
        self, weights: Mapping[str, float], names: Iterable[str], holding: int
    ) -> dict[int, float]:
        """The score of weighted forms as one term, `holding` articles being said to have it."""
        by_field: dict[str, dict[int, float]] = {}
        for name in names:
            summed = by_field.setdefault(name, {})
            for form, weight in weights.items():
                for number, frequency in self._frequencies(forms_field(name), form_term(form)).items():
                    summed[number] = summed.get(number, 0.0) + weight * frequency
        return self._score(by_field, self._inverse_frequency(holding))

    def _phrase(self, phrase: Phrase) -> dict[int, float]:
        if phrase.field and phrase.field not in TEXT_FIELDS:
            terms = [[fold(form)] for form in phrase.forms]
            return dict.fromkeys(self._phrase_frequencies(phrase.field, terms), 0.0)
        names = (phrase.field,) if phrase.field else TEXT_FIELDS
        matching = [sorted(self.group(form).in_phrase) for form in phrase.forms]
        terms = [[form_term(form) for form in forms] for forms in matching]
        by_field = {name: self._phrase_frequencies(forms_field(name), terms) for name in names}
        weight = sum(self._inverse_frequency(len(self._holding(forms, names))) for forms in matching)
        return self._score(by_field, weight)

    def _score(self, by_field: Mapping[str, Mapping[int, float]], weight: float) -> dict[int, float]:
        """BM25F: weight x tf / (k1 + tf), tf being the sum over fields of w x f / (1 - b + b l / l̄)."""
        tf: dict[int, float] = {}
        for name, frequencies in by_field.items():
            setting, lengths, average = (
                FIELD_WEIGHTS[name],
                self._lengths[name],
                self._average[name],
            )
            for number, frequency in frequencies.items():
                normal = 1 - setting.b + setting.b * lengths[number] / average
                tf[number] = tf.get(number, 0.0) + setting.weight * frequency / normal
        return {number: weight * value / (K1 + value) for number, value in tf.items()}

    def _inverse_frequency(self, holding: int) -> float:
        """ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative."""
        return math.log(1 + (len(self.live) - holding + 0.5) / (holding + 0.5))

    def _postings(self, name: str, term: str) -> Iterator[tuple[int, Any]]:
        """The document numbers of a term in order, each with Whoosh's matcher standing on it."""
        for leaf, base in self._leaves:
            try:
                matcher = leaf.postings(name, term)
            except TermNotFound:
                continue
            while matcher.is_active():
                yield base + matcher.id(), matcher
                matcher.next()

    def _read_frequencies(self, name: str, term: str) -> Mapping[int, float]:
        return {number: matcher.weight() for number, matcher in self._postings(name, term)}

    def _phrase_frequencies(self, name: str, words: list[list[str]]) -> dict[int, float]:
        """How often words stand side by side, each as any of its terms, for the documents where they do."""
        holding = [{n for term in terms for n in self._frequencies(name, term)} for terms in words]
        common = set.intersection(*holding)
        places = {tuple(terms): self._positions(name, terms, common) for terms in words} if common else {}
        frequencies: dict[int, float] = {}
        for number in common:
            starts = set.intersection(
                *(
                    {position - offset for position in places[tuple(terms)][number]}
                    for offset, terms in enumerate(words)
                )
            )
            if starts:
                frequencies[number] = float(len(starts))
        return frequencies

    def _positions(self, name: str, terms: Iterable[str], among: set[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {number: [] for number in among}
        for term in terms:
            for number, matcher in self._postings(name, term):
                if number in among:
                    found[number].extend(matcher.value_as("positions"))
        return found
