"""Random archives of tiny articles, made of numbers; random nodes over them; and their answers, by arrays
that hold every article for every word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from search.engines.whoosh.columnar.inversion import inverted
from search.engines.whoosh.columnar.leaves import (
    DatedLeaf,
    Form,
    FrequentLeaf,
    Leaf,
    Setting,
    TermLeaf,
    Unscored,
)
from search.engines.whoosh.columnar.names import NAME_FIELDS
from search.engines.whoosh.columnar.nodes import Complement, Conjunction, Disjunction, Multiplied
from search.engines.whoosh.columnar.rows import Compression
from search.engines.whoosh.columnar.segment import (
    NO_DATE,
    Columns,
    Deletions,
    Dictionary,
    Segment,
    write_segment,
)
from search.engines.whoosh.dictionary import form_term

WORDS = sorted((f"z{one}{two}k" for one in "abcdef" for two in "abcd"), key=form_term)
FIRST_DAY = 738_000
WEIGHT, B, K1, AGAIN = {"title": 3.0, "body": 1.0}, {"title": 0.3, "body": 0.6}, 1.2, 0.3


@dataclass
class Archive:
    """A segment, and by field how often each word stands in each article: counts[field][word, article]; and
    which articles are in a foreign language."""

    segment: Segment
    lengths: Mapping[str, np.ndarray]
    counts: Mapping[str, np.ndarray]
    foreign: np.ndarray

    def counting(self, field: str, word: int, written: bool) -> np.ndarray:
        """How often a word stands in each article where it counts: unless it is written as was asked, in
        French ones."""
        return self.counts[field][word] * (written | ~self.foreign)

    def without(self, gone: np.ndarray) -> Deletions:
        """What the segment must know of articles that go."""
        tokens = sum(counts[:, gone].sum(axis=1) for counts in self.counts.values())
        terms = np.flatnonzero(tokens)
        return Deletions(gone, terms, tokens[terms], 0 * tokens[terms])


def archive(
    path: str,
    seed: int,
    size: int,
    *,
    odd: bool = False,
    first_id: int = 0,
    full_of_one: float = 0.02,
    abroad: float = 0.0,
) -> Archive:
    """Articles of up to 30 words, frequent as their rank says, and otherwise so in each region; copies stand
    among them, so that scores tie, and a few are full of one word. Where `odd`, some have a word 70 times.
    A share of the articles is from `abroad`."""
    chance = np.random.default_rng(seed)
    originals = size * 2 // 3 + 1
    titles, bodies = chance.integers(0, 4, originals), chance.integers(0, 25, originals)
    if odd:
        titles[::997], bodies[::997] = 10, chance.integers(60, 300, len(bodies[::997]))
    ends = np.cumsum(titles + bodies)
    of = np.repeat(np.arange(originals), titles + bodies)
    share = 1 / np.arange(1, len(WORDS) + 1)
    words = chance.choice(len(WORDS), len(of), p=share / share.sum())
    words = np.where(chance.random(len(of)) < 0.3, (words + of // 400) % len(WORDS), words)
    full = chance.random(originals) < full_of_one
    full[::997] |= odd
    words = np.where(full[of], of * 7 % len(WORDS), words)
    chosen = np.sort(chance.integers(0, originals, size))
    ranks = np.concatenate([words[ends[at] - titles[at] - bodies[at] : ends[at]] for at in chosen.tolist()])
    titles, bodies = titles[chosen], bodies[chosen]
    foreign = np.random.default_rng(seed).random(size) < abroad
    segment = _written(path, chance, ranks, titles, bodies, first_id, foreign)
    return Archive(segment, *_counted(ranks, titles, bodies), foreign)


def _counted(
    ranks: np.ndarray, titles: np.ndarray, bodies: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    tokens = titles + bodies
    of = np.repeat(np.arange(len(titles)), tokens)
    place = np.arange(len(of)) - np.repeat(np.cumsum(tokens) - tokens, tokens)
    counts = {}
    for field, here in (("title", place < titles[of]), ("body", place >= titles[of])):
        counts[field] = np.zeros((len(WORDS), len(titles)), np.int64)
        np.add.at(counts[field], (ranks[here], of[here]), 1)
    return {"title": titles, "body": bodies}, counts


def _written(
    path: str,
    chance: np.random.Generator,
    ranks: np.ndarray,
    titles: np.ndarray,
    bodies: np.ndarray,
    first_id: int,
    foreign: np.ndarray,
) -> Segment:
    size = len(titles)
    starts = FIRST_DAY + chance.integers(0, 400, size)
    ends = starts + chance.choice([0, 30, 365], size)
    undated = chance.random(size) < 0.1
    starts[undated] = ends[undated] = NO_DATE
    ids = [f"{number:07}" for number in (first_id + chance.permutation(size)).tolist()]
    present = np.unique(ranks)
    assert len(present) == len(WORDS), "every word stands somewhere"
    names = dict.fromkeys(NAME_FIELDS, [None] * size)
    names["language"] = [
        ("en", "de")[doc % 2] if foreign[doc] else (None, "fr")[doc % 2] for doc in range(size)
    ]
    write_segment(
        path,
        Columns(ids, titles, bodies, starts, ends, names),
        Dictionary([form_term(word).encode() for word in WORDS], np.zeros(len(WORDS), np.int64)),
        [inverted(ranks, titles, bodies)],
        [b""] * size,
        Compression("zlib", b""),
    )
    return Segment(path)


class Expected(NamedTuple):
    """A node, and what it must answer."""

    node: Leaf
    mask: np.ndarray
    certain: np.ndarray
    scores: np.ndarray


def frequencies(
    of: Archive,
    where: Setting,
    averages: Mapping[str, float],
    word: int,
    fields: Sequence[str],
    written: bool,
) -> np.ndarray:
    """The weighted frequency of a word in each article."""
    total = np.zeros(where.segment.size)
    for name in fields:
        share = 1 - B[name] + B[name] * of.lengths[name] / averages[name]
        total += of.counting(name, word, written) * WEIGHT[name] / share
    return total


def term(
    chance: np.random.Generator,
    of: Archive,
    where: Setting,
    averages: Mapping[str, float],
    *,
    field: str | None = None,
    words: Sequence[int] | None = None,
) -> Expected:
    """A term of some forms, each exact, written as was asked, an inflection, or of the same stem only."""
    if words is None:
        words = chance.choice(len(WORDS), chance.integers(0, 5), replace=False).tolist()
    loose = bool(chance.random() < 0.3)
    kinds = [
        [(1.0, True, True, True), (0.6, True, False, True), (0.8, True, False, False), (0.2,) + (False,) * 3][
            at
        ]
        for at in chance.integers(0, 4, len(words))
    ]
    told = sorted(zip(words, kinds, strict=True), key=lambda each: (not each[1][2], not each[1][1]))
    forms = [Form(of.segment.postings.term(word), *kind) for word, kind in told]
    leaf = TermLeaf(where, forms, field, loose=loose)
    leaf.rarities = rarity, exact_rarity = chance.random() * 8, chance.random() * 8
    fields = [field] if field else list(WEIGHT)
    mask = np.zeros(where.segment.size, bool)
    everything, exact = np.zeros(where.segment.size), np.zeros(where.segment.size)
    for word, (weight, matches, is_exact, written) in told:
        found = frequencies(of, where, averages, word, fields, written)
        everything += weight * found
        exact += found * is_exact
        if matches or loose:
            mask |= found > 0
    scores = rarity * everything / (K1 + everything) + AGAIN * exact_rarity * exact / (K1 + exact)
    return Expected(leaf, mask, mask, scores * mask)


def node(
    chance: np.random.Generator, of: Archive, where: Setting, averages: Mapping[str, float], depth: int = 2
) -> Expected:
    """Any node."""
    kind = chance.choice(["and", "or", "not", "boost"] if depth and chance.random() < 0.7 else ["leaf"])
    if kind == "leaf":
        return _leaf(chance, of, where, averages)
    number = int(chance.integers(1, 4)) if kind in ("and", "or") else 1
    children = [node(chance, of, where, averages, depth - 1) for _ in range(number)]
    nodes = [child.node for child in children]
    masks, sure = [child.mask for child in children], [child.certain for child in children]
    scores = sum(child.scores for child in children)
    if kind == "and":
        mask = np.logical_and.reduce(masks)
        return Expected(Conjunction(nodes), mask, np.logical_and.reduce(sure), scores * mask)
    if kind == "or":
        return Expected(Disjunction(nodes), np.logical_or.reduce(masks), np.logical_or.reduce(sure), scores)
    if kind == "not":
        return Expected(Complement(nodes[0]), ~sure[0], ~masks[0], 0 * scores)
    factor = float(chance.choice([0.0, 0.5, 3.0]))
    return Expected(Multiplied(nodes[0], factor), masks[0], sure[0], factor * scores)


def times_in_body(of: Archive, term: TermLeaf) -> np.ndarray:
    """How often the forms of a term that match stand in each body, where they count."""
    number_of = {of.segment.postings.term(word): word for word in range(len(WORDS))}
    counts = [of.counting("body", number_of[form.term], form.written) for form in term.forms if form.matches]
    return sum(counts, np.zeros(of.segment.size, np.int64))


def _leaf(
    chance: np.random.Generator, of: Archive, where: Setting, averages: Mapping[str, float]
) -> Expected:
    size = where.segment.size
    match int(chance.integers(0, 9)):
        case 0:
            mask = chance.random(size) < 0.5
            return Expected(Unscored(mask), mask, mask, np.zeros(size))
        case 1:
            low = FIRST_DAY + int(chance.integers(0, 400))
            high = low + int(chance.integers(0, 400))
            starts, ends = of.segment.dates
            mask = (starts != NO_DATE) & (ends >= low) & (starts <= high)
            sure = mask & (starts >= low) & (ends <= high)
            return Expected(DatedLeaf(of.segment, low, high), mask, sure, np.zeros(size))
        case 2:
            inner = term(chance, of, where, averages, field="body")
            most = int(chance.integers(0, 4))
            mask = times_in_body(of, inner.node) > most
            return Expected(FrequentLeaf(inner.node, most), mask, mask, inner.scores * mask)
        case 3:
            return term(chance, of, where, averages, field="title")
        case 4:
            return term(chance, of, where, averages, field="body")
    return term(chance, of, where, averages)
