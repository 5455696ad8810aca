"""A typed query -> the query tree, or an error that points at the character.

    or   := and (OU and)*            OU OR   ET AND   SAUF NON NOT, in capitals only
    and  := not (ET? not)*
    not  := (SAUF | -)* term
    term := [field:] ( word | "phrase" | ( or ) )

Nothing is dropped in silence: what is left out or repaired is told in a notice, what this version
cannot do yet is refused. Length and depth are checked before they can cost anything.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final, NoReturn, get_args

from ..errors import QueryError
from ..french.analysis import fold, is_stop_word
from ..french.tokens import forms
from ..limits import PHRASE_WORDS, QUERY_CHARACTERS, QUERY_DEPTH, QUERY_LEAVES
from .dates import ACCEPTED, DateField, interval
from .lexer import Lexeme, lexemes
from .tree import And, Field, Node, Not, Or, Phrase, StopWord, Word, all_of, any_of

_OPERATORS: Final = {
    "OU": "or",
    "OR": "or",
    "ET": "and",
    "AND": "and",
    "SAUF": "not",
    "NON": "not",
    "NOT": "not",
}
_FIELDS: Final[dict[str, Field | DateField]] = {
    "titre": "title",
    "title": "title",
    "texte": "body",
    "body": "body",
    "source": "source",
    "auteur": "author",
    "author": "author",
    "chemin": "path",
    "path": "path",
    "date": "date",
    "depuis": "since",
    "since": "since",
    "avant": "before",
    "before": "before",
}
_PREFIXED: Final = re.compile(r"([^\W\d_]+):(.*)", re.DOTALL)

_NOT_YET: Final = (
    # what it looks like, what it is called, what helps meanwhile
    (r"(?:PRES|PRÈS|NEAR|ADJ)/\d*", "The operator of nearness", "words in quotes stand together"),
    (r"=+[^\W_].*", "The exact form", "a word alone finds its inflections too"),
    (r"(?=.*[^\W_]).*\*.*", "The prefix or wildcard", "inflections are found without it"),
    (r"\?+[^\W_].*|.*[^\W_]\?+[^\W_].*", "The wildcard", "inflections are found without it"),
    (r".*[^\W_]~.*", "The fuzzy search", "accents and capitals make no difference anyway"),
    (
        r".*[^\W_]>=?\d.*",
        "The count",
        "the articles that say a word most often come first anyway",
    ),
)
_SPECIAL: Final = "/=*?~>"
"""Where none of these stands, none of those patterns need be compiled or tried."""

_ATTACHED: Final = (
    (r"~.*", "The distance after a phrase", "without quotes, the words may stand anywhere"),
    (r"[*?].*", "The wildcard after quotes or brackets", "inflections are found without it"),
)
"""What has a meaning right behind a closing quote or bracket."""

_AROUND: Final = ",.;:!…"
"""Punctuation of a sentence, which may follow a term and belongs to none."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was `typed`, its `tree`, and what there is to tell about its reading."""

    typed: str
    tree: Node
    notices: tuple[str, ...]


def parse(typed: str, *, pasted: bool = False) -> Query:
    """Read a query. Raises QueryError, with the position in `typed` (in NFC), for what cannot be.

    A `pasted` text may have any number of words, and what looks like a construct that cannot be read (a
    star of a footnote, `Date: jeudi`) is read as text, with a notice.
    """
    # Normalising what is far too long would cost time for nothing.
    text = unicodedata.normalize("NFC", typed[: 4 * QUERY_CHARACTERS])
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)  # halves of characters, which nothing can hold
    if len(text) > QUERY_CHARACTERS or len(typed) > 4 * QUERY_CHARACTERS:
        raise QueryError(
            f"The query has {max(len(text), len(typed) // 4):,} characters or more; "
            f"at most {QUERY_CHARACTERS:,} are read.",
            text[:QUERY_CHARACTERS],
            QUERY_CHARACTERS,
            "keep the words that matter",
        )
    tree, notices = _Parser(text, pasted).read()
    return Query(typed, tree, tuple(notices))


class _Parser:
    def __init__(self, query: str, pasted: bool) -> None:
        self.query = query
        self.lexemes, self.notices = lexemes(query)
        self.at = 0
        self.depth = 0
        self.leaves = 0
        self.pasted = pasted

    def read(self) -> tuple[Node, list[str]]:
        parts: list[Node] = []
        while self.at < len(self.lexemes):
            part = self._or()
            if part:
                parts.append(part)
            if lexeme := self._next("close"):
                self._notice(f"The bracket ) at character {lexeme.start + 1} closes nothing: left out.")
        if not parts:
            self._refuse("The query has no word to look for.", 0, 'type a word, like "drones"')
        tree = _with_optional_stop_words(all_of(parts))
        if not _wants_something(tree):
            self._refuse(
                "The query only says what to leave out.",
                0,
                "begin with what to look for: drones -Poutine",
            )
        return tree, self.notices

    def _or(self) -> Node | None:
        sides, operators = [self._and()], []
        while lexeme := self._operator("or"):
            operators.append(lexeme)
            sides.append(self._and())
        for rank, lexeme in enumerate(operators):
            if sides[rank + 1] is None or (rank == 0 and sides[0] is None):
                self._dangling(lexeme)
        kept = [side for side in sides if side]
        return any_of(kept) if kept else None

    def _and(self) -> Node | None:
        terms: list[Node] = []
        dangling: Lexeme | None = None
        while self.at < len(self.lexemes):
            if lexeme := self._operator("and"):
                if dangling or not terms:
                    self._dangling(lexeme)
                else:
                    dangling = lexeme
                continue
            if self.lexemes[self.at].kind == "close" or self._is_operator("or"):
                break
            if term := self._not():
                terms.append(term)
                dangling = None
        if dangling:
            self._dangling(dangling)
        return _with_optional_stop_words(all_of(terms)) if terms else None

    def _not(self) -> Node | None:
        negations: list[Lexeme] = []
        while lexeme := self._next("minus") or self._operator("not"):
            if self._is_dash(lexeme):
                self._notice(
                    f"The - at character {lexeme.start + 1} was read as a dash: it excludes nothing."
                )
            else:
                negations.append(lexeme)
        if negations and (self.at == len(self.lexemes) or self.lexemes[self.at].kind == "close"):
            self._dangling(negations[-1])
            return None
        term = self._term()
        if negations and term is None:
            self._dangling(negations[-1])
        if term is None or len(negations) % 2 == 0:
            return term
        return term.child if isinstance(term, Not) else Not(term)

    def _is_dash(self, lexeme: Lexeme) -> bool:
        """In a pasted text, a minus before a figure, or that opens a sentence after another."""
        before, after = self.query[: lexeme.start].rstrip(), self.query[lexeme.end :]
        dash = after[:1].isdigit() or before.endswith((".", "!", "?", ":", ";", "…", "»", "”"))
        return self.pasted and lexeme.kind == "minus" and dash

    def _term(self) -> Node | None:
        lexeme = self.lexemes[self.at]
        if lexeme.kind == "open":
            return self._group()
        if lexeme.kind == "chunk" and lexeme.text in _OPERATORS:
            self.at += 1
            self._dangling(lexeme)
            return None
        self.at += 1
        return self._phrase(lexeme) if lexeme.kind == "phrase" else self._chunk(lexeme)

    def _group(self) -> Node | None:
        opened = self.lexemes[self.at]
        self.at += 1
        self.depth += 1
        if self.depth > QUERY_DEPTH:
            self._refuse(f"Brackets nest deeper than {QUERY_DEPTH}.", opened.start, "use fewer brackets")
        node = self._or()
        self.depth -= 1
        if node is None:
            self._notice(f"The brackets at character {opened.start + 1} hold no word: left out.")
        if self._next("close"):
            self._refuse_attached()
        else:
            self._notice(f"The bracket ( at character {opened.start + 1} is never closed: closed at the end.")
        return node

    def _chunk(self, lexeme: Lexeme) -> Node | None:
        follower = self._follower()
        if follower and follower.text == ":" and not self.pasted:
            field = _FIELDS.get(fold(lexeme.text.lower()))
            if field:  # French puts a space before a colon
                self.at += 1
                return self._fielded(field, "", lexeme)
        match = _PREFIXED.fullmatch(lexeme.text)
        if match and not match[2].startswith("//"):
            field = self._field(lexeme)
            if field:
                return self._fielded(field, match[2], lexeme)
            if match[2]:
                self._notice(f"“{match[1]}:” is no field: “{lexeme.text}” was read as text.")
        return self._text(lexeme.text, lexeme, lexeme.start, None)

    @staticmethod
    def _field(lexeme: Lexeme) -> Field | DateField | None:
        """The field that a chunk begins with the name of, if it does."""
        match = _PREFIXED.fullmatch(lexeme.text) if lexeme.kind == "chunk" else None
        return _FIELDS.get(fold(match[1].lower())) if match else None

    def _fielded(self, field: Field | DateField, value: str, lexeme: Lexeme) -> Node | None:
        if value:
            start = lexeme.end - len(value)
            if value[0] == "-" and any(map(str.isalnum, value)):
                inner = self._valued(field, value[1:], lexeme, start + 1)
                return Not(inner) if inner else None
            return self._valued(field, value, lexeme, start)
        follower = self._follower()
        if (
            follower is None
            or follower.kind in ("close", "minus")
            or follower.text in _OPERATORS
            or self._field(follower)
            or (self.pasted and follower.spaced)
        ):
            self._notice(f"“{lexeme.text}” has nothing after it: it was read as a word.")
            return self._text(lexeme.text, lexeme, lexeme.start, None)
        if follower.kind == "open" and field in get_args(DateField):
            if self.pasted:
                self._notice(f"“{lexeme.text}” before a bracket was read as a word.")
                return self._text(lexeme.text, lexeme, lexeme.start, None)
            self._refuse("A date does not stand in brackets.", follower.start, ACCEPTED)
        if follower.kind == "open":
            group = self._group()
            return _within(group, field) if group else None  # type: ignore[arg-type]  # no date field
        self.at += 1
        if follower.kind == "phrase" and field in get_args(Field):
            return self._phrase(follower, field)  # type: ignore[arg-type]  # no date field
        text = follower.text.lstrip()
        before = len(follower.text) - len(text) + (follower.kind == "phrase")
        return self._valued(field, text, follower, follower.start + before)

    def _valued(self, field: Field | DateField, value: str, lexeme: Lexeme, start: int) -> Node | None:
        if field in get_args(DateField):
            return self._dated(field, value, lexeme, start)  # type: ignore[arg-type]  # as just tested
        return self._text(value, lexeme, start, field)  # type: ignore[arg-type]  # no date field

    def _dated(self, field: DateField, value: str, lexeme: Lexeme, start: int) -> Node | None:
        self._count(lexeme)
        value = value.strip().rstrip(",;!?")
        if value.endswith(".") and not value.endswith(".."):
            value = value[:-1]
        try:
            return interval(field, value)
        except ValueError as error:
            if self.pasted:
                self._notice(f"“{lexeme.text}” is no date that can be read: it was read as text.")
                found = forms(lexeme.text)
                return all_of([Word(form) for form in found]) if found else None
            self._refuse(f"{str(error)[0].upper()}{str(error)[1:]}.", start, ACCEPTED)

    def _text(self, text: str, lexeme: Lexeme, start: int, field: Field | None) -> Node | None:
        self._refuse_not_yet(text, start)
        found = forms(text)
        if not found:
            if "*" in text or any(unicodedata.category(letter)[0] not in "PZC" for letter in text):
                self._notice(f"“{text}” has no letter and no digit: left out.")
            return None
        self._count(lexeme)
        words: list[Node] = [Word(form, field) for form in found]
        if len(found) == 1 or len(found) > PHRASE_WORDS or all(is_stop_word(form) for form in found):
            return all_of(words)
        return Phrase(tuple(found), field, compound=True)

    def _refuse_not_yet(self, text: str, start: int) -> None:
        follower = self._follower()
        opens = follower and follower.kind in ("phrase", "open") and not follower.spaced
        if opens and text and not text.strip("="):
            self._not_available("The exact form", text, start, _NOT_YET[1][2])
        bare = text.rstrip(_AROUND)
        if not any(sign in bare for sign in _SPECIAL):
            return
        for pattern, what, suggestion in _NOT_YET:
            if re.fullmatch(pattern, bare):
                self._not_available(what, bare, start, suggestion)
                return

    def _not_available(self, what: str, text: str, start: int, suggestion: str) -> None:
        if self.pasted:
            self._notice(f"{what} is not available yet: “{text}” was read as text.")
        else:
            self._refuse(f"{what} “{text}” is not available yet.", start, suggestion)

    def _refuse_attached(self) -> None:
        """Refuse what has a meaning right behind the closing quote or bracket that was just read."""
        follower = self._follower()
        if follower and follower.kind == "chunk" and not follower.spaced:
            for pattern, what, suggestion in _ATTACHED:
                if re.fullmatch(pattern, follower.text) and follower.text.strip("?" + _AROUND):
                    self._not_available(what, follower.text, follower.start, suggestion)
                    return

    def _phrase(self, lexeme: Lexeme, field: Field | None = None) -> Node | None:
        self._refuse_attached()
        start = lexeme.start + 1
        for word in re.finditer(r"\S+", lexeme.text):
            if "*" in word[0]:
                self._refuse_not_yet(word[0], start + word.start())
        found = forms(lexeme.text)
        if not found:
            self._notice("The quotation marks hold no word: left out.")
            return None
        self._count(lexeme)
        if len(found) > PHRASE_WORDS and self.pasted:
            self._notice(f"A quotation of {len(found)} words was read without its quotation marks.")
            return all_of([Word(form, field) for form in found])
        if len(found) > PHRASE_WORDS:
            self._refuse(
                f"This phrase has {len(found)} words, at most {PHRASE_WORDS} are read.",
                lexeme.start,
                "shorten it, or leave out the quotation marks and use --any",
            )
        return Phrase(tuple(found), field)

    def _count(self, lexeme: Lexeme) -> None:
        self.leaves += 1
        if not self.pasted and self.leaves > QUERY_LEAVES:
            self._refuse(
                f"The query has more than {QUERY_LEAVES} words, phrases and dates.",
                lexeme.start,
                "--any ranks by the rarest words of a pasted text",
            )

    def _follower(self) -> Lexeme | None:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else None

    def _next(self, kind: str) -> Lexeme | None:
        if self.at < len(self.lexemes) and self.lexemes[self.at].kind == kind:
            self.at += 1
            return self.lexemes[self.at - 1]
        return None

    def _is_operator(self, meaning: str) -> bool:
        if self.at == len(self.lexemes):
            return False
        lexeme = self.lexemes[self.at]
        return lexeme.kind == "chunk" and _OPERATORS.get(lexeme.text) == meaning

    def _operator(self, meaning: str) -> Lexeme | None:
        return self._next("chunk") if self._is_operator(meaning) else None

    def _dangling(self, lexeme: Lexeme) -> None:
        self._notice(f"“{lexeme.text}” at character {lexeme.start + 1} has nothing to join: left out.")

    def _notice(self, sentence: str) -> None:
        self.notices.append(sentence)

    def _refuse(self, message: str, position: int, suggestion: str) -> NoReturn:
        raise QueryError(message, self.query, position, suggestion)


def _with_optional_stop_words(node: Node) -> Node:
    """In an And that asks for something else, the stop words are read but not required."""
    if not isinstance(node, And):
        return node
    if not any(_wants_something(child) for child in node.children if not _is_stop(child)):
        return node
    return And(
        tuple(
            StopWord(child.form, child.field) if isinstance(child, Word) and _is_stop(child) else child
            for child in node.children
        )
    )


def _is_stop(node: Node) -> bool:
    return isinstance(node, StopWord) or (isinstance(node, Word) and is_stop_word(node.form))


def _wants_something(node: Node) -> bool:
    if isinstance(node, And | Or):
        return any(_wants_something(child) for child in node.children)
    return not isinstance(node, Not | StopWord)


def _within(node: Node, field: Field) -> Node:
    """The same tree with every text leaf that names no field in this one."""
    if isinstance(node, And | Or):
        return replace(node, children=tuple(_within(child, field) for child in node.children))
    if isinstance(node, Not):
        return Not(_within(node.child, field))
    if isinstance(node, Word | StopWord | Phrase) and node.field is None:
        return replace(node, field=field)
    return node
