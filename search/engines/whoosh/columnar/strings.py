"""Sorted strings <-> two arrays of a file: the text of all, a line each, and where each begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .arrays import Array, ArrayFile, ArrayFileWriter, smallest
from .postings import ranges


def write_strings(file: ArrayFileWriter, name: str, strings: Sequence[bytes]) -> None:
    """Write strings without line ends, in the order that they have."""
    at = np.zeros(len(strings) + 1, np.int64)
    np.cumsum(np.fromiter((len(each) + 1 for each in strings), np.int64, len(strings)), out=at[1:])
    file.add(name, np.frombuffer(b"\n".join(strings) + b"\n" if strings else b"", np.uint8))
    file.add(f"{name}_at", smallest(at))


class Strings:
    """Such strings, read as they are asked for; what a search probes is remembered."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._text, self._at = file.column(name), file.column(f"{name}_at")
        self._probed: dict[int, bytes] = {}

    def __len__(self) -> int:
        return self._at.count - 1

    def __getitem__(self, index: int) -> bytes:
        start, end = self._at[index : index + 2].tolist()
        return self._text.bytes(start, end - 1)

    def part(self, first: int, last: int) -> list[bytes]:
        """The strings from `first` to before `last`."""
        if first >= last:
            return []
        return self._text.bytes(self._at.item(first), self._at.item(last) - 1).split(b"\n")

    def arrays(self) -> tuple[Array, Array]:
        """The bytes of all, a line each, and where each begins; one more begin, which ends the last."""
        text, at = self._text[:], self._at[:]
        if int(at[-1]) != len(text):
            raise ValueError("strings beyond their text")
        return text, at

    def several(self, numbers: Array) -> list[str]:
        """Some of them, in any order, decoded."""
        text, at = self.arrays()
        starts = at[numbers].astype(np.int64)
        counts = at[numbers.astype(np.int64) + 1] - starts
        places = ranges(starts, counts, max(len(text), len(numbers) * _LONGEST))
        return text[places].tobytes().decode().split("\n")[:-1]

    def equal_to(self, string: bytes) -> tuple[int, int]:
        """The numbers of the strings that are this one: from the first to before the second."""
        return self.place(string), self.place(string + b"\0")

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.part(0, len(self)))

    def place(self, string: bytes) -> int:
        """How many of them, which are sorted, are less than this one."""
        low, high = 0, len(self)
        probed = self._probed
        while low < high:
            middle = (low + high) >> 1
            found = probed.get(middle)
            if found is None:
                found = probed[middle] = self[middle]
            if found < string:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, string: bytes) -> int | None:
        """The number of this string, if it is one of them."""
        place = self.place(string)
        return place if place < len(self) and self[place] == string else None

    def beginning_with(self, string: bytes) -> tuple[int, int]:
        """The numbers of the strings that begin so: from the first to before the second."""
        first = self.place(string)
        # 0xFF is no byte of UTF-8: it comes after all that begin so.
        last = first
        while last < len(self) and last < first + _NEARBY:
            if not self[last].startswith(string):
                return first, last
            last += 1
        return first, self.place(string + b"\xff")


_NEARBY = 8
"""As many as are looked at one by one; most stems have fewer forms."""

_LONGEST = 1 << 10
"""Bytes of a string that may be asked for again and again; a stem and a form of 100 letters have fewer."""
