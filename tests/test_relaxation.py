"""Wider trees, by example; what a relaxed answer tells is the searcher's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from search.engine import Matches, Reader
from search.limits import QUERY_LEAVES, RELAXATIONS
from search.query.parser import parse
from search.query.tree import Node, echo
from search.relaxation import can_be_relaxed, parts, ranking, required, unquoted, what_stood_in_the_way


@dataclass
class Counting:
    """A reader that has no article, and counts how often it is asked."""

    asked: int = 0

    def search(self, tree: Node, **_: Any) -> Matches:
        self.asked += 1
        return Matches(0, ())

    def frequency(self, word: Node) -> int:
        return int(str(word).removeprefix("mot"))


NOBODY = cast(Reader, Counting())


def tree(query: str) -> Node:
    return parse(query).tree


@pytest.mark.parametrize(
    ("query", "wider"),
    [
        ("a b drones", "(b OR drones) AND [a]"),
        ("drones belgorod", "drones OR belgorod"),
        ("drones belgorod date:2024", "(drones OR belgorod) AND date:2024-01-01..2024-12-31"),
        ('drones "a b" -x', 'drones AND "a b" AND NOT x'),
        ("pro-Kiev drones", "pro OR kiev OR drones"),
        ("drones belg*", "drones AND belg*"),
        ("le drones", "drones AND [le]"),
        ("=drones belgorod", "belgorod AND =drones"),
    ],
)
def test_only_plain_words_are_asked_for_in_turn(query: str, wider: str) -> None:
    assert echo(ranking(tree(query), NOBODY, [])) == wider


def test_patterns_are_asked_for_in_turn_on_demand() -> None:
    assert echo(ranking(tree("drones belg* koursc~"), NOBODY, [], patterns=True)) == (
        "drones OR belg* OR koursc~1"
    )


def test_quotes_of_words_alone_are_taken_off_a_pasted_text() -> None:
    assert echo(ranking(unquoted(tree('"a b" drones')), NOBODY, [])) == "b OR drones"
    for kept in ('="légion liberté"', '"légion liberté"~2', 'titre:"légion liberté"'):
        assert unquoted(tree(kept)) == tree(kept)


def test_too_many_words_are_cut_to_the_rarest_that_the_archive_has() -> None:
    notices: list[str] = []
    typed = " ".join(f"mot{number}" for number in range(70))
    wider = ranking(parse(typed, pasted=True).tree, NOBODY, notices)
    assert echo(wider).split(" OR ") == [f"mot{number}" for number in range(1, QUERY_LEAVES + 1)]
    assert notices == ["70 words were typed; the 64 rarest rank the articles."]


def test_what_is_no_plain_word_can_be_asked_for_alone() -> None:
    assert str(required(tree("drones titre:koursk"))) == "title:koursk"
    assert required(tree("drones date:2024")) is None
    assert required(tree("drones")) is None


def test_a_tree_can_be_relaxed_if_it_has_a_plain_word() -> None:
    assert can_be_relaxed(tree("drones date:2024"))
    assert not can_be_relaxed(tree("titre:drones date:2024"))


def test_parts_have_no_order() -> None:
    assert parts(tree("drones koursk")) == parts(tree("koursk drones"))


def test_a_query_of_many_parts_is_not_counted_without_each_of_them() -> None:
    reader = Counting()
    typed = " ".join(f"titre:mot{number}" for number in range(60))
    what_stood_in_the_way(tree(typed), cast(Reader, reader), [], any_found=False)
    assert reader.asked == RELAXATIONS
