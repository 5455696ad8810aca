"""Names that news carry under two spellings or more -> the other names of a name; files of them, read with
care.

A line is `Kiev = Kyiv`, or of more of them: `Pékin = Beijing = Peking`. Each is one word, written as anybody
likes it: capitals and accents count nothing. `#` begins a comment. Lines that share a name are one. In the
file of an archive, a line that begins with `-` takes what it says away: `- Bombay = Mumbai` that they are
one, `- Bombay` that it is anything else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from typing import Final

from ..errors import UsageError, system_failures
from ..messages import Message
from .analysis import fold
from .tokens import forms, normal_form

ARCHIVE_FILE: Final = "aliases.txt"
"""The file of an archive's own, in the folder of its index: the user's, which no engine writes or removes."""


class Aliases:
    """The other names of names, all folded."""

    def __init__(self) -> None:
        self._others: dict[str, tuple[str, ...]] = {}

    def of(self, folded: str) -> tuple[str, ...]:
        """The other names of a name, in the order that they were listed in."""
        return self._others.get(folded, ())

    def extended(self, lines: Iterable[str], path: str) -> Aliases:
        """These with the lines of a file, and without what they take away. Raises UsageError."""
        found = Aliases()
        found._others.update(self._others)
        for number, line in enumerate(lines, 1):
            text = line.partition("#")[0].strip()
            if text.startswith("-"):
                found._part(_names(text[1:], path, number))
            elif text:
                found._join(_names(text, path, number))
        return found

    def _join(self, names: list[str]) -> None:
        if len(names) > 1:
            group = dict.fromkeys(each for name in names for each in (name, *self.of(name)))
            for name in group:
                self._others[name] = tuple([each for each in group if each != name])

    def _part(self, names: list[str]) -> None:
        if len(names) == 1:
            for other in self._others.pop(names[0], ()):
                self._forget(other, names)
        for name in names:
            self._forget(name, names)

    def _forget(self, name: str, others: Iterable[str]) -> None:
        self._others[name] = tuple([each for each in self.of(name) if each not in others])


@cache
def packaged() -> Aliases:
    """Those that come with newsearch, read at the first call."""
    path = os.path.join(os.path.dirname(__file__), "data", ARCHIVE_FILE)
    with open(path, encoding="utf-8") as lines:
        return Aliases().extended(lines, path)


def of_index(path: str) -> Aliases:
    """Those of the index in this folder: the packaged ones, and what its own file adds or takes away.

    Raises UsageError where a line of the file cannot be read, SystemFailureError where the file cannot.
    """
    own = os.path.join(path, ARCHIVE_FILE)
    with system_failures(own):
        try:
            with open(own, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return packaged()
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(
            Message(
                "{path} is not in UTF-8, as from byte {at}. Save it in UTF-8.", path=own, at=str(error.start)
            )
        ) from error
    return packaged().extended(lines, own)


def _names(text: str, path: str, number: int) -> list[str]:
    """The folded names of a line. Raises UsageError where they are none."""
    found = []
    for written in text.split("="):
        word = written.strip()
        read = [normal_form(word)] if word.isalpha() else forms(word)
        if len(read) != 1:
            raise UsageError(
                Message(
                    "{path}, line {number}: “{written}” is not one word. Write one word on each side of =, "
                    "as in: Kiev = Kyiv",
                    path=path,
                    number=str(number),
                    written=word,
                )
            )
        found.append(fold(read[0]))
    return found
