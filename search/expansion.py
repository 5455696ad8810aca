"""A term of a query and a dictionary of forms -> the group of forms that the term stands for.

A word stands for its inflections (`french.groups`), an exact one for itself; a prefix, a wildcard and a
fuzzy word for the forms of the archive that are written so, accents aside. A field of names (`source`,
`author` ...) has a dictionary of folded forms, in which a word stands for its folding alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from .french.analysis import fold
from .french.groups import EXACT_STRENGTH, Group, Member
from .french.groups import Dictionary as InflectedForms
from .french.groups import group as inflections_of
from .limits import EXPANSION_FORMS
from .query.tree import Fuzzy, Prefix, Term, Wildcard, Word
from .ranking import EXACT, EXPANDED

_FOUND_STRENGTH = 1.0
"""The strength of a form that is written as a pattern says: it matches."""


class WrittenForms(Protocol):
    """What a pattern needs to know of a field: its forms by how they are written."""

    def occurrences(self, form: str) -> tuple[int, int]:
        """How often a form stands in the field, and how often of these with a capital."""

    def beginning_with(self, folded: str) -> Iterable[str]:
        """The forms whose folding begins so."""

    def within(self, folded: str, distance: int) -> Iterable[str]:
        """The forms whose folding is at most so many edits away (see `distance.py`)."""


class Dictionary(InflectedForms, WrittenForms, Protocol):
    """What any term needs to know of the titles and bodies of an archive."""


def group_of(term: Term, dictionary: Dictionary) -> Group:
    """The group of a term in titles and bodies."""
    if not isinstance(term, Word):
        return _written_group(term, dictionary)
    found = inflections_of(term.form, dictionary)
    if not term.exact:
        return found
    exact = tuple(member for member in found.members if member.strength == EXACT_STRENGTH)
    return Group(found.word, found.classes, exact)


def group_of_name(term: Term, dictionary: WrittenForms) -> Group:
    """The group of a term in a field of names; its members are folded forms."""
    if not isinstance(term, Word):
        return _written_group(term, dictionary)
    folded = fold(term.form)
    held = (Member(folded, EXACT_STRENGTH, EXACT),) if dictionary.occurrences(folded)[0] else ()
    return Group(term.form, (), held)


def _written_group(term: Prefix | Wildcard | Fuzzy, dictionary: WrittenForms) -> Group:
    """The forms that a pattern stands for, the most frequent where they are too many."""
    found = _written(term, dictionary)
    kept = found
    if len(found) > EXPANSION_FORMS:
        kept = sorted(found, key=lambda form: (-dictionary.occurrences(form)[0], form))[:EXPANSION_FORMS]
    members = tuple(Member(form, _FOUND_STRENGTH, EXPANDED) for form in sorted(kept))
    return Group(str(term), (), members, complete=len(kept) == len(found))


def _written(term: Prefix | Wildcard | Fuzzy, dictionary: WrittenForms) -> list[str]:
    match term:
        case Prefix():
            return list(dictionary.beginning_with(fold(term.beginning)))
        case Fuzzy():
            return list(dictionary.within(fold(term.form), term.distance))
        case Wildcard():
            folded = re.sub(r"[^*?]+", lambda literal: fold(literal[0]), term.pattern)
            pattern = re.compile(
                "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in folded), re.DOTALL
            )
            beginning = re.split(r"[*?]", folded, maxsplit=1)[0]
            return [form for form in dictionary.beginning_with(beginning) if pattern.fullmatch(fold(form))]
