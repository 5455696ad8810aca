"""Two sides and an operator of nearness (`drones PRES/5 Belgorod`) -> the pairs of words that it joins.

PRES/n and NEAR/n: the positions differ by n at most; ADJ/n: and in this order. A side is a word, or words
with OU in brackets, each of which is joined to each of the other side.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import Final, NamedTuple

from ..limits import PROXIMITY
from ..messages import Message
from .lexer import Lexeme
from .terms import UnreadableError
from .tree import Near, Node, Or, Term

_OPERATOR: Final = re.compile(r"(PRES|PRÈS|NEAR|ADJ)/?(\d+)|(PRES|PRÈS|NEAR|ADJ|W)/(\d*)")
"""The slash may be left out, as in Factiva's ADJ5; W/5 is Lexis's."""


class Side(NamedTuple):
    """What stands on one side, and where in the query it begins."""

    node: Node
    start: int


def is_nearness(lexeme: Lexeme | None) -> bool:
    """Whether this is such an operator, if perhaps without its number."""
    return lexeme is not None and lexeme.kind == "chunk" and _OPERATOR.fullmatch(lexeme.text) is not None


def near(left: Side, operator: Lexeme, right: Side) -> list[Node]:
    """A Near for each pair of words. Raises UnreadableError, with its place in the query."""
    name = operator.text.rstrip("/0123456789")
    digits = operator.text.removeprefix(name).removeprefix("/")
    if not digits or not 1 <= int(digits) <= PROXIMITY:
        raise UnreadableError(
            Message("{name}/ says a number of words from 1 to {most}.", name=name, most=PROXIMITY),
            operator.start,
            f"{name}/5",
        )
    found: list[Node] = []
    for one, other in product(_words(left, name), _words(right, name)):
        fields = {one.field, other.field} - {None}
        if len(fields) > 1 or not fields <= {"title", "body"}:
            raise UnreadableError(
                Message("{name} joins words of one text: the title or the body.", name=name),
                operator.start,
                f"titre:(Koursk {name}/5 Belgorod)",
            )
        bare = (replace(one, field=None), replace(other, field=None))
        found.append(Near(*bare, int(digits), ordered=name == "ADJ", field=next(iter(fields), None)))
    return found


def _words(side: Side, name: str) -> tuple[Term, ...]:
    children = side.node.children if isinstance(side.node, Or) else (side.node,)
    terms = tuple(child for child in children if isinstance(child, Term))
    if len(terms) < len(children):
        raise UnreadableError(
            Message("{name} joins words, or words with OU in brackets.", name=name),
            side.start,
            f"(drones OU missiles) {name}/5 Belgorod",
        )
    return terms
