"""The folded forms of a segment -> its names by how they sound: arrays beside the foldings, or made of them.

sounds          the keys (`french/sounds.py`) of all forms that ever stand with a capital, sorted, each once
sounds_at       where the forms of each key begin, and where those of the last end
sounds_folds    the forms, by their numbers among the foldings

A form with a capital anywhere may be a name of the archive; whether it is, the counts of all segments tell. A
key is a number of eight letters. Segments written before there were keys, or with others, have them made when
a query first asks (0.1 s for 120,000 forms); nothing of the file depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....french.sounds import KEY_LETTERS, SHORTEST_NAME, SOUNDS, keys_of_lines
from .arrays import Array, ArrayFile, ArrayFileWriter, smallest

_VERSION: Final = "sounds"


class Sounding(NamedTuple):
    """The forms by their keys, as the arrays above are."""

    keys: Array
    at: Array
    folds: Array

    def of(self, key: str) -> NDArray[np.int64]:
        """The numbers, among the foldings, of the forms with a key."""
        number = int.from_bytes(key.encode()[:KEY_LETTERS].ljust(KEY_LETTERS, b"\0"), "big")
        place = int(np.searchsorted(self.keys, np.uint64(number)))
        if place == len(self.keys) or int(self.keys[place]) != number:
            return np.zeros(0, np.int64)
        found = self.folds[int(self.at[place]) : int(self.at[place + 1])]
        return np.sort(found.astype(np.int64))


def sounding(folds: Iterable[bytes], capitals: Array) -> Sounding:
    """The forms by their keys, of sorted foldings and how often each form stands with a capital."""
    every = list(folds)
    chosen = [
        number
        for number in np.flatnonzero(capitals).tolist()
        if len(every[number]) >= SHORTEST_NAME and every[number].isalpha()
    ]
    numbers = np.array(chosen, np.int64)
    found = keys_of_lines(b"\n".join([every[number] for number in chosen]) + b"\n" if chosen else b"")
    # Longer keys are cut, shorter ones end with zeros; as big-endian numbers they sort as the texts do.
    first, second = (np.array(each, f"S{KEY_LETTERS}").view(">u8").astype(np.uint64) for each in found)
    other = first != second
    keys, of = np.concatenate([first, second[other]]), np.concatenate([numbers, numbers[other]])
    audible = keys > 0
    keys, of = keys[audible], of[audible]
    order = np.argsort(keys, kind="stable")
    keys, of = keys[order], of[order]
    begins = np.flatnonzero(np.diff(keys, prepend=np.uint64(0)))
    return Sounding(keys[begins], np.append(begins, len(keys)), of)


def write_sounding(file: ArrayFileWriter, folds: Iterable[bytes], capitals: Array) -> None:
    """Write the arrays."""
    found = sounding(folds, capitals)
    file.add("sounds", found.keys)
    file.add("sounds_at", smallest(found.at))
    file.add("sounds_folds", smallest(found.folds))
    file.value(_VERSION, SOUNDS)


def read_sounding(file: ArrayFile) -> Sounding | None:
    """The arrays of a file, if it has those of these keys."""
    if file.values.get(_VERSION) != SOUNDS:
        return None
    return Sounding(file.array("sounds"), file.array("sounds_at"), file.array("sounds_folds"))
