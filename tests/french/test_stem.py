from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.french.stem import light_stem

FOLDED = st.text("abcdeilmnorstuvxy0189", min_size=1, max_size=25)


@pytest.mark.parametrize(
    "family",
    [
        "drone drones",
        "cheval chevaux",
        "journal journaux",
        "national nationale nationaux nationales",
        "general generaux generale",
        "beau beaux",
        "jeu jeux",
        "ville villes",
        "guerre guerres",
        "russe russes",
        "election elections",
        "ukrainien ukrainienne ukrainiens ukrainiennes",
        "heureux heureuse heureuses",
        "policier policiere policiers",
        "etranger etrangere etrangers etrangeres",
        "guerrier guerriere guerriers",
        "acteur actrice acteurs actrices",
        "directeur directrice directeurs directrices",
        "gouvernement gouvernements gouverner",
        "repousse repoussee repousses repoussees repousser",
        "libere liberee liberees liberer",
        "attaque attaques attaquer attaquee",
    ],
)
def test_number_gender_and_participles_share_a_stem(family: str) -> None:
    assert len({light_stem(form) for form in family.split()}) == 1


@pytest.mark.parametrize(
    "words",
    [
        "drone drame",
        "guerre guerrier",
        "russe russie",
        "ville village",
        "national nation",
        "police politique",
        "belgorod belgrade",
        "ministre menestrel",
    ],
)
def test_words_of_another_meaning_keep_stems_of_their_own(words: str) -> None:
    assert len({light_stem(form) for form in words.split()}) == 2


# A word for each rule that can be reached, in the order of the table: "ateur" takes all that "isateur" could.
@pytest.mark.parametrize(
    ("folded", "stem"),
    [
        ("agrandissement", "agrandi"),
        ("agrandissant", "agrandi"),
        ("collectivement", "colectif"),
        ("lentement", "lent"),
        ("purificatrice", "purifi"),
        ("purificateur", "purifi"),
        ("indicatrice", "indiqu"),
        ("indicateur", "indiqu"),
        ("liberatrice", "liber"),
        ("liberateur", "liber"),
        ("directrice", "direct"),
        ("troisieme", "trois"),
        ("chanteuse", "chant"),
        ("chanteur", "chant"),
        ("heureuse", "heureu"),
        ("policiere", "polici"),
        ("offensive", "ofensif"),
        ("folles", "fou"),
        ("molles", "mou"),
        ("professionnelle", "profesion"),
        ("professionnel", "profesion"),
        ("inquiete", "inquiet"),
        ("artistique", "artist"),
        ("forteresse", "forter"),
        ("jardinage", "jardin"),
        ("individualisation", "individuel"),
        ("organisation", "organ"),
        ("federation", "fed"),
        ("opposition", "opos"),
    ],
)
def test_an_ending_of_the_table_is_taken_off(folded: str, stem: str) -> None:
    assert light_stem(folded) == stem


@pytest.mark.parametrize("folded", ["les", "mer", "gaz", "feu", "or", "a", "2024", "100000", "s300", "aaaa"])
def test_short_words_and_numbers_stay_whole(folded: str) -> None:
    assert light_stem(folded) == folded


@pytest.mark.parametrize("folded", ["aujourd'hui", "presqu'iles", "prud'hommes"])
def test_a_form_with_an_apostrophe_is_its_own_stem(folded: str) -> None:
    assert light_stem(folded) == folded


@settings(max_examples=100, deadline=None)
@given(FOLDED)
def test_a_stem_is_never_empty_and_never_longer(folded: str) -> None:
    assert 1 <= len(light_stem(folded)) <= len(folded)


@settings(max_examples=100, deadline=None)
@given(FOLDED)
def test_a_stem_begins_as_its_word_does(folded: str) -> None:
    assert light_stem(folded)[0] == folded[0]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**20).map(str))
def test_a_number_is_its_own_stem(number: str) -> None:
    assert light_stem(number) == number


@settings(max_examples=100, deadline=None)
@given(st.text("bcdeilmnort", min_size=4, max_size=15))
def test_a_plural_s_makes_no_difference(singular: str) -> None:
    assert light_stem(singular + "s") == light_stem(singular)
