from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Span
from search.sources.dates import first_date, read_date


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("2024", dt.date(2024, 1, 1), dt.date(2024, 12, 31), "year"),
        ("2024-03", dt.date(2024, 3, 1), dt.date(2024, 3, 31), "month"),
        ("2024-02", dt.date(2024, 2, 1), dt.date(2024, 2, 29), "month"),
        ("2023-02", dt.date(2023, 2, 1), dt.date(2023, 2, 28), "month"),
        ("2024-03-14", dt.date(2024, 3, 14), dt.date(2024, 3, 14), "day"),
    ],
)
def test_a_date_is_an_interval_as_precise_as_it_is_written(
    text: str, start: dt.date, end: dt.date, precision: str
) -> None:
    span = read_date(text)
    assert (span.start, span.end, span.precision) == (start, end, precision)
    assert str(span) == text


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-14",
        "  2024-03-14\n",
        "2024-3-14",
        "2024-03-14T10:20:30Z",
        "2024-03-14T10:20",
        "2024-03-14 10:20:30",
        "2024-03-14T1020Z",
        "20240314",
        "20240314T102030Z",
        "14/03/2024",
        "14/3/2024",
        "14.03.2024",
        "14/03/2024 10:20",
        "14-03-2024",
        "2024/03/14",
        "2024.3.14",
        "202403141020",
        "20240314T10",
        "14 mars 2024",
        "jeudi 14 mars 2024",
        "le 14 mars 2024",
        "14 March 2024",
        "March 14, 2024",
        "Mar 14th 2024",
        "Thu, 14 Mar 2024 10:20:30 +0100",
        "14 Mar 2024 10:20:30 GMT",
        "1710374400",
        "1710374400.5",
        "1710374400000",
    ],
)
def test_each_way_to_write_a_day_gives_that_day(text: str) -> None:
    assert read_date(text) == Span.of(2024, 3, 14)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-14T23:59:59-12:00",
        "2024-03-14T00:00:01+14:00",
        "Thu, 14 Mar 2024 23:59:59 -1200",
        "Thu, 14 Mar 2024 00:00:01 +1400",
    ],
)
def test_the_day_is_the_one_that_is_written_whatever_its_time_zone(text: str) -> None:
    assert read_date(text) == Span.of(2024, 3, 14)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("mars 2024", Span.of(2024, 3)),
        ("sept. 2024", Span.of(2024, 9)),
        ("1er juin 2024", Span.of(2024, 6, 1)),
        ("14 juillet 1914", Span.of(1914, 7, 14)),
        ("Jun 3, 2024", Span.of(2024, 6, 3)),
        ("May 2024", Span.of(2024, 5)),
    ],
)
def test_months_are_read_in_french_and_in_english(text: str, span: Span) -> None:
    assert read_date(text) == span


def test_the_first_date_that_can_be_read_is_taken_without_a_note() -> None:
    assert first_date(["un jour", "2024-03", "2025"]) == (Span.of(2024, 3), ())


def test_a_day_with_slashes_is_day_first_as_in_french() -> None:
    assert read_date("03/04/2024") == Span.of(2024, 4, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hier",
        "mars",
        "31 juin 2024",
        "14 brumaire 2024",
        "2024-13",
        "2024-00",
        "2024-02-30",
        "2023-02-29",
        "20241314",
        "03/14/2024",
        "32/01/2024",
        "0000-00-00",
        "0001-01-01",
        "9999",
        "9999999999",
        "Thu, 99 Mar 2024 10:00:00",
        "Thu, 14 Mar 2024 10:00:00 +99999999999999999999",
        ",",
        ":",
        "nan",
        "9" * 5000,
    ],
)
def test_what_is_no_date_is_never_guessed(text: str) -> None:
    with pytest.raises(ValueError):
        read_date(text)


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_an_absent_date_needs_no_note(text: str | None) -> None:
    assert first_date([text] if text and text.strip() else []) == (None, ())


def test_an_unreadable_date_is_told_as_it_was_written() -> None:
    span, notes = first_date([" un jour de mars "])
    assert span is None
    assert len(notes) == 1
    assert "“un jour de mars”" in notes[0]


def test_a_note_quotes_no_more_than_the_beginning_of_a_long_date() -> None:
    assert len(first_date(["x" * 10_000])[1][0]) < 120


@settings(max_examples=150, deadline=None)
@given(st.dates(dt.date(1400, 1, 1), dt.date(2199, 12, 31)))
def test_every_day_of_print_is_read_back_from_iso_and_from_french(day: dt.date) -> None:
    expected = Span.of(day.year, day.month, day.day)
    assert read_date(day.isoformat()) == expected
    assert read_date(f"{day.day:02}/{day.month:02}/{day.year}") == expected
    assert str(expected) == day.isoformat()


PIECES = st.sampled_from(
    [
        "Thu",
        "14",
        "Mar",
        "2024",
        "10:00",
        "+0100",
        "-99999",
        "GMT",
        ",",
        ":",
        " ",
        "(",
        '"',
        ".",
        "²",
        "٢",
        "T",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=9).map("".join)))
def test_any_text_is_a_date_within_print_or_a_note(text: str) -> None:
    span, notes = first_date([text] if text and text.strip() else [])
    if span is None:
        assert bool(notes) == bool(text.strip())
    else:
        assert notes == ()
        assert 1400 <= span.start.year <= span.end.year <= 2199
        assert span.start <= span.end
