"""Sorted strings are found as a list finds them."""

from bisect import bisect_left
from collections.abc import Callable

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from search.engines.whoosh.columnar.arrays import ArrayFile, ArrayFileWriter
from search.engines.whoosh.columnar.strings import Strings, write_strings

Files = Callable[[Callable[[ArrayFileWriter], None]], ArrayFile]

LETTERS = st.text(st.sampled_from("abéœ \u07ff\uffff\U0001f600"), max_size=4) | st.text(
    st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=5
)


def kept(array_file: Files, strings: list[bytes]) -> Strings:
    return Strings(array_file(lambda file: write_strings(file, "words", strings)), "words")


@given(words=st.lists(LETTERS), wanted=LETTERS)
@example(words=[], wanted="")
@example(words=[""], wanted="")
@example(words=["", "", "a"], wanted="")
@example(words=[f"a{number:03}" for number in range(40)], wanted="a")
@example(words=[*["é"] * 8, "éa", "f"], wanted="é")
@example(words=["a\U0010ffff", "a", "b"], wanted="a")
def test_strings_are_found_as_bisect_finds_them(array_file: Files, words: list[str], wanted: str) -> None:
    listed = sorted(word.encode() for word in words)
    strings = kept(array_file, listed)
    assert len(strings) == len(listed)
    assert list(strings) == listed
    for probe in {
        wanted.encode(),
        *listed,
        *(word[:-1] for word in listed),
        *(word + b"a" for word in listed),
    }:
        place = bisect_left(listed, probe)
        assert strings.place(probe) == place
        assert strings.find(probe) == (place if probe in listed else None)
        first, last = strings.equal_to(probe)
        assert (first, last - first) == (place, listed.count(probe))
        first, last = strings.beginning_with(probe)
        assert listed[first:last] == [word for word in listed if word.startswith(probe)]
        assert first == place


@given(words=st.lists(LETTERS, min_size=1, max_size=12), data=st.data())
def test_some_come_back_in_the_order_that_they_are_asked_for_in(
    array_file: Files, words: list[str], data: st.DataObject
) -> None:
    words.sort(key=str.encode)
    numbers = data.draw(st.lists(st.integers(0, len(words) - 1)))
    strings = kept(array_file, [word.encode() for word in words])
    assert strings.several(np.array(numbers, np.int64)) == [words[number] for number in numbers]


@given(words=st.lists(LETTERS, max_size=12), ends=st.tuples(st.integers(0, 12), st.integers(0, 12)))
def test_any_part_comes_back_in_any_order(array_file: Files, words: list[str], ends: tuple[int, int]) -> None:
    listed = [word.encode() for word in words]
    strings = kept(array_file, listed)
    first, last = (min(end, len(listed)) for end in ends)
    assert strings.part(first, last) == listed[first:last]
    assert [strings[number] for number in range(len(listed))] == listed


def test_several_lists_can_share_a_file(array_file: Files) -> None:
    file = array_file(
        lambda writer: [write_strings(writer, "one", [b"a", b"b"]), write_strings(writer, "other", [b"c"])]
    )
    assert list(Strings(file, "one")) == [b"a", b"b"]
    assert list(Strings(file, "other")) == [b"c"]
