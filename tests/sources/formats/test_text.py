from __future__ import annotations

import io
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Article, Span
from search.errors import ArticleError
from search.sources.draft import Draft, Refusal
from search.sources.reading import content_of, drafts

SEEDS = Path(__file__).parents[3] / "seeds"


def read(data: bytes | str) -> Draft:
    """The one draft of a text file."""
    (draft,) = drafts("a.txt", io.BytesIO(data.encode() if isinstance(data, str) else data))
    assert isinstance(draft, Draft)
    return draft


def article(data: bytes | str) -> Article:
    return content_of(read(data))


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name)
def test_the_sample_is_read_as_its_author_meant_it(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    _, _, date, title = lines[0].split(" ", 3)
    found = article(path.read_bytes())
    assert str(found.date) == date
    assert found.title == unicodedata.normalize("NFC", title.strip())
    assert found.body.split() == unicodedata.normalize("NFC", "\n".join(lines[1:])).split()
    assert found.body.count("\n\n") > 3
    assert "\n\n\n" not in found.body
    assert read(path.read_bytes()).notes == ()


def test_there_is_a_sample() -> None:
    assert list(SEEDS.glob("*.txt"))


@pytest.mark.parametrize(
    ("first", "date", "title"),
    [
        (" date 2024-03 Un titre", "2024-03", "Un titre"),
        ("date 2024-03 Un titre", "2024-03", "Un titre"),
        ("date 2024 Un titre", "2024", "Un titre"),
        ("date 2024-03-14 Un titre", "2024-03-14", "Un titre"),
        (" date  2024-03\t Un titre ", "2024-03", "Un titre"),
        (" date 2024-03 2024-04 : le mois", "2024-03", "2024-04 : le mois"),
        (" date 2024-03", "2024-03", ""),
        ("\ufeff date 2024-03 Un titre", "2024-03", "Un titre"),
    ],
)
def test_the_first_line_tells_date_and_title(first: str, date: str, title: str) -> None:
    found = article(f"{first}\n\nLe corps.")
    assert (str(found.date), found.title, found.body) == (date, title, "Le corps.")


@pytest.mark.parametrize(
    "first",
    [
        "Un titre",
        "  date 2024-03 Deux blancs",
        "date mars 2024 Un titre",
        "date 20240314 Un titre",
        "date 2024-03Un titre",
        "date 2024-03-14-15 Un titre",
        "dates 2024 Un titre",
        "La date 2024-03 du titre",
    ],
)
def test_without_a_header_the_first_line_is_the_title_and_the_date_unknown(first: str) -> None:
    found = article(f"{first}\n\nLe corps.")
    assert (found.date, found.title, found.body) == (None, first.strip(), "Le corps.")


@pytest.mark.parametrize("date", ["2024-13", "2024-02-30", "2024-00", "0000", "9999"])
def test_a_date_that_does_not_exist_is_told_and_the_title_kept(date: str) -> None:
    draft = read(f" date {date} Un titre\nLe corps.")
    assert (draft.date, draft.title, draft.body) == (None, "Un titre", "Le corps.")
    assert len(draft.notes) == 1
    assert date in draft.notes[0]


def test_paragraphs_and_inner_headings_stay_apart() -> None:
    found = article("Titre\n\n\nUn.\n\n\n\n\nIntertitre\n\nDeux,\nsur deux lignes.\n")
    assert found.body == "Un.\n\nIntertitre\n\nDeux,\nsur deux lignes."


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_line_ends_normal_forms_and_encodings_make_no_difference(
    line_end: str, form: str, encoding: str
) -> None:
    text = " date 2024-03 L’été à Kyïv\n\nDéjà.\n\n\nÀ côté."
    written = unicodedata.normalize(form, text).replace("\n", line_end).encode(encoding)  # type: ignore[arg-type]
    found = article(written)
    assert (found.title, found.body, found.date) == ("L’été à Kyïv", "Déjà.\n\nÀ côté.", Span.of(2024, 3))


def test_windows_1252_is_read_and_said() -> None:
    draft = read(" date 2024-03 L’été\nCœur".encode("cp1252"))
    assert (draft.title, draft.body, draft.notes) == ("L’été", "Cœur", ("read as windows-1252",))


def test_a_first_line_as_long_as_a_paragraph_is_one() -> None:
    assert article("x" * 500 + "\nB").title == "x" * 500
    long = article("x" * 501 + "\nB")
    assert (long.title, long.body) == ("", "x" * 501 + "\nB")


def test_blank_lines_before_the_header_do_no_harm() -> None:
    assert article("\r\n \n date 2024-03 Titre\nCorps").date == Span.of(2024, 3)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"Titre\0\nCorps", "NUL"),
        ("Titre".encode("utf-16-le"), "NUL"),
        (b"\x81\x8d", "not text"),
        (b"\xff\xfea", "utf-16"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    (refusal,) = drafts("a.txt", io.BytesIO(data))
    assert isinstance(refusal, Refusal)
    assert refusal.place == ""
    assert reason in refusal.reason


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf", b"\xff\xfe", b" date 2024-03"])
def test_a_file_that_has_a_mark_or_a_date_alone_is_no_article(data: bytes) -> None:
    with pytest.raises(ArticleError, match="neither a title nor a text"):
        article(data)


HEADERS = st.builds(
    "{}date {} {}\n{}".format,
    st.sampled_from(["", " ", "\ufeff", "\n"]),
    st.one_of(st.from_regex(r"\d{4}(-\d{1,2}){0,2}", fullmatch=True), st.text(max_size=8)),
    st.text(max_size=30),
    st.text(max_size=60),
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.tuples(HEADERS, st.sampled_from(["utf-8", "utf-16", "utf-32"])).map(
            lambda pair: pair[0].encode(pair[1])
        ),
    )
)
def test_any_bytes_are_one_article_or_a_refusal(data: bytes) -> None:
    (item,) = drafts("a.txt", io.BytesIO(data))
    if isinstance(item, Refusal):
        assert item.reason
        return
    with suppress(ArticleError):
        found = content_of(item)
        assert found.body.encode() or found.title.encode()
        assert unicodedata.is_normalized("NFC", found.body)
        assert "\r" not in found.body
        assert "\n\n\n" not in found.body
