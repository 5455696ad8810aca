"""Trees of nodes match and score as their leaves say, and no bound is less than a score."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.engines.whoosh.columnar.leaves import Grid, TermLeaf, Unscored, setting
from search.engines.whoosh.columnar.nodes import Complement, Conjunction, Disjunction, Multiplied

SEEDS = st.integers(0, 1 << 30)
AVERAGES = ({"title": 2.0, "body": 12.0}, {"title": 0.4, "body": 40.0}, {"title": 9.0, "body": 3.0})


@pytest.fixture(scope="module")
def archive(dense: ModuleType, new_path: Callable[[], str]) -> Any:
    return dense.archive(new_path(), 1, 3_000, odd=True)


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS, averages=st.sampled_from(AVERAGES))
def test_any_tree_matches_and_scores_as_all_articles_looked_at_do(
    dense: ModuleType, archive: Any, seed: int, averages: dict[str, float]
) -> None:
    chance = np.random.default_rng(seed)
    node, mask, certain, scores = dense.node(chance, archive, setting(archive.segment, averages), averages)
    assert np.array_equal(node.mask, mask)
    assert np.array_equal(node.certain, certain)
    found = np.ones(len(mask))
    node.add_scores(found, None, 1.0)
    assert np.allclose(found, 1 + scores, rtol=1e-12, atol=1e-12)
    candidates = mask & (chance.random(len(mask)) < 0.5)
    some = np.zeros(len(mask))
    node.add_scores(some, candidates, 2.5)
    assert np.allclose(some, np.where(candidates, 2.5 * scores, 0.0), rtol=1e-12, atol=1e-12)


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS, averages=st.sampled_from(AVERAGES), shift=st.integers(0, 13))
def test_no_score_exceeds_the_bound_of_its_window(
    dense: ModuleType, archive: Any, seed: int, averages: dict[str, float], shift: int
) -> None:
    chance = np.random.default_rng(seed)
    node, mask, _, _ = dense.node(chance, archive, setting(archive.segment, averages), averages)
    scores = np.zeros(len(mask))
    node.add_scores(scores, None, 1.0)
    grid = Grid(shift, ((len(mask) - 1) >> shift) + 1)
    bound = np.broadcast_to(node.bound(grid), grid.windows)
    windows = np.arange(len(mask)) >> shift
    assert (scores <= bound[windows]).all()


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS)
def test_the_term_alone_is_where_all_scores_come_from(dense: ModuleType, archive: Any, seed: int) -> None:
    chance = np.random.default_rng(seed)
    where = setting(archive.segment, AVERAGES[0])
    node, mask, _, scores = dense.node(chance, archive, where, AVERAGES[0])
    term = node.alone()
    if term is not None:
        docs, found = term.scored(mask)
        alone = np.zeros(len(mask))
        alone[docs] = found
        assert np.allclose(alone, scores, rtol=1e-12, atol=1e-12)


def test_one_scored_child_of_a_conjunction_is_alone_and_nothing_else_is(
    dense: ModuleType, archive: Any
) -> None:
    where = setting(archive.segment, AVERAGES[0])
    one, other = (
        dense.term(np.random.default_rng(1), archive, where, AVERAGES[0], words=[word]).node
        for word in (0, 1)
    )
    every = Unscored(np.ones(archive.segment.size, bool))
    assert isinstance(one, TermLeaf)
    assert Conjunction([every, one, Complement(other)]).alone() is one
    assert Conjunction([Conjunction([one, every]), every]).alone() is one
    for node in (
        Conjunction([one, other]),
        Conjunction([every, Complement(one)]),
        Conjunction([every, Multiplied(one, 2.0)]),
        Disjunction([one, every]),
        Disjunction([one]),
        Multiplied(one, 1.0),
        Complement(one),
        every,
    ):
        assert node.alone() is None


def test_what_is_certain_is_the_mask_itself_where_no_date_is_in_the_tree(
    dense: ModuleType, archive: Any
) -> None:
    where = setting(archive.segment, AVERAGES[0])
    leaf = dense.term(np.random.default_rng(1), archive, where, AVERAGES[0], words=[0]).node
    for node in (
        Conjunction([leaf, leaf]),
        Disjunction([leaf, leaf]),
        Complement(leaf),
        Multiplied(leaf, 2.0),
    ):
        assert node.certain is node.mask
