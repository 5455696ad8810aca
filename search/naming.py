"""A query tree -> the same tree that asks for names by their other spellings too, and which these are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .messages import Message
from .query.tree import (
    And,
    Boost,
    Frequent,
    Near,
    Node,
    Or,
    Phrase,
    Term,
    Word,
    any_of,
)
from .ranking import OTHER_SPELLING

Variants = Callable[[str], tuple[str, ...]]
"""The other spellings of a form, forms of the archive, best first."""


def as_name(form: str) -> str:
    """A form as names are written."""
    return form[0].upper() + form[1:]


class Naming:
    """Puts other spellings into trees; `used` are those that a tree has been given, by word."""

    def __init__(self, variants: Variants | None) -> None:
        self._variants = variants
        self._known: dict[str, tuple[str, ...]] = {}
        self.used: dict[str, tuple[str, ...]] = {}

    def notices(self) -> list[Message]:
        """What has to be told of them."""
        names = dict.fromkeys(other for others in self.used.values() for other in others)
        if not names:
            return []
        return [Message("also searched: {names}", names=", ".join(map(as_name, names)))]

    def named(self, node: Node) -> Node:
        """The tree with the other spellings of what it wants; what it excludes stays as it was typed."""
        if self._variants is None:
            return node
        match node:
            case And() | Or():
                children = tuple([self.named(child) for child in node.children])
                return node if children == node.children else replace(node, children=children)
            case Boost():
                return replace(node, child=self.named(node.child))
            case Word():
                return self._term(node)
            case Near():
                return replace(node, left=self._term(node.left), right=self._term(node.right))
            case Frequent():
                return replace(node, term=self._term(node.term))
            case Phrase() if not node.exact and node.field in (None, "title", "body"):
                return self._phrase(node)
        return node

    def _term(self, term: Term) -> Term:
        if not isinstance(term, Word) or term.exact or term.field not in (None, "title", "body"):
            return term
        others = self._used(term.form)
        return replace(term, also=others) if others else term

    def _phrase(self, phrase: Phrase) -> Node:
        """The phrase, or with less weight one in which one name is spelled otherwise."""
        respelled: list[Node] = []
        for place, form in enumerate(phrase.forms):
            for other in self._used(form):
                forms = (*phrase.forms[:place], other, *phrase.forms[place + 1 :])
                respelled.append(Boost(replace(phrase, forms=forms), OTHER_SPELLING))
        return any_of([phrase, *respelled])

    def others(self, form: str) -> tuple[str, ...]:
        """The other spellings of a form."""
        if self._variants is None:
            return ()
        if form not in self._known:
            self._known[form] = self._variants(form)
        return self._known[form]

    def _used(self, form: str) -> tuple[str, ...]:
        others = self.others(form)
        if others:
            self.used[form] = others
        return others
