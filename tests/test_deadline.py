"""A deadline: it passes once, is remembered as having cut something off, and can be put off."""

from __future__ import annotations

import pytest

from search import deadline as module
from search.deadline import NEVER, Deadline, OutOfTimeError


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the monotonic clock says: its only element."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_deadline_passes_when_its_time_is_up(clock: list[float]) -> None:
    deadline = Deadline(2.0)
    deadline.check()
    clock[0] = 102.0
    assert not deadline.passed()
    assert not deadline.cut
    clock[0] = 102.1
    assert deadline.passed()
    assert deadline.cut
    with pytest.raises(OutOfTimeError):
        deadline.check()


def test_what_was_cut_stays_cut_though_more_time_is_given(clock: list[float]) -> None:
    deadline, other = Deadline(2.0), Deadline(2.0)
    clock[0] = 103.0
    assert deadline.passed()
    deadline.extend(10.0)
    other.extend(10.0)
    assert deadline.passed()
    assert not other.passed()


def test_there_is_a_deadline_that_never_passes(clock: list[float]) -> None:
    clock[0] = 1e300
    NEVER.check()
    assert not NEVER.cut
