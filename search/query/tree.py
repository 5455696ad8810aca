"""The query tree: what a query asks for, free of any syntax and of any engine.

    Word       a word, in any inflection, or exact     And     every child, and no excluded one
    Prefix     words that begin so                     Or      any child
    Wildcard   words of this pattern                   Not     whatever the child is not certain to be
    Fuzzy      words written almost so                 Boost   a child whose score is multiplied
    Phrase     words side by side
    Near       two terms not far apart
    Frequent   a term that stands often in the body
    Dated      an interval of dates

The first four are terms: each stands for a group of forms of the archive. `str()` of a node is the query
as it was read, in the query language, with operators in English.
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
    form of the same stem meets it too, with a low score. Where `exact`, it stands for this very form, or
    where that has no accents for each of its spellings. `also` are forms of the archive that are other
    spellings of the same name, and count less.
    """

    form: str
    field: Field | None = None
    loose: bool = False
    exact: bool = False
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _in_field(self.field, f"={self.form}" if self.exact else self.form)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin so, accents aside."""

    beginning: str
    field: Field | None = None

    def __str__(self) -> str:
        return _in_field(self.field, f"{self.beginning}*")


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Words of a pattern, accents aside: `*` is any letters or none, `?` is one letter."""

    pattern: str
    field: Field | None = None

    def __str__(self) -> str:
        return _in_field(self.field, self.pattern)


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words at most `distance` edits away, accents aside: a letter more, less or other, or two swapped."""

    form: str
    distance: int = 1
    field: Field | None = None

    def __str__(self) -> str:
        return _in_field(self.field, f"{self.form}~{self.distance}")


Term = Word | Prefix | Wildcard | Fuzzy


@dataclass(frozen=True, slots=True)
class StopWord:
    """A word of grammar that was read but is neither required nor ranked; it stands in an And only."""

    form: str
    field: Field | None = None

    def __str__(self) -> str:
        return _in_field(self.field, f"[{self.form}]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Forms in this order in one field, with at most `slop` other words among them in all.

    `compound` where no quotes were typed: `pro-Kiev`. Where `exact`, each is this very form.
    """

    forms: tuple[str, ...]
    field: Field | None = None
    compound: bool = False
    slop: int = 0
    exact: bool = False

    @property
    def words(self) -> tuple[Word, ...]:
        """What stands at each place."""
        return tuple(Word(form, self.field, exact=self.exact) for form in self.forms)

    def __str__(self) -> str:
        text = f'"{" ".join(self.forms)}"' + (f"~{self.slop}" if self.slop else "")
        return _in_field(self.field, f"={text}" if self.exact else text)


@dataclass(frozen=True, slots=True)
class Near:
    """Two terms in one field whose positions differ by 1 to `distance`, in this order where `ordered`.

    The fields of the terms themselves do not count.
    """

    left: Term
    right: Term
    distance: int
    ordered: bool = False
    field: Field | None = None

    def __str__(self) -> str:
        operator = "ADJ" if self.ordered else "NEAR"
        return _in_field(self.field, f"({self.left} {operator}/{self.distance} {self.right})")


@dataclass(frozen=True, slots=True)
class Frequent:
    """A term that stands in the body more than so many times, whatever its field is."""

    term: Term
    more_than: int

    def __str__(self) -> str:
        return f"{self.term}>{self.more_than}"


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


@dataclass(frozen=True, slots=True)
class Boost:
    """The child, whose score is multiplied by a factor of 0 or more."""

    child: Node
    factor: float

    def __str__(self) -> str:
        return f"{self.child}^{self.factor:g}"


Leaf = Term | StopWord | Phrase | Near | Frequent | Dated
Node = Leaf | And | Or | Not | Boost


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


def leaves(node: Node, *, wanted_only: bool = False) -> Iterator[Leaf]:
    """The leaves from left to right; with `wanted_only`, without those under a Not."""
    if isinstance(node, And | Or):
        for child in node.children:
            yield from leaves(child, wanted_only=wanted_only)
    elif isinstance(node, Boost):
        yield from leaves(node.child, wanted_only=wanted_only)
    elif isinstance(node, Not):
        if not wanted_only:
            yield from leaves(node.child)
    else:
        yield node


def terms(node: Node, *, wanted_only: bool = False) -> Iterator[Term]:
    """The terms of the leaves, from left to right, those of a Near and of a Frequent too."""
    for leaf in leaves(node, wanted_only=wanted_only):
        if isinstance(leaf, Near):
            yield from (leaf.left, leaf.right)
        elif isinstance(leaf, Frequent):
            yield leaf.term
        elif isinstance(leaf, Term):
            yield leaf


def words(node: Node) -> Iterator[Word]:
    """The words that are asked for, from left to right, those of phrases and of a Near too."""
    for leaf in leaves(node, wanted_only=True):
        if isinstance(leaf, Phrase):
            yield from leaf.words
        else:
            yield from (term for term in terms(leaf) if isinstance(term, Word))


def is_plain(node: Node) -> bool:
    """Whether this is a plain word, which `any` does not require: no field, no quotes, no operator."""
    if isinstance(node, Phrase):
        return node.compound and node.field is None and not node.exact
    return isinstance(node, Word) and node.field is None and not node.exact
