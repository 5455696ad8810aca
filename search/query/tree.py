"""The query tree: what a query asks for, free of any syntax and of any engine.

    Word     a word, in any inflection            And   every child, and no excluded one
    Phrase   words side by side                   Or    any child
    Dated    an interval of dates                 Not   whatever the child is not certain to be

`str()` of a node is the query as it was read, in the query language, with operators in English.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Field = Literal["title", "body", "source", "author", "path"]


def _in_field(field: Field | None, text: str) -> str:
    return f"{field}:{text}" if field else text


@dataclass(frozen=True, slots=True)
class Word:
    """A word by its form (lower case, accents kept), in one field or, where None, in title and body.

    It stands for a group of forms, scored as one weighted term. Where `loose`, an article that has only a
    form of the same stem meets it too, with a low score.
    """

    form: str
    field: Field | None = None
    loose: bool = False

    def __str__(self) -> str:
        return _in_field(self.field, self.form)


@dataclass(frozen=True, slots=True)
class StopWord:
    """A word of grammar that was read but is neither required nor ranked; it stands in an And only."""

    form: str
    field: Field | None = None

    def __str__(self) -> str:
        return f"[{_in_field(self.field, self.form)}]"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Forms at consecutive positions of one field. `compound` where no quotes were typed: `pro-Kiev`."""

    forms: tuple[str, ...]
    field: Field | None = None
    compound: bool = False

    def __str__(self) -> str:
        return _in_field(self.field, f'"{" ".join(self.forms)}"')


@dataclass(frozen=True, slots=True)
class Dated:
    """Articles whose date meets the days from `start` to `end`, both in it; None is open.

    An article dated by an interval that reaches beyond is a possible match; one without a date is
    none.
    """

    start: dt.date | None
    end: dt.date | None

    def __str__(self) -> str:
        return f"date:{self.start or ''}..{self.end or ''}"


@dataclass(frozen=True, slots=True)
class And:
    """Every child; a Not among them takes away."""

    children: tuple[Node, ...]

    def __str__(self) -> str:
        return f"({' AND '.join(str(child) for child in self.children)})"


@dataclass(frozen=True, slots=True)
class Or:
    """Any child."""

    children: tuple[Node, ...]

    def __str__(self) -> str:
        return f"({' OR '.join(str(child) for child in self.children)})"


@dataclass(frozen=True, slots=True)
class Not:
    """All articles but those that certainly match the child."""

    child: Node

    def __str__(self) -> str:
        return f"NOT {self.child}"


Node = Word | StopWord | Phrase | Dated | And | Or | Not


def echo(node: Node) -> str:
    """The whole query as it was read, without the outermost parentheses."""
    text = str(node)
    return text[1:-1] if isinstance(node, And | Or) else text


def all_of(children: list[Node]) -> Node:
    """The And of these, without nesting, or the only one."""
    return _joined(And, children)


def any_of(children: list[Node]) -> Node:
    """The Or of these, without nesting, or the only one."""
    return _joined(Or, children)


def _joined(kind: type[And] | type[Or], children: list[Node]) -> Node:
    flat: list[Node] = []
    for child in children:
        flat.extend(child.children if isinstance(child, kind) else [child])
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def leaves(node: Node, *, wanted_only: bool = False) -> Iterator[Word | StopWord | Phrase | Dated]:
    """The leaves from left to right; with `wanted_only`, without those under a Not."""
    if isinstance(node, And | Or):
        for child in node.children:
            yield from leaves(child, wanted_only=wanted_only)
    elif isinstance(node, Not):
        if not wanted_only:
            yield from leaves(node.child)
    else:
        yield node


def is_plain(node: Node) -> bool:
    """Whether this is a plain word, which `any` does not require: no field, no quotes, no operator."""
    if isinstance(node, Phrase):
        return node.compound and node.field is None
    return isinstance(node, Word) and node.field is None
