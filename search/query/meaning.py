"""A tree as the grammar builds it -> the tree as it is meant: fields handed down, stop words optional."""

from __future__ import annotations

from dataclasses import replace

from ..french.analysis import is_stop_word
from .tree import And, Field, Frequent, Near, Node, Not, Or, Phrase, StopWord, Term, Word


def in_field(node: Node, field: Field) -> Node:
    """The same tree with every leaf of a text that names no field in this one.

    Raises ValueError for what is only of another field: counts are of the body, nearness of texts.
    """
    match node:
        case And() | Or():
            return replace(node, children=tuple(in_field(child, field) for child in node.children))
        case Not():
            return Not(in_field(node.child, field))
        case Frequent() if field != "body":
            raise ValueError("counts are of the body")
        case Frequent():
            return replace(node, term=replace(node.term, field=field))
        case Near() if field not in ("title", "body"):
            raise ValueError("nearness is of texts")
    if isinstance(node, Term | StopWord | Phrase | Near) and node.field is None:
        return replace(node, field=field)
    return node


def with_optional_stop_words(node: Node) -> Node:
    """In an And that asks for something else, the stop words are read but not required."""
    if not isinstance(node, And):
        return node
    if not any(wants_something(child) for child in node.children if not _is_stop(child)):
        return node
    return And(
        tuple(
            StopWord(child.form, child.field) if isinstance(child, Word) and _is_stop(child) else child
            for child in node.children
        )
    )


def wants_something(node: Node) -> bool:
    """Whether a tree says what to look for, and not only what to leave out."""
    if isinstance(node, And | Or):
        return any(wants_something(child) for child in node.children)
    return not isinstance(node, Not | StopWord)


def _is_stop(node: Node) -> bool:
    optional = isinstance(node, Word) and not node.exact and is_stop_word(node.form)
    return optional or isinstance(node, StopWord)


def excluded(node: Node) -> Not:
    """Without a node; of what a pasted text had in place of a construct, stop words are not needed."""
    return Not(with_optional_stop_words(node))
