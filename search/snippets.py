"""An article's text and a query tree -> the words that match and the passages that show them best.

All offsets count code points; markup is the business of whoever prints.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from .french.analysis import is_french
from .french.finder import Finder, stretches
from .french.groups import Group
from .french.tokens import Token
from .limits import SNIPPET_CHARACTERS, SNIPPETS_PER_HIT
from .query.tree import Dated, Frequent, Leaf, Near, Node, Phrase, StopWord, Term, Word, leaves

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

    def __init__(self, tree: Node, group_of: Callable[[Term], Group]) -> None:
        self._leaves = tuple(leaves(tree, wanted_only=True))
        self._group_of = group_of
        self._asked: dict[bool, _Asked] = {}

    def _asked_in(self, language: str | None) -> _Asked:
        """What is asked of an article in this language: there are two kinds."""
        french = is_french(language)
        if french not in self._asked:
            parts = (
                _part(leaf, lambda term: self._group_of(term).in_language(language)) for leaf in self._leaves
            )
            self._asked[french] = _Asked([part for part in parts if part])
        return self._asked[french]

    def marks(self, text: str, field: str, language: str | None = None) -> list[tuple[Token, str]]:
        """The matching tokens of a field's text, in order, each with the part of the query it meets.

        A word of a phrase, or of two near each other, counts only where they stand so; that of a
        number of times only where it does often enough. `language` is the article's.
        """
        return self._asked_in(language).wanted_in(field).marks(text)

    def spans(self, text: str, field: str, language: str | None = None) -> Marks:
        """The same as bare (start, end)."""
        return tuple([(token.start, token.end) for token, _ in self.marks(text, field, language)])

    def snippets(self, body: str, language: str | None = None) -> tuple[Snippet, ...]:
        """The best passages of a body in the order of reading; its beginning where nothing matches.

        A passage stays inside one paragraph, begins and ends with whole words, and is the better the
        more different parts of the query it shows.
        """
        marked = self.marks(body, "body", language)
        if not marked:
            return (_snippet(body, *_beginning(body), ()),) if body.strip() else ()
        chosen: list[tuple[int, int]] = []
        shown: set[str] = set()
        windows = _windows(body, marked)
        while windows and len(chosen) < SNIPPETS_PER_HIT:
            _, start, end, parts = max(
                windows, key=lambda window: (len(window[3] - shown), window[0], -window[1])
            )
            if chosen and not parts - shown and len(parts) < len(shown):
                break
            chosen.append((start, end))
            shown |= parts
            windows = [w for w in windows if w[2] <= start or w[1] >= end]
        spans = tuple([(token.start, token.end) for token, _ in marked])
        return tuple([_snippet(body, start, end, spans) for start, end in sorted(chosen)])


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a query: forms of one word, `more_than` so often; or, if more words, where they stand."""

    field: str | None
    name: str
    words: tuple[frozenset[str], ...]
    more_than: int = 0
    reach: int = 0
    """How many words a match can lie from any of its own to the last."""
    ranks: Callable[[list[Token]], Iterable[int]] | None = None
    """The ranks of the tokens that meet it, where one alone cannot."""


def _part(leaf: Leaf, group_of: Callable[[Term], Group]) -> _Part | None:
    """What a leaf asks of a text, if it asks anything of one."""
    if isinstance(leaf, Dated | StopWord):
        return None
    if isinstance(leaf, Frequent):
        forms = group_of(replace(leaf.term, field="body")).matching
        return _Part("body", str(leaf), (forms,), leaf.more_than)
    if leaf.field not in (None, "title", "body"):
        return None
    if isinstance(leaf, Phrase):
        return _phrase(leaf, group_of)
    if isinstance(leaf, Near):
        terms = (replace(term, field=leaf.field) for term in (leaf.left, leaf.right))
        left, right = (group_of(term).matching for term in terms)
        ranks = partial(_near, left=left, right=right, distance=leaf.distance, ordered=leaf.ordered)
        return _Part(leaf.field, str(leaf), (left, right), reach=leaf.distance, ranks=ranks)
    group = group_of(leaf)
    if isinstance(leaf, Word) and leaf.loose:
        return _Part(leaf.field, str(leaf), (frozenset([member.form for member in group.members]),))
    return _Part(leaf.field, str(leaf), (group.matching,))


def _phrase(phrase: Phrase, group_of: Callable[[Term], Group]) -> _Part:
    groups = map(group_of, phrase.words)
    words = tuple([group.matching if phrase.exact else group.in_phrase for group in groups])
    reach = len(words) - 1 + phrase.slop
    ranks = partial(_in_order, words=words, slop=phrase.slop)
    return _Part(phrase.field, str(phrase), words, reach=reach, ranks=ranks)


class _Asked:
    """What a query asks of each field."""

    def __init__(self, parts: list[_Part]) -> None:
        self._parts = parts
        self._wanted: dict[str, _Wanted] = {}

    def wanted_in(self, field: str) -> _Wanted:
        if field not in self._wanted:
            self._wanted[field] = (
                _Wanted([part for part in self._parts if part.field in (None, field)])
                if any(part.field for part in self._parts)
                else next(iter(self._wanted.values()), None) or _Wanted(self._parts)
            )
        return self._wanted[field]


class _Wanted:
    """What a query asks of one field, ready for any number of texts."""

    def __init__(self, parts: list[_Part]) -> None:
        words = [part for part in parts if part.ranks is None and not part.more_than]
        self._part_of = {form: part.name for part in reversed(words) for form in part.words[0]}
        self._frequent = [part for part in parts if part.more_than]
        # A row of which a word has no form stands nowhere.
        self._rows = [part for part in parts if part.ranks and all(part.words)]
        # Where a row stands, so does its longest word, which is the rarest as a rule.
        rarest = (max(part.words, key=lambda forms: min(map(len, forms))) for part in self._rows)
        self._anchors = frozenset[str]().union(*rarest)
        self._reach = max((part.reach for part in self._rows), default=0)
        counted = (part.words[0] for part in self._frequent)
        self._finder = Finder(self._anchors.union(self._part_of, *counted))

    def marks(self, text: str) -> list[tuple[Token, str]]:
        """The tokens of a text that meet a part, in order, each with the name of the part."""
        found = self._finder.find(text)
        part_of = self._part_of
        if not self._rows and not self._frequent:
            return [(token, part_of[token.form]) for token in found]
        marked = {token: part_of[token.form] for token in found if token.form in part_of}
        if self._rows:
            anchors = [token for token in found if token.form in self._anchors]
            runs = list(stretches(text, anchors, self._reach))
            for part in self._rows:
                assert part.ranks is not None, "a row has them"
                for run in runs:
                    marked.update({run[rank]: part.name for rank in part.ranks(run)})
        for part in self._frequent:
            counted = [token for token in found if token.form in part.words[0]]
            if len(counted) > part.more_than:
                marked = dict.fromkeys(counted, part.name) | marked
        return sorted(marked.items(), key=lambda mark: mark[0].start)


def _in_order(found: list[Token], words: Sequence[frozenset[str]], slop: int) -> Iterator[int]:
    """The ranks of the tokens in any row of these words with at most `slop` others among them."""
    span = len(words) + slop
    for first, token in enumerate(found[: len(found) - len(words) + 1]):
        if token.form in words[0]:
            yield from _row([token.form for token in found[first : first + span]], first, words)


def _row(forms: list[str], first: int, words: Sequence[frozenset[str]]) -> Iterator[int]:
    """The ranks of the forms in any row of the words that begins with the first form."""
    earliest = [0]
    for word in words[1:]:
        places = (at for at in range(earliest[-1] + 1, len(forms)) if forms[at] in word)
        at = next(places, None)
        if at is None:
            return
        earliest.append(at)
    limit = len(forms)
    for word, least in zip(reversed(words[1:]), reversed(earliest[1:]), strict=True):
        fitting = [at for at in range(least, limit) if forms[at] in word]
        yield from (first + at for at in fitting)
        limit = fitting[-1]
    yield first


def _near(
    found: list[Token], left: frozenset[str], right: frozenset[str], distance: int, ordered: bool
) -> Iterator[int]:
    """The ranks of the tokens of two words that stand so near to each other."""
    rights = [rank for rank, token in enumerate(found) if token.form in right]
    for rank, token in enumerate(found):
        if token.form in left:
            low = rank + 1 if ordered else rank - distance
            near = rights[bisect_left(rights, low) : bisect_right(rights, rank + distance)]
            if others := [other for other in near if other != rank]:
                yield rank
                yield from others


Window = tuple[int, int, int, frozenset[str]]
"""A passage: how many marks are in it, its start, its end, the parts of the query in it."""


def _windows(body: str, marked: list[tuple[Token, str]]) -> list[Window]:
    """For each marked word the passage that it is the first of, but for those that add nothing to the
    one before."""
    starts = [token.start for token, _ in marked]
    windows: list[Window] = []
    first = 0
    while first < len(marked):
        low, high = _paragraph_at(body, starts[first])
        last = bisect_left(starts, high, first)
        windows.extend(_windows_in(body, marked[first:last], low, high))
        first = last
    return windows


def _paragraph_at(body: str, place: int) -> tuple[int, int]:
    """Where the paragraph around a word begins and ends, without the white space around it."""
    blank = body.rfind("\n\n", 0, place)
    low = blank + 2 if blank >= 0 else 0
    end = body.find("\n\n", place)
    paragraph = body[low:end] if end >= 0 else body[low:]
    low += len(paragraph) - len(paragraph.lstrip())
    return low, low + len(paragraph.strip())


def _windows_in(body: str, marked: list[tuple[Token, str]], low: int, high: int) -> list[Window]:
    """The same for the paragraph from `low` to `high`."""
    ends = [token.end for token, _ in marked]
    sentences = [low]
    if high - low > SNIPPET_CHARACTERS:
        latest = marked[-1][0].start
        sentences.extend([match.end() for match in _SENTENCE_END.finditer(body, low, latest)])
    windows: list[Window] = []
    before = (-1, -1, -1)
    for rank, (token, _) in enumerate(marked):
        reach = max(token.start + SNIPPET_CHARACTERS - _LEAD_IN, token.end)
        past = bisect_right(ends, reach, rank)
        sentence = sentences[bisect_right(sentences, token.start) - 1]
        start = _opening(body, token, ends[past - 1], sentence, low, high)
        end = max(_whole_words(body, start, high), token.end)
        past = bisect_right(ends, end, rank, past)
        if (start, end, past) != before:
            windows.append((past - rank, start, end, frozenset([part for _, part in marked[rank:past]])))
        before = start, end, past
    return windows


def _opening(body: str, token: Token, needed: int, sentence: int, low: int, high: int) -> int:
    """Where a passage begins that shows a token and the text up to `needed`.

    With the `sentence`, where that leaves room enough; else with a word a little before the token.
    """
    if high - low <= SNIPPET_CHARACTERS:
        return low
    if sentence + SNIPPET_CHARACTERS >= needed:
        return sentence
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
    inside = spans[bisect_left(spans, (start,)) : bisect_right(spans, (end,))]
    shown = tuple([(first - start, last - start) for first, last in inside if last <= end])
    return Snippet("body", start, body[start:end], shown)
