from __future__ import annotations

import dataclasses
import datetime as dt
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Article, Span, canonical, canonical_line
from search.limits import YEARS

WHOLE = Article(
    id="1",
    title="Titre",
    body="Corps",
    date=Span.of(2024, 3),
    path="seeds/1.txt",
    source="AFP",
    url="https://afp.com/1",
    author="Nom",
    section="Monde",
    language="fr",
)
# A byte order mark counts only where a text begins, and 30 characters hold no run of marks that is cut.
TEXTS = st.text(
    st.one_of(
        st.sampled_from(" \t\n\r\x0b\x85\u2028\u00a0e\u0301"),
        st.characters(exclude_characters="\ufeff"),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("parts", "start", "end", "precision", "text"),
    [
        ((2024,), "2024-01-01", "2024-12-31", "year", "2024"),
        ((2024, 2), "2024-02-01", "2024-02-29", "month", "2024-02"),
        ((2023, 2), "2023-02-01", "2023-02-28", "month", "2023-02"),
        ((2024, 12), "2024-12-01", "2024-12-31", "month", "2024-12"),
        ((2024, 3, 14), "2024-03-14", "2024-03-14", "day", "2024-03-14"),
        ((YEARS[0],), "1400-01-01", "1400-12-31", "year", "1400"),
        ((YEARS[1], 12, 31), "2199-12-31", "2199-12-31", "day", "2199-12-31"),
    ],
)
def test_a_span_goes_from_its_first_day_to_its_last(
    parts: tuple[int, ...], start: str, end: str, precision: str, text: str
) -> None:
    span = Span.of(*parts)
    assert (str(span.start), str(span.end), span.precision) == (start, end, precision)
    assert str(span) == text


@pytest.mark.parametrize("text", ["2024", "2024-03", "2024-03-14"])
def test_a_span_prints_as_it_is_read(text: str) -> None:
    assert str(Span.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "read"), [(" 2024-03\n", "2024-03"), ("2024-3", "2024-03"), ("2024-3-1", "2024-03-01")]
)
def test_a_span_is_read_with_space_around_it_and_short_numbers(text: str, read: str) -> None:
    assert str(Span.parse(text)) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24",
        "2024-",
        "2024-13",
        "2024-00",
        "2024-02-30",
        "2023-02-29",
        "2024-03-14T10:00",
        "14/03/2024",
        "mars",
    ],
)
def test_what_is_no_date_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Span.parse(text)


@pytest.mark.parametrize("year", [YEARS[0] - 1, YEARS[1] + 1, 0, -1])
def test_a_year_that_no_article_bears_is_refused_with_the_bounds(year: int) -> None:
    with pytest.raises(ValueError, match=rf"{year} is not between {YEARS[0]} and {YEARS[1]}"):
        Span.of(year)


@settings(max_examples=100, deadline=None)
@given(st.dates(dt.date(YEARS[0], 1, 1), dt.date(YEARS[1], 12, 31)))
def test_a_day_lies_in_its_month_which_lies_in_its_year(day: dt.date) -> None:
    year, month, exact = (
        Span.of(day.year),
        Span.of(day.year, day.month),
        Span.of(day.year, day.month, day.day),
    )
    assert year.start <= month.start <= exact.start == day == exact.end <= month.end <= year.end
    assert (month.end + dt.timedelta(days=1)).day == 1
    assert [Span.parse(str(span)) for span in (year, month, exact)] == [year, month, exact]


@pytest.mark.parametrize("kind", [Span, Article])
def test_records_are_frozen_with_slots(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert set(kind.__slots__) == {field.name for field in dataclasses.fields(kind)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("field", ["title", "body", "source", "url", "author", "section", "language"])
def test_a_content_hash_changes_with_all_that_the_article_says(field: str) -> None:
    assert dataclasses.replace(WHOLE, **{field: "autre"}).content_hash() != WHOLE.content_hash()  # type: ignore[arg-type]


@pytest.mark.parametrize("date", [None, Span.of(2024), Span.of(2024, 3, 1)])
def test_a_content_hash_changes_with_the_date_and_its_precision(date: Span | None) -> None:
    assert dataclasses.replace(WHOLE, date=date).content_hash() != WHOLE.content_hash()


@pytest.mark.parametrize("field", ["id", "path"])
def test_a_content_hash_does_not_change_with_where_the_article_was_found(field: str) -> None:
    assert dataclasses.replace(WHOLE, **{field: "autre"}).content_hash() == WHOLE.content_hash()  # type: ignore[arg-type]


def test_a_content_hash_knows_where_one_field_ends() -> None:
    assert Article("1", "ab", "c").content_hash() != Article("1", "a", "bc").content_hash()
    assert (
        Article("1", "a", "b", source="x").content_hash() != Article("1", "a", "b", author="x").content_hash()
    )


def test_a_content_hash_is_thirty_two_digits_and_the_same_in_every_process() -> None:
    """Indexes store it: another value would report every article as changed."""
    assert Article("1", "Titre", "Corps").content_hash() == "fbe8691570b76bbecca11d98be901a52"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("\n \n\t\n", ""),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\x0bb\x0cc\x85d\u2028e\u2029f\x1cg", "a\nb\nc\nd\ne\nf\ng"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("a\n \t\n\u00a0\nb", "a\n\nb"),
        ("a  \nb\t", "a\nb"),
        ("a\n  b", "a\n  b"),
        ("\n\n  a\n\n  b\n\n", "  a\n\n  b"),
        ("\ufeffa", "a"),
        ("\ufeff\n\na", "a"),
        ("e\u0301lan", "élan"),
        ("a\ud800b\x00c", "a\ufffdb\ufffdc"),
        ("q" + 40 * "\u0301" + "a", "q" + 30 * "\u0301" + "a"),
        ("ﬁn", "ﬁn"),
    ],
)
def test_a_text_has_one_canonical_form(text: str, expected: str) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), (" a\n b\u00a0\u202f c\t", "a b c"), ("a\r\n\r\nb", "a b"), ("\ufeffe\u0301", "é")],
)
def test_a_line_has_single_spaces_only(text: str, expected: str) -> None:
    assert canonical_line(text) == expected


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_what_is_canonical_stays_as_it_is(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    line = canonical_line(text)
    assert canonical_line(line) == line


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_canonical_text_is_nfc_in_lines_and_paragraphs_one_blank_line_apart(text: str) -> None:
    once = canonical(text)
    assert unicodedata.is_normalized("NFC", once)
    assert once.splitlines() == ([] if not once else once.split("\n"))
    assert not re.search(r"\n\n\n|[^\S\n]\n|\s\Z|\A\n", once)
    assert once.encode().decode() == once


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_canonical_text_loses_white_space_only(text: str) -> None:
    whole = re.sub("[\x00\ud800-\udfff]", "\ufffd", unicodedata.normalize("NFC", text))
    assert canonical(text).split() == whole.split()
