"""A typed query -> lexemes: brackets, quoted phrases, bare chunks, minus signs, each with its place.

A lone quotation mark is left out and a notice says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from ..messages import Message

Kind = Literal["open", "close", "phrase", "chunk", "minus"]


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of a query: `query[start:end]`, white space before it or not (`spaced`)."""

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool


_CLOSING: Final = {'"': '"', "«": "»", "“": "”", "„": "”“"}
_ANY_CLOSING: Final = '"”»'
"""What closes a quotation whose own mark does not: people mix them."""
_QUOTES: Final = '"«»“”„'
_MINUS: Final = "-\u2010\u2011\u2012\u2013\u2212"
"""The hyphens, dashes and minus signs that a keyboard or a word processor makes of `-`."""

_CHUNK: Final = re.compile(rf"\|+|(?:[^\s(){_QUOTES}|,]|(?<![^\W\d_]),|,(?![^\W\d_]))+|,")
"""Up to white space, a bracket, a quotation mark or a bar; a comma parts words, not numbers."""


_NO_TEXT: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def readable(query: str) -> str:
    """The query with spaces for control characters and halves of characters, which nothing can hold."""
    return _NO_TEXT.sub(" ", query)


def lexemes(query: str) -> tuple[list[Lexeme], list[Message]]:
    """The lexemes of a query, and a notice for each quotation mark that was left out."""
    found: list[Lexeme] = []
    notices: list[Message] = []
    at, spaced = 0, True
    while at < len(query):
        character = query[at]
        start = at
        if character.isspace():
            at, spaced = at + 1, True
            continue
        if character in "()":
            kind: Kind = "open" if character == "(" else "close"
            at += 1
            found.append(Lexeme(kind, character, start, at, spaced))
        elif character in _QUOTES:
            closings = [query.find(each, at + 1) for each in _CLOSING.get(character, "")]
            closing = min((place for place in closings if place >= 0), default=-1)
            if closing < 0 and character in _CLOSING:
                mixed = [query.find(each, at + 1) for each in _ANY_CLOSING]
                closing = min((place for place in mixed if place >= 0), default=-1)
            if closing < 0:
                notices.append(
                    Message(
                        "The quotation mark {mark} at character {place} has no partner: "
                        "the query was read without it.",
                        mark=character,
                        place=at + 1,
                    )
                )
                at, spaced = at + 1, True
                continue
            at = closing + 1
            found.append(Lexeme("phrase", query[start + 1 : closing], start, at, spaced))
        elif character in _MINUS and _may_exclude(found, spaced) and _begins_term(query, at + 1):
            at += 1
            found.append(Lexeme("minus", "-", start, at, spaced))
        else:
            match = _CHUNK.match(query, at)
            assert match is not None, "every other character begins a chunk"
            at = match.end()
            found.append(Lexeme("chunk", match[0], start, at, spaced))
        spaced = found[-1].kind in ("open", "minus")
    return found, notices


def _may_exclude(found: list[Lexeme], spaced: bool) -> bool:
    """A minus excludes after a space, a bracket or a closing quote; elsewhere it is a hyphen."""
    return spaced or found[-1].kind in ("close", "phrase")


def _begins_term(query: str, at: int) -> bool:
    """Whether something that can be excluded begins here: `-mot`, `-#mot`, `-"mot"`, `-(mot)`, not `--`."""
    if at < len(query) and (query[at] == "(" or query[at] in _CLOSING):
        return True
    chunk = _CHUNK.match(query, at)
    return bool(chunk and chunk[0][0] not in _MINUS and any(map(str.isalnum, chunk[0])))
