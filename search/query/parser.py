"""A typed query -> the query tree, or an error that points at the character.

    or   := and (OU and)*            OU OR   ET AND   SAUF NON NOT, in capitals only
    and  := not (ET? not)*
    not  := (SAUF | -)* near
    near := term (PRES/5 term)*      PRES/n NEAR/n in any order, ADJ/n in this order
    term := [field:] ( chunk | [=]"phrase"[~n] | ( or ) )

A chunk is `terms.py`'s, what follows a field of dates `dates.py`'s. Nothing is dropped in silence: what is
left out or repaired is told in a notice, what cannot be read is refused. Length and depth are checked
before they can cost anything.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, NoReturn, get_args

from ..errors import QueryError
from ..french.analysis import fold, is_stop_word
from ..french.tokens import forms
from ..limits import PHRASE_WORDS, PROXIMITY, QUERY_CHARACTERS, QUERY_DEPTH, QUERY_LEAVES
from ..messages import Message
from .dates import ACCEPTED, DateField, interval
from .lexer import Lexeme, lexemes, readable
from .meaning import excluded, in_field, wants_something, with_optional_stop_words
from .nearness import Side, is_nearness, near
from .terms import AROUND, UnreadableError, leaf, words
from .tree import Field, Node, Not, Phrase, Word, all_of, any_of, leaves
from .vocabulary import FIELDS, OPERATORS, OTHER_OPERATORS, SIGN_IN_QUOTES, alone, hint_of, no_field

_PREFIXED: Final = re.compile(r"([^\W\d_]+):(.*)", re.DOTALL)
_SLOP: Final = re.compile(rf"~(\d*)[?{re.escape(AROUND)}]*")
_TEXT_FIELDS: Final = (None, "title", "body")


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
    text = readable(text)
    if len(text) > QUERY_CHARACTERS or len(typed) > 4 * QUERY_CHARACTERS:
        raise QueryError(
            Message(
                "The query has {count} characters or more; at most {most} are read.",
                count=max(len(text), len(typed) // 4),
                most=QUERY_CHARACTERS,
            ),
            text[:QUERY_CHARACTERS],
            QUERY_CHARACTERS,
            Message("keep the words that matter"),
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
        self.pairs = 0
        self.pasted = pasted

    def read(self) -> tuple[Node, list[Message]]:
        parts: list[Node] = []
        while self.at < len(self.lexemes):
            part = self._or()
            if part:
                parts.append(part)
            if lexeme := self._next("close"):
                self._notice(
                    Message(
                        "The bracket ) at character {place} closes nothing: left out.", place=lexeme.start + 1
                    )
                )
        if not parts:
            self._refuse(
                Message("The query has no word to look for."),
                0,
                Message("type a word, like {example}", example="drones"),
            )
        tree = with_optional_stop_words(all_of(parts))
        if not wants_something(tree):
            self._refuse(
                Message("The query only says what to leave out."),
                0,
                Message("begin with what to look for: {example}", example="drones -Poutine"),
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
        return with_optional_stop_words(all_of(terms)) if terms else None

    def _not(self) -> Node | None:
        negations: list[Lexeme] = []
        while lexeme := self._next("minus") or self._operator("not"):
            if self._is_dash(lexeme):
                self._notice(
                    Message(
                        "The - at character {place} was read as a dash: it excludes nothing.",
                        place=lexeme.start + 1,
                    )
                )
            else:
                negations.append(lexeme)
        while negations and (stray := self._operator("or") or self._operator("and")):
            self._dangling(stray)
        is_end = self.at == len(self.lexemes) or self.lexemes[self.at].kind == "close"
        term = None if is_end else self._near()
        if negations and term is None:
            self._dangling(negations[-1])
        if term is None or len(negations) % 2 == 0:
            return term
        return term.child if isinstance(term, Not) else excluded(term)

    def _is_dash(self, lexeme: Lexeme) -> bool:
        """In a pasted text, a minus before a figure, or that opens a sentence after another."""
        before, after = self.query[: lexeme.start].rstrip(), self.query[lexeme.end :]
        dash = after[:1].isdigit() or before.endswith((".", "!", "?", ":", ";", "…", "»", "”"))
        dash = dash or self.query[lexeme.start] != "-"
        return self.pasted and lexeme.kind == "minus" and dash

    def _near(self) -> Node | None:
        """A term, or terms with operators of nearness between them: a PRES/5 b PRES/5 c is both pairs."""
        left, start = self._term_at()
        pairs: list[Node] = []
        while is_nearness(self._follower()) and (operator := self._next("chunk")):
            after = self._follower()
            is_term = after is not None and after.kind not in ("close", "minus")
            is_term = is_term and not any(map(self._is_operator, ("or", "and", "not")))
            right, place = self._term_at() if is_term else (None, 0)
            if left is None or right is None:
                self._dangling(operator)
                left, start = (left, start) if left else (right, place)
                continue
            try:
                found = near(Side(left, start), operator, Side(right, place))
            except UnreadableError as error:
                self._refuse(error.message, error.place, error.suggestion)
            self.leaves += len(found) - 1
            self.pairs += len(found)
            self._check_leaves(operator)
            pairs.append(any_of(found))
            left, start = right, place
        return all_of(pairs) if pairs else left

    def _term_at(self) -> tuple[Node | None, int]:
        start = self.lexemes[self.at].start
        return self._term(), start

    def _term(self) -> Node | None:
        lexeme = self.lexemes[self.at]
        if lexeme.kind == "open":
            return self._group()
        self.at += 1
        if lexeme.kind == "chunk" and (lexeme.text in OPERATORS or is_nearness(lexeme)):
            self._dangling(lexeme)
            return None
        return self._phrase(lexeme) if lexeme.kind == "phrase" else self._chunk(lexeme)

    def _group(self) -> Node | None:
        opened = self.lexemes[self.at]
        self.at += 1
        self.depth += 1
        if self.depth > QUERY_DEPTH:
            self._refuse(
                Message("Brackets nest deeper than {most}.", most=QUERY_DEPTH),
                opened.start,
                Message("use fewer brackets"),
            )
        node = self._or()
        self.depth -= 1
        if node is None:
            self._notice(
                Message("The brackets at character {place} hold no word: left out.", place=opened.start + 1)
            )
        if self._next("close"):
            self._refuse_attached()
        else:
            self._notice(
                Message(
                    "The bracket ( at character {place} is never closed: closed at the end.",
                    place=opened.start + 1,
                )
            )
        return node

    def _chunk(self, lexeme: Lexeme) -> Node | None:
        follower = self._follower()
        if follower and follower.text == ":" and not self.pasted:
            field = FIELDS.get(fold(lexeme.text.lower()))
            if field:  # French puts a space before a colon
                self.at += 1
                return self._fielded(field, "", lexeme)
        match = _PREFIXED.fullmatch(lexeme.text)
        if match and not match[2].startswith("//"):
            field = self._field(lexeme)
            if field:
                return self._fielded(field, match[2], lexeme)
            if match[2]:
                self._notice(no_field(match[1], lexeme.text))
        return self._text(lexeme.text, lexeme, lexeme.start, None)

    @staticmethod
    def _field(lexeme: Lexeme) -> Field | DateField | None:
        """The field that a chunk begins with the name of, if it does."""
        match = _PREFIXED.fullmatch(lexeme.text) if lexeme.kind == "chunk" else None
        return FIELDS.get(fold(match[1].lower())) if match else None

    def _fielded(self, field: Field | DateField, value: str, lexeme: Lexeme) -> Node | None:
        if value:
            start = lexeme.end - len(value)
            if value[0] == "-" and any(map(str.isalnum, value)):
                inner = self._valued(field, value[1:], lexeme, start + 1)
                return excluded(inner) if inner else None
            return self._valued(field, value, lexeme, start)
        follower = self._follower()
        if (
            follower is None
            or follower.kind in ("close", "minus")
            or follower.text in OPERATORS
            or self._field(follower)
            or (self.pasted and follower.spaced)
        ):
            self._notice(
                Message("“{text}” with no word right after it was read as a word.", text=lexeme.text)
            )
            return self._words(lexeme.text, lexeme, None)
        if follower.kind == "open":
            return self._fielded_group(field, lexeme, follower)
        self.at += 1
        if follower.kind == "phrase" and field in get_args(Field):
            return self._phrase(follower, field)  # type: ignore[arg-type]  # no date field
        text = follower.text.lstrip()
        before = len(follower.text) - len(text) + (follower.kind == "phrase")
        return self._valued(field, text, follower, follower.start + before)

    def _fielded_group(self, field: Field | DateField, lexeme: Lexeme, opened: Lexeme) -> Node | None:
        if field in get_args(DateField):
            if self.pasted:
                self._notice(Message("“{text}” before a bracket was read as a word.", text=lexeme.text))
                return self._words(lexeme.text, lexeme, None)
            self._refuse(Message("A date does not stand in brackets."), opened.start, ACCEPTED)
        group = self._group()
        try:
            return in_field(group, field) if group else None  # type: ignore[arg-type]  # no date field
        except ValueError:
            self._refuse(
                Message("A count is of the text, nearness of the text or the title, no other field."),
                opened.start,
                Message("ask for the words one by one"),
            )

    def _valued(self, field: Field | DateField, value: str, lexeme: Lexeme, start: int) -> Node | None:
        if field in get_args(DateField):
            return self._dated(field, value, lexeme, start)  # type: ignore[arg-type]  # as just tested
        return self._text(value, lexeme, start, field)  # type: ignore[arg-type]  # no date field

    def _dated(self, field: DateField, value: str, lexeme: Lexeme, start: int) -> Node | None:
        self._count(lexeme)
        value = self._with_rest_of_range(value.strip()).rstrip(",;!?")
        if value.endswith(".") and not value.endswith(".."):
            value = value[:-1]
        try:
            return interval(field, value)
        except ValueError as error:
            if self.pasted:
                self._notice(
                    Message("“{text}” is no date that can be read: it was read as text.", text=lexeme.text)
                )
                found = forms(lexeme.text)
                return all_of([Word(form) for form in found]) if found else None
            self._refuse(Message("This is no date: {reason}.", reason=error.args[0]), start, ACCEPTED)

    def _with_rest_of_range(self, value: str) -> str:
        """A date with what follows it after a space: `2017 .. 2018`, `2017 à 2018`."""
        follower = self._follower()
        while follower and follower.kind == "chunk" and not self.pasted:
            joins = follower.text.startswith("..") or value.endswith("..")
            to = follower.text.lower() in ("à", "au", "to") and self._is_date(self.at + 1)
            if not (to or (joins and (follower.text == ".." or follower.text.strip(".")[:1].isdigit()))):
                break
            value += ".." if to else follower.text
            self.at += 1
            follower = self._follower()
        return value

    def _is_date(self, at: int) -> bool:
        return at < len(self.lexemes) and self.lexemes[at].text[:1].isdigit()

    def _text(self, text: str, lexeme: Lexeme, start: int, field: Field | None) -> Node | None:
        if text and not text.strip("=") and self._is_attached("phrase"):
            self.at += 1
            return self._phrase(self.lexemes[self.at - 1], field, exact=True)
        if text.startswith("=") and not text.strip("=") and self._is_attached("open") and not self.pasted:
            self._refuse(
                Message("The sign = stands before a word or a phrase, not before brackets."),
                start,
                Message("{word} or {phrase}", word="=repoussé", phrase='="Légion Liberté"'),
            )
        try:
            node = leaf(text, field)
        except UnreadableError as error:
            if not self.pasted:
                self._refuse(error.message, start + error.place, error.suggestion)
            self._notice(Message("{reason} “{text}” was read as text.", reason=error.message, text=text))
            return self._words(text, lexeme, field)
        if node is None:
            return self._words(text, lexeme, field)
        self._count(lexeme, node)
        if not self.pasted and (hint := hint_of(text)):
            self._notice(hint)
        follower = self._follower()
        if field and isinstance(node, Word) and is_stop_word(node.form) and follower and follower.spaced:
            self._notice(alone(text))
        return node

    def _words(self, text: str, lexeme: Lexeme, field: Field | None) -> Node | None:
        """A chunk whose signs have no meaning."""
        node = words(text, field)
        if node:
            self._count(lexeme, node)
        elif "*" in text or any(unicodedata.category(letter)[0] not in "PZC" for letter in text):
            self._notice(Message("“{text}” has no letter and no digit: left out.", text=text))
        return node

    def _is_attached(self, *kinds: str) -> bool:
        """Whether what follows stands right behind what was just read, and is of one of these kinds."""
        follower = self._follower()
        return follower is not None and follower.kind in kinds and not follower.spaced

    def _refuse_attached(self) -> None:
        """Refuse the signs of a word right behind the bracket or quotation mark that was just read."""
        follower = self._follower()
        if follower is None or not self._is_attached("chunk"):
            return
        bare = follower.text.rstrip("?" + AROUND)
        if not bare or bare[0] not in "*?~>^":
            return
        message = Message("“{text}” stands after a word, not after brackets or quotes.", text=bare)
        if self.pasted:
            self._notice(message)
        else:
            self._refuse(message, follower.start, Message("{one}, {other}", one="Élys*", other='"a b"~3'))

    def _phrase(self, lexeme: Lexeme, field: Field | None = None, *, exact: bool = False) -> Node | None:
        slop = self._slop()
        self._refuse_attached()
        for word in re.finditer(r"\S+", lexeme.text):
            sign = SIGN_IN_QUOTES.search(word[0])
            if sign and not self.pasted:
                self._refuse(
                    Message("In quotes every word stands for itself: no {sign}.", sign=sign["sign"]),
                    lexeme.start + 1 + word.start() + sign.start("sign"),
                    "Vladimir ADJ/1 Pout*",
                )
        found = forms(lexeme.text)
        if not found:
            self._notice(Message("The quotation marks hold no word: left out."))
            return None
        self._count(lexeme)
        if len(found) > PHRASE_WORDS and self.pasted:
            self._notice(
                Message(
                    "A quotation of {count} words was read without its quotation marks.", count=len(found)
                )
            )
            return all_of([Word(form, field) for form in found])
        if len(found) > PHRASE_WORDS:
            self._refuse(
                Message(
                    "This phrase has {count} words, at most {most} are read.",
                    count=len(found),
                    most=PHRASE_WORDS,
                ),
                lexeme.start,
                Message("shorten it, or leave out the quotation marks and use --any"),
            )
        if slop and (len(found) == 1 or field not in _TEXT_FIELDS):
            self._notice(Message("The distance ~{slop} needs two words of a text: left out.", slop=slop))
            slop = 0
        if exact and len(found) == 1:
            return Word(found[0], field, exact=True)
        return Phrase(tuple(found), field, slop=slop, exact=exact)

    def _slop(self) -> int:
        """How many other words may stand in the phrase that was just read: `"a b"~3`."""
        follower = self._follower()
        match = _SLOP.fullmatch(follower.text) if follower and self._is_attached("chunk") else None
        if not match or follower is None:
            return 0
        self.at += 1
        slop = int(match[1] or 1)
        if slop > PROXIMITY:
            self._refuse(
                Message("At most {most} other words can stand in a phrase.", most=PROXIMITY),
                follower.start,
                f"~{PROXIMITY}",
            )
        return slop

    def _count(self, lexeme: Lexeme, node: Node | None = None) -> None:
        # A chunk may be many words: `de-la-de-la`.
        self.leaves += sum(1 for _ in leaves(node)) if node else 1
        self._check_leaves(lexeme)

    def _check_leaves(self, lexeme: Lexeme) -> None:
        if (self.leaves > QUERY_LEAVES and not self.pasted) or self.pairs > QUERY_LEAVES:
            self._refuse(
                Message("The query has more than {most} words, phrases and dates.", most=QUERY_LEAVES),
                lexeme.start,
                Message("--any ranks by the rarest words of a pasted text"),
            )

    def _follower(self) -> Lexeme | None:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else None

    def _next(self, kind: str) -> Lexeme | None:
        if self.at < len(self.lexemes) and self.lexemes[self.at].kind == kind:
            self.at += 1
            return self.lexemes[self.at - 1]
        return None

    def _is_operator(self, meaning: str) -> bool:
        lexeme = self._follower()
        if lexeme is None or lexeme.kind != "chunk":
            return False
        text = lexeme.text.rstrip(",;")
        foreign = None if self.pasted else OTHER_OPERATORS.get(text)
        return OPERATORS.get(text, foreign) == meaning

    def _operator(self, meaning: str) -> Lexeme | None:
        if not self._is_operator(meaning):
            return None
        lexeme = self._next("chunk")
        if lexeme and lexeme.text not in OPERATORS and lexeme.text in OTHER_OPERATORS:
            usual = "OU" if meaning == "or" else "ET"
            self._notice(Message("“{text}” was read as {operator}.", text=lexeme.text, operator=usual))
        return lexeme

    def _dangling(self, lexeme: Lexeme) -> None:
        self._notice(
            Message(
                "“{text}” at character {place} has nothing to join: left out.",
                text=lexeme.text,
                place=lexeme.start + 1,
            )
        )

    def _notice(self, sentence: Message) -> None:
        self.notices.append(sentence)

    def _refuse(self, message: Message, position: int, suggestion: str) -> NoReturn:
        raise QueryError(message, self.query, position, suggestion)
