from __future__ import annotations

import io
import json
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Article, Span
from search.errors import ArticleError
from search.sources.draft import Draft, Refusal
from search.sources.reading import content_of, drafts

RECORD = {
    "id": "lm-42",
    "title": "L’été à Kyïv",
    "body": "Déjà.\r\n\r\n\r\n\r\nÀ côté.",
    "date": "2024-03",
    "source": "Le Monde",
    "url": "https://lemonde.fr/42",
    "author": ["Jean Dupont", "Ana Ruiz"],
    "section": "Monde",
    "language": "fr",
}


def items(value: object) -> list[Draft | Refusal]:
    """What a file holds, given as bytes, as text, or as the value it says."""
    text = value if isinstance(value, bytes | str) else json.dumps(value, ensure_ascii=False)
    return list(drafts("a.json", io.BytesIO(text.encode() if isinstance(text, str) else text)))


def article(value: object) -> Article:
    (draft,) = items(value)
    assert isinstance(draft, Draft), draft
    return content_of(draft)


def refusal(value: object) -> Refusal:
    (item,) = items(value)
    assert isinstance(item, Refusal), item
    return item


def test_an_object_is_one_article_with_all_its_fields() -> None:
    assert article(RECORD) == Article(
        id="lm-42",
        title="L’été à Kyïv",
        body="Déjà.\n\nÀ côté.",
        date=Span.of(2024, 3),
        source="Le Monde",
        url="https://lemonde.fr/42",
        author="Jean Dupont, Ana Ruiz",
        section="Monde",
        language="fr",
    )


def test_an_article_of_schema_org_is_read() -> None:
    found = article(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": "Titre",
            "articleBody": "Corps",
            "datePublished": "2024-03-14T08:00:00+01:00",
            "author": [{"@type": "Person", "name": "Jean Dupont"}],
            "publisher": {"@type": "Organization", "name": "Le Monde"},
            "inLanguage": "fr",
        }
    )
    assert (found.title, found.body, found.date) == ("Titre", "Corps", Span.of(2024, 3, 14))
    assert (found.author, found.source, found.language) == ("Jean Dupont", "Le Monde", "fr")


def test_one_article_has_no_place_and_each_of_a_list_has_its_number() -> None:
    assert [item.place for item in items(RECORD)] == [""]
    assert [item.place for item in items([RECORD, 3, RECORD])] == ["item 1", "item 2", "item 3"]


def test_what_is_no_object_in_a_list_is_refused_and_the_rest_are_read() -> None:
    first, second, third = items([RECORD, "texte", {"title": "T"}])
    assert isinstance(first, Draft)
    assert second == Refusal("item 2", "it is not a JSON object")
    assert isinstance(third, Draft)


def test_json_lines_under_the_name_of_json_are_read_line_by_line() -> None:
    first, second, third = items('{"title": "Un"}\n{"title": "Deux"}\nfaux\n')
    assert isinstance(first, Draft)
    assert isinstance(second, Draft)
    assert (first.title, first.place, second.title, second.place) == ("Un", "line 1", "Deux", "line 2")
    assert isinstance(third, Refusal)
    assert third.place == "line 3"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_encodings_and_normal_forms_make_no_difference(encoding: str, form: str) -> None:
    text = unicodedata.normalize(form, json.dumps(RECORD, ensure_ascii=False))  # type: ignore[arg-type]
    assert article(text.encode(encoding)) == article(RECORD)


def test_escaped_letters_make_no_difference() -> None:
    assert article(json.dumps(RECORD, ensure_ascii=True)) == article(RECORD)


def test_windows_1252_is_read_and_said_of_each_article() -> None:
    found = items('[{"title": "été"}, {"title": "cœur"}]'.encode("cp1252"))
    assert [(item.title, item.notes) for item in found if isinstance(item, Draft)] == [
        ("été", ("read as windows-1252",)),
        ("cœur", ("read as windows-1252",)),
    ]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b'{"title": "a\0b"}', "NUL"),
        ('{"title": "T"}'.encode("utf-16-le"), "NUL"),
        (b"\x81", "not text"),
        ('{"title": "T"', "delimiter, column 14"),
        ('{"title": "T",\n}', ", line "),
        ("[]", "it holds no article"),
        ({"articles": []}, "it holds no article"),
        ('{"title": "T",}', "not JSON"),
        ("{'title': 'T'}", "not JSON"),
        ('{"title": "a\nb"}', "not JSON"),
        ("Du texte.", "not JSON"),
        ("[" * 100_000, "nests too deep"),
        ('{"title":' * 100_000, "nests too deep"),
        ('{"title": %s}' % ("9" * 5000), "a number is too long"),
        ("null", "not a JSON object"),
        ("3", "not a JSON object"),
        ('"T"', "not a JSON object"),
        ({"title": {"fr": "T"}}, "“title” is not a text"),
        ({"title": "T", "body": {"fr": "x"}}, "“body” is not a text"),
    ],
    ids=repr,
)
def test_what_cannot_be_read_is_refused_with_its_reason(value: object, reason: str) -> None:
    assert refusal(value).place == ""
    assert reason in refusal(value).reason


@pytest.mark.parametrize("name", ["articles", "items", "results", "documents", "data", "entries", "posts"])
def test_the_list_of_an_object_is_read_as_a_list(name: str) -> None:
    first, second = items({"count": 2, name: [{"title": "Un"}, "texte"]})
    assert isinstance(first, Draft)
    assert (first.title, first.place) == ("Un", "item 1")
    assert second == Refusal("item 2", "it is not a JSON object")


def test_an_object_with_a_title_or_a_text_is_an_article_whatever_list_it_has() -> None:
    assert article({"title": "T", "articles": [{"title": "Un"}]}).title == "T"
    assert article({"texte": "B", "items": [{"title": "Un"}]}).body == "B"


def test_not_a_number_and_infinities_are_absent() -> None:
    (draft,) = items('{"title": "T", "id": NaN, "author": Infinity, "date": -Infinity, "section": 1e999}')
    assert draft == Draft("T", "")


def test_json_lines_in_windows_1252_under_the_name_of_json_keep_the_note() -> None:
    found = items('{"title": "été"}\n{"title": "cœur", "date": "?"}\n'.encode("cp1252"))
    drafts_of = [item for item in found if isinstance(item, Draft)]
    assert [(item.title, item.notes[0]) for item in drafts_of] == [
        ("été", "read as windows-1252"),
        ("cœur", "read as windows-1252"),
    ]


def test_a_nul_in_an_escape_becomes_a_replacement_character() -> None:
    found = article(r'{"id": "a\u0000", "title": "x\u0000y", "body": "\u0000"}')
    assert (found.id, found.title, found.body) == ("a\ufffd", "x\ufffdy", "\ufffd")


def test_a_deep_value_in_a_field_that_is_not_read_does_no_harm() -> None:
    assert article('{"title": "T", "autre": %s}' % ("[" * 500 + "]" * 500)).title == "T"


def test_lone_surrogates_in_escapes_become_replacement_characters() -> None:
    found = article(r'{"id": "a\udfff", "title": "x\ud800y", "body": "\udc00", "\ud800": "z"}')
    assert (found.id, found.title, found.body) == ("a\ufffd", "x\ufffdy", "\ufffd")
    assert len(found.content_hash()) == 32


def test_a_pair_of_surrogates_in_escapes_is_one_character() -> None:
    assert article(r'{"title": "\ud83d\ude00"}').title == "😀"


@pytest.mark.parametrize("value", [{}, {"title": "", "body": " "}, {"autre": "x"}, {"title": None}])
def test_an_object_with_neither_title_nor_text_is_no_article(value: object) -> None:
    with pytest.raises(ArticleError, match="neither a title nor a text"):
        article(value)


@pytest.mark.parametrize("id", ["a\u0007", "x" * 201])
def test_an_id_that_cannot_be_kept_refuses_the_article(id: str) -> None:
    with pytest.raises(ArticleError, match="its id"):
        article({"id": id, "title": "T"})


def test_a_list_of_ten_thousand_is_read_in_order() -> None:
    found = items([{"title": str(number)} for number in range(10_000)])
    assert [item.title for item in found if isinstance(item, Draft)] == [str(n) for n in range(10_000)]


KEYS = st.sampled_from(
    ["id", "title", "body", "date", "author", "source", "url", "description", "tags", "autre"]
)
JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(KEYS, st.text(max_size=4)), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        JSON_VALUES.map(lambda value: json.dumps(value).encode()),
        st.dictionaries(KEYS, JSON_VALUES, max_size=6).map(lambda value: json.dumps(value).encode()),
        st.lists(st.dictionaries(KEYS, JSON_VALUES, max_size=4), min_size=1, max_size=4).map(
            lambda values: "\n".join(map(json.dumps, values)).encode()
        ),
    )
)
def test_any_bytes_are_articles_or_refusals(data: bytes) -> None:
    for item in items(data):
        if isinstance(item, Refusal):
            assert item.reason
            continue
        with suppress(ArticleError):
            found = content_of(item)
            assert found.body.encode() or found.title.encode()
            assert unicodedata.is_normalized("NFC", found.body)
            assert "\r" not in found.body
            assert "\n\n\n" not in found.body
            assert len(found.content_hash()) == 32
