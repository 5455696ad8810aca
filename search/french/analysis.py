"""A form -> what an index files it under. One analysis for articles, queries and snippets.

`ANALYSIS` names it with its version: an index stores the name, and one that stores another name is
not read but rebuilt, so that the two halves of a search can never disagree.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from unidecode import unidecode

from .stem import light_stem
from .stopwords import RANKING_WORDS, STOP_WORDS

ANALYSIS: Final = "french-groups-1 dicollecte-7.0-1"
"""The rules, and the lexicon that they use."""


_FRENCH: Final = re.compile(r"(?:fr|fra|fre|french|francaise?|und)(?![a-z])")
"""How the name of a language begins that is French: by ISO 639, in English, in French; `und` is unknown."""


@lru_cache(maxsize=1 << 10)
def is_french(language: str | None) -> bool:
    """Whether an article is to be read as French: where its language, as its source names it, is French or
    unknown. In another language a word has no French inflections."""
    named = fold((language or "").strip().lower())
    return not named or _FRENCH.match(named) is not None


def fold(form: str) -> str:
    """The form without accents, in ASCII where Unidecode knows how: `élysée` -> `elysee`."""
    return form if form.isascii() else _in_ascii(form)


@lru_cache(maxsize=1 << 12)
def _in_ascii(form: str) -> str:
    return "".join(unidecode(form).lower().split()) or form


@lru_cache(maxsize=1 << 12)
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
