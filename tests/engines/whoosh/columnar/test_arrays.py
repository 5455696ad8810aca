"""Files of arrays come back as they were written, or as an error: never otherwise."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.engines.whoosh.columnar.arrays import (
    PAGE,
    Array,
    ArrayFile,
    ArrayFileWriter,
    keep_freed_memory,
    smallest,
)
from search.errors import DamagedIndexError

KINDS = (np.uint8, np.uint16, np.uint32, np.uint64, np.int32, np.int64, np.float32, np.float64)
NUMBERS = np.random.default_rng(1)

WRITTEN: dict[str, Array] = {
    "small": np.arange(5, dtype=np.uint8),
    "none": np.zeros(0, np.float32),
    "pages": NUMBERS.integers(0, 1 << 62, 20_000),
    "after": np.array([1.5, -2.5]),
}
PARTS: dict[str, list[Array]] = {
    "parts": [np.arange(3, dtype=np.uint16), np.zeros(0, np.uint16), np.arange(40_000, dtype=np.uint16)],
    "empty": [np.zeros(0, np.int64)],
}
WHOLE = {**WRITTEN, **{name: np.concatenate(parts) for name, parts in PARTS.items()}}


class Full(io.BytesIO):
    """A file on a disk that is full when it is closed."""

    def close(self) -> None:
        super().close()
        raise OSError("no space left")


def write(path: str) -> None:
    file = ArrayFileWriter(path)
    for round, name in enumerate(WRITTEN):
        file.add(name, WRITTEN[name])
        for each, parts in PARTS.items():
            if round < len(parts):
                file.append(each, parts[round])
    file.value("told", {"a": [1, "é"]})
    file.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("arrays") / "whole"
    write(str(path))
    return path.read_bytes()


def at_its_name(new_path: Callable[[], str], content: bytes) -> str:
    """A file of this content in a folder of its own, under the name that it was written with."""
    path = Path(new_path()) / "whole"
    path.parent.mkdir()
    path.write_bytes(content)
    return str(path)


def same(one: Array, other: Array) -> bool:
    return one.dtype == other.dtype and np.array_equal(one, other)


def test_arrays_whole_or_in_parts_and_values_come_back(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    write(path)
    file = ArrayFile(path)
    assert all(same(file.array(name), array) for name, array in WHOLE.items())
    assert file.values == {"name": "file", "told": {"a": [1, "é"]}}
    assert "small" in file
    assert "told" not in file
    assert os.listdir(tmp_path) == ["file"]
    assert file.size == os.path.getsize(path)
    assert file.damaged_pages() == []


@given(data=st.data())
def test_any_part_of_an_array_comes_back(array_file: Callable[..., ArrayFile], data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    array = np.arange(data.draw(st.integers(0, 300))).astype(kind)
    file = array_file(lambda writer: [writer.add("x", np.zeros(3, np.uint8)), writer.add("array", array)])
    column = file.column("array")
    start = data.draw(st.integers(0, len(array)))
    stop = data.draw(st.integers(start, len(array)))
    assert column.count == len(array)
    assert same(column[start:stop], array[start:stop])
    assert same(column[start:], array[start:])
    assert same(column[:stop], array[:stop])
    if kind is np.uint8:
        assert column.bytes(start, stop) == array[start:stop].tobytes()
    if len(array):
        at = data.draw(st.integers(0, len(array) - 1))
        assert column.item(at) == int(array[at])


def test_what_is_read_cannot_be_written_to(array_file: Callable[..., ArrayFile]) -> None:
    array = array_file(lambda file: file.add("x", np.arange(9))).array("x")
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_an_array_with_gaps_in_memory_is_written_without(array_file: Callable[..., ArrayFile]) -> None:
    whole = np.arange(100, dtype=np.int32)
    file = array_file(lambda file: [file.add("x", whole[::3]), file.append("y", whole[::-2])])
    assert same(file.array("x"), whole[::3])
    assert same(file.array("y"), whole[::-2])


def test_a_file_without_arrays_can_be_opened(array_file: Callable[..., ArrayFile]) -> None:
    assert array_file(lambda file: file.value("a", 1)).values["a"] == 1


@pytest.mark.parametrize("content", [b"", b"nsarray1", b"\0" * 27, b"\0" * 28, b"x" * 5000])
def test_what_is_no_such_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DamagedIndexError, match=str(path)):
        ArrayFile(str(path))


@example(at=0, flip=1)
@example(at=7, flip=128)
@example(at=64, flip=1)
@example(at=PAGE - 1, flip=1)
@example(at=PAGE, flip=1)
@example(at=-1, flip=1)
@example(at=-20, flip=1)
@example(at=-13, flip=128)
@example(at=-12, flip=1)
@example(at=-21, flip=1)
@given(at=st.integers(-900, -1) | st.integers(0, 1 << 18), flip=st.integers(1, 255))
def test_an_altered_byte_is_an_error_and_never_another_array(
    new_path: Callable[[], str], written: bytes, at: int, flip: int
) -> None:
    content = bytearray(written)
    at %= len(content)
    content[at] ^= flip
    path = at_its_name(new_path, content)
    try:
        file = ArrayFile(path)
    except DamagedIndexError:
        return
    assert file.damaged_pages() == [at // PAGE]
    failed = 0
    for name, array in WHOLE.items():
        try:
            assert same(file.array(name), array)
        except DamagedIndexError as error:
            assert path in str(error)
            assert str(at // PAGE) in str(error)
            failed += 1
    assert failed


def test_only_the_page_that_is_read_must_be_whole(new_path: Callable[[], str], written: bytes) -> None:
    content = bytearray(written)
    content[PAGE + 100] ^= 1
    path = at_its_name(new_path, content)
    column = ArrayFile(path).column("pages")
    in_page = PAGE // 8
    assert column.item(0) == WRITTEN["pages"][0]
    for touched in (
        slice(0, in_page + 20),
        slice(in_page, in_page + 20),
        slice(in_page + 20, 2 * in_page + 20),
    ):
        with pytest.raises(DamagedIndexError):
            column[touched]
    with pytest.raises(DamagedIndexError):
        column.item(in_page)
    beyond = slice(2 * in_page, None)
    assert same(column[beyond], WRITTEN["pages"][beyond])


def test_a_byte_that_ends_the_only_item_touched_is_verified(array_file: Callable[..., ArrayFile]) -> None:
    # An item of 8 bytes that begins in one page and ends in the next is in both: 64 divides a page, so
    # that only a slice can reach over the border.
    numbers = np.arange(3 * PAGE // 8)
    file = array_file(lambda writer: writer.add("x", numbers))
    with open(file.path, "r+b") as altered:
        altered.seek(2 * PAGE - 1)
        altered.write(b"\x55")
    column = ArrayFile(file.path).column("x")
    last = (2 * PAGE - 64) // 8 - 1
    assert same(column[last + 1 : last + 3], numbers[last + 1 : last + 3])
    with pytest.raises(DamagedIndexError):
        column.item(last)


@given(length=st.integers(0, 1 << 18))
@example(length=0)
@example(length=28)
@example(length=-1)
@example(length=-20)
def test_a_file_cut_at_any_length_is_an_error_when_opened(
    new_path: Callable[[], str], written: bytes, length: int
) -> None:
    path = at_its_name(new_path, written[: length % len(written)])
    with pytest.raises(DamagedIndexError):
        ArrayFile(path)


def test_bytes_behind_the_end_are_an_error(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "whole"
    path.write_bytes(written + b"\0")
    with pytest.raises(DamagedIndexError):
        ArrayFile(str(path))


def test_a_whole_file_in_the_place_of_another_is_an_error(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(written)
    with pytest.raises(DamagedIndexError, match="another file, whole"):
        ArrayFile(str(path))


def test_what_is_abandoned_leaves_no_file(tmp_path: Path) -> None:
    file = ArrayFileWriter(str(tmp_path / "file"))
    file.add("x", np.arange(3))
    file.append("y", np.arange(3))
    file.append("z", np.arange(3))
    assert len(os.listdir(tmp_path)) == 3
    file.abandon()
    assert os.listdir(tmp_path) == []


def test_what_fails_while_it_is_closed_can_be_abandoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ArrayFileWriter(str(tmp_path / "file"))
    file.append("x", np.arange(3))
    file.append("y", np.arange(3))

    def full(descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        file.close()
    file.abandon()
    assert os.listdir(tmp_path) == []


def test_what_fails_between_two_parts_can_be_abandoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ArrayFileWriter(str(tmp_path / "file"))
    file.append("x", np.arange(3))
    file.append("y", np.arange(3))
    entered = file._enter

    def full(name: str, dtype: str, count: int) -> None:
        if name == "y":
            raise OSError("no space left")
        entered(name, dtype, count)

    monkeypatch.setattr(file, "_enter", full)
    with pytest.raises(OSError, match="no space left"):
        file.close()
    file.abandon()
    assert os.listdir(tmp_path) == []


def test_what_a_full_disk_does_not_take_can_be_abandoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ArrayFileWriter(str(tmp_path / "file"))
    file.append("x", np.arange(3))
    file.append("y", np.arange(3))
    file._file.close()
    for name in ("x", "y"):
        file._parts[name] = (Full(), "<i8")
    file._file = Full()
    file.abandon()
    assert os.listdir(tmp_path) == []


def test_a_file_is_synced_when_all_of_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "file")
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    write(path)
    assert synced == [os.path.getsize(path)]


@given(numbers=st.lists(st.integers(0, (1 << 63) - 1)))
@example(numbers=[255])
@example(numbers=[256])
@example(numbers=[65_535])
@example(numbers=[65_536])
@example(numbers=[(1 << 32) - 1])
@example(numbers=[1 << 32])
def test_the_smallest_type_holds_all_and_no_smaller_one_does(numbers: list[int]) -> None:
    found = smallest(np.array(numbers, np.int64))
    assert found.tolist() == numbers
    assert found.itemsize == 1 or max(numbers) >= 1 << (4 * found.itemsize)


def test_keeping_freed_memory_does_no_harm() -> None:
    before = np.arange(1_000_000)
    keep_freed_memory()
    assert np.array_equal(before, np.arange(1_000_000))
