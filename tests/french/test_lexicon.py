"""The packaged lexicon: what it knows, that it is small, and that no import pays for it."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Iterator
from importlib.resources import files
from zlib import crc32

import pytest

from search.french.analysis import ANALYSIS, fold
from search.french.lexicon import LEXICON, Class, Lexicon, inflections, lexicon, spellings


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


def plain_classes() -> Iterator[Class]:
    """All classes of the data, in order."""
    data = (files("search.french") / "data" / "lexicon.txt.gz").read_bytes()
    members = []
    while data:
        member = zlib.decompressobj(31)
        members.append(member.decompress(data).decode())
        data = member.unused_data
    paradigms = members[0].partition("\n=\n")[0].split("\n")
    for block in members[1:]:
        beginnings, numbers = (part.splitlines() for part in block.split("=\n"))
        for line, number in zip(beginnings, numbers, strict=True):
            part_of_speech, has_lemma, *endings = paradigms[int(number)].split(",")
            forms = tuple(line.rpartition("|")[2] + ending for ending in endings)
            lemma = forms[0] if has_lemma == "1" else None
            yield Class(part_of_speech, lemma, forms, frozenset(map(fold, forms)))  # type: ignore[arg-type]


def test_a_look_up_finds_what_all_the_data_say() -> None:
    spelled: dict[str, dict[str, set[int]]] = {}
    for number, of in enumerate(plain_classes()):
        if number % 50 == 0:
            assert lexicon().inflections(number) == of
        for form in of.forms:
            if crc32(form[:3].encode()) % 50 == 0:
                spelled.setdefault(fold(form), {}).setdefault(form, set()).add(number)
    assert len(spelled) > 1000
    for folded, expected in spelled.items():
        found = lexicon().spellings(folded)
        assert {form: set(found[form]) for form in expected} == expected


def test_a_look_up_unpacks_a_few_blocks_only() -> None:
    data = (files("search.french") / "data" / "lexicon.txt.gz").read_bytes()
    fresh = Lexicon(data)
    assert fresh.spellings("attaquees").keys() == {"attaquées"}
    assert sum(block is not None for block in fresh._blocks) <= 6
