from __future__ import annotations

import pytest

from search.french.stopwords import RANKING_WORDS, STOP_WORDS
from search.french.tokens import forms

ALL = STOP_WORDS | RANKING_WORDS


def test_every_stop_word_is_a_form_as_tokens_give_it() -> None:
    """Any other could never be met in a text."""
    assert [word for word in sorted(ALL) if forms(word) != [word]] == []


@pytest.mark.parametrize(
    "family",
    [
        "le la l les un une des du de d au aux",
        "je j tu il elle on nous vous ils elles me m te t se s lui leur y en",
        "mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs",
        "ce c cet cette ces ceci cela ça celle celles celui ceux",
        "qui que qu quoi dont où quel quelle quels quelles",
        "à dans par pour sur sans avec entre comme",
        "et ou mais donc ni ne n pas si quand",
        "suis es est êtes sont étais était étions étiez étaient été étant",
        "ai as a avons avez ont avais avait aviez avaient eu ayant",
        "serai sera seras serons serez seront aurai auras aura aurons aurez auront",
    ],
)
def test_the_words_of_grammar_are_all_there(family: str) -> None:
    assert set(family.split()) - ALL == set()


@pytest.mark.parametrize("elided", ["jusqu", "quoiqu", "lorsqu", "puisqu", "qu", *"lmtnsjdc"])
def test_what_can_be_elided_is_a_stop_word_where_nothing_follows_it(elided: str) -> None:
    assert forms(f"{elided}'") == [elided]
    assert elided in ALL


@pytest.mark.parametrize(
    "word", ["non", "sauf", "guerre", "russie", "contre", "france", "maïs", "dû", "sûr", "avoir"]
)
def test_a_word_that_says_something_is_none(word: str) -> None:
    assert word not in ALL


def test_no_word_is_of_both_kinds() -> None:
    assert not STOP_WORDS & RANKING_WORDS


@pytest.mark.parametrize("form", ["avions", "sommes"])
def test_planes_and_amounts_are_what_is_looked_for(form: str) -> None:
    assert form not in ALL
