"""The names of articles in one field (source, author ...) <-> a column of numbers and a table of the names.

Names are few and short, so that they have no postings: a search looks at the tokens of all names, by arrays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ....french.analysis import fold
from ....french.tokens import forms
from .arrays import Array, ArrayFile, ArrayFileWriter, smallest
from .postings import starts_of

NAME_FIELDS: Final = ("source", "author", "section", "path", "language")
SEARCHED: Final = NAME_FIELDS[:4]


def write_names(file: ArrayFileWriter, field: str, names: Sequence[str | None]) -> None:
    """Write the names of a segment's articles, in the order of the articles."""
    number_of: dict[str, int] = {}
    numbers = np.fromiter(
        (0 if name is None else number_of.setdefault(name, len(number_of) + 1) for name in names),
        np.int64,
        len(names),
    )
    if not number_of:
        return
    tokens = [[fold(form) for form in forms(name)] for name in number_of] if field in SEARCHED else []
    terms = sorted({term for each in tokens for term in each})
    term_numbers = {term: number for number, term in enumerate(terms)}
    texts = [name.encode() for name in number_of]
    file.add(field, smallest(numbers))
    file.add(f"{field}_text", np.frombuffer(b"".join(texts), np.uint8))
    file.add(f"{field}_text_at", smallest(starts_of(np.array([len(each) for each in texts]))))
    file.add(f"{field}_terms", np.frombuffer("\n".join(terms).encode(), np.uint8))
    file.add(
        f"{field}_tokens", smallest(np.array([term_numbers[t] for each in tokens for t in each], np.int64))
    )
    file.add(f"{field}_tokens_at", smallest(starts_of(np.array([len(each) for each in tokens], np.int64))))


class Names:
    """The names of one field of one segment; a name's number is 1 or more, 0 is none."""

    def __init__(self, file: ArrayFile, field: str) -> None:
        self._file = file
        self._field = field
        self.exist = field in file

    @cached_property
    def numbers(self) -> Array:
        """The number of each article's name."""
        numbers = self._file.array(self._field)
        if len(numbers) and int(numbers.max()) > self.count():
            raise ValueError("a name that there is not")
        return numbers

    def name(self, number: int) -> str | None:
        """The name of a number."""
        if not number:
            return None
        at = self._file.column(f"{self._field}_text_at")
        start, end = at.item(number - 1), at.item(number)
        return self._file.column(f"{self._field}_text").bytes(start, end).decode()

    def of(self, doc: int) -> str | None:
        """The name of an article."""
        return self.name(self._file.column(self._field).item(doc)) if self.exist else None

    @cached_property
    def terms(self) -> list[str]:
        """The folded forms of all names, in order."""
        text = self._file.array(f"{self._field}_terms").tobytes().decode() if self.exist else ""
        return text.split("\n") if text else []

    def count(self) -> int:
        """How many names there are."""
        return self._file.column(f"{self._field}_text_at").count - 1 if self.exist else 0

    def term_counts(self, live: NDArray[np.bool_] | None) -> dict[str, int]:
        """The terms of the names of live articles (None: all live), and how often they stand there."""
        if not self.terms:
            return {}
        tokens = self._file.array(f"{self._field}_tokens")
        at = self._file.array(f"{self._field}_tokens_at").astype(np.int64)
        in_name = np.diff(at)
        if int(in_name.max()) > len(tokens) or int(at[-1]) != len(tokens):
            raise ValueError("tokens that there are not")
        if len(tokens) and int(tokens.max()) >= len(self.terms):
            raise ValueError("terms that there are not")
        numbers = self.numbers if live is None else self.numbers[live]
        articles = np.bincount(numbers, minlength=self.count() + 1)[1:]
        counts = np.bincount(tokens, np.repeat(articles, in_name), len(self.terms)).tolist()
        return {term: round(count) for term, count in zip(self.terms, counts, strict=True) if count}

    def keys(self, wanted: Collection[str]) -> NDArray[np.int64]:
        """Where these terms stand: number of the name << 32 | position, in order."""
        chosen = np.array([term in wanted for term in self.terms], bool)
        if not chosen.any():
            return np.zeros(0, np.int64)
        tokens = np.flatnonzero(chosen[self._file.array(f"{self._field}_tokens")])
        at = self._file.array(f"{self._field}_tokens_at").astype(np.int64)
        names = np.searchsorted(at, tokens, side="right")
        return (names << 32) | (tokens - at[names - 1])

    def docs(self, numbers: Iterable[int]) -> NDArray[np.int64]:
        """The articles that have one of these names."""
        chosen = np.zeros(self.count() + 1, bool)
        chosen[list(numbers)] = True
        return np.flatnonzero(chosen[self.numbers]) if self.exist else np.zeros(0, np.int64)
