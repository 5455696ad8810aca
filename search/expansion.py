"""A term of a query and a dictionary of forms -> the group of forms that the term stands for.

A word stands for its inflections (`french.groups`), an exact one for itself; a prefix, a wildcard and a
fuzzy word for the forms of the archive that are written so, accents aside. A field of names (`source`,
`author` ...) has a dictionary of folded forms, in which a word stands for its folding alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from .french.analysis import fold
from .french.groups import EXACT_STRENGTH, Group, Member
from .french.groups import Dictionary as InflectedForms
from .french.groups import group as inflections_of
from .limits import EXPANSION_FORMS
from .query.tree import Fuzzy, Prefix, Term, Wildcard, Word
from .ranking import EXACT, EXPANDED, OTHER_SPELLING

_FOUND_STRENGTH = 1.0
"""The strength of a form that is written as a pattern says: it matches."""


class Frequency(NamedTuple):
    """A form, how often it stands in the archive, and how often of these with a capital."""

    form: str
    occurrences: int
    capitals: int


def most_frequent(found: Iterable[Frequency], limit: int | None = None) -> list[Frequency]:
    """The most frequent of some forms, all of them by default; of equals the first in the alphabet."""
    return sorted(found, key=lambda each: (-each.occurrences, each.form))[:limit]


def names_among(found: Iterable[Frequency]) -> list[Frequency]:
    """Those that are written with a capital more often than not."""
    return [each for each in found if each.capitals * 2 > each.occurrences]


class WrittenForms(Protocol):
    """What a pattern needs to know of a field: its forms by how they are written."""

    def occurrences(self, form: str) -> tuple[int, int]:
        """How often a form stands in the field, and how often of these with a capital."""

    def beginning_with(
        self, folded: str, limit: int | None = None, pattern: re.Pattern[str] | None = None
    ) -> list[Frequency]:
        """The most frequent forms whose folding begins so and, where there is a pattern, is all of it."""

    def within(self, folded: str, distance: int, limit: int | None = None) -> list[Frequency]:
        """The most frequent forms whose folding is at most so many edits away (see `distance.py`)."""


class Dictionary(InflectedForms, WrittenForms, Protocol):
    """What any term needs to know of the titles and bodies of an archive."""


def group_of(term: Term, dictionary: Dictionary) -> Group:
    """The group of a term in titles and bodies."""
    if not isinstance(term, Word):
        return _written_group(term, dictionary)
    found = inflections_of(term.form, dictionary)
    if not term.exact:
        return _with_spellings(found, term.also, dictionary) if term.also else found
    # A form that was typed with accents has no other spelling, also where the archive lacks it.
    spelled = (member for member in found.members if member.strength == EXACT_STRENGTH)
    accented = term.form != fold(term.form)
    exact = tuple(member for member in spelled if not accented or member.form == term.form)
    return Group(found.word, found.classes, exact)


def group_of_name(term: Term, dictionary: WrittenForms) -> Group:
    """The group of a term in a field of names; its members are folded forms."""
    if not isinstance(term, Word):
        return _written_group(term, dictionary)
    folded = fold(term.form)
    held = (Member(folded, EXACT_STRENGTH, EXACT),) if dictionary.occurrences(folded)[0] else ()
    return Group(term.form, (), held)


def _with_spellings(group: Group, also: Iterable[str], dictionary: WrittenForms) -> Group:
    """A group with other spellings of its name, which match in any language."""
    held = {member.form: member for member in group.members}
    for form in also:
        if dictionary.occurrences(form)[0]:
            known = held.get(form, Member(form, 0.0, 0.0))
            strength, weight = max(known.strength, _FOUND_STRENGTH), max(known.weight, OTHER_SPELLING)
            held[form] = Member(form, strength, weight)
    members = sorted(held.values(), key=lambda member: (-member.weight, -member.strength, member.form))
    return Group(group.word, group.classes, tuple(members))


def _written_group(term: Prefix | Wildcard | Fuzzy, dictionary: WrittenForms) -> Group:
    """The forms that a pattern stands for, the most frequent where they are too many."""
    # One more than are kept says that there are more.
    found = _written(term, dictionary, EXPANSION_FORMS + 1)
    kept = sorted(each.form for each in found[:EXPANSION_FORMS])
    members = tuple([Member(form, _FOUND_STRENGTH, EXPANDED) for form in kept])
    return Group(str(term), (), members, complete=len(kept) == len(found))


def _written(term: Prefix | Wildcard | Fuzzy, dictionary: WrittenForms, limit: int) -> list[Frequency]:
    match term:
        case Prefix():
            return dictionary.beginning_with(fold(term.beginning), limit)
        case Fuzzy():
            return dictionary.within(fold(term.form), term.distance, limit)
        case Wildcard():
            folded = re.sub(r"[^*?]+", lambda literal: fold(literal[0]), term.pattern)
            pattern = re.compile(
                "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in folded), re.DOTALL
            )
            beginning = re.split(r"[*?]", folded, maxsplit=1)[0]
            return dictionary.beginning_with(beginning, limit, pattern)
