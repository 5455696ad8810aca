"""The packaged lexicon: what it knows, that it is small, and that no import pays for it."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import pytest

from search.french.analysis import ANALYSIS, fold
from search.french.lexicon import LEXICON, inflections, spellings


def classes(form: str) -> set[tuple[str, str | None]]:
    numbers = spellings(fold(form)).get(form, ())
    return {(each.part_of_speech, each.lemma) for each in map(inflections, numbers)}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("attaquées", {("V", "attaquer")}),
        ("chevaux", {("N", "cheval")}),
        ("yeux", {("N", "oeil"), ("N", "yeux")}),
        ("oeil", {("N", "oeil")}),
        ("visée", {("V", "viser"), ("N", "visée")}),
        ("irai", {("V", "aller")}),
        ("oeuvres", {("N", "oeuvre"), ("V", "oeuvrer")}),
        ("belgorod", set()),
    ],
)
def test_a_form_has_its_classes(form: str, expected: set[tuple[str, str | None]]) -> None:
    assert classes(form) == expected


def test_a_folding_has_all_its_spellings() -> None:
    assert {"cote", "côte", "coté", "côté"} <= spellings("cote").keys()
    assert spellings("xyzzy") == {}
    assert spellings("") == {}


def test_spellings_before_and_after_1990_are_of_one_class() -> None:
    for old, new in (("connaître", "connaitre"), ("coûts", "couts"), ("événement", "évènement")):
        assert set(spellings(fold(old))[old]) & set(spellings(fold(new))[new])


def test_a_class_lists_the_form_that_it_was_found_by() -> None:
    for form in ("repoussées", "journaux", "belles", "évacuer"):
        for number in spellings(fold(form))[form]:
            assert form in inflections(number).forms


def test_the_package_data_are_at_most_half_a_megabyte() -> None:
    data = files("search.french") / "data"
    assert sum(len(each.read_bytes()) for each in data.iterdir() if each.name != "__pycache__") <= 500_000
    assert "Mozilla Public License 2.0" in (data / "NOTICE").read_text(encoding="utf-8")


def test_the_name_of_the_analysis_names_the_lexicon() -> None:
    assert ANALYSIS.endswith(LEXICON)


def test_no_import_reads_the_lexicon() -> None:
    code = "import search.cli, search.index, search.french.groups;"
    code += "from search.french.lexicon import lexicon; print(lexicon.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.stdout == "0\n", done.stderr
