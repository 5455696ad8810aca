"""A query tree over segments -> the matches of one page, by operations on whole arrays.

For each segment the tree becomes nodes and leaves (`nodes.py`, `leaves.py`, `positions.py`); what they need
to know of the whole archive (how rare a term is) is counted over all segments first. Then each segment
gives its best (`best.py`), and the best of these are the page.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from ....deadline import NEVER, Deadline, OutOfTimeError
from ....engine import Sort
from ....expansion import Frequency, WrittenForms, group_of, group_of_name
from ....french.groups import Group
from ....query.tree import (
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
from ..dictionary import TEXT_FIELDS
from .arrays import keep_freed_memory
from .best import Best, best, best_of_one_list
from .forms import Forms
from .leaves import (
    DatedLeaf,
    Docs,
    Form,
    FrequentLeaf,
    Leaf,
    Mask,
    Scores,
    Setting,
    TermLeaf,
    Unscored,
    rarity_of,
    setting,
)
from .name_forms import NameForms
from .nodes import Complement, Conjunction, Disjunction, Multiplied, surely
from .positions import PlacesLeaf, in_order, named, near, places_in_names, places_of
from .segment import NO_DATE, Segment

_REMEMBERED: Final = 1 << 11
_FAR: Final = 10**7
"""An ordinal after all days."""


class Found(NamedTuple):
    """A match: its id, its score, and whether it is certain."""

    id: str
    score: float
    certain: bool


class Wanted(NamedTuple):
    """Forms of which any will do; in an article of a foreign language, any that is `written` as was asked."""

    forms: frozenset[str]
    written: frozenset[str]

    @classmethod
    def written_so(cls, form: str) -> Wanted:
        """A form alone, wherever it stands."""
        return cls(frozenset((form,)), frozenset((form,)))


class Executor:
    """Evaluates trees over the segments of one generation."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        keep_freed_memory()
        self.segments = segments
        self.articles = sum(segment.live_count for segment in segments)
        tokens = {name: self._tokens(name) for name in TEXT_FIELDS}
        self.tokens = sum(tokens.values())
        averages = {name: tokens[name] / max(self.articles, 1) or 1.0 for name in TEXT_FIELDS}
        self._settings = [setting(segment, averages) for segment in segments]
        self._forms = Forms(segments)
        self._name_forms = lru_cache(None)(lambda field: NameForms(segments, field))
        self.group = lru_cache(_REMEMBERED)(self._group)
        self._group_forms = lru_cache(_REMEMBERED)(self._find_group_forms)
        self._forms_of = lru_cache(_REMEMBERED)(self._find_any_of)

    def forget_groups(self) -> None:
        """Forget the groups that were expanded, so that the next query does all of its work."""
        for remembered in (self.group, self._group_forms, self._forms_of):
            remembered.cache_clear()
        self._forms.places_of_stem.cache_clear()
        self._forms.occurrences.cache_clear()

    def close(self) -> None:
        """Let go of the segments: what is remembered refers to them in a circle."""
        self.forget_groups()
        self._forms.close()
        self.__dict__.clear()

    def search(
        self, tree: Node, k: int, sort: Sort, counted: bool, deadline: Deadline = NEVER
    ) -> tuple[int | None, list[Found]]:
        """How many match, if that is `counted`, and the first k in order: what the deadline allows."""
        total = 0
        rows: list[tuple[float, Found]] = []
        with contextlib.suppress(OutOfTimeError):
            for matching, best_rows in self._found(tree, k, sort, deadline):
                total, rows = total + matching, best_rows
        return total if counted else None, [found for _, found in rows]

    def _found(
        self, tree: Node, k: int, sort: Sort, deadline: Deadline
    ) -> Iterator[tuple[int, list[tuple[float, Found]]]]:
        """How many match in each segment, and the first k by then."""
        nodes = self._compiled(tree, deadline)
        rows: list[tuple[float, Found]] = []
        threshold = 0.0
        for segment, node in zip(self.segments, nodes, strict=True):
            deadline.check()
            one = best_of_one_list(node, k, threshold) if k and sort == "relevance" else None
            if one is not None:
                count = one.articles
                rows += _ranked(segment, node, one, k)
            else:
                mask = node.mask if segment.live is None else node.mask & segment.live
                count = int(np.count_nonzero(mask))
                if k and count and sort == "relevance":
                    rows += _ranked(segment, node, best(segment, node, mask, count, k, threshold), k)
                elif k and count:
                    rows += _by_date(segment, node, mask, k, 1 if sort == "date" else -1)
            rows = sorted(rows)[:k]
            if k and len(rows) == k and sort == "relevance":
                threshold = -rows[-1][0]
            yield count, rows

    def frequency(self, word: Term) -> int:
        """In how many articles a term stands."""
        return self.search(word, 0, "relevance", True)[0] or 0

    def articles_with(self, form: str) -> int:
        """In how many articles this very form stands."""
        return sum(leaf.count(len(leaf.forms)) for leaf in self._any_of(Wanted.written_so(form), None))

    def names_sounding(self, key: str) -> list[Frequency]:
        """The names of titles and bodies with this key of sounds."""
        return self._forms.names_sounding(key)

    def dictionary(self, field: Field | None) -> WrittenForms:
        """The forms of titles and bodies, or of a field of names."""
        return self._name_forms(field) if _is_of_names(field) else self._forms

    def _tokens(self, name: str) -> int:
        tokens = 0
        for segment in self.segments:
            lengths = segment.lengths[name]
            live = lengths if segment.live is None else lengths[segment.live]
            tokens += int(live.sum(dtype=np.int64))
        return tokens

    def _group(self, term: Term) -> Group:
        if term.field and term.field not in TEXT_FIELDS:
            return group_of_name(term, self._name_forms(term.field))
        return group_of(term, self._forms)

    def _compiled(self, node: Node, deadline: Deadline, *, whole: bool = False) -> Sequence[Leaf]:
        """The node in each segment; the `whole` of it where less would match more. Raises OutOfTimeError."""
        deadline.check()
        match node:
            case Word() | Prefix() | Wildcard() | Fuzzy():
                return self._names(node) if _is_of_names(node.field) else self._term(node)
            case Phrase():
                return self._phrase(node, deadline)
            case Near():
                return self._near(node, deadline)
            case Frequent():
                leaves = self._term(replace(node.term, field="body"))
                return [FrequentLeaf(leaf, node.more_than) for leaf in leaves]
            case Dated():
                low = node.start.toordinal() if node.start else NO_DATE
                high = node.end.toordinal() if node.end else _FAR
                return [DatedLeaf(segment, low, high) for segment in self.segments]
            case And():
                wanted = [child for child in node.children if not isinstance(child, StopWord)]
                if not wanted:
                    return self._every()
                return _joined(
                    [self._compiled(child, deadline, whole=whole) for child in wanted],
                    lambda in_segment: Conjunction(in_segment, deadline),
                )
            case Or():
                return _joined(
                    self._alternatives(node.children, deadline, whole),
                    lambda in_segment: Disjunction(in_segment, deadline, whole=whole),
                )
            case Not():
                return [Complement(child) for child in self._compiled(node.child, deadline, whole=True)]
            case Boost():
                inner = self._compiled(node.child, deadline, whole=whole)
                return [Multiplied(child, node.factor) for child in inner]
            case StopWord():
                return self._every()

    def _alternatives(
        self, children: Sequence[Node], deadline: Deadline, whole: bool
    ) -> list[Sequence[Leaf]]:
        """Each child in each segment; after the deadline those that there are, unless the whole is needed."""
        by_child: list[Sequence[Leaf]] = []
        for child in children:
            try:
                by_child.append(self._compiled(child, deadline, whole=whole))
            except OutOfTimeError:
                if whole or not by_child:
                    raise
                break
        return by_child

    def _every(self) -> Sequence[Leaf]:
        return [Unscored(np.ones(segment.size, bool)) for segment in self.segments]

    def _term(self, term: Term) -> Sequence[TermLeaf]:
        loose = isinstance(term, Word) and term.loose
        leaves = [
            TermLeaf(where, forms, term.field, loose=loose)
            for where, forms in zip(self._settings, self._group_forms(term), strict=True)
        ]
        matching = sum(leaf.count(leaf.matching_forms) for leaf in leaves)
        holding = matching or sum(leaf.count(len(leaf.forms)) for leaf in leaves)
        exact = sum(leaf.count(leaf.exact_forms) for leaf in leaves)
        rarities = rarity_of(holding, self.articles), rarity_of(exact, self.articles)
        for leaf in leaves:
            leaf.rarities = rarities
        return leaves

    def _find_group_forms(self, term: Term) -> Sequence[Sequence[Form]]:
        """The forms of a term's group in each segment."""
        group = self.group(term)
        exact = group.exact
        return self._forms_in_segments(
            {
                each.form: (each.weight, each.matches, each.form in exact, each.written)
                for each in group.members
            }
        )

    def _find_any_of(self, wanted: Wanted) -> Sequence[Sequence[Form]]:
        return self._forms_in_segments(
            {form: (1.0, True, False, form in wanted.written) for form in sorted(wanted.forms)}
        )

    def _forms_in_segments(
        self, known: Mapping[str, tuple[float, bool, bool, bool]]
    ) -> Sequence[Sequence[Form]]:
        """Forms, each with its weight and whether it matches, is exact and is written as was asked, in each
        segment."""
        found: list[list[Form]] = [[] for _ in self.segments]
        for form, told in known.items():
            for number, term in self._forms.places(form):
                found[number].append(Form(self.segments[number].postings.term(term), *told))
        return [sorted(forms, key=lambda form: (not form.exact, not form.matches)) for forms in found]

    def _any_of(self, wanted: Wanted, field: str | None) -> Sequence[TermLeaf]:
        """The articles where any of these forms stands and counts."""
        return [
            TermLeaf(where, each, field)
            for where, each in zip(self._settings, self._forms_of(wanted), strict=True)
        ]

    def _names(self, term: Term) -> Sequence[Leaf]:
        forms = {member.form for member in self.group(term).members}
        leaves = []
        for segment in self.segments:
            names = segment.names(term.field or "")
            leaves.append(_holding(segment, named(names, places_in_names(names, forms))))
        return leaves

    def _phrase(self, phrase: Phrase, deadline: Deadline) -> Sequence[Leaf]:
        groups = [self.group(word) for word in phrase.words]
        wanted = [
            Wanted(group.matching if phrase.exact else group.in_phrase, group.as_written) for group in groups
        ]
        return self._placed(wanted, phrase.field, lambda places: in_order(places, phrase.slop), deadline)

    def _near(self, node: Near, deadline: Deadline) -> Sequence[Leaf]:
        terms = [replace(term, field=node.field) for term in (node.left, node.right)]
        wanted = [Wanted(group.matching, group.as_written) for group in map(self.group, terms)]
        return self._placed(
            wanted,
            node.field,
            lambda places: near(places[0], places[1], node.distance, node.ordered),
            deadline,
        )

    def _placed(
        self,
        wanted: Sequence[Wanted],
        field: str | None,
        join: Callable[[Sequence[np.ndarray]], np.ndarray],
        deadline: Deadline,
    ) -> Sequence[Leaf]:
        """What stands where these forms stand as `join` wants it."""
        if _is_of_names(field):
            leaves: list[Leaf] = []
            for segment in self.segments:
                names = segment.names(field or "")
                places = join([places_in_names(names, set(each.forms)) for each in wanted])
                leaves.append(_holding(segment, named(names, places)))
            return leaves
        words = [self._any_of(each, None) for each in wanted]
        counted = words
        if field is not None:
            counted = [self._any_of(each, field) for each in wanted]
        rarity = sum(
            rarity_of(sum(leaf.count(len(leaf.forms)) for leaf in word), self.articles) for word in counted
        )
        found = []
        for where, in_segment in zip(self._settings, zip(*words, strict=True), strict=True):
            leaf = _placed_in(where, in_segment, field, join, deadline)
            leaf.rarity = rarity
            found.append(leaf)
        return found


def _joined(by_child: Sequence[Sequence[Leaf]], join: Callable[[Sequence[Leaf]], Leaf]) -> Sequence[Leaf]:
    """Children as one node in each segment; one child alone is itself."""
    if len(by_child) == 1:
        return by_child[0]
    return [join(in_segment) for in_segment in zip(*by_child, strict=True)]


def _placed_in(
    where: Setting,
    words: Sequence[TermLeaf],
    field: str | None,
    join: Callable[[Sequence[np.ndarray]], np.ndarray],
    deadline: Deadline,
) -> PlacesLeaf:
    among = Conjunction(words, deadline).mask
    if where.segment.live is not None:
        among = among & where.segment.live
    if not among.any():
        return PlacesLeaf(where, np.zeros(0, np.int64))
    places = []
    for word in words:
        deadline.check()
        places.append(places_of(word, among, field))
    return PlacesLeaf(where, join(places))


def _is_of_names(field: str | None) -> bool:
    return field is not None and field not in TEXT_FIELDS


def _holding(segment: Segment, docs: np.ndarray) -> Unscored:
    mask = np.zeros(segment.size, bool)
    mask[docs] = True
    return Unscored(mask)


def _ranked(segment: Segment, node: Leaf, found: Best, k: int) -> list[tuple[float, Found]]:
    """The best k in order, each behind its key; equal keys go by the id."""
    order = np.lexsort((segment.id_ranks[found.docs], -found.scores))[:k]
    docs, scores = found.docs[order], found.scores[order]
    return _rows(segment, node, docs, -scores, scores)


def _rows(
    segment: Segment, node: Leaf, docs: Docs, keys: Scores, scores: Scores
) -> list[tuple[float, Found]]:
    columns = keys.tolist(), segment.ids_of(docs), scores.tolist(), surely(node, docs).tolist()
    return [(key, Found(id, score, sure)) for key, id, score, sure in zip(*columns, strict=True)]


def _by_date(segment: Segment, node: Leaf, mask: Mask, k: int, way: int) -> list[tuple[float, Found]]:
    """The first k by date, in the same way."""
    docs = np.flatnonzero(mask)
    starts = segment.dates[0][docs].astype(np.int64)
    keys = np.where(starts == NO_DATE, _FAR, way * starts)
    if len(docs) > k:
        chosen = np.flatnonzero(keys <= np.partition(keys, k - 1)[k - 1])
        docs, keys = docs[chosen], keys[chosen]
    order = np.lexsort((segment.id_ranks[docs], keys))[:k]
    docs, keys = docs[order], keys[order]
    wanted = np.zeros(segment.size, bool)
    wanted[docs] = True
    scores = np.zeros(segment.size)
    node.add_scores(scores, wanted, 1.0)
    return _rows(segment, node, docs, keys, scores[docs])
