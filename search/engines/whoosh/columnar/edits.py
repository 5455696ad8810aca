"""A word and the sorted words of a dictionary -> those at most so many edits away, by arrays.

The words of one length are the rows of a matrix of letters; the table of the optimal string alignment (see
`distance.py`) is filled for all of them at once, one letter of the query after another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .strings import Strings


def within(words: Strings, wanted: str, distance: int) -> NDArray[np.int64]:
    """The numbers of the words that are at most so many edits from the wanted one."""
    letters = [ord(letter) for letter in wanted]
    texts = [word.decode() for word in words]
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    found = []
    for length in range(max(len(letters) - distance, 0), len(letters) + distance + 1):
        numbers = np.flatnonzero(lengths == length)
        if len(numbers):
            joined = "".join(texts[number] for number in numbers.tolist()).encode("utf-32-le")
            matrix = np.frombuffer(joined, np.uint32).reshape(len(numbers), length)
            found.append(numbers[_distances(letters, matrix) <= distance])
    return np.sort(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _distances(letters: list[int], words: NDArray[np.uint32]) -> NDArray[np.int16]:
    """The distance of each row from the letters."""
    count, length = words.shape
    before = row = np.tile(np.arange(length + 1, dtype=np.int16), (count, 1)).T.copy()
    columns = np.ascontiguousarray(words.T)
    for i, letter in enumerate(letters, 1):
        same = columns == letter
        last, row = row, np.empty_like(row)
        row[0] = i
        for j in range(1, length + 1):
            steps = np.minimum(np.minimum(last[j], row[j - 1]) + 1, last[j - 1] + ~same[j - 1])
            if i > 1 and j > 1:
                swapped = same[j - 2] & (columns[j - 1] == letters[i - 2])
                steps = np.where(swapped, np.minimum(steps, before[j - 2] + 1), steps)
            row[j] = steps
        before = last
    return row[length]
