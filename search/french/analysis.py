"""A form -> what an index files it under. One analysis for articles, queries and snippets.

`ANALYSIS` names it with its version: an index stores the name, and one that stores another name is
not read but rebuilt, so that the two halves of a search can never disagree.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from unidecode import unidecode

from .stem import light_stem
from .stopwords import RANKING_WORDS, STOP_WORDS

ANALYSIS: Final = "french-groups-1 dicollecte-7.0-1"
"""The rules, and the lexicon that they use."""


def fold(form: str) -> str:
    """The form without accents, in ASCII where Unidecode knows how: `élysée` -> `elysee`."""
    return form if form.isascii() else _in_ascii(form)


@lru_cache(maxsize=1 << 16)
def _in_ascii(form: str) -> str:
    return "".join(unidecode(form).lower().split()) or form


@lru_cache(maxsize=1 << 16)
def stem(form: str) -> str:
    """The stemmed, accent-folded term of a form: `repoussées`, `repousse` -> `repous`."""
    return light_stem(fold(form))


_FOLDED_STOP_WORDS: Final = frozenset(map(fold, STOP_WORDS))
_FOLDED_RANKING_WORDS: Final = frozenset(map(fold, RANKING_WORDS)) - _FOLDED_STOP_WORDS


def is_stop_word(form: str) -> bool:
    """Whether a query can do without this form; one typed without accents counts as any it can be."""
    return form in STOP_WORDS or (form.isascii() and form in _FOLDED_STOP_WORDS) or helps_to_rank(form)


def helps_to_rank(form: str) -> bool:
    """Whether a stop word still says enough to rank by it, where any word does."""
    return form in RANKING_WORDS or (form.isascii() and form in _FOLDED_RANKING_WORDS)
