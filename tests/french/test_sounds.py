"""Spellings of one name share a key and are alike; names that are two are not taken for one."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.french.analysis import fold
from search.french.sounds import (
    KEY_LETTERS,
    LETTERS,
    SURE,
    heard,
    is_variant,
    keys,
    keys_of_lines,
    likeness,
    place,
)

VARIANTS = """
    Koursk Kursk           Koursc Koursk             Zelensky Selenskyj       Zelenskyy Zelensky
    Kadhafi Qaddafi        Kadhafi Gaddafi           Zaporijjia Zaporizhzhya  Zaporijjia Saporischschja
    Donetsk Doneck         Vladimir Wladimir         Yalta Jalta              Beyrouth Beirut
    Poutine Putin          Jytomyr Zhytomyr          Kharkov Charkow          Kharkiv Harkiv
    Tchekhov Chekhov       Gorbatchev Gorbachev      Djeddah Jeddah           Soljenitsyne Solzhenitsyn
    Tbilissi Tbilisi       Khrouchtchev Khrushchev   Aliyev Aliev             Khrouchtchev Chruschtschow
    Qatar Katar            Netanyahou Netanyahu      Mohammed Mouhamed        Batoumi Batumi
""".split()  # noqa: SIM905  pairs are easier to review so
OTHERS = """
    Iran Irak     Austria Australia     Paraguay Uruguay    Bucarest Budapest    Zambie Gambie
    Mali Malawi   Lettonie Lituanie     Niger Nigeria       Guinée Guyane        Moscou Monaco
    Kiev Kiel     Koursk Karski         Oural Aral          Liban Libye          Merkel Markle
    Tunis Tennis  Autriche Australie    Mossoul Moselle     Soudan Sedan         Sarajevo Serbie
""".split()  # noqa: SIM905  as above


def pairs(names: list[str]) -> list[tuple[str, str]]:
    folded = [fold(each.lower()) for each in names]
    return list(zip(folded[::2], folded[1::2], strict=True))


@pytest.mark.parametrize(("one", "other"), pairs(VARIANTS))
def test_spellings_of_one_name_share_a_key_and_are_one(one: str, other: str) -> None:
    assert set(keys(one)) & set(keys(other))
    assert is_variant(one, other)


@pytest.mark.parametrize(("one", "other"), pairs(OTHERS))
def test_names_that_are_two_are_not_taken_for_one(one: str, other: str) -> None:
    assert not is_variant(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("zelenskyy", "zelenski"), ("abdool", "abdoul"), ("ahssan", "ahsan"), ("aleksandr", "alexandr")],
)
def test_some_differences_are_none_to_the_ear(one: str, other: str) -> None:
    assert heard(one) == heard(other)


def test_what_a_letter_is_read_as_depends_on_the_country() -> None:
    assert keys("zhytomyr") == ("STMR",)
    assert keys("kharkow") == ("KRK", "ARKF")
    assert keys("a") == ("A",)
    assert keys("123") == keys("") == ()


def test_a_key_is_cut_and_has_an_a_for_the_vowel_that_it_begins_with() -> None:
    assert keys("thiruvananthapuram") == ("TRFNTPRM",)
    assert all(len(key) <= KEY_LETTERS for key in keys("krasnoarmeyskoyezhidachiv"))
    assert {keys("odessa"), keys("adessa"), keys("hodessa")} == {("ATS",)}


def test_a_short_name_is_never_sure() -> None:
    assert likeness("oman", "oman") < SURE
    assert not is_variant("oman", "oman")


WORDS = st.text(st.sampled_from("abcdeghijklkmnoprstuvwxyz"), max_size=9)


@given(st.lists(WORDS | st.text(st.characters(exclude_characters="\n"), max_size=5), max_size=5))
def test_the_keys_of_many_names_are_those_of_each(words: list[str]) -> None:
    read = [each.encode("ascii", "ignore") for each in words]
    one, other = keys_of_lines(b"".join([each + b"\n" for each in read]))
    assert len(one) == len(other) == len(words)
    for at, word in enumerate(words):
        both = dict.fromkeys(each[:KEY_LETTERS].decode() for each in (one[at], other[at]))
        assert tuple(each for each in both if each) == keys(word)


@given(WORDS, WORDS, st.floats(-30, 30))
def test_likeness_is_the_same_both_ways_and_told_where_it_is_enough(
    one: str, other: str, least: float
) -> None:
    found = likeness(one, other)
    assert found == pytest.approx(likeness(other, one)) or found == likeness(other, one)
    told = likeness(one, other, least)
    assert told == found or (told < least and found < least)


@given(WORDS)
def test_a_name_is_as_like_itself_as_its_sounds_are(word: str) -> None:
    read = heard(word)
    assert set(read) <= set(LETTERS)
    if read:
        assert (
            likeness(word, word) >= sum(likeness(each, each) for each in read if len(heard(each)) == 1) - 1e-6
        )


@given(st.text(max_size=6), st.text(max_size=6))
def test_anything_can_be_compared(one: str, other: str) -> None:
    assert likeness(one, other) <= 0 or heard(one)
    assert isinstance(keys(one), tuple)


def test_a_sound_stands_at_either_end_or_among_others() -> None:
    assert [place("kiev", at) for at in range(4)] == ["Ik", "Vi", "Ve", "Fv"]
    assert place("anj", 1) == "Bn"
    assert place("str", 1) == "Ct"


def test_importing_it_reads_no_data() -> None:
    code = "from search.french import sounds; print(sounds._worth.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("0\n", "")
