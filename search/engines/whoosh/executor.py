"""A query tree over a Whoosh reader -> every article that matches, with its score, by exhaustion.

Postings are read one by one and nothing is pruned: slow, plain, and the oracle for any faster way.
A word is scored by BM25F (Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and
Beyond, 2009, section 3.6): the frequencies of title and body, each over its own length
normalisation, are weighted and added before the one saturation. A phrase is scored as one term
whose weight is the sum of its words'.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from whoosh.reading import IndexReader, TermNotFound

from ...french.analysis import fold, stem
from ...query.tree import And, Dated, Node, Not, Or, Phrase, StopWord, Word
from .schema import NO_DATE, TEXT_FIELDS


@dataclass(frozen=True, slots=True)
class FieldWeight:
    """How much a field counts, and how much of its length is normalised away (b of BM25)."""

    weight: float
    b: float


FIELD_WEIGHTS: Final[Mapping[str, FieldWeight]] = {
    "title": FieldWeight(3.0, 0.3),
    "body": FieldWeight(1.0, 0.6),
}
"""Best of a flat optimum over five French collections."""

K1: Final = 1.2
"""Where the frequency saturates: the customary value."""


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
        by_field = {name: self._frequencies(name, term) for name, term in _terms_of(word.form, word.field)}
        if not by_field.keys() & FIELD_WEIGHTS.keys():
            return dict.fromkeys(chain.from_iterable(by_field.values()), 0.0)
        holding = len(set().union(*by_field.values()))
        return self._score(by_field, self._inverse_frequency(holding))

    def _phrase(self, phrase: Phrase) -> dict[int, float]:
        by_field: dict[str, dict[int, float]] = {}
        for name in (phrase.field,) if phrase.field else TEXT_FIELDS:
            terms = [dict(_terms_of(form, name))[name] for form in phrase.forms]
            by_field[name] = self._phrase_frequencies(name, terms)
        if not by_field.keys() & FIELD_WEIGHTS.keys():
            return dict.fromkeys(chain.from_iterable(by_field.values()), 0.0)
        weight = sum(
            self._inverse_frequency(self.frequency(Word(form, phrase.field))) for form in phrase.forms
        )
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

    def _frequencies(self, name: str, term: str) -> dict[int, float]:
        return {number: matcher.weight() for number, matcher in self._postings(name, term)}

    def _phrase_frequencies(self, name: str, terms: list[str]) -> dict[int, float]:
        """How often the terms stand side by side, for the documents where they do."""
        common: set[int] | None = None
        for term in dict.fromkeys(terms):
            numbers = {number for number, _ in self._postings(name, term)}
            common = numbers if common is None else common & numbers
            if not common:
                return {}
        starts: dict[int, set[int]] = {}
        positions = {term: self._positions(name, term, common or ()) for term in dict.fromkeys(terms)}
        for number in common or ():
            starts[number] = set.intersection(
                *(
                    {position - offset for position in positions[term][number]}
                    for offset, term in enumerate(terms)
                )
            )
        return {number: float(len(found)) for number, found in starts.items() if found}

    def _positions(self, name: str, term: str, among: Iterable[int]) -> dict[int, list[int]]:
        wanted = set(among)
        return {
            number: matcher.value_as("positions")
            for number, matcher in self._postings(name, term)
            if number in wanted
        }


def _terms_of(form: str, field_name: str | None) -> list[tuple[str, str]]:
    """The fields to look in and the term of the form in each."""
    if field_name is None or field_name in TEXT_FIELDS:
        return [(name, stem(form)) for name in ((field_name,) if field_name else TEXT_FIELDS)]
    return [(field_name, fold(form))]
