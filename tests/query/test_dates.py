from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.query.dates import ACCEPTED, DateField, interval
from search.query.tree import Dated

DAYS = st.dates(dt.date(1400, 1, 2), dt.date(2199, 12, 31))


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-03", "2024-03-01", "2024-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-03-14", "2024-03-14", "2024-03-14"),
        ("14/03/2024", "2024-03-14", "2024-03-14"),
        ("1/3/2024", "2024-03-01", "2024-03-01"),
        ("03/2024", "2024-03-01", "2024-03-31"),
        ("2024-03..2024-06", "2024-03-01", "2024-06-30"),
        ("2024-03-14..2024", "2024-03-14", "2024-12-31"),
        ("14/03/2024..15/03/2024", "2024-03-14", "2024-03-15"),
        ("2024..2024", "2024-01-01", "2024-12-31"),
        ("..2023", None, "2023-12-31"),
        ("..2024-02", None, "2024-02-29"),
        ("2023..", "2023-01-01", None),
    ],
)
def test_date_covers_every_day_that_it_names(text: str, start: str | None, end: str | None) -> None:
    assert interval("date", text) == Dated(day(start), day(end))


@pytest.mark.parametrize(
    ("text", "start"),
    [("2023", "2023-01-01"), ("2024-04", "2024-04-01"), ("14/03/2024", "2024-03-14")],
)
def test_since_includes_what_it_names(text: str, start: str) -> None:
    assert interval("since", text) == Dated(day(start), None)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2024-04", "2024-03-31"),
        ("2024-03", "2024-02-29"),
        ("2024", "2023-12-31"),
        ("2024-03-14", "2024-03-13"),
        ("1400", "1399-12-31"),
    ],
)
def test_before_excludes_what_it_names(text: str, end: str) -> None:
    assert interval("before", text) == Dated(None, day(end))


@pytest.mark.parametrize("field", ["date", "since", "before"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "hier",
        "mars 2024",
        "14 mars 2024",
        "3m",
        "24",
        "20240314",
        "2024-13",
        "2024-00",
        "2024-02-30",
        "2023-02-29",
        "30/02/2024",
        "00/03/2024",
        "2024/03/14",
        "-2024",
        "2024-",
        "1399",
        "2200",
        "..",
        "...",
    ],
)
def test_what_is_no_date_is_refused_with_a_sentence(field: DateField, text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        interval(field, text)


@pytest.mark.parametrize("field", ["since", "before"])
@pytest.mark.parametrize("text", ["2023..", "..2023", "2022..2023"])
def test_only_date_takes_a_range(field: DateField, text: str) -> None:
    with pytest.raises(ValueError, match="cannot be read as a date"):
        interval(field, text)


@pytest.mark.parametrize(
    "text", ["hier..2024", "2024..hier", "2023..2024..2025", "3m..", "..3m", "2024...2025"]
)
def test_a_range_with_an_end_that_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be read as a date"):
        interval("date", text)


def test_a_range_that_ends_before_it_begins_is_refused_with_both_ends() -> None:
    with pytest.raises(ValueError, match=r"2024-03.*2024-06"):
        interval("date", "2024-06..2024-03")


def test_the_suggestion_names_only_what_can_be_read() -> None:
    examples = ACCEPTED.removesuffix(" can be read").replace(" and ", ", ").split(", ")
    assert len(examples) == 7
    for example in examples:
        assert isinstance(interval("date", example), Dated)


@settings(max_examples=100, deadline=None)
@given(DAYS, DAYS)
def test_a_range_of_days_keeps_its_ends(one: dt.date, other: dt.date) -> None:
    first, last = sorted((one, other))
    assert interval("date", f"{first}..{last}") == Dated(first, last)


@settings(max_examples=100, deadline=None)
@given(DAYS, st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d", "%d/%m/%Y"]))
def test_before_and_since_part_the_days_between_them(when: dt.date, layout: str) -> None:
    text = when.strftime(layout)
    before, since = interval("before", text), interval("since", text)
    assert before.end is not None
    assert before.end + dt.timedelta(days=1) == since.start == interval("date", text).start


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["date", "since", "before"]),
    st.one_of(st.text(max_size=20), st.text("0123456789-/. ", max_size=20)),
)
def test_any_text_is_an_interval_or_refused(field: DateField, text: str) -> None:
    try:
        dated = interval(field, text)
    except ValueError as error:
        assert str(error)
    else:
        assert dated.start or dated.end
        assert not (dated.start and dated.end) or dated.start <= dated.end
