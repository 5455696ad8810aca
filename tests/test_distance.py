"""How many edits lie between two words, against the definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.distance import distance


def defined(one: str, other: str) -> int:
    """The least over the last edit: nothing, a letter of either taken away, another letter, or a swap."""
    if not one or not other:
        return len(one) + len(other)
    edits = [
        defined(one[:-1], other[:-1]) + (one[-1] != other[-1]),
        defined(one[:-1], other) + 1,
        defined(one, other[:-1]) + 1,
    ]
    if len(one) > 1 and one[-2:] == other[-2:][::-1]:
        edits.append(defined(one[:-2], other[:-2]) + 1)
    return min(edits)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("kiev", "kiev", 0),
        ("kiev", "kyiv", 2),
        ("kiev", "kievs", 1),
        ("kiev", "kie", 1),
        ("kiev", "kiex", 1),
        ("kiev", "kive", 1),
        ("zelensky", "zelenskyy", 1),
        ("poutine", "putin", 2),
    ],
)
def test_an_edit_is_a_letter_more_less_or_other_or_two_swapped(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == distance(other, one) == edits


def test_no_letter_is_edited_twice() -> None:
    assert distance("ca", "abc") == 3, "swapping, then a letter between the two, would be 2"


words = st.text("abc", max_size=5)


@given(words, words)
def test_any_two_words_are_as_far_apart_as_the_definition_says(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one) == defined(one, other)
