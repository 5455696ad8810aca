"""A word and the sorted words of a dictionary -> those at most so many edits away, by arrays.

Of each word the length and the set of its letters are known, as bits. Every edit adds one letter at most and
takes one away, so that most words are ruled out by their bits; for the few that are left the table of the
optimal string alignment (see `distance.py`) is filled all at once, one letter of the query after another, in
the band of its diagonal that can matter (Ukkonen, Algorithms for approximate string matching, 1985).
"""

from __future__ import annotations

from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, smallest
from .strings import Strings

_CONTINUES: Final = 0x80
"""The first two bits of the bytes of a letter in UTF-8 but for its first one."""

_NOT_ASCII: Final = 0xFF
"""What stands for any letter that is not in ASCII where letters are bytes."""


def _bits_of_bytes() -> NDArray[np.uint32]:
    """A bit for every byte, so that each letter has one bit: those of the alphabet one of their own, digits
    one of four, all others of ASCII one, all bytes of all other letters one."""
    bits = np.full(256, 1 << 30, np.uint32)
    bits[_CONTINUES:] = 1 << 31
    bits[ord("\n")] = 0  # it ends a word
    bits[ord("a") : ord("z") + 1] = 1 << np.arange(26)
    bits[ord("0") : ord("9") + 1] = 1 << (26 + np.arange(10) % 4)
    return bits


_BITS: Final = _bits_of_bytes()


class _Known(NamedTuple):
    """The words in the order of their lengths: their numbers, their letters as bits, and where the words of
    each length begin."""

    numbers: Array
    letters: NDArray[np.uint32]
    of_length: NDArray[np.int64]


class Neighbours:
    """The words of a dictionary by their letters: asks for nothing of the file before it is needed."""

    def __init__(self, words: Strings) -> None:
        self._words = words

    def within(self, wanted: str, distance: int) -> NDArray[np.int64]:
        """The numbers of the words that are at most so many edits from the wanted one, in order."""
        numbers, lengths = self._candidates(wanted, distance)
        text, starts = self._words.arrays()
        first = starts[numbers].astype(np.int64)
        is_ascii = first + lengths == starts[numbers + 1] - 1  # a byte a letter, and the end of the line
        near = np.zeros(len(numbers), bool)
        chosen = np.flatnonzero(is_ascii)
        if len(chosen):
            # What lies behind a word is never asked for: it need only be there.
            places = first[chosen] + np.arange(int(lengths[chosen].max()))[:, None]
            columns = text[np.minimum(places, len(text) - 1)]
            letters = [min(ord(letter), _NOT_ASCII) for letter in wanted]
            near[chosen] = _are_near(letters, columns, lengths[chosen], distance)
        chosen = np.flatnonzero(~is_ascii)
        if len(chosen):
            words = self._words.several(numbers[chosen])
            longest = max(map(len, words))
            joined = "".join(word.ljust(longest) for word in words).encode("utf-32-le")
            columns = np.frombuffer(joined, np.uint32).reshape(len(words), longest).T
            near[chosen] = _are_near([ord(letter) for letter in wanted], columns, lengths[chosen], distance)
        return np.sort(numbers[near])

    def _candidates(self, wanted: str, distance: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The words that lengths and letters do not rule out, with their lengths.

        Where a word is longer by k, k of the edits at least add a letter and take none away, so that at most
        distance - k letters of the wanted word can be missing in it; and the other way round.
        """
        known = self._known
        letters = np.bitwise_or.reduce(_BITS[np.frombuffer(wanted.encode(), np.uint8)], initial=0)
        of_length: list[Array] = []
        longest = len(known.of_length) - 2
        lengths = range(max(len(wanted) - distance, 0), min(len(wanted) + distance, longest) + 1)
        for length in lengths:
            part = slice(int(known.of_length[length]), int(known.of_length[length + 1]))
            longer = length - len(wanted)
            held = known.letters[part]
            fits = _has_at_most(distance - max(longer, 0), letters & ~held)
            fits &= _has_at_most(distance + min(longer, 0), held & ~letters)
            of_length.append(known.numbers[part][fits])
        found = np.concatenate([np.zeros(0, np.int64), *of_length], dtype=np.int64)
        return found, np.repeat(np.array(lengths, np.int64), [len(each) for each in of_length])

    @cached_property
    def _known(self) -> _Known:
        text, starts = self._words.arrays()
        if not len(self._words):
            return _Known(np.zeros(0, np.int64), np.zeros(0, np.uint32), np.zeros(1, np.int64))
        letters = np.bitwise_or.reduceat(_BITS[text], starts[:-1])
        lengths = np.diff(starts.astype(np.int64)) - 1
        continued = np.flatnonzero((text & 0xC0) == _CONTINUES)
        if len(continued):
            words = np.searchsorted(starts, continued, side="right") - 1
            lengths -= np.bincount(words, minlength=len(lengths))
        # Numbers of one byte are sorted by counting.
        order = np.argsort(smallest(lengths), kind="stable")
        of_length = np.zeros(int(lengths.max()) + 2, np.int64)
        np.cumsum(np.bincount(lengths), out=of_length[1:])
        return _Known(order.astype(np.uint32), letters[order], of_length)


def _has_at_most(count: int, bits: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of these numbers have no more bits than this."""
    for _ in range(count):
        bits = bits & (bits - np.uint32(1))  # without the last bit
    return np.equal(bits, 0)


def _are_near(letters: list[int], columns: Array, lengths: Array, distance: int) -> NDArray[np.bool_]:
    """Which words are at most so many edits from the letters; `columns[j]` are the letters at j of all words,
    as far as their lengths go.

    `row[b]` is the table's row i at column i + b - distance: a cell further from the diagonal is more than
    the distance, and counts as such.
    """
    count, wide, far = columns.shape[1], 2 * distance + 1, distance + 1
    longest = len(letters) + distance
    padded = np.zeros((distance + longest, count), columns.dtype)
    padded[distance : distance + len(columns)] = columns
    row = np.full((wide + 1, count), far, np.int16)
    row[distance:wide] = np.arange(distance + 1)[:, None]
    before = last = row
    for i, letter in enumerate(letters, 1):
        before, last, row = last, row, np.full_like(row, far)
        opposite = padded[i - 1 : i - 1 + wide]
        np.minimum(last[:wide] + (opposite != letter), last[1:] + 1, out=row[:wide])
        if i > 1:
            swapped = (opposite == letters[i - 2]) & (padded[i - 2 : i - 2 + wide] == letter)
            np.minimum(row[:wide], before[:wide] + 1, out=row[:wide], where=swapped)
        for b in range(1, wide):
            np.minimum(row[b], row[b - 1] + 1, out=row[b])
    near: NDArray[np.bool_] = row[lengths - len(letters) + distance, np.arange(count)] <= distance
    return near
