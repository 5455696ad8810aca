"""How a query was read, and why an article meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search.article import Article, Span
from search.engine import DEFAULT_ENGINE, Reader, load
from search.explanation import reading, reasons
from search.hits import FormReading, Reason
from search.query.parser import parse

ARTICLE = Article(
    "1",
    "Drones sur Belgorod",
    "Un drone, deux drones : la Légion Liberté avance vers Belgorod.",
    Span.parse("2024-03"),
    path="presse/1.txt",
    source="Agence France Presse",
)
OTHER = Article("2", "", "Drones, and a drone; porter.", None, language="en")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    path = str(tmp_path_factory.mktemp("index"))
    engine = load(DEFAULT_ENGINE)
    engine.create(path)
    writer = engine.open_writer(path)
    for article in (ARTICLE, OTHER):
        writer.add(article)
    writer.commit({})
    reader = engine.open_reader(path)
    yield reader
    reader.close()


def told(query: str, reader: Reader, article: Article = ARTICLE) -> list[tuple[str, str, str, int, float]]:
    why = reasons(article, parse(query).tree, reader)
    return [(each.part, each.field, each.form, each.times, each.weight) for each in why]


def test_each_form_of_a_word_is_told_with_its_field_how_often_and_its_weight(reader: Reader) -> None:
    assert told("drone", reader) == [
        ("drone", "title", "drones", 1, 0.8),
        ("drone", "body", "drone", 1, 1.0),
        ("drone", "body", "drones", 1, 0.8),
    ]


def test_a_phrase_is_told_by_its_words_where_they_stand_so(reader: Reader) -> None:
    assert told('"légion liberté"', reader) == [
        ('"légion liberté"', "body", "liberté", 1, 1.0),
        ('"légion liberté"', "body", "légion", 1, 1.0),
    ]
    assert told('"liberté légion"', reader) == []


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("drone>1", [("drone>1", "body", "drone", 1, 1.0), ("drone>1", "body", "drones", 1, 0.8)]),
        ("drone>9", []),
        (
            "belg* PRES/3 avance",
            [("(belg* NEAR/3 avance)", "body", form, 1, 1.0) for form in ("avance", "belgorod")],
        ),
        ("titre:belg*", [("title:belg*", "title", "belgorod", 1, 1.0)]),
        ("date:2024", [("date:2024-01-01..2024-12-31", "date", "2024-03", 1, 0.0)]),
        ("source:agence", [("source:agence", "source", "agence", 1, 0.0)]),
        ('chemin:"presse 1"', [('path:"presse 1"', "path", form, 1, 0.0) for form in ("presse", "1")]),
        ("le belgorod -zeppelin", [("belgorod", field, "belgorod", 1, 1.0) for field in ("title", "body")]),
    ],
)
def test_every_construct_has_its_reasons(
    reader: Reader, query: str, parts: list[tuple[str, str, str, int, float]]
) -> None:
    assert told(query, reader) == parts


def test_in_another_language_only_what_is_written_so_is_a_reason(reader: Reader) -> None:
    assert told("drones", reader, OTHER) == [("drones", "body", "drones", 1, 1.0)]


def test_the_reading_of_a_query_names_the_forms_of_each_term(reader: Reader) -> None:
    drone, belg, nothing, excluded = reading(parse('drone "belgorod zeppelin" -avance').tree, reader)
    assert (drone.part, drone.classes, drone.complete) == ("drone", ("drone/N",), True)
    assert drone.forms == (FormReading("drone", 1.0, True, 2), FormReading("drones", 0.8, True, 2))
    assert [form.form for form in belg.forms] == ["belgorod"]
    assert nothing.forms == ()
    assert excluded.part == "avance"


def test_a_name_s_forms_are_counted_in_its_field(reader: Reader) -> None:
    (source,) = reading(parse("source:agence").tree, reader)
    assert source.forms == (FormReading("agence", 1.0, True, 1),)


def test_a_search_explains_only_on_demand(reader: Reader) -> None:
    from search.searcher import search

    page = search(reader, "drone")
    assert page.reading == ()
    assert all(hit.reasons == () for hit in page.hits)
    page = search(reader, "drone", explain=True)
    assert [each.part for each in page.reading] == ["drone"]
    assert {type(reason) for hit in page.hits for reason in hit.reasons} == {Reason}
