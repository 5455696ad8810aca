from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.errors import UsageError
from search.query.dates import ACCEPTED, TODAY, DateField, interval, today
from search.query.tree import Dated


@pytest.fixture(autouse=True)
def on_a_thursday_in_march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY, "2024-03-14")


WORDS = (
    "3",
    "14",
    "2024",
    "mars",
    "hier",
    "mois",
    "dernier",
    "du",
    "au",
    "il",
    "y",
    "a",
    "ago",
    "..",
    "ce",
    "j",
)
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
        "demain",
        "mars",
        "14 mars",
        "31 février 2024",
        "9999a",
        "3z",
        "il y a 3",
        "du 3",
        "24",
        "2024-13",
        "2024-00",
        "2024-02-30",
        "2023-02-29",
        "30/02/2024",
        "00/03/2024",
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
    if field == "since" and text == "2023..":
        assert interval(field, text) == Dated(day("2023-01-01"), None)
        return
    with pytest.raises(ValueError, match="cannot be read as a date"):
        interval(field, text)


@pytest.mark.parametrize(
    "text", ["demain..2024", "2024..demain", "2023..2024..2025", "3z..", "..3z", "2024...2025"]
)
def test_a_range_with_an_end_that_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be read as a date"):
        interval("date", text)


def test_a_range_that_ends_before_it_begins_is_refused_with_both_ends() -> None:
    with pytest.raises(ValueError, match=r"2024-03.*2024-06"):
        interval("date", "2024-06..2024-03")


def test_the_suggestion_names_only_what_can_be_read() -> None:
    examples = re.findall(r"“.*?”|[\d./-]+m?\.*", ACCEPTED.removesuffix(" can be read"))
    assert len(examples) == 7
    for example in examples:
        assert isinstance(interval("date", example.strip("“”")), Dated)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("mars 2024", "2024-03-01", "2024-03-31"),
        ("mars-2024", "2024-03-01", "2024-03-31"),
        ("févr. 2024", "2024-02-01", "2024-02-29"),
        ("14 mars 2024", "2024-03-14", "2024-03-14"),
        ("1er août 2023", "2023-08-01", "2023-08-01"),
        ("jeudi 14 mars 2024", "2024-03-14", "2024-03-14"),
        ("March 14, 2024", "2024-03-14", "2024-03-14"),
        ("14 March 2024", "2024-03-14", "2024-03-14"),
        ("mars 2024..juin 2024", "2024-03-01", "2024-06-30"),
        ("du 3 au 14 mars 2024", "2024-03-03", "2024-03-14"),
        ("du 3 mars au 14 avril 2024", "2024-03-03", "2024-04-14"),
        ("de mars à juin 2024", "2024-03-01", "2024-06-30"),
        ("entre 2022 et 2023", "2022-01-01", "2023-12-31"),
        ("from March to June 2024", "2024-03-01", "2024-06-30"),
        ("2022 à 2023", "2022-01-01", "2023-12-31"),
        ("le 1er mai 2018", "2018-05-01", "2018-05-01"),
        ("en mai 2018", "2018-05-01", "2018-05-31"),
        ("14th of March 2018", "2018-03-14", "2018-03-14"),
        ("mai-juin 2018", "2018-05-01", "2018-06-30"),
        ("3-14 mars 2018", "2018-03-03", "2018-03-14"),
        ("année 2017", "2017-01-01", "2017-12-31"),
        ("07-05-2017", "2017-05-07", "2017-05-07"),
        ("7.5.2017", "2017-05-07", "2017-05-07"),
        ("20170507", "2017-05-07", "2017-05-07"),
        ("2017/05/07", "2017-05-07", "2017-05-07"),
        ("du 28 décembre au 3 janvier 2018", "2017-12-28", "2018-01-03"),
        ("mardi 1er mai 2018", "2018-05-01", "2018-05-01"),
    ],
)
def test_dates_can_be_written_in_words(text: str, start: str, end: str) -> None:
    assert interval("date", text) == Dated(day(start), day(end))
    assert interval("date", text.upper()) == Dated(day(start), day(end))


@pytest.mark.parametrize(
    ("texts", "start", "end"),
    [
        (("aujourd'hui", "aujourd’hui", "today"), "2024-03-14", "2024-03-14"),
        (("hier", "yesterday", "il y a 1 jour", "1 day ago"), "2024-03-13", "2024-03-13"),
        (("avant-hier", "il y a 2 jours"), "2024-03-12", "2024-03-12"),
        (("lundi", "lundi dernier", "last Monday"), "2024-03-11", "2024-03-11"),
        (("jeudi", "thursday"), "2024-03-07", "2024-03-07"),
        (("cette semaine", "this week"), "2024-03-11", "2024-03-17"),
        (("la semaine dernière", "semaine-derniere", "last week"), "2024-03-04", "2024-03-10"),
        (("ce mois", "ce mois-ci", "this month"), "2024-03-01", "2024-03-31"),
        (("le mois dernier", "last month"), "2024-02-01", "2024-02-29"),
        (("cette année", "this year"), "2024-01-01", "2024-12-31"),
        (("l'an dernier", "l’année dernière", "last year"), "2023-01-01", "2023-12-31"),
        (("3m..", "3 mois.."), "2023-12-14", None),
        (("10j..", "10d.."), "2024-03-04", None),
        (("2s..", "2w.."), "2024-02-29", None),
        (("1a..", "1y..", "1an.."), "2023-03-14", None),
        (("..3m",), None, "2023-12-14"),
        (("6m..3m",), "2023-09-14", "2023-12-14"),
        (("depuis 3 mois", "since 3 months"), "2023-12-14", None),
        (("il y a un an", "a year ago"), "2023-03-14", "2023-03-14"),
        (("semaine passée", "past week", "the last week"), "2024-03-04", "2024-03-10"),
        (("du 1er janvier à aujourd'hui",), "2024-01-01", "2024-03-14"),
        (("trois derniers mois",), "2023-12-14", "2024-03-14"),
        (("3 derniers mois", "les 3 derniers mois", "last 3 months"), "2023-12-14", "2024-03-14"),
    ],
)
def test_dates_can_count_from_today(texts: tuple[str, ...], start: str | None, end: str | None) -> None:
    for text in texts:
        assert interval("date", text) == Dated(day(start), day(end)), text


def test_a_month_before_the_31st_is_the_last_day_of_a_shorter_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY, "2024-03-31")
    assert interval("since", "1m").start == dt.date(2024, 2, 29)


def test_since_and_before_take_relative_dates_too() -> None:
    assert interval("since", "hier") == Dated(dt.date(2024, 3, 13), None)
    assert interval("since", "3m") == Dated(dt.date(2023, 12, 14), None)
    assert interval("before", "mars 2024") == Dated(None, dt.date(2024, 2, 29))


def test_a_time_that_is_a_beginning_is_refused_with_both_ways_to_go_on() -> None:
    with pytest.raises(ValueError, match=r"3m\.\..*\.\.3m"):
        interval("date", "3m")


def test_today_is_the_clock_s_where_nothing_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TODAY)
    assert abs(today() - dt.date.today()) <= dt.timedelta(1)


def test_a_wrong_day_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY, "demain")
    with pytest.raises(UsageError, match=r"NEWSEARCH_TODAY.*demain.*2024-03-14"):
        interval("date", "hier")


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
    st.one_of(
        st.text(max_size=20),
        st.text("0123456789-/. ", max_size=20),
        st.lists(
            st.sampled_from(WORDS),
            max_size=6,
        ).map(" ".join),
    ),
)
def test_any_text_is_an_interval_or_refused(field: DateField, text: str) -> None:
    try:
        dated = interval(field, text)
    except ValueError as error:
        assert str(error)
    else:
        assert dated.start or dated.end
        assert not (dated.start and dated.end) or dated.start <= dated.end


def test_a_weekday_that_is_another_one_is_refused() -> None:
    with pytest.raises(ValueError, match="2018-05-01 is no lundi"):
        interval("date", "lundi 1er mai 2018")


def test_what_cannot_be_read_is_quoted_as_it_was_typed() -> None:
    with pytest.raises(ValueError, match="“Été 2017”"):
        interval("date", "Été 2017")
