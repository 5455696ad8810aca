"""Every parameter of matching and ranking, in one table: name, value, and where it comes from.

Chosen on five French collections (tests/bench/relevance.py) and 2,500 judged words
(tests/bench/inflection.py). The optimum is flat: inflections at .6 to .8, the light stem at 0 to .3 and
the exact forms at .3 to .5 stay within .01 of nDCG@10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FieldWeight:
    """How much a field counts, and how much of its length is normalised away (b of BM25)."""

    weight: float
    b: float


FIELD_WEIGHTS: Final[Mapping[str, FieldWeight]] = {
    "title": FieldWeight(3.0, 0.3),
    "body": FieldWeight(1.0, 0.6),
}
"""The fields that are scored, for BM25F."""

K1: Final = 1.2
"""Where the frequency saturates: the customary value."""

EXACT: Final = 1.0
"""Weight of the form as typed, or for a word without accents of each of its spellings."""

INFLECTIONS: Final[Mapping[float, float]] = {1.0: 0.8, 0.5: 0.6, 0.25: 0.2}
"""Weight of a form by its strength, the best product of what a shared class is worth to both forms."""

SAME_STEM: Final = 0.2
"""Weight of a form that shares only the light stem: it ranks, and does not match."""

EXACT_AGAIN: Final = 0.3
"""How much of the exact forms' own score is added to the group's."""

DOUBTFUL: Final = 0.5
"""What a reading as a verb is worth to a form that is a noun or an adjective too."""

OTHER_SPELLING: Final = 0.6
"""Weight of a name's other spellings, which are not what was typed."""

EXPANDED: Final = 1.0
"""Weight of each form that a prefix, a wildcard or a fuzzy word stands for."""

SHORTEST_STEM: Final = 3
"""A shorter stem says nothing of the words that share it."""

AUXILIARIES: Final = frozenset({"avoir", "être"})
"""Verbs that stand in every article, whatever it is about."""

MATCHING: Final = 0.5
"""The strength from which on a form is an inflection: it satisfies, counts and is highlighted."""

NAME_OCCURRENCES: Final = 5
NAME_LOWER_CASE: Final = 0.05
"""A form is name-like from so many occurrences on, if a smaller share than this is in lower case."""
