"""A chunk of a query -> the leaf that it means.

mot         the word, in any inflection       Élys*  Belg?rod  Kour*k    a beginning, a pattern
=mot        this very form                    Koursc~  mot~2             a word written almost so
pro-Kiev    words side by side                mot>2  mot>=3              a term so often in the body
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, get_args

from ..french.analysis import fold, is_stop_word
from ..french.tokens import MARKS, forms
from ..limits import FUZZY_DISTANCE, PATTERN_LETTERS, PHRASE_WORDS
from ..messages import Message
from .tree import (
    Field,
    Frequent,
    Fuzzy,
    Near,
    Node,
    Phrase,
    Prefix,
    Term,
    Wildcard,
    Word,
    all_of,
)

AROUND: Final = ",.;:!…"
"""Punctuation of a sentence, which may follow a term and belongs to none."""

_SIGNS: Final = re.compile(r"[=*?~<>^]")
"""Where none of these stands, a chunk is words."""

_ALONE: Final = re.compile(r"[<>~^]=?\d*")
_NO_CONSTRUCT: Final = re.compile(r"://|</?\w+/?>|^[\W_]*$")
"""An address, a tag of HTML, signs alone."""

_COUNT: Final = re.compile(r"(.*[^\W_].*?)(>=?)(\d{1,9})", re.DOTALL)
_NO_COUNT: Final = re.compile(r".*[^\W_=-]>.*|~[^\W_].*", re.DOTALL)
_AFTER_A_PATTERN: Final = re.compile(rf"(?:[^\w*{MARKS}]|_)+\Z")
"""What stands behind a pattern; a question mark there ends a question."""

_FUZZY: Final = re.compile(r"(.*[^\W_].*?)~(\d*)", re.DOTALL)
_FOREIGN: Final = (
    (re.compile(r".*[^\W_]\^[\d.]+"), Message("the rarer words count more anyway")),
    (re.compile(r".*[^\W_]<=?\d+"), Message("SAUF with > says the same: SAUF {count}", count="mot>2")),
)
"""What other query languages have: weights, and counts the other way round."""

_STAR: Final = "\ua66e"
_ONE: Final = "\u2d30"
"""Letters without capitals that no news has, in place of the two jokers while a chunk is taken apart."""

_TO_LETTERS: Final = str.maketrans("*?", _STAR + _ONE)
_TO_JOKERS: Final = str.maketrans(_STAR + _ONE, "*?")


class UnreadableError(ValueError):
    """A chunk that looks like a construct and is none: a sentence, the place in the chunk, what may help."""

    def __init__(self, message: Message, place: int, suggestion: str) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.suggestion = suggestion


def leaf(text: str, field: Field | None) -> Node | None:
    """What a chunk without white space, brackets or quotes means; None where it holds no word.

    Raises UnreadableError.
    """
    bare = text.rstrip(AROUND)
    if _ALONE.fullmatch(bare):
        raise UnreadableError(
            Message("The sign {sign} has no word right beside it.", sign=bare[0]),
            0,
            Message("without a space: {one}, {other}", one="drones>2", other="mot~2"),
        )
    # A trailing question mark ends a sentence.
    if not _SIGNS.search(bare.rstrip("?" + AROUND)) or _NO_CONSTRUCT.search(bare):
        return words(text, field)
    if match := _COUNT.fullmatch(bare):
        return _frequent(match, field)
    for pattern, suggestion in _FOREIGN:
        if pattern.fullmatch(bare):
            place = max(bare.find("^"), bare.find("<"))
            raise UnreadableError(
                Message("“{text}” means nothing in this query language.", text=bare), place, suggestion
            )
    if _NO_COUNT.fullmatch(bare):
        raise UnreadableError(
            Message("The signs > and ~ stand behind a word, with a number after them."),
            max(bare.find(">"), 0),
            Message("{one} or {other}", one="drones>2", other="mot~2"),
        )
    if bare.startswith("="):
        return _exact(bare, field)
    if match := _FUZZY.fullmatch(bare.rstrip("?" + AROUND)):
        return _fuzzy(match, field)
    if "~" in bare and re.search(r"[^\W_]~", bare):
        raise UnreadableError(
            Message("The sign ~ stands at the end of a word."), bare.find("~"), Message("Koursc~ or mot~2")
        )
    bare = _AFTER_A_PATTERN.sub("", bare)
    if "*" in bare or re.search(r"\?[^\W_]|[^\W_]\?", bare):
        return _pattern(bare, field)
    return words(text, field)


def words(text: str, field: Field | None) -> Node | None:
    """The words of a text: one, or several side by side. Without a construct, whatever its signs."""
    found = forms(text)
    if not found:
        return None
    if len(found) == 1 or len(found) > PHRASE_WORDS or all(is_stop_word(form) for form in found):
        return all_of([Word(form, field) for form in found])
    return Phrase(tuple(found), field, compound=True)


def _frequent(match: re.Match[str], field: Field | None) -> Frequent:
    inner, sign, count = match.groups()
    if [fold(form) for form in forms(inner)] == ["date"] and not inner.startswith("="):
        raise UnreadableError(
            Message("A date takes no sign {sign}.", sign=sign), match.start(2), f"depuis:{count}"
        )
    # A count of a count would be read one inside the other, without end.
    term = None if re.search("[<>]", inner) else leaf(inner, None)
    if not isinstance(term, get_args(Term)) or inner[-1] == "=":
        raise UnreadableError(
            Message("The sign {sign} counts one word.", sign=sign),
            match.start(2),
            Message("{example} are articles with the word more than twice in the text", example="drones>2"),
        )
    if field not in (None, "body"):
        raise UnreadableError(
            Message("Words are counted in the text, not in another field."),
            match.start(2),
            Message("{example} are articles with the word more than twice in the text", example="drones>2"),
        )
    more_than = int(count) - (sign == ">=")
    if more_than < 0:
        raise UnreadableError(
            Message("“{text}” is true of every article.", text=match[0]), match.start(2), f"{inner}>=1"
        )
    return Frequent(replace(term, field=field), more_than)


def _exact(bare: str, field: Field | None) -> Node:
    text = bare.lstrip("=").rstrip("?" + AROUND)
    joker = re.search(r"[*?~]", text)
    found = forms(text)
    if joker or not found:
        raise UnreadableError(
            Message("The sign = stands before a word, which is then that very form, without * ? or ~."),
            len(bare) - len(bare.lstrip("=")) + (joker.start() if joker else 0),
            Message("{word} or {phrase}", word="=repoussé", phrase='="Légion Liberté"'),
        )
    return Word(found[0], field, exact=True) if len(found) == 1 else Phrase(tuple(found), field, exact=True)


def _fuzzy(match: re.Match[str], field: Field | None) -> Node:
    inner, digits = match.groups()
    found = forms(inner)
    most = int(digits or 1)
    if re.search(r"[*?=~]", inner) or not found:
        raise UnreadableError(
            Message("The sign ~ stands after a whole word."), match.end(1), Message("Koursc~ or mot~2")
        )
    if not 1 <= most <= FUZZY_DISTANCE:
        raise UnreadableError(
            Message("In a word with ~ there may differ 1 to {most} letters.", most=FUZZY_DISTANCE),
            match.end(1) + 1,
            f"{inner}~{FUZZY_DISTANCE}",
        )
    if len(fold(found[-1])) <= max(most, PATTERN_LETTERS):
        raise UnreadableError(
            Message(
                "“{word}” is too short for ~{most}: it would find almost any word.", word=inner, most=most
            ),
            0,
            inner,
        )
    return _beside(found[:-1], Fuzzy(found[-1], most, field), inner, field)


def _pattern(bare: str, field: Field | None) -> Node:
    found = [re.sub(r"\*+", "*", form.translate(_TO_JOKERS)) for form in forms(bare.translate(_TO_LETTERS))]
    *others, last = found
    if any("*" in form or "?" in form for form in others):
        raise UnreadableError(
            Message("In words joined together only the last one can have * or ?."),
            re.search(r"[*?]", bare).start(),  # type: ignore[union-attr]  # the caller has seen one
            Message("ask for the words one by one"),
        )
    letters = re.sub(r"[*?]", "", last)
    if last[0] in "*?" or len(letters) < PATTERN_LETTERS:
        raise UnreadableError(
            Message(
                "A word with * or ? has {count} letters at least, one of them first.", count=PATTERN_LETTERS
            ),
            min(place for place in (bare.find("*"), bare.find("?")) if place >= 0),
            Message("{one} or {other}", one="Élys*", other="Belg?rod"),
        )
    term: Term
    if not re.search(r"[*?]", last):
        # The joker was no part of a word: `(mot)*`.
        term = Word(last, field)
    elif last.endswith("*") and len(letters) == len(last) - 1:
        term = Prefix(letters, field)
    else:
        term = Wildcard(last, field)
    return _beside(others, term, bare, field)


def _beside(others: list[str], term: Term, text: str, field: Field | None) -> Node:
    """A term behind the words that are joined to it."""
    if not others:
        return term
    if len(others) > 1 or field not in (None, "title", "body"):
        raise UnreadableError(
            Message("“{text}” joins too many words to one with * ? or ~.", text=text),
            0,
            Message("ask for the words one by one"),
        )
    return Near(Word(others[0]), replace(term, field=None), 1, ordered=True, field=field)
