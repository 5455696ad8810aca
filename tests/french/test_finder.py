"""The finder sees what tokens() would: the same tokens in any text, for any forms."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.french.finder import _HIDDEN, _MARKS, _SHADOW, Finder, stretches, tokens_between
from search.french.tokens import Token, normal_form, tokens

SEEN = "'’′_-.,«  \n/œŒæÆÉéçßµμΣσςİıſÅåŁłпПőÜü²½4²ｆ한"
HIDING = "ʼ\u00ad\u200b\u0301\u0327ẞŸ\u212a\u212b\ufeff\u1112\u1161"
LETTERS = "abdeilnoqrstuAEIO"
LONG = ("a" * 99, "b" * 99 + "œ", "b" * 98 + "œu", "œoeœae")
DRONES = ("Drone", "drones", "dronesque", "pro-Kiev", "Erdoğan", "ERDOĞAN", "erdogan", "Ɓa")
JOINED = (
    "l'eau",
    "d’œuvre",
    "aujourd’hui",
    "hui",
    "prud'homme",
    "quelqu'un",
    "qu’il",
    "jusqu'à",
    "d'l'a",
    "x'y",
)
LIGATURES = ("cœur", "coeur", "curriculum vitæ", "l' « eau")
WORDS = st.sampled_from((*DRONES, *JOINED, *LIGATURES, *LONG))
SEPARATORS = st.sampled_from([" ", ", ", "\n\n", "'"])


def articles(alphabet: str) -> st.SearchStrategy[str]:
    pieces = st.text(LETTERS + alphabet, max_size=30) | WORDS | SEPARATORS
    return st.lists(pieces, max_size=20).map("".join)


ARTICLES = articles(SEEN) | articles(SEEN) | articles(SEEN + HIDING)


def plain(text: str, forms: set[str]) -> list[Token]:
    return [token for token in tokens(text) if token.form in forms]


@settings(max_examples=600, deadline=None)
@given(ARTICLES, st.lists(ARTICLES, max_size=3), st.sets(st.integers(0, 60), max_size=40))
def test_the_tokens_found_are_those_of_these_forms(text: str, others: list[str], ranks: set[int]) -> None:
    held = [token.form for each in (text, *others) for token in tokens(each)]
    forms = {form for rank, form in enumerate(held) if rank in ranks}
    assert Finder(forms).find(text) == plain(text, forms)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS | st.text("ab'é ", max_size=5), max_size=60).map(" ".join), st.integers(13, 99))
def test_many_forms_are_found_as_well_as_few(text: str, count: int) -> None:
    forms = {f"mot{number}" for number in range(count)} | {token.form for token in tokens(text)}
    assert Finder(forms).find(text) == list(tokens(text))


def test_no_character_casts_the_shadow_of_another() -> None:
    for code in range(0x80, sys.maxunicode + 1):
        letter = chr(code)
        hidden = letter in _HIDDEN or letter.encode("utf-8", "surrogatepass").startswith(_MARKS)
        if hidden or letter in "œŒæÆ" or not list(tokens(letter)):
            continue
        form = normal_form(letter)
        seen = _SHADOW[code] if code < 0x100 else ord(" ")
        if "\u0300" <= form[-1] <= "\u036f":  # İ, whose form casts no shadow
            assert Finder({form})._casts_shadow is False
        else:
            assert form.encode("latin-1", "replace").translate(_SHADOW) == bytes([seen] * len(form)), form


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        ("Aujourd’hui, hui", "hui", ["hui"]),
        ("Aujourd’hui, hui", "aujourd'hui", ["Aujourd’hui"]),
        ("l’« eau", "l", []),
        ("l’", "l", ["l"]),
        ("le CŒUR", "coeur", ["CŒUR"]),
        ("le CAEUR", "coeur", []),
        ("e\u0301te\u0301", "été", ["e\u0301te\u0301"]),
        ("dro\u00adnes", "drones", ["dro\u00adnes"]),
        ("RECEP ERDOĞAN", "erdoğan", ["ERDOĞAN"]),
        ("В Путине", "путине", ["Путине"]),
    ],
)
def test_what_a_shadow_hides_is_found_all_the_same(text: str, form: str, found: list[str]) -> None:
    assert [text[token.start : token.end] for token in Finder({form}).find(text)] == found


def test_a_text_full_of_apostrophes_takes_no_square_of_its_length() -> None:
    text = "a'b'" * 100_000
    assert len(Finder({"b"}).find(text)) == 100_000


@settings(max_examples=400, deadline=None)
@given(ARTICLES, st.integers(1, 5), st.sets(st.integers(0, 80), min_size=1))
def test_a_stretch_holds_the_neighbours_of_each_place(text: str, reach: int, ranks: set[int]) -> None:
    found = list(tokens(text))
    places = [token for rank, token in enumerate(found) if rank in ranks]
    runs = list(stretches(text, places, reach))
    for run in runs:
        first = found.index(run[0])
        assert run == found[first : first + len(run)]
    for place in places:
        rank = found.index(place)
        neighbours = set(found[max(rank - reach, 0) : rank + reach + 1])
        assert any(neighbours <= set(run) for run in runs)


def test_tokens_between_knows_an_elided_article_by_what_follows() -> None:
    assert tokens_between("l’« eau", 0, 2) == []
    assert tokens_between("l’ - eau", 0, 2) == [Token("l", 0, 1)]
