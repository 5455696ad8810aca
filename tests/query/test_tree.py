from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from search.query.tree import (
    And,
    Boost,
    Dated,
    Frequent,
    Fuzzy,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    StopWord,
    Wildcard,
    Word,
    all_of,
    any_of,
    echo,
    is_plain,
    leaves,
)

A, B, C, D = Word("a"), Word("b"), Word("c"), Word("d")
MARCH = Dated(dt.date(2024, 3, 1), dt.date(2024, 3, 31))


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Word("élysée"), "élysée"),
        (Word("drone", "title"), "title:drone"),
        (Word("drone", exact=True), "=drone"),
        (Word("drone", "title", exact=True), "title:=drone"),
        (Prefix("dron"), "dron*"),
        (Prefix("mond", "source"), "source:mond*"),
        (Wildcard("dr?n*"), "dr?n*"),
        (Wildcard("m*e", "source"), "source:m*e"),
        (Fuzzy("zelensky"), "zelensky~1"),
        (Fuzzy("zelensky", 2, "author"), "author:zelensky~2"),
        (StopWord("le"), "[le]"),
        (StopWord("le", "body"), "body:[le]"),
        (Phrase(("légion", "liberté")), '"légion liberté"'),
        (Phrase(("le", "monde"), "source"), 'source:"le monde"'),
        (Phrase(("pro", "kiev"), compound=True), '"pro kiev"'),
        (Phrase(("pro", "kiev"), slop=2), '"pro kiev"~2'),
        (Phrase(("pro", "kiev"), "title", slop=2, exact=True), 'title:="pro kiev"~2'),
        (Near(A, Prefix("b"), 5), "(a NEAR/5 b*)"),
        (Near(A, Fuzzy("b"), 1, ordered=True, field="body"), "body:(a ADJ/1 b~1)"),
        (Frequent(A, 3), "a>3"),
        (Frequent(Prefix("a"), 0), "a*>0"),
        (MARCH, "date:2024-03-01..2024-03-31"),
        (Dated(None, dt.date(2023, 12, 31)), "date:..2023-12-31"),
        (Dated(dt.date(2023, 1, 1), None), "date:2023-01-01.."),
        (And((A, B)), "(a AND b)"),
        (Or((A, B)), "(a OR b)"),
        (Not(A), "NOT a"),
        (Not(Or((A, B))), "NOT (a OR b)"),
        (Boost(A, 2.0), "a^2"),
        (Boost(Or((A, B)), 0.5), "(a OR b)^0.5"),
        (And((Or((A, B)), Not(C))), "((a OR b) AND NOT c)"),
    ],
)
def test_a_node_prints_as_the_query_that_it_is(node: Node, text: str) -> None:
    assert str(node) == text


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (A, "a"),
        (Not(A), "NOT a"),
        (And((A, B)), "a AND b"),
        (Or((A, And((B, C)))), "a OR (b AND c)"),
        (And((Or((A, B)), Or((C, D)))), "(a OR b) AND (c OR d)"),
        (Not(And((A, B))), "NOT (a AND b)"),
    ],
)
def test_an_echo_has_no_outermost_parentheses(node: Node, text: str) -> None:
    assert echo(node) == text


@pytest.mark.parametrize("join", [all_of, any_of])
def test_the_only_child_stands_for_itself(join: type) -> None:
    assert join([A]) is A


def test_children_of_the_same_kind_are_taken_in_without_nesting() -> None:
    assert all_of([A, And((B, C)), D]) == And((A, B, C, D))
    assert any_of([Or((A, B)), C]) == Or((A, B, C))


def test_children_of_the_other_kind_stay_as_they_are() -> None:
    assert all_of([Or((A, B)), C]) == And((Or((A, B)), C))
    assert any_of([And((A, B)), C]) == Or((And((A, B)), C))
    assert all_of([Not(And((A, B))), C]) == And((Not(And((A, B))), C))


def test_leaves_come_from_left_to_right() -> None:
    tree = And((A, Or((Phrase(("b", "c")), MARCH)), Not(Or((C, D))), StopWord("le")))
    assert list(leaves(tree)) == [A, Phrase(("b", "c")), MARCH, C, D, StopWord("le")]


def test_a_boost_hides_no_leaves() -> None:
    near, often = Near(A, B, 3), Frequent(C, 2)
    tree = Boost(And((Boost(near, 2.0), Not(Boost(Prefix("d"), 0.5)), often)), 3.0)
    assert list(leaves(tree)) == [near, Prefix("d"), often]
    assert list(leaves(tree, wanted_only=True)) == [near, often]


def test_wanted_leaves_are_those_under_no_not() -> None:
    tree = And((A, Or((B, Not(C))), Not(Not(D))))
    assert list(leaves(tree, wanted_only=True)) == [A, B]


@pytest.mark.parametrize(
    ("node", "plain"),
    [
        (A, True),
        (Phrase(("pro", "kiev"), compound=True), True),
        (Word("a", "title"), False),
        (Word("a", exact=True), False),
        (Phrase(("pro", "kiev"), compound=True, exact=True), False),
        (Prefix("a"), False),
        (Wildcard("a*"), False),
        (Fuzzy("a"), False),
        (Near(A, B, 1), False),
        (Frequent(A, 1), False),
        (Boost(A, 2.0), False),
        (Phrase(("pro", "kiev"), "title", compound=True), False),
        (Phrase(("pro", "kiev")), False),
        (StopWord("le"), False),
        (MARCH, False),
        (Not(A), False),
        (And((A, B)), False),
        (Or((A, B)), False),
    ],
)
def test_only_a_word_that_was_typed_bare_is_plain(node: Node, plain: bool) -> None:
    assert is_plain(node) is plain


KINDS = [Word, Prefix, Wildcard, Fuzzy, StopWord, Phrase, Near, Frequent, Dated, And, Or, Not, Boost]


@pytest.mark.parametrize("kind", KINDS)
def test_nodes_are_frozen_records_with_slots(kind: type) -> None:
    parameters = kind.__dataclass_params__  # type: ignore[attr-defined]
    assert parameters.frozen
    assert set(kind.__slots__) == {field.name for field in dataclasses.fields(kind)}  # type: ignore[attr-defined]


def test_equal_trees_are_one_key() -> None:
    assert len({And((A, Not(B))), And((Word("a"), Not(Word("b")))), And((A, B))}) == 2
