"""Small numbers <-> runs of w bits each, the lowest bit first, without gaps."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, ArrayFileWriter, Column

_WORD: Final = 8
"""Bytes that are read at once for a number, which may begin at any bit of the first: enough for 57 bits."""

_PACKED_AT_ONCE: Final = 1 << 16
"""In packing, and in unpacking, each number takes many bytes for a moment."""


def bits_of(greatest: Array) -> NDArray[np.uint8]:
    """How many bits each of these numbers takes, at least one."""
    return np.frexp(np.maximum(greatest, 1).astype(np.float64))[1].astype(np.uint8)


class BitsWriter:
    """Writes numbers of `width` bits to an array of a file, in parts."""

    def __init__(self, file: ArrayFileWriter, name: str, width: int) -> None:
        self._file, self._name, self._width = file, name, width
        self._rest = np.zeros(0, np.uint32)  # fewer than 8 numbers, which fill no whole bytes yet

    def append(self, numbers: Array) -> None:
        """The next numbers."""
        whole = np.concatenate((self._rest, numbers.astype(np.uint32, copy=False)))
        ready = len(whole) - len(whole) % 8
        for start in range(0, ready, _PACKED_AT_ONCE):
            self._write(whole[start : min(start + _PACKED_AT_ONCE, ready)])
        self._rest = whole[ready:]

    def close(self) -> None:
        """Write the last numbers, and so much that a word can be read at any of them."""
        self._write(self._rest)
        self._file.append(self._name, np.zeros(_WORD, np.uint8))

    def _write(self, numbers: Array) -> None:
        octets = numbers.astype("<u4", copy=False).view(np.uint8).reshape(-1, 4)
        bits = np.unpackbits(octets, axis=1, bitorder="little")[:, : self._width]
        self._file.append(self._name, np.packbits(bits.ravel(), bitorder="little"))


def unpacked(column: Column, width: int, first: int, count: int) -> NDArray[np.uint32]:
    """Numbers `first` to `first + count - 1` of an array that a BitsWriter wrote."""
    found = np.empty(count, np.uint32)
    for start in range(0, count, _PACKED_AT_ONCE):
        end = min(start + _PACKED_AT_ONCE, count)
        begin = (first + start) * width >> 3
        octets = column[begin : ((first + end) * width >> 3) + _WORD]
        at = np.arange((first + start) * width, (first + end) * width, width)
        found[start:end] = _read(octets, at - 8 * begin, width)
    return found


def picked(column: Column, width: int, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same for any numbers."""
    if not len(numbers):
        return np.zeros(0, np.int64)
    begin = int(numbers.min()) * width >> 3
    octets = column[begin : (int(numbers.max()) * width >> 3) + _WORD]
    return _read(octets, numbers * width - 8 * begin, width)


def _read(octets: Array, at: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    # Words of 8 bytes, one beginning at each byte; the processor reads them so.
    words = np.ndarray((len(octets) - _WORD + 1,), "<u8", octets, 0, (1,))
    found = words[at >> 3] >> (at & 7).astype(np.uint64)
    numbers: NDArray[np.int64] = (found & np.uint64((1 << width) - 1)).astype(np.int64)
    return numbers
