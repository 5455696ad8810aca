"""Texts -> the numbers of their forms, by arrays: only a run of characters not met before reaches Python.

A run is what lies between two characters of which no token can have a part: a word with its hyphens
cut off, but with its apostrophes (`l’Élysée`). How a run parts into tokens depends on nothing around it,
but for an elision at its very end (`l’ «Europe»`), which is marked. Runs are known by a hash: with P(i)
the sum of H[c_j] B^j over the characters before i, a run from s to e has (P(e) - P(s)) / B^s modulo 2^64,
H and the odd B being drawn at random in each process. Two of a million runs share a hash with a
probability of 10^-7.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....french.tokens import AFTER_ELISION, APOSTROPHES, INVISIBLE, LETTER, MARKS, tokens

_APOSTROPHES: Final = f"'{APOSTROPHES}"
_PART_OF_RUN: Final = re.compile(rf"[^\W_]|[{MARKS}{INVISIBLE}{_APOSTROPHES}]", re.IGNORECASE)
"""What a run consists of: letters and digits, marks, invisible characters, apostrophes."""
_WORD_FOLLOWS: Final = re.compile(rf"{AFTER_ELISION}(?:{LETTER}|[{MARKS}{INVISIBLE}])")
"""What an elided article at the end of a run must have behind it (see `french.tokens`)."""

_SEPARATOR: Final = "\0"
"""Stands between two texts: no token has a part in it, and no elision reaches over it."""

_CHARACTERS: Final = 1 << 16
"""As many at once as keep the arrays in the processor's cache."""

_MOST_CHARACTERS: Final = 1 << 18
"""A text of more is read without arrays."""

_TABLE_BITS: Final = 20


class Tokens(NamedTuple):
    """The tokens of some texts: `numbers`, two for each form (+ 1 where it is written with a capital), in
    the order of reading, and how many each text has."""

    numbers: NDArray[np.int32]
    counts: NDArray[np.int64]


class Tokenizer:
    """Numbers forms in the order in which they are first met; `forms` is by number."""

    def __init__(self) -> None:
        self.forms: list[str] = []
        self._number_of: dict[str, int] = {}
        # What a run parts into, by its number: the first token, how many there are, and all, end to end.
        self._run_of: dict[int, int] = {}
        self._first = np.zeros(1 << 16, np.int32)
        self._count = np.zeros(1 << 16, np.int32)
        self._runs = 0
        self._tokens_of: dict[int, list[int]] = {}
        self._tables = _tables()
        # A table by the hash's upper bits saves the dictionary most of the look-ups.
        self._table_hash = np.zeros(1 << _TABLE_BITS, np.uint64)
        self._table_run = np.zeros(1 << _TABLE_BITS, np.int32)

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """The tokens of texts, as `french.tokens.tokens` has them."""
        joined = _SEPARATOR.join(texts)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        if len(joined) > _CHARACTERS and len(texts) > 1:
            half = len(texts) // 2
            first, second = self(texts[:half]), self(texts[half:])
            return Tokens(
                np.concatenate((first.numbers, second.numbers)),
                np.concatenate((first.counts, second.counts)),
            )
        codes = np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), np.uint16)
        if len(codes) != len(joined) or len(codes) > _MOST_CHARACTERS:
            return self._one_by_one(texts)
        tables = self._tables
        inside = np.zeros(len(codes) + 2, np.int8)
        np.take(tables.is_part, codes, out=inside[1:-1])
        edges = np.flatnonzero(inside[1:] != inside[:-1])
        starts, ends = edges[0::2], edges[1::2]
        sums = np.zeros(len(codes) + 1, np.uint64)
        np.cumsum(tables.hash[codes] * tables.powers[: len(codes)], out=sums[1:])
        hashes = (sums[ends] - sums[starts]) * tables.inverses[starts]
        for at in np.flatnonzero(tables.is_apostrophe[codes[ends - 1]]).tolist():
            if _WORD_FOLLOWS.match(joined, int(ends[at])):
                hashes[at] ^= tables.followed
        runs = self._runs_of(hashes, joined, starts, ends)
        counts = self._count[runs]
        text_ends = np.cumsum(lengths + 1)
        runs_before = np.searchsorted(starts, text_ends)
        tokens_before = np.zeros(len(runs) + 1, np.int64)
        np.cumsum(counts, out=tokens_before[1:])
        return Tokens(self._expanded(runs, counts), np.diff(tokens_before[runs_before], prepend=0))

    def _runs_of(
        self,
        hashes: NDArray[np.uint64],
        joined: str,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
    ) -> NDArray[np.int32]:
        """The numbers of runs by their hashes; new ones are read."""
        slots = (hashes >> np.uint64(64 - _TABLE_BITS)).astype(np.int64)
        runs = self._table_run[slots]
        missed = np.flatnonzero(self._table_hash[slots] != hashes)
        if len(missed):
            known = self._run_of
            found = []
            for at, key in zip(missed.tolist(), hashes[missed].tolist(), strict=True):
                run = known.get(key)
                if run is None:
                    start, end = int(starts[at]), int(ends[at])
                    followed = joined[end - 1] in _APOSTROPHES and _WORD_FOLLOWS.match(joined, end)
                    run = known[key] = self._read(joined[start:end], bool(followed))
                found.append(run)
            runs[missed] = found
            self._table_hash[slots[missed]] = hashes[missed]
            self._table_run[slots[missed]] = runs[missed]
        return runs

    def _expanded(self, runs: NDArray[np.int32], counts: NDArray[np.int32]) -> NDArray[np.int32]:
        """The tokens of runs, most of which have one."""
        numbers = np.repeat(self._first[runs], counts)
        several = np.flatnonzero(counts > 1)
        if len(several):
            ends = np.cumsum(counts)[several].tolist()
            for run, end in zip(runs[several].tolist(), ends, strict=True):
                parts = self._tokens_of[run]
                numbers[end - len(parts) : end] = parts
        return numbers

    def _read(self, run: str, followed: bool) -> int:
        """Enter a new run."""
        number = self._runs
        if number == len(self._first):
            self._first = np.concatenate((self._first, np.zeros_like(self._first)))
            self._count = np.concatenate((self._count, np.zeros_like(self._count)))
        parts = self._parts(f"{run} x" if followed else run)
        if followed:
            parts.pop()
        self._count[number] = len(parts)
        if parts:
            self._first[number] = parts[0]
        if len(parts) > 1:
            self._tokens_of[number] = parts
        self._runs += 1
        return number

    def _parts(self, text: str) -> list[int]:
        found = []
        for form, start, _ in tokens(text):
            number = self._number_of.get(form)
            if number is None:
                number = self._number_of[form] = len(self.forms)
                self.forms.append(form)
            found.append(2 * number + text[start].isupper())
        return found

    def _one_by_one(self, texts: Sequence[str]) -> Tokens:
        """Texts that the arrays cannot hold: with characters beyond 16 bits, or a very long one."""
        if len(texts) > 1:
            parts = [self([text]) for text in texts]
            return Tokens(
                np.concatenate([part.numbers for part in parts]),
                np.concatenate([part.counts for part in parts]),
            )
        numbers = np.array(self._parts(texts[0]), np.int32)
        return Tokens(numbers, np.array([len(numbers)]))


class _Tables(NamedTuple):
    """What is known of every character of 16 bits, and the parts of the hash."""

    is_part: NDArray[np.int8]
    is_apostrophe: NDArray[np.bool_]
    hash: NDArray[np.uint64]
    powers: NDArray[np.uint64]
    inverses: NDArray[np.uint64]
    followed: np.uint64


@cache
def _tables() -> _Tables:
    every = [chr(code) for code in range(1 << 16)]
    drawn = np.random.default_rng(secrets.randbits(128))
    base = int(drawn.integers(1 << 40, 1 << 63)) | 1
    return _Tables(
        np.array([_PART_OF_RUN.match(each) is not None for each in every], np.int8),
        np.array([each in _APOSTROPHES for each in every]),
        drawn.integers(1, 1 << 64, 1 << 16, np.uint64),
        _powers(base, _MOST_CHARACTERS),
        _powers(pow(base, -1, 1 << 64), _MOST_CHARACTERS),
        drawn.integers(1, 1 << 64, dtype=np.uint64),
    )


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    """1, B, B^2 ... modulo 2^64."""
    found = np.ones(count, np.uint64)
    filled, factor = 1, base
    while filled < count:
        part = found[: min(filled, count - filled)] * np.uint64(factor)
        found[filled : filled + len(part)] = part
        filled, factor = 2 * filled, factor * factor % (1 << 64)
    return found
