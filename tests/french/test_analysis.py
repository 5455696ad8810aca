from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.french.analysis import ANALYSIS, fold, is_french, is_stop_word, stem
from search.french.tokens import forms

FORMS = st.text(max_size=60).map(forms).filter(bool).map(lambda found: found[0])


@pytest.mark.parametrize(
    ("form", "folded"),
    [
        ("élysée", "elysee"),
        ("drones", "drones"),
        ("où", "ou"),
        ("ça", "ca"),
        ("noël", "noel"),
        ("straße", "strasse"),
        ("łódź", "lodz"),
        ("москва", "moskva"),
        ("aujourd'hui", "aujourd'hui"),
        ("s300", "s300"),
        ("q\u0301a", "qa"),
    ],
)
def test_a_folded_form_has_no_accents(form: str, folded: str) -> None:
    assert fold(form) == folded


def test_a_form_that_no_ascii_spells_stays_itself() -> None:
    assert fold("\U0001e922") == "\U0001e922"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("repoussées", "repousse"),
        ("repoussé", "repousser"),
        ("élysée", "elysee"),
        ("évacuation", "evacuations"),
        ("étrangères", "etranger"),
        ("légions", "legion"),
        ("généraux", "général"),
    ],
)
def test_inflections_with_and_without_accents_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_an_elided_word_is_filed_like_the_bare_one() -> None:
    assert [stem(form) for form in forms("l’évacuation")] == [stem(form) for form in forms("l'evacuation")]
    assert [stem(form) for form in forms("l’évacuation")] == [stem(form) for form in forms("Évacuation")]


def test_the_terms_of_an_analysis_change_only_with_its_name() -> None:
    """An index stores the name alone: other terms under the same name would be lost without a word."""
    text = "Les œuvres de l’Élysée, repoussées aujourd’hui à Belgorod : 3 généraux russes, pro-Kiev."
    terms = "les oeuvr de elys repous aujourd'hui a belgorod 3 general ruse pro kiev"
    assert (ANALYSIS, " ".join(stem(form) for form in forms(text))) == (
        "french-groups-1 dicollecte-7.0-1",
        terms,
    )


@pytest.mark.parametrize(
    "language",
    [
        *(
            None,
            "",
            " ",
            "fr",
            "FR",
            " fr ",
            "fr-FR",
            "fr-be",
            "fr_CA",
            "fr_FR.UTF-8",
            "fra",
            "fre",
            "fra-CA",
        ),
        *("french", "French", "français", "FRANÇAIS", "francais", "franc\u0327ais", "française"),
        *("French (Canada)", "fr, en", "und"),
    ],
)
def test_french_is_what_is_called_so_and_what_is_unknown(language: str | None) -> None:
    assert is_french(language)


@pytest.mark.parametrize(
    "language",
    ["en", "en-US", "en-FR", "English", "de", "es", "no", "frr", "fry", "frisian", "anglais", "日本語"],
)
def test_other_languages_are_not_french(language: str) -> None:
    assert not is_french(language)


@pytest.mark.parametrize("form", ["le", "où", "à", "été", "étaient", "qu", "même", "y"])
def test_a_word_of_grammar_is_a_stop_word(form: str) -> None:
    assert is_stop_word(form)


@pytest.mark.parametrize("form", ["ca", "meme", "etaient", "ete", "la", "des"])
def test_a_stop_word_typed_without_accents_is_one(form: str) -> None:
    assert is_stop_word(form)


@pytest.mark.parametrize("form", ["drones", "maïs", "dû", "sûr", "non", "belgorod", "2024", "", "mûr"])
def test_other_words_are_none_even_where_only_the_accent_differs(form: str) -> None:
    assert not is_stop_word(form)


@settings(max_examples=100, deadline=None)
@given(FORMS)
def test_a_form_is_folded_once_for_all(form: str) -> None:
    folded = fold(form)
    assert fold(folded) == folded
    assert folded
    assert not any(character.isspace() for character in folded)


@settings(max_examples=100, deadline=None)
@given(FORMS)
def test_accents_make_no_difference_to_a_stem(form: str) -> None:
    assert stem(fold(form)) == stem(form)
    assert stem(form)
