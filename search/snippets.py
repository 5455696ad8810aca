"""An article's text and a query tree -> the words that match and the passages that show them best.

All offsets count code points; markup is the business of whoever prints.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from .french.groups import Group
from .french.tokens import Token, tokens
from .limits import SNIPPET_CHARACTERS, SNIPPETS_PER_HIT
from .query.tree import Dated, Node, Phrase, StopWord, leaves

Marks = tuple[tuple[int, int], ...]
"""The (start, end) of words, in order, without overlap."""

_PARAGRAPH: Final = re.compile(r"\S.*(?:\n(?!\n).*)*")
_SENTENCE_END: Final = re.compile(r"[.!?…][»”\"’)]*\s+")
_LEAD_IN: Final = 60
"""How much text a passage shows before its first marked word, so that the word has a context."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a field: `text` equals the field's text from `offset` on; `spans` index into it."""

    field: str
    offset: int
    text: str
    spans: Marks


class Marker:
    """Finds the words of a text that a query asks for, and no others."""

    def __init__(self, tree: Node, group_of: Callable[[str], Group]) -> None:
        self._words: list[tuple[str | None, str, frozenset[str]]] = []
        self._phrases: list[tuple[str | None, str, tuple[frozenset[str], ...]]] = []
        for leaf in leaves(tree, wanted_only=True):
            if isinstance(leaf, Dated | StopWord) or leaf.field not in (None, "title", "body"):
                continue
            if isinstance(leaf, Phrase):
                forms = tuple(group_of(form).in_phrase for form in leaf.forms)
                self._phrases.append((leaf.field, str(leaf), forms))
            else:
                group = group_of(leaf.form)
                every = frozenset(member.form for member in group.members)
                self._words.append((leaf.field, str(leaf), every if leaf.loose else group.matching))

    def marks(self, text: str, field: str) -> list[tuple[Token, str]]:
        """The matching tokens of a field's text, in order, each with the part of the query it meets.

        A word of a phrase counts only where the whole phrase stands.
        """
        words = [(part, forms) for where, part, forms in self._words if where in (None, field)]
        phrases = [(part, forms) for where, part, forms in self._phrases if where in (None, field)]
        if not words and not phrases:
            return []
        part_of = {form: part for part, forms in reversed(words) for form in forms}
        found = list(tokens(text))
        marked = {rank: part_of[token.form] for rank, token in enumerate(found) if token.form in part_of}
        for part, wanted in phrases:
            for rank in range(len(found) - len(wanted) + 1):
                if all(found[rank + step].form in forms for step, forms in enumerate(wanted)):
                    marked.update(dict.fromkeys(range(rank, rank + len(wanted)), part))
        return [(found[rank], marked[rank]) for rank in sorted(marked)]

    def spans(self, text: str, field: str) -> Marks:
        """The same as bare (start, end)."""
        return tuple((token.start, token.end) for token, _ in self.marks(text, field))

    def snippets(self, body: str) -> tuple[Snippet, ...]:
        """The best passages of a body in the order of reading; its beginning where nothing matches.

        A passage stays inside one paragraph, begins and ends with whole words, and is the better the
        more different parts of the query it shows.
        """
        marked = self.marks(body, "body")
        if not marked:
            return (_snippet(body, *_beginning(body), ()),) if body.strip() else ()
        chosen: list[tuple[int, int]] = []
        shown: set[str] = set()
        windows = list(_windows(body, marked))
        while windows and len(chosen) < SNIPPETS_PER_HIT:
            _, start, end, parts = max(
                windows, key=lambda window: (len(window[3] - shown), window[0], -window[1])
            )
            if chosen and not parts - shown and len(parts) < len(shown):
                break
            chosen.append((start, end))
            shown |= parts
            windows = [w for w in windows if w[2] <= start or w[1] >= end]
        spans = tuple((token.start, token.end) for token, _ in marked)
        return tuple(_snippet(body, start, end, spans) for start, end in sorted(chosen))


def _windows(body: str, marked: list[tuple[Token, str]]) -> Iterator[tuple[int, int, int, frozenset[str]]]:
    """For each marked word the passage that it is the first of: (marks in it, start, end, parts in it)."""
    starts = [token.start for token, _ in marked]
    for paragraph in _PARAGRAPH.finditer(body):
        low, high = paragraph.start(), paragraph.start() + len(paragraph[0].rstrip())
        first, last = bisect_left(starts, low), bisect_left(starts, high)
        for rank in range(first, last):
            token = marked[rank][0]
            reach = max(token.start + SNIPPET_CHARACTERS - _LEAD_IN, token.end)
            inside = [each for each in marked[rank:last] if each[0].end <= reach]
            start = _opening(body, token, inside[-1][0].end, low, high)
            end = max(_whole_words(body, start, high), token.end)
            parts = [part for each, part in inside if each.end <= end]
            yield len(parts), start, end, frozenset(parts)


def _opening(body: str, token: Token, needed: int, low: int, high: int) -> int:
    """Where a passage begins that shows a token and the text up to `needed`.

    With the sentence, where that leaves room enough; else with a word a little before the token.
    """
    if high - low <= SNIPPET_CHARACTERS:
        return low
    sentences = [low, *(match.end() for match in _SENTENCE_END.finditer(body, low, token.start))]
    if sentences[-1] + SNIPPET_CHARACTERS >= needed:
        return sentences[-1]
    word = token.start
    while word > low and not body[word - 1].isspace():
        word -= 1
    lead_in = min(_LEAD_IN, max(SNIPPET_CHARACTERS - (token.end - token.start), 0))
    start = max(low, min(token.start - lead_in, high - SNIPPET_CHARACTERS))
    if word < start and token.end - word <= SNIPPET_CHARACTERS:
        return word
    while start < word and start > low and not body[start - 1].isspace():
        start += 1
    while start < word and body[start].isspace():
        start += 1
    return start


def _whole_words(body: str, start: int, high: int) -> int:
    """The end of the last word that a passage from `start` can hold entire."""
    end = start + SNIPPET_CHARACTERS
    if end >= high:
        return high
    cut = end
    while cut > start and not body[cut].isspace():
        cut -= 1
    # A word longer than a passage has to be cut.
    return start + len(body[start:cut].rstrip()) if cut > start else end


def _beginning(body: str) -> tuple[int, int]:
    paragraph = _PARAGRAPH.search(body)
    assert paragraph is not None, "the caller has seen text"
    low, high = paragraph.start(), paragraph.start() + len(paragraph[0].rstrip())
    return low, _whole_words(body, low, high) if high - low > SNIPPET_CHARACTERS else high


def _snippet(body: str, start: int, end: int, spans: Marks) -> Snippet:
    inside = tuple((a - start, b - start) for a, b in spans if start <= a and b <= end)
    return Snippet("body", start, body[start:end], inside)
