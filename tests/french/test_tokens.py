from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.french.tokens import Token, forms, normal_form, tokens
from search.limits import TOKEN_CHARACTERS

# U+02BC, which Unicode counts as a letter, has its place in the tables alone.
APOSTROPHES = ["'", "\u2019", "\u2032", "\u2018", "\uff07"]
PIECES = st.sampled_from(
    [
        *(
            "l'",
            "qu'",
            "jusqu'",
            "aujourd'hui",
            "Presqu'île",
            "armée",
            "Élysée",
            "œuvre",
            "S-300",
            "20h30",
            "a",
        ),
        *(" ", "\u00a0", "-", ", ", "« ", " »", '"', "'", "_", "\n\n", "\u00ad", "\u0301", "🙂", "Москва"),
    ]
)
TEXTS = st.one_of(st.text(max_size=100), st.lists(PIECES, max_size=30).map("".join)).map(
    lambda text: unicodedata.normalize("NFC", text)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" -- ?! … 🙂 ", []),
        ("Drones à Belgorod", ["drones", "à", "belgorod"]),
        ("ÉLYSÉE Élysée élysée", ["élysée", "élysée", "élysée"]),
        ("Œuvre cœur ex æquo", ["oeuvre", "coeur", "ex", "aequo"]),
        ("pro-Kiev", ["pro", "kiev"]),
        ("c'est-à-dire", ["est", "à", "dire"]),
        ("S-300, F16 et 20h30", ["s", "300", "f16", "et", "20h30"]),
        ("un_nom.fr", ["un", "nom", "fr"]),
        ("1er 3,5 50%", ["1er", "3", "5", "50"]),
        ("Москва", ["москва"]),
    ],
)
def test_a_text_is_cut_into_forms_in_lower_case_with_accents(text: str, expected: list[str]) -> None:
    assert forms(text) == expected


@pytest.mark.parametrize(
    "particle",
    [
        "l",
        "L",
        "m",
        "t",
        "n",
        "s",
        "j",
        "d",
        "D",
        "c",
        "C",
        "qu",
        "Qu",
        "jusqu",
        "Jusqu",
        "quoiqu",
        "lorsqu",
        "puisqu",
    ],
)
@pytest.mark.parametrize("apostrophe", [*APOSTROPHES, "\u02bc"])
def test_an_elided_particle_is_no_token_and_takes_no_position(particle: str, apostrophe: str) -> None:
    assert forms(f"avant {particle}{apostrophe}armée") == ["avant", "armée"]
    assert forms(f"{particle}{apostrophe}« armée »") == ["armée"]


@pytest.mark.parametrize(("text", "expected"), [("l'", ["l"]), ("l' !", ["l"]), ("plan l'", ["plan", "l"])])
def test_a_particle_before_nothing_is_a_token(text: str, expected: list[str]) -> None:
    assert forms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("avril'armée", ["avril", "armée"]),
        ("grand'mère", ["grand", "mère"]),
        ("Trump's", ["trump", "s"]),
    ],
)
def test_any_other_apostrophe_parts_words(text: str, expected: list[str]) -> None:
    assert forms(text) == expected


@pytest.mark.parametrize(
    "word",
    ["aujourd'hui", "quelqu'un", "quelqu'une", "quelqu'uns", "presqu'île", "presqu'iles", "prud'hommes"],
)
@pytest.mark.parametrize("apostrophe", [*APOSTROPHES, "\u02bc"])
def test_a_few_words_keep_their_apostrophe(word: str, apostrophe: str) -> None:
    assert forms(word.replace("'", apostrophe)) == [word]
    assert forms(word.capitalize().replace("'", apostrophe)) == [word]


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"])
def test_soft_hyphens_and_zero_widths_inside_a_word_do_not_count(unseen: str) -> None:
    assert forms(f"gouver{unseen}nement l'{unseen}armée") == ["gouvernement", "armée"]


def test_a_token_knows_its_place() -> None:
    assert list(tokens("L’Élysée, à 20h30")) == [
        Token("élysée", 2, 8),
        Token("à", 10, 11),
        Token("20h30", 12, 17),
    ]


def test_an_accent_that_no_character_composes_belongs_to_its_letter() -> None:
    assert list(tokens("q\u0301a b")) == [Token("q\u0301a", 0, 3), Token("b", 4, 5)]


def test_a_very_long_run_is_known_by_its_beginning_but_keeps_its_place() -> None:
    run = "a" * TOKEN_CHARACTERS + "b"
    assert list(tokens(f"{run} c")) == [
        Token("a" * TOKEN_CHARACTERS, 0, TOKEN_CHARACTERS + 1),
        Token("c", TOKEN_CHARACTERS + 2, TOKEN_CHARACTERS + 3),
    ]


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("ÉLYSÉE", "élysée"),
        ("e\u0301lyse\u0301e", "élysée"),
        ("Aujourd’hui", "aujourd'hui"),
        ("ŒUVRE", "oeuvre"),
        ("gou\u00advernement", "gouvernement"),
        ("F16", "f16"),
    ],
)
def test_a_form_is_normal_however_it_is_written(written: str, form: str) -> None:
    assert normal_form(written) == form


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_a_token_is_the_normal_form_of_what_stands_at_its_place(text: str) -> None:
    found = list(tokens(text))
    assert [normal_form(text[token.start : token.end]) for token in found] == [token.form for token in found]
    assert all(token.form for token in found)
    ends = [0, *(token.end for token in found)]
    assert all(end <= token.start < token.end for end, token in zip(ends, found, strict=False))


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_forms_are_those_of_the_tokens(text: str) -> None:
    assert forms(text) == [token.form for token in tokens(text)]


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_only_what_is_no_letter_and_no_digit_stands_between_tokens_or_an_elided_particle(text: str) -> None:
    rest, at = [], 0
    for token in tokens(text):
        rest.append(text[at : token.start])
        at = token.end
    rest.append(text[at:])
    particles = {"l", "m", "t", "n", "s", "j", "d", "c", "qu", "jusqu", "quoiqu", "lorsqu", "puisqu"}
    for between in rest:
        letters = "".join(character if character.isalnum() else " " for character in between).split()
        assert {run.lower() for run in letters} <= particles


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.sampled_from(APOSTROPHES))
def test_tokens_are_the_same_whichever_apostrophe_is_typed(text: str, apostrophe: str) -> None:
    one = text.translate({ord(other): "'" for other in APOSTROPHES})
    assert list(tokens(one.replace("'", apostrophe))) == list(tokens(one))
