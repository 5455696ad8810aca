from __future__ import annotations

import pytest

from search.naming import Naming, as_name
from search.query.parser import parse
from search.query.tree import Node, Word, echo, words

OTHERS = {"kyiv": ("kiev", "kijev"), "putin": ("poutine",)}


def naming() -> Naming:
    return Naming(lambda form: OTHERS.get(form, ()))


def named(query: str) -> Node:
    return naming().named(parse(query).tree)


def asked(query: str) -> dict[str, tuple[str, ...]]:
    return {word.form: word.also for word in words(named(query)) if word.also}


@pytest.mark.parametrize(
    "query", ["kyiv", "Kyiv drones", "drones (x OU kyiv)", "titre:kyiv", "kyiv PRES/3 x", "kyiv>2"]
)
def test_a_word_is_asked_for_by_its_other_spellings_wherever_it_stands(query: str) -> None:
    assert asked(query) == {"kyiv": ("kiev", "kijev")}


@pytest.mark.parametrize("query", ["=kyiv", "drones -kyiv", "source:kyiv", "kyi*", "kyiv~", '="kyiv x"'])
def test_what_is_exact_excluded_a_pattern_or_no_text_stays_as_it_was_typed(query: str) -> None:
    tree = parse(query).tree
    assert naming().named(tree) == tree


def test_a_phrase_is_asked_for_with_each_spelling_at_less_weight() -> None:
    assert echo(named('"vladimir putin"')) == '"vladimir putin" OR "vladimir poutine"^0.6'
    assert echo(named('drones "à kyiv"~1')) == 'drones AND ("à kyiv"~1 OR "à kiev"~1^0.6 OR "à kijev"~1^0.6)'


def test_a_tree_without_such_names_is_the_same_object() -> None:
    tree = parse('drones (belgorod OU koursk) "a b"').tree
    assert naming().named(tree) is tree
    assert Naming(None).named(parse("kyiv").tree) == Word("kyiv")


def test_what_was_used_is_told_once() -> None:
    names = naming()
    assert names.notices() == []
    for query in ("kyiv putin", "kyiv"):
        names.named(parse(query).tree)
    assert names.notices() == ["also searched: Kiev, Kijev, Poutine"]


def test_a_word_is_looked_up_once() -> None:
    asked_for: list[str] = []
    names = Naming(lambda form: asked_for.append(form) or ())  # type: ignore[func-returns-value]
    names.named(parse("kyiv kyiv (kyiv OU x)").tree)
    assert asked_for == ["kyiv", "x"]


def test_a_name_is_written_with_a_capital() -> None:
    assert as_name("élysée") == "Élysée"
