from __future__ import annotations

import datetime as dt

import pytest

from search.months import ENGLISH, FRENCH, month_of, months_before


@pytest.mark.parametrize("number", range(1, 13))
def test_a_month_is_known_by_its_names_and_their_beginnings(number: int) -> None:
    plain = FRENCH[number - 1].replace("é", "e").replace("û", "u")
    assert month_of(plain) == month_of(ENGLISH[number - 1]) == month_of(plain[:4]) == number


@pytest.mark.parametrize("name", ["", "ma", "jui", "foo", "marsx"])
def test_what_names_no_month_or_two_is_none(name: str) -> None:
    assert month_of(name) is None


def test_months_before_a_day_keep_the_day_or_the_last_one() -> None:
    assert months_before(dt.date(2024, 3, 31), 1) == dt.date(2024, 2, 29)
    assert months_before(dt.date(2024, 1, 15), 13) == dt.date(2022, 12, 15)
    assert months_before(dt.date(2024, 1, 15), 0) == dt.date(2024, 1, 15)


def test_no_month_is_before_the_year_1() -> None:
    with pytest.raises(ValueError, match="year"):
        months_before(dt.date(1, 1, 1), 1)
