from __future__ import annotations

import pytest

from search.article import Span
from search.errors import ArticleError
from search.sources.draft import Draft, Refusal
from search.sources.records import NAMES, draft_of, json_draft, parse_json


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (name, field)
        for field in ("id", "title", "body", "source", "url", "author", "section", "language")
        for name in NAMES[field]
    ],
)
def test_each_common_name_fills_its_field(name: str, field: str) -> None:
    assert getattr(draft_of({name: "valeur"}), field) == "valeur"


@pytest.mark.parametrize("name", NAMES["date"])
def test_each_common_name_of_a_date_is_read_as_one(name: str) -> None:
    assert draft_of({name: "2024-03-14"}).date == Span.of(2024, 3, 14)


def test_no_name_stands_for_two_fields() -> None:
    names = [name for names in NAMES.values() for name in names]
    assert len(names) == len(set(names))
    assert names == [name.lower() for name in names]


def test_names_are_read_in_any_case_and_with_spaces_around() -> None:
    draft = draft_of({"Titre": "T", " DATE ": "2024", "articleBody": "B", "inLanguage": "fr"})
    assert (draft.title, str(draft.date), draft.body, draft.language) == ("T", "2024", "B", "fr")


def test_the_first_name_that_has_a_value_wins() -> None:
    assert draft_of({"headline": "second", "title": "premier"}).title == "premier"
    assert draft_of({"title": " ", "titre": None, "headline": "reste"}).title == "reste"


def test_the_day_of_publication_wins_over_the_day_of_the_clip() -> None:
    draft = draft_of({"created": "2025-01-01", "published": "2024-03-14"})
    assert draft.date == Span.of(2024, 3, 14)


@pytest.mark.parametrize(
    ("value", "author"),
    [
        ("Jean Dupont", "Jean Dupont"),
        (" Jean Dupont ", "Jean Dupont"),
        ("[[Jean Dupont]]", "Jean Dupont"),
        (["[[Jean Dupont]]", "[[Ana Ruiz]]"], "Jean Dupont, Ana Ruiz"),
        (["Jean Dupont", None, ""], "Jean Dupont"),
        ({"@type": "Person", "name": "Jean Dupont"}, "Jean Dupont"),
        ([{"name": "Jean Dupont"}, {"name": "Ana Ruiz"}], "Jean Dupont, Ana Ruiz"),
        (None, None),
        ([], None),
        (True, None),
    ],
)
def test_an_author_is_a_name_a_link_a_list_or_an_object_with_a_name(
    value: object, author: str | None
) -> None:
    assert draft_of({"author": value}).author == author


@pytest.mark.parametrize("wrapper", ["name", "rendered", "#text", "@value", "$oid", "$date"])
@pytest.mark.parametrize("field", ["id", "title", "body", "author", "source"])
def test_an_object_is_asked_for_what_it_wraps(field: str, wrapper: str) -> None:
    assert getattr(draft_of({field: {"@type": "x", wrapper: "valeur"}}), field) == "valeur"


def test_a_date_of_mongodb_is_read() -> None:
    assert draft_of({"date": {"$date": "2024-03-14T00:00:00Z"}}).date == Span.of(2024, 3, 14)


@pytest.mark.parametrize("name", ["tags", "categories"])
@pytest.mark.parametrize("tags", [["clippings"], ["Clippings", "Russie"], ["Russie", "clipping", "Russie"]])
def test_what_clippers_tag_everything_with_is_no_section(name: str, tags: list[str]) -> None:
    assert (draft_of({name: tags}).section or None) == ("Russie" if "Russie" in tags else None)


def test_the_day_of_the_creation_is_the_date_for_want_of_another_and_told() -> None:
    draft = draft_of({"title": "T", "created": "2025-01-01"})
    assert draft.date == Span.of(2025, 1, 1)
    assert draft.notes == ("dated by its creation, for want of a date of publication",)
    assert draft_of({"published": "2024", "created": "2025"}).notes == ()


@pytest.mark.parametrize("field", ["author", "source", "section"])
def test_wiki_links_are_resolved_to_what_they_show(field: str) -> None:
    draft = draft_of({field: "[[Jean Dupont]] et [[gens/Ana|Ana Ruiz]]"})
    assert getattr(draft, field) == "Jean Dupont et Ana Ruiz"


def test_a_list_of_a_body_is_paragraphs_without_the_lists_in_it() -> None:
    assert draft_of({"body": ["Un.", ["x"], None, {"#text": "Deux."}]}).body == "Un.\n\nDeux."


def test_a_list_in_a_list_is_left_out() -> None:
    draft = draft_of({"title": [["x"]], "id": ["a", ["b"]], "author": ["A", ["B", ["C"]]]})
    assert (draft.title, draft.id, draft.author, draft.notes) == ("", "a", "A", ())


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_absent(number: float) -> None:
    draft = draft_of({"id": number, "title": number, "body": number, "date": number, "author": [number]})
    assert (draft.id, draft.title, draft.body, draft.date, draft.notes) == (None, "", "", None, ())
    assert not draft.author


def test_a_float_is_read_without_the_end_that_a_table_gave_it() -> None:
    draft = draft_of({"id": 42.0, "title": 1.5, "date": 2024.0})
    assert (draft.id, draft.title, str(draft.date)) == ("42", "1.5", "2024")


def test_names_are_read_with_or_without_accents() -> None:
    draft = draft_of({"Catégorie": "Monde", "TI\u0302TRE": "T", "Média": "Le Monde"})
    assert (draft.section, draft.title, draft.source) == ("Monde", "T", "Le Monde")


def test_a_number_is_read_as_it_is_written() -> None:
    draft = draft_of({"id": 12345, "title": 1984, "date": 2024})
    assert (draft.id, draft.title, str(draft.date)) == ("12345", "1984", "2024")


@pytest.mark.parametrize("name", ["id", "title", "body"])
@pytest.mark.parametrize("value", [{"fr": "x"}, {"name": ["x"]}, [{"a": "b"}]])
def test_an_id_a_title_or_a_body_that_is_no_text_refuses_the_record(name: str, value: object) -> None:
    with pytest.raises(ArticleError, match=f"“{name}” is not a text"):
        draft_of({"title": "T", "body": "B", name: value})


@pytest.mark.parametrize("name", ["source", "url", "author", "section", "language", "date", "description"])
def test_any_other_field_that_is_no_text_is_left_out_and_told(name: str) -> None:
    draft = draft_of({"title": "T", "body": "B", name: {"fr": "x"}})
    assert (draft.title, draft.body) == ("T", "B")
    assert len(draft.notes) == 1
    assert f"“{name}”" in draft.notes[0]


def test_an_unreadable_date_is_told_and_the_article_kept() -> None:
    draft = draft_of({"title": "T", "date": "un jour"})
    assert (draft.title, draft.date) == ("T", None)
    assert "“un jour”" in draft.notes[0]


@pytest.mark.parametrize(
    ("record", "source", "url"),
    [
        ({"source": "https://www.lemonde.fr/a"}, "lemonde.fr", "https://www.lemonde.fr/a"),
        ({"source": "http://x.fr:8080/a"}, "x.fr", "http://x.fr:8080/a"),
        ({"source": "https://www.lemonde.fr/a", "url": "https://b.fr"}, "lemonde.fr", "https://b.fr"),
        ({"source": "Le Monde", "url": "https://b.fr"}, "Le Monde", "https://b.fr"),
        ({"source": "http://[faux"}, None, "http://[faux"),
        ({"source": "http://"}, None, "http://"),
        ({"publisher": {"@type": "Organization", "name": "Le Monde"}}, "Le Monde", None),
    ],
)
def test_a_source_that_is_a_url_gives_the_url_and_its_host(
    record: dict[str, object], source: str | None, url: str | None
) -> None:
    draft = draft_of(record)
    assert (draft.source, draft.url) == (source, url)


def test_the_lead_goes_before_the_body() -> None:
    assert draft_of({"chapo": "Le chapô.", "texte": "Le texte."}).body == "Le chapô.\n\nLe texte."
    assert draft_of({"description": "Le chapô."}).body.strip() == "Le chapô."


def test_a_lead_that_the_body_has_already_is_not_said_twice() -> None:
    body = "Le chapô\nsur deux lignes. La suite."
    assert draft_of({"chapo": "Le chapô sur deux lignes.", "texte": body}).body == body


def test_a_text_outside_the_record_wins_over_one_inside() -> None:
    assert draft_of({"text": "dedans"}, body="dehors").body == "dehors"


def test_a_key_that_is_no_text_does_no_harm() -> None:
    assert draft_of({1: "x", None: "y", "title": "T"}).title == "T"  # type: ignore[dict-item]


def test_a_mistake_in_json_is_told_with_its_line_and_column() -> None:
    with pytest.raises(ArticleError, match=r"line \d column \d+"):
        parse_json('{"title": "T",\n}')


@pytest.mark.parametrize("text", ['{"title": "T"', '{"title": "T" \n'])
def test_a_mistake_in_a_text_of_one_line_is_told_with_its_column_alone(text: str) -> None:
    with pytest.raises(ArticleError) as caught:
        parse_json(text)
    assert "column" in str(caught.value)
    assert "line" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, '{"title":' + "9" * 5000 + "}", "-" + "9" * 5000],
    ids=["lists in lists", "objects in objects", "a long number in an object", "a long number"],
)
def test_json_that_would_exhaust_the_reader_is_refused(text: str) -> None:
    with pytest.raises(ArticleError, match="nests too deep, or a number is too long"):
        parse_json(text)


@pytest.mark.parametrize("value", [None, True, 3, "texte", [], ["x"]])
def test_a_value_that_is_no_object_is_refused_at_its_place(value: object) -> None:
    assert json_draft(value, "item 3") == Refusal("item 3", "it is not a JSON object")


def test_a_record_that_cannot_be_taken_is_refused_at_its_place() -> None:
    refusal = json_draft({"title": {"fr": "x"}}, "line 7")
    assert isinstance(refusal, Refusal)
    assert refusal.place == "line 7"
    assert "“title”" in refusal.reason


def test_notes_on_the_file_come_before_those_on_the_record() -> None:
    draft = json_draft({"title": "T", "date": "?"}, "line 7", ("read as windows-1252",))
    assert isinstance(draft, Draft)
    assert draft.place == "line 7"
    assert draft.notes[0] == "read as windows-1252"
    assert "“?”" in draft.notes[1]
