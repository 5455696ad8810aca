from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Span
from search.errors import ArticleError
from search.limits import ID_CHARACTERS
from search.sources.draft import Draft, optional_line, own_id


def test_an_article_has_every_field_of_its_draft() -> None:
    draft = Draft(
        title="Titre",
        body="Corps",
        date=Span.of(2024, 3),
        source="Le Monde",
        url="https://lemonde.fr",
        author="Jean",
        section="Monde",
        language="fr",
        place="line 1",
        notes=("read as windows-1252",),
    )
    article = draft.article("7", "seeds/a.txt")
    assert (article.id, article.path) == ("7", "seeds/a.txt")
    for name in ("title", "body", "date", "source", "url", "author", "section", "language"):
        assert getattr(article, name) == getattr(draft, name)


@pytest.mark.parametrize(
    ("given_body", "stored"),
    [
        ("A\r\nB\rC", "A\nB\nC"),
        ("A\n\n\n\n\nB", "A\n\nB"),
        ("A\n \t \n\u00a0\n\u3000\nB", "A\n\nB"),
        ("A\r\n\r\n\r\nB", "A\n\nB"),
        ("\n\nA\n\n", "A"),
        ("A  \nB\t", "A\nB"),
        ("A\u2028B\u2029C\x85D\x0cE", "A\nB\nC\nD\nE"),
        ("e\u0301te\u0301", "été"),
        ("\ufeffA", "A"),
        ("A\ud800B", "A\ufffdB"),
        ("A\0B", "A\ufffdB"),
        ("A\n \t \n\n    B\n\tC", "A\n\n    B\n\tC"),
        ("😀", "😀"),
    ],
)
def test_the_body_is_stored_in_nfc_with_lf_and_one_blank_line_between_paragraphs(
    given_body: str, stored: str
) -> None:
    assert Draft("", given_body).article("1", None).body == stored


@pytest.mark.parametrize(
    "text",
    ["a" + " " * 100_000 + "b", "a" + "\u0301\u0323" * 50_000, "a\n" + "\n \t" * 33_000 + "b"],
    ids=["spaces inside a line", "combining marks", "blank lines"],
)
def test_no_run_of_a_character_is_slow_to_store(text: str) -> None:
    started = time.process_time()
    Draft(text, text).article("1", None)
    assert time.process_time() - started < 5


def test_composed_and_decomposed_letters_give_the_same_article() -> None:
    text = "L’été à Nîmes, où la garçonne naïve…"
    drafts = [
        Draft(unicodedata.normalize(form, text), unicodedata.normalize(form, text)) for form in ("NFC", "NFD")
    ]
    articles = [draft.article("1", None) for draft in drafts]
    assert articles[0] == articles[1]
    assert articles[0].content_hash() == articles[1].content_hash()


def test_a_title_is_one_line() -> None:
    assert Draft(" Un\r\n titre\t\u00a0long ", "").article("1", None).title == "Un titre long"


@pytest.mark.parametrize(("title", "body"), [("", ""), (" \n", "\t\r\n"), ("\ufeff", "\u2028")])
def test_a_draft_with_neither_title_nor_text_is_no_article(title: str, body: str) -> None:
    with pytest.raises(ArticleError, match="neither a title nor a text"):
        Draft(title, body).article("1", None)


def test_a_title_alone_or_a_text_alone_is_an_article() -> None:
    assert Draft("T", "").article("1", None).title == "T"
    assert Draft("", "B").article("1", None).body == "B"


@pytest.mark.parametrize(
    ("given_id", "id"),
    [
        ("a1", "a1"),
        ("  a1 ", "a1"),
        ("a\n b", "a b"),
        ("e\u0301", "é"),
        ("\ud800", "\ufffd"),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_an_id_is_kept_in_canonical_form(given_id: str, id: str) -> None:
    assert own_id(given_id) == id


@pytest.mark.parametrize(
    ("id", "reason"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("x" * (ID_CHARACTERS + 1), f"at most {ID_CHARACTERS}"),
        ("a\x07b", "control character"),
        ("a\x1b[31m", "control character"),
        ("a\u202eb", "control character"),
    ],
)
def test_an_id_that_is_empty_too_long_or_unprintable_is_refused(id: str, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        own_id(id)


def test_the_longest_id_is_taken() -> None:
    assert own_id("é" * ID_CHARACTERS) == "é" * ID_CHARACTERS


@pytest.mark.parametrize(
    ("text", "line"), [(None, None), ("", None), (" \n", None), (" Le\n Monde ", "Le Monde")]
)
def test_a_field_that_says_nothing_is_absent(text: str | None, line: str | None) -> None:
    assert optional_line(text) == line


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
def test_any_text_is_stored_in_canonical_form_or_refused(text: str) -> None:
    try:
        article = Draft(text, text).article("1", None)
    except ArticleError:
        assert not text.strip("\ufeff").strip()
        return
    article.body.encode()  # no surrogate is left
    assert unicodedata.is_normalized("NFC", article.body)
    assert "\r" not in article.body
    assert "\n\n\n" not in article.body
    assert article.body == article.body.strip("\n")
    assert article.title == " ".join(article.title.split())
