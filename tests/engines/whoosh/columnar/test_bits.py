"""Numbers of any width come back from runs of bits."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.engines.whoosh.columnar.arrays import ArrayFile, ArrayFileWriter, Column
from search.engines.whoosh.columnar.bits import BitsWriter, bits_of, picked, unpacked

Files = Callable[[Callable[[ArrayFileWriter], None]], ArrayFile]


def packed(array_file: Files, width: int, parts: list[list[int]]) -> Column:
    def write(file: ArrayFileWriter) -> None:
        bits = BitsWriter(file, "bits", width)
        for part in parts:
            bits.append(np.array(part, np.int64))
        bits.close()

    return array_file(write).column("bits")


@given(data=st.data())
def test_numbers_of_any_width_come_back_however_they_were_appended(
    array_file: Files, data: st.DataObject
) -> None:
    width = data.draw(st.integers(1, 32))
    top = (1 << width) - 1
    number = st.integers(0, top) | st.sampled_from([0, top])
    parts = data.draw(st.lists(st.lists(number, max_size=20), max_size=8))
    whole = [number for part in parts for number in part]
    column = packed(array_file, width, parts)
    assert unpacked(column, width, 0, len(whole)).tolist() == whole
    first = data.draw(st.integers(0, len(whole)))
    count = data.draw(st.integers(0, len(whole) - first))
    assert unpacked(column, width, first, count).tolist() == whole[first : first + count]
    if whole:
        chosen = data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=30))
        assert picked(column, width, np.array(chosen, np.int64)).tolist() == [whole[at] for at in chosen]


@pytest.mark.parametrize("width", range(1, 33))
def test_more_numbers_than_are_packed_at_once_come_back(array_file: Files, width: int) -> None:
    numbers = np.random.default_rng(width).integers(0, 1 << width, 140_003)
    column = packed(array_file, width, [numbers[:7].tolist(), numbers[7:].tolist()])
    assert np.array_equal(unpacked(column, width, 0, len(numbers)), numbers)
    assert np.array_equal(unpacked(column, width, 65_531, 70_000), numbers[65_531:135_531])
    chosen = np.array([140_002, 0, 65_536, 65_535, 3])
    assert np.array_equal(picked(column, width, chosen), numbers[chosen])


@pytest.mark.parametrize("width", [1, 3, 7, 8, 13, 32])
def test_numbers_take_their_width_and_no_more(array_file: Files, width: int) -> None:
    column = packed(array_file, width, [[1] * 5, [0] * 795])
    assert column.count == 100 * width + 8


def test_no_numbers_at_all_can_be_written_and_read(array_file: Files) -> None:
    column = packed(array_file, 5, [])
    assert unpacked(column, 5, 0, 0).tolist() == []
    assert picked(column, 5, np.zeros(0, np.int64)).tolist() == []


@given(numbers=st.lists(st.integers(0, (1 << 32) - 1)))
@example(numbers=[0, 1, 2, 3, 4, 255, 256, (1 << 31) - 1, 1 << 31, (1 << 32) - 1])
def test_a_number_takes_as_many_bits_as_python_says(numbers: list[int]) -> None:
    found = bits_of(np.array(numbers, np.int64))
    assert found.tolist() == [max(number.bit_length(), 1) for number in numbers]
