"""The best articles that pruning finds are those that scoring everything finds, to the last bit."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import log
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Article
from search.engines.whoosh.columnar import best as module
from search.engines.whoosh.columnar.best import best, best_of_one_list
from search.engines.whoosh.columnar.executor import Executor, Found
from search.engines.whoosh.columnar.leaves import Form, TermLeaf, setting
from search.engines.whoosh.columnar.nodes import Conjunction
from search.engines.whoosh.columnar.segment import Segment
from search.query.tree import And, Boost, Dated, Frequent, Near, Node, Not, Or, Phrase, Prefix, Word

SEEDS = st.integers(0, 1 << 30)
STRETCH = st.sampled_from([(1.0, 1.0), (0.3, 2.5), (3.0, 0.5)])
LIMITS = st.sampled_from([1, 2, 3, 10, 27, 100, 5_000])
NEVER = 1 << 40


@pytest.fixture
def pruned_always(monkeypatch: pytest.MonkeyPatch) -> None:
    prune(monkeypatch, first=8)


def prune(patch: pytest.MonkeyPatch, first: int = 8) -> None:
    """Prune in archives of any size."""
    patch.setattr(module, "PRUNED_FROM", 0)
    patch.setattr(module, "_LEAST_BLOCKS", 1)
    patch.setattr(module, "_FIRST", first)


@pytest.fixture(scope="module")
def archive(dense: ModuleType, new_path: Callable[[], str]) -> Any:
    return dense.archive(new_path(), 3, 30_000)


@pytest.fixture(scope="module")
def odd(dense: ModuleType, new_path: Callable[[], str]) -> Any:
    return dense.archive(new_path(), 4, 6_000, odd=True)


@pytest.fixture(scope="module")
def mixed(dense: ModuleType, new_path: Callable[[], str]) -> Any:
    return dense.archive(new_path(), 6, 20_000, odd=True, abroad=0.3)


def averages_of(of: Any, stretch: tuple[float, float]) -> dict[str, float]:
    return {
        name: of.segment.postings.averages[name] * factor
        for name, factor in zip(("title", "body"), stretch, strict=True)
    }


def are_the_best(found: Any, scores: np.ndarray, mask: np.ndarray, k: int, threshold: float) -> None:
    """Every article that counts is there, with its score; without a threshold, no other."""
    assert found.articles == np.count_nonzero(mask)
    assert len(np.unique(found.docs)) == len(found.docs)
    assert mask[found.docs].all()
    assert np.array_equal(found.scores, scores[found.docs])
    known = np.sort(scores[mask])
    kth = known[-k] if len(known) >= k else -1.0
    due = np.flatnonzero(mask & (scores >= max(kth, threshold)))
    assert np.isin(due, found.docs).all()
    if kth >= threshold:
        assert len(found.docs) == len(due)


@pytest.mark.parametrize("size", ["archive", "odd", "mixed"])
@settings(max_examples=100, deadline=None)
@given(
    seed=SEEDS,
    stretch=STRETCH,
    k=LIMITS,
    part=st.sampled_from([1.0, 1.0, 0.6, 0.001]),
    raised=st.floats(0, 1),
)
def test_the_best_of_any_tree_are_those_of_scoring_everything(
    dense: ModuleType,
    request: pytest.FixtureRequest,
    size: str,
    seed: int,
    stretch: tuple[float, float],
    k: int,
    part: float,
    raised: float,
) -> None:
    of = request.getfixturevalue(size)
    chance = np.random.default_rng(seed)
    averages = averages_of(of, stretch)
    node, mask, _, expected = dense.node(chance, of, setting(of.segment, averages), averages)
    mask = node.mask if part == 1.0 else mask & (chance.random(len(mask)) < part)
    count = int(np.count_nonzero(mask))
    if not count:
        return
    scores = np.zeros(len(mask))
    node.add_scores(scores, mask, 1.0)
    assert np.allclose(scores, expected * mask, rtol=1e-12, atol=1e-12)
    threshold = float(np.quantile(scores[mask], raised)) if raised > 0.5 else 0.0
    with pytest.MonkeyPatch.context() as patch:
        prune(patch)
        are_the_best(best(of.segment, node, mask, count, k, threshold), scores, mask, k, threshold)
        patch.setattr(module, "PRUNED_FROM", NEVER)
        are_the_best(best(of.segment, node, mask, count, k, threshold), scores, mask, k, threshold)


def test_windows_that_promise_too_little_are_not_scored(
    dense: ModuleType, new_path: Callable[[], str], pruned_always: None
) -> None:
    archive = dense.archive(new_path(), 5, 20_000, full_of_one=0.001)
    where = setting(archive.segment, archive.segment.postings.averages)
    node = TermLeaf(where, [Form(archive.segment.postings.term(0), 1.0, True, False)])
    node.rarities = (1.0, 0.0)
    scored = []
    add_scores = node.add_scores

    def counting(scores: np.ndarray, candidates: np.ndarray, factor: float) -> None:
        scored.append(int(np.count_nonzero(candidates)))
        add_scores(scores, candidates, factor)

    node.add_scores = counting  # type: ignore[method-assign]
    count = int(np.count_nonzero(node.mask))
    best(archive.segment, node, node.mask, count, 3, 0.0)
    assert sum(scored) < count / 2
    # What no article reaches is not looked for, but for the first windows.
    scored.clear()
    best(archive.segment, node, node.mask, count, 3, 1e9)
    assert len(scored) == 1
    assert scored[0] < count / 20


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS, stretch=STRETCH, k=st.sampled_from([1, 2, 5, 10, 20]), raised=st.floats(0, 1))
def test_the_best_of_one_list_are_those_of_scoring_all_of_it(
    dense: ModuleType, archive: Any, seed: int, stretch: tuple[float, float], k: int, raised: float
) -> None:
    chance = np.random.default_rng(seed)
    averages = averages_of(archive, stretch)
    word = int(chance.integers(0, 12))
    leaf = dense.term(chance, archive, setting(archive.segment, averages), averages, words=[word]).node
    scores = np.zeros(archive.segment.size)
    leaf.add_scores(scores, None, 1.0)
    threshold = float(np.quantile(scores[leaf.mask], raised)) if raised > 0.5 and leaf.mask.any() else 0.0
    with pytest.MonkeyPatch.context() as patch:
        prune(patch)
        found = best_of_one_list(leaf, k, threshold)
    blocks = -(-leaf.forms[0].term.articles // 128)
    if leaf.forms[0].matches:
        assert (found is not None) == (blocks >= 4 * k)
    if found is not None:
        are_the_best(found, scores, leaf.mask, k, threshold)


def test_only_a_long_list_of_one_plain_form_is_chosen_from(
    archive: Any, odd: Any, dense: ModuleType, new_path: Callable[[], str], pruned_always: None
) -> None:
    def leaf(
        of: Any,
        *words: int,
        segment: Segment | None = None,
        field: str | None = None,
        matches: bool = True,
        written: bool = True,
    ) -> TermLeaf:
        segment = segment or of.segment
        weight = 1.0 if matches else 0.2
        forms = [Form(segment.postings.term(word), weight, matches, False, written) for word in words]
        made = TermLeaf(setting(segment, segment.postings.averages), forms, field)
        made.rarities = (1.0, 1.0)
        return made

    assert best_of_one_list(leaf(archive, 0), 1, 0.0) is not None
    assert best_of_one_list(leaf(archive, 0, matches=False), 1, 0.0) is None
    assert best_of_one_list(leaf(archive, 0, 1), 1, 0.0) is None
    assert best_of_one_list(leaf(archive), 1, 0.0) is None
    assert best_of_one_list(leaf(archive, 0, field="title"), 1, 0.0) is None
    assert best_of_one_list(leaf(archive, 0), 5_000, 0.0) is None
    has_odd = [
        word for word in range(len(dense.WORDS)) if odd.segment.postings.odd(odd.segment.postings.term(word))
    ]
    assert has_odd
    assert all(best_of_one_list(leaf(odd, word), 1, 0.0) is None for word in has_odd)
    abroad = dense.archive(new_path(), 3, 30_000, abroad=0.01)
    assert best_of_one_list(leaf(abroad, 0), 1, 0.0) is not None
    assert best_of_one_list(leaf(abroad, 0, written=False), 1, 0.0) is None
    again = Segment(archive.segment.file.path)
    again.delete(archive.without(np.array([7])))
    assert best_of_one_list(leaf(archive, 0, segment=again), 1, 0.0) is None


def test_a_form_that_only_ranks_makes_no_article_match(
    segment_of: Callable[..., Segment], pruned_always: None
) -> None:
    # A list that was long enough to be chosen from gave its articles, though its form only shares the stem.
    segment = segment_of([Article(f"{at:03}", "", "évacuation " * (at % 3 + 1)) for at in range(600)])
    executor = Executor([segment])
    assert [member.matches for member in executor.group(Word("évacuer")).members] == [False]
    assert executor.search(Word("évacuer"), 1, "relevance", True) == (0, [])
    assert executor.search(Word("évacuer", loose=True), 1, "relevance", True)[0] == 600


# Several segments

SIZES = (9_000, 4_000, 17_000, 150)


@pytest.fixture(scope="module")
def parts(dense: ModuleType, new_path: Callable[[], str]) -> list[Any]:
    """Segments of very different articles, two of them with deletions."""
    made = []
    first = 0
    for number, size in enumerate(SIZES):
        of = dense.archive(new_path(), 10 + number, size, odd=number == 1, first_id=first)
        if number in (1, 2):
            gone = np.flatnonzero(np.random.default_rng(number).random(size) < 0.2)
            of.segment.delete(of.without(gone))
        first += size
        made.append(of)
    return made


@pytest.fixture(scope="module")
def executor(parts: list[Any]) -> Executor:
    return Executor([of.segment for of in parts])


@pytest.fixture(scope="module")
def trees(dense: ModuleType) -> st.SearchStrategy[Node]:
    return trees_of(dense.WORDS, dense.FIRST_DAY)


def trees_of(words: Sequence[str], first_day: int) -> st.SearchStrategy[Node]:
    import datetime as dt

    field = st.sampled_from([None, None, None, "title", "body"])
    word = st.sampled_from(words)
    term = st.builds(Word, word, field) | st.builds(Prefix, word.map(lambda form: form[:2]), field)
    day = st.integers(0, 400).map(lambda number: dt.date.fromordinal(first_day + number))
    leaf = (
        term
        | st.builds(Word, word)
        | st.builds(Frequent, term, st.integers(0, 2))
        | st.builds(Phrase, st.tuples(word, word), field)
        | st.builds(Near, term, term, st.integers(1, 5), st.booleans())
        | st.builds(Dated, day, st.none())
    )
    return st.recursive(
        leaf,
        lambda child: (
            st.lists(child, min_size=1, max_size=3).map(lambda children: And(tuple(children)))
            | st.lists(child, min_size=1, max_size=3).map(lambda children: Or(tuple(children)))
            | st.builds(Not, child)
            | st.builds(Boost, child, st.sampled_from([0.0, 0.5, 2.0]))
        ),
        max_leaves=4,
    )


@settings(max_examples=120, deadline=None)
@given(data=st.data(), k=st.sampled_from([1, 2, 10, 30]))
def test_a_page_over_several_segments_is_the_same_pruned_or_not(
    executor: Executor, trees: st.SearchStrategy[Node], data: st.DataObject, k: int
) -> None:
    tree = data.draw(trees)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PRUNED_FROM", NEVER)
        patch.setattr(module, "_LEAST_BLOCKS", NEVER)
        due = executor.search(tree, k, "relevance", True)
        prune(patch)
        found = executor.search(tree, k, "relevance", True)
        assert found == due
        assert executor.search(tree, k, "relevance", False) == (None, due[1])
    total, rows = due
    assert len(rows) == min(total or 0, k)
    assert all((-one.score, one.id) < (-other.score, other.id) for one, other in pairwise(rows))


@pytest.mark.parametrize("words", [(0,), (23,), (0, 1), (0, 22, 23), (5, 6, 7, 8)])
@pytest.mark.parametrize("k", [1, 10, 30])
@pytest.mark.parametrize("joined", [Or, And])
def test_a_page_over_several_segments_is_that_of_the_formula(
    dense: ModuleType,
    parts: list[Any],
    executor: Executor,
    pruned_always: None,
    words: tuple[int, ...],
    k: int,
    joined: type[Or] | type[And],
) -> None:
    tree = joined(tuple(Word(dense.WORDS[word]) for word in words))
    total, rows = executor.search(tree, k, "relevance", True)
    due = dict(plainly(dense, parts, words, joined is And))
    assert total == len(due)
    best_first = sorted(due.values(), reverse=True)[:k]
    assert [row.score for row in rows] == pytest.approx(best_first, rel=1e-12)
    assert [row.score for row in rows] == pytest.approx([due[row.id] for row in rows], rel=1e-12)
    in_order(rows, due)


def in_order(rows: list[Found], due: dict[str, float]) -> None:
    """Among those that tie with the last, the first ids came."""
    last = rows[-1].score
    tied = sorted(id for id, score in due.items() if score == pytest.approx(last, rel=1e-12))
    shown = [row.id for row in rows if row.score == pytest.approx(last, rel=1e-12)]
    assert shown == tied[: len(shown)]


def plainly(
    dense: ModuleType, parts: list[Any], words: tuple[int, ...], every: bool
) -> Iterator[tuple[str, float]]:
    """(id, score) of all live articles with one of the words, or every one."""
    lives = [
        of.segment.live if of.segment.live is not None else np.ones(of.segment.size, bool) for of in parts
    ]
    articles = sum(int(live.sum()) for live in lives)
    averages = {
        name: sum(int(of.lengths[name][live].sum()) for of, live in zip(parts, lives, strict=True)) / articles
        for name in ("title", "body")
    }
    held = {word: [of.counts["title"][word] + of.counts["body"][word] > 0 for of in parts] for word in words}
    for number, (of, live) in enumerate(zip(parts, lives, strict=True)):
        total = np.zeros(len(live))
        for word in words:
            holding = sum(int((here & alive).sum()) for here, alive in zip(held[word], lives, strict=True))
            rarity = log(1 + (articles - holding + 0.5) / (holding + 0.5))
            times = 0.0
            for name, weight, b in (("title", 3.0, 0.3), ("body", 1.0, 0.6)):
                times = times + weight * of.counts[name][word] / (
                    1 - b + b * of.lengths[name] / averages[name]
                )
            total += 1.3 * rarity * times / (1.2 + times)
        join = np.logical_and if every else np.logical_or
        match = join.reduce([held[word][number] for word in words]) & live
        docs = np.flatnonzero(match)
        yield from zip(of.segment.ids_of(docs), total[docs].tolist(), strict=True)


def test_a_conjunction_with_one_term_is_scored_from_its_list(dense: ModuleType, archive: Any) -> None:
    averages = averages_of(archive, (1.0, 1.0))
    where = setting(archive.segment, averages)
    one = TermLeaf(where, [Form(archive.segment.postings.term(3), 1.0, True, True)])
    one.rarities = (2.0, 3.0)
    every = dense.Unscored(np.arange(archive.segment.size) % 2 == 0)
    node = Conjunction([one, every])
    scores = np.zeros(archive.segment.size)
    node.add_scores(scores, None, 1.0)
    found = best(archive.segment, node, node.mask, int(node.mask.sum()), 7, 0.0)
    are_the_best(found, scores, node.mask, 7, 0.0)
