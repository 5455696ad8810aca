"""A query tree over a Whoosh reader -> every article that matches, with its score, by exhaustion.

Postings are read one by one and nothing is pruned: slow, plain, and the oracle for any faster way.
A word is its group of forms, scored as one term by BM25F (Robertson & Zaragoza, The Probabilistic
Relevance Framework: BM25 and Beyond, 2009, section 3.6): the frequencies of its forms, weighted by form
and by field, each over the field's length normalisation, are added before the one saturation; the
inverse frequency counts the articles with a form that matches. The exact forms score once more, apart.
In an article of a foreign language only forms that are written as was asked count, for all of this.
A phrase, and a pair of terms near each other, is scored as one term whose weight is the sum of its words'.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from whoosh.reading import IndexReader, TermNotFound

from ...deadline import NEVER, Deadline, OutOfTimeError
from ...expansion import Frequency, WrittenForms, group_of, group_of_name
from ...french.analysis import is_french
from ...french.groups import Group
from ...query.tree import (
    And,
    Boost,
    Dated,
    Field,
    Frequent,
    Fuzzy,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    StopWord,
    Term,
    Wildcard,
    Word,
)
from ...ranking import EXACT_AGAIN, FIELD_WEIGHTS, K1
from .dictionary import TEXT_FIELDS, FormDictionary, NameDictionary, whoosh_term
from .schema import FOLDED_FIELDS, NO_DATE

Places = Sequence[Sequence[int]]
"""For each of several words the positions of its forms in one field, in order."""

Forms = tuple[Collection[str], Collection[str]]
"""The forms that satisfy a word, and which forms count in articles of foreign languages too."""


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
        self._deadline = NEVER
        self.live = {
            base + number
            for leaf, base in self._leaves
            for number in range(leaf.doc_count_all())
            if not leaf.is_deleted(number)
        }
        self._foreign = self._in_foreign_languages()
        self._frequencies = lru_cache(maxsize=1 << 12)(self._read_frequencies)
        self._dictionary = FormDictionary(self._leaves, self._frequencies)
        self._names = {name: NameDictionary(self._leaves, self._frequencies, name) for name in FOLDED_FIELDS}
        self.group = lru_cache(maxsize=1 << 12)(self._group)
        self._lengths = {name: self.column(f"{name}_length") for name in TEXT_FIELDS}
        tokens: dict[str, int] = {
            name: sum(lengths[number] for number in self.live) for name, lengths in self._lengths.items()
        }
        self.tokens = sum(tokens.values())
        self._average = {name: tokens[name] / max(len(self.live), 1) or 1.0 for name in TEXT_FIELDS}

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

    def found(self, tree: Node, deadline: Deadline) -> Found:
        """All documents that match the tree; none after the deadline."""
        self._deadline = deadline
        try:
            return self.evaluate(tree)
        except OutOfTimeError:
            return Found({})
        finally:
            self._deadline = NEVER

    def evaluate(self, node: Node) -> Found:
        """All documents that match the node. Raises OutOfTimeError."""
        self._deadline.check()
        match node:
            case Word() | Prefix() | Wildcard() | Fuzzy():
                return Found(self._term(node))
            case Phrase():
                return Found(self._phrase(node))
            case Near():
                return Found(self._near(node))
            case Frequent():
                return Found(self._frequent(node))
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
            case Boost():
                inner = self.evaluate(node.child)
                boosted = {number: node.factor * score for number, score in inner.scores.items()}
                return Found(boosted, inner.possible)
            case StopWord():
                return Found(dict.fromkeys(self.live, 0.0))

    def frequency(self, word: Word) -> int:
        """In how many documents the word stands."""
        return len(self._term(word))

    def articles_with(self, form: str) -> int:
        """In how many documents this very form stands."""
        return len(self._holding([form], TEXT_FIELDS, [form]))

    def names_sounding(self, key: str) -> list[Frequency]:
        """The names of titles and bodies with this key of sounds."""
        return self._dictionary.names_sounding(key)

    def dictionary(self, field: Field | None) -> WrittenForms:
        """The forms of titles and bodies, or of a field of names."""
        return self._names.get(field or "", self._dictionary)

    def _group(self, term: Term) -> Group:
        """The forms that a term stands for, in its field."""
        if term.field in self._names:
            return group_of_name(term, self._names[term.field])
        return group_of(term, self._dictionary)

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

    def _term(self, term: Term) -> dict[int, float]:
        found = self.group(term)
        names = _fields(term.field)
        written = found.as_written
        matching = self._holding(found.matching, names, written)
        if term.field in self._names:
            return dict.fromkeys(matching, 0.0)
        holding = matching or self._holding(found.weights, names, written)
        scores = self._group_score(found.weights, names, written, len(holding))
        exact = dict.fromkeys(found.exact, 1.0)
        again = self._group_score(exact, names, written, len(self._holding(exact, names, written)))
        kept = scores if isinstance(term, Word) and term.loose else matching
        return {number: scores[number] + EXACT_AGAIN * again.get(number, 0.0) for number in kept}

    def _counted(self, name: str, form: str, written: Collection[str]) -> Mapping[int, float]:
        """How often a form stands in a field of the documents where it counts."""
        found = self._frequencies(name, form)
        if form in written or not self._foreign:
            return found
        return {number: frequency for number, frequency in found.items() if number not in self._foreign}

    def _holding(self, forms: Iterable[str], names: Iterable[str], written: Collection[str]) -> set[int]:
        """The documents that hold one of the forms in one of the fields."""
        return {number for form in forms for name in names for number in self._counted(name, form, written)}

    def _group_score(
        self, weights: Mapping[str, float], names: Iterable[str], written: Collection[str], holding: int
    ) -> dict[int, float]:
        """The score of weighted forms as one term, `holding` articles being said to have it."""
        by_field = {name: self._summed(weights, name, written) for name in names}
        return self._score(by_field, self._inverse_frequency(holding))

    def _summed(self, weights: Mapping[str, float], name: str, written: Collection[str]) -> dict[int, float]:
        """How often weighted forms stand in a field, all together."""
        summed: dict[int, float] = {}
        for form, weight in weights.items():
            for number, frequency in self._counted(name, form, written).items():
                summed[number] = summed.get(number, 0.0) + weight * frequency
        return summed

    def _frequent(self, node: Frequent) -> dict[int, float]:
        term = replace(node.term, field="body")
        group = self.group(term)
        times = self._summed(dict.fromkeys(group.matching, 1.0), "body", group.as_written)
        return {
            number: score
            for number, score in self._term(term).items()
            if times.get(number, 0) > node.more_than
        }

    def _phrase(self, phrase: Phrase) -> dict[int, float]:
        groups = [self.group(word) for word in phrase.words]
        words = [(group.matching if phrase.exact else group.in_phrase, group.as_written) for group in groups]
        return self._together(words, phrase.field, lambda places: _times_in_order(places, phrase.slop))

    def _near(self, near: Near) -> dict[int, float]:
        groups = [self.group(replace(term, field=near.field)) for term in (near.left, near.right)]
        words = [(group.matching, group.as_written) for group in groups]
        return self._together(
            words, near.field, lambda places: _times_near(places, near.distance, near.ordered)
        )

    def _together(
        self, words: Sequence[Forms], field: Field | None, times: Callable[[Places], int]
    ) -> dict[int, float]:
        """The score of words as one term, which stands as often as `times` says of their places."""
        names = _fields(field)
        by_field = {name: self._times(words, name, times) for name in names}
        if field in self._names:
            return dict.fromkeys(by_field[field], 0.0)
        weight = sum(
            self._inverse_frequency(len(self._holding(forms, names, written))) for forms, written in words
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

    def _postings(self, name: str, form: str) -> Iterator[tuple[int, Any]]:
        """The document numbers of a form in order, each with Whoosh's matcher standing on it."""
        self._deadline.check()
        for leaf, base in self._leaves:
            try:
                matcher = leaf.postings(*whoosh_term(name, form))
            except TermNotFound:
                continue
            while matcher.is_active():
                yield base + matcher.id(), matcher
                matcher.next()

    def _in_foreign_languages(self) -> set[int]:
        """The documents in a language that is not French."""
        return {
            base + number
            for leaf, base in self._leaves
            for language in leaf.lexicon("language")
            if not is_french(language.decode())
            for number in leaf.postings("language", language).all_ids()
        }

    def _read_frequencies(self, name: str, form: str) -> Mapping[int, float]:
        return {number: matcher.weight() for number, matcher in self._postings(name, form)}

    def _times(self, words: Sequence[Forms], name: str, times: Callable[[Places], int]) -> dict[int, float]:
        """What `times` says of the words in a field, for the documents where that is not 0."""
        common = set.intersection(*(self._holding(forms, [name], written) for forms, written in words))
        places = [self._positions(name, *word, common) for word in words] if common else []
        counted = {number: float(times([place[number] for place in places])) for number in common}
        return {number: count for number, count in counted.items() if count}

    def _positions(
        self, name: str, forms: Iterable[str], written: Collection[str], among: set[int]
    ) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {number: [] for number in among}
        for form in forms:
            counts = among if form in written else among - self._foreign
            for number, matcher in self._postings(name, form):
                if number in counts:
                    found[number].extend(matcher.value_as("positions"))
        return {number: sorted(positions) for number, positions in found.items()}


def _fields(field: Field | None) -> tuple[str, ...]:
    return (field,) if field else TEXT_FIELDS


def _times_in_order(places: Places, slop: int) -> int:
    """How many positions of the first word begin a row of all words with at most `slop` others in it."""
    found = 0
    for first in places[0]:
        at: float = first
        for place in places[1:]:
            at = next((position for position in place if position > at), math.inf)
        found += at - first < len(places) + slop
    return found


def _times_near(places: Places, distance: int, ordered: bool) -> int:
    """How many positions of the left term have one of the right term near."""
    left, right = places
    return sum(
        any(1 <= (other - at if ordered else abs(other - at)) <= distance for other in right) for at in left
    )
