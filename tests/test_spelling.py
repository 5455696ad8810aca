"""What may have been meant, and how a query may go on, by example, over both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.article import Article
from search.engine import Reader, load
from search.limits import QUERY_CHARACTERS
from search.spelling import completions, suggestions

TEXT = """
Des drones ont visé Belgorod. Les drones de Koursk, à Koursk, près de Koursk : Koursk et Koursk encore.
Le président a reçu le président de la région. Une région, un drone, le dragon. Macron, Macron, Macron,
Macron, Macron. L’événement et l’évènement : un événement. Aujourd’hui, la présidence. En 2024, le G7.
Les cours, le cours, la course, des coureurs. Zut.
"""
ARTICLES = (
    Article("a", "Drones sur Belgorod", TEXT, source="Le Monde", author="Anne Monnier"),
    Article("b", "", "Le président.", source="Le Monde", author="Ève Martin"),
    Article("c", "", "Des cours du soir.", source="Le Moniteur"),
)


@pytest.fixture(scope="module", params=["whoosh", "whoosh-stock"])
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    engine, path = load(request.param), str(tmp_path_factory.mktemp("archive"))
    engine.create(path)
    for articles in (ARTICLES[:1], ARTICLES[1:]):
        writer = engine.open_writer(path)
        for article in articles:
            writer.add(article)
        writer.commit({})
    found = engine.open_reader(path)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("drnes", "drones"),  # a letter less
        ("dronnes", "drones"),  # a letter more
        ("dranes", "drones"),  # another letter
        ("dornes", "drones"),  # two swapped
        ("presidant", "président"),
        ("Présidant", "président"),
        ("evenment", "événement"),
        ("aujourdhui", "aujourd'hui"),
        ("belgarud", "belgorod"),  # two edits
    ],
)
def test_the_archives_word_is_suggested_first(reader: Reader, typed: str, meant: str) -> None:
    assert suggestions(typed, reader)[0] == meant


def test_a_name_is_suggested_with_its_capital(reader: Reader) -> None:
    assert suggestions("koursc", reader) == ("Koursk", "cours", "course")
    assert suggestions("macorn", reader) == ("Macron",)


def test_spellings_that_differ_by_accents_are_suggested_once(reader: Reader) -> None:
    assert suggestions("evenemant", reader) == ("événement",)


def test_the_more_frequent_of_two_as_near_comes_first(reader: Reader) -> None:
    assert suggestions("droness", reader)[:1] == ("drones",)
    assert suggestions("couse", reader)[:2] == ("course", "cours")


def test_one_edit_comes_before_two(reader: Reader) -> None:
    assert suggestions("coursee", reader) == ("course", "cours")


def test_of_a_word_that_the_archive_has_only_more_frequent_ones_are_suggested(reader: Reader) -> None:
    assert suggestions("drone", reader) == ("drones",)
    assert suggestions("drones", reader) == ()
    assert suggestions("président", reader) == suggestions("president", reader) == ()


def test_two_words_that_run_together_are_parted(reader: Reader) -> None:
    assert suggestions("desdrones", reader)[0] == "des drones"
    assert suggestions("dronesbelgorod", reader) == ("drones belgorod",)
    assert suggestions("dronesKoursk", reader) == ("drones Koursk",)


def test_the_parts_of_a_word_are_joined(reader: Reader) -> None:
    assert suggestions("bel gorod", reader) == ("belgorod",)
    assert suggestions("kour sk", reader) == ("Koursk",)
    assert suggestions("des drones", reader) == ()


@pytest.mark.parametrize("typed", ["", " ", "xq", "2025", "g8", "xylophone", "…"])
def test_what_may_be_anything_has_no_suggestion(reader: Reader, typed: str) -> None:
    assert suggestions(typed, reader) == ()


def test_no_more_are_suggested_than_asked_for(reader: Reader) -> None:
    every = suggestions("cors", reader, limit=9)
    assert every[0] == "cours"
    for limit in range(len(every)):
        assert suggestions("cors", reader, limit) == every[:limit]


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("dro", ("drones", "drone")),
        ("Belgorod dro", ("Belgorod drones", "Belgorod drone")),
        ("kou", ("Koursk",)),
        ("MAC", ("Macron",)),
        ("evene", ("événement",)),
        ("l'évé", ("l'événement",)),
        ("aujourd", ("aujourd'hui",)),
        ("drones OU kou", ("drones OU Koursk",)),
        ("(drones kou", ("(drones Koursk",)),
        ("-kou", ("-Koursk",)),
        ("=kou", ("=Koursk",)),
        ("pro-kou", ("pro-Koursk",)),
        ("« les dro", ("« les drones", "« les drone")),
        ("titre:dro", ("titre:drones", "titre:drone")),
        ("presse:kou", ("presse:Koursk",)),
        ("g", ("g7",)),
        ("source:mo", ("source:monde", "source:moniteur")),
        ("Source : Mo", ("Source : monde", "Source : moniteur")),
        ("-source:(figaro OU mo", ("-source:(figaro OU monde", "-source:(figaro OU moniteur")),
        ('source:"le mo', ('source:"le monde', 'source:"le moniteur')),
        ("auteur:mo", ("auteur:monnier",)),
        ('source:"le monde" mac', ('source:"le monde" Macron',)),
        ("source:(le monde) mac", ("source:(le monde) Macron",)),
        ("source:monde mac", ("source:monde Macron",)),
    ],
)
def test_the_last_word_is_completed_and_the_rest_is_kept(
    reader: Reader, typed: str, completed: tuple[str, ...]
) -> None:
    assert completions(typed, reader) == completed


def test_words_of_grammar_come_last(reader: Reader) -> None:
    found = completions("d", reader)
    assert found == ("drones", "dragon", "drone", "de", "des", "du")
    assert completions("d", reader, limit=4) == found[:4]


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            " ",
            "drones ",
            "drones (",
            "drones,",
            "mot>2",
            "mot~1",
            "Kour*",
            "b?l",
            "dro~d",
            "OU",
            "a PRES",
        ),
        *("20", "date:m", "depuis:m", "xyz", "d" * (QUERY_CHARACTERS + 1)),
    ],
)
def test_what_is_no_beginning_of_a_word_is_not_completed(reader: Reader, typed: str) -> None:
    assert completions(typed, reader) == ()


def test_an_empty_archive_suggests_and_completes_nothing(tmp_path: Path) -> None:
    engine = load("whoosh")
    engine.create(str(tmp_path))
    nothing = engine.open_reader(str(tmp_path))
    assert suggestions("drones", nothing) == completions("dro", nothing) == ()
    nothing.close()
