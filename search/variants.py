"""A word of a query -> the other spellings of the name that it is, among the forms of the archive.

Three sources, each with its own trust. What people reviewed (`french/aliases.py`) is searched whenever the
archive has it: Kiev and Kyiv both stand in it, often. What places are called (`gazetteer.py`), and what is
heard alike (`french/sounds.py`), only serve a word that the archive has hardly or not, where what was more
surely known of it led nowhere. All lead to names alone, which the archive writes with a capital, and leave
words of French, and slips in them, to the suggestions of `spelling.py`.

No query of two collections of headlines and summaries loses anything by them, questions gain .002 of nDCG@10
(`tests/bench/relevance.py`); respelt places that are found again: `tests/bench/names.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import log
from typing import Final

from .engine import Reader
from .expansion import Frequency, names_among
from .french.aliases import Aliases
from .french.analysis import fold, is_stop_word
from .french.groups import is_name_like
from .french.lexicon import inflections, spellings
from .french.sounds import SURE, keys, likeness
from .gazetteer import Gazetteer, Installed
from .limits import SPELLINGS
from .query.tree import Word

RARE: Final = 3
"""Articles that a word stands in at most, for other spellings to be guessed."""

_SHORTEST: Final = 4
"""A shorter name sounds like too many others."""

_TWO_EDITS: Final = 7
"""Letters from which on a name may be two edits away."""

_LIKE_THE_HELD: Final = 1.5
"""How much less than itself a name may be like a word that the archive has, which most likely was meant: only
`y` for `i`, `k` for `c`, a letter doubled and the like are that sure."""

_NEARLY_AS_GOOD: Final = 3.0
"""Where one name sounds like what was typed, another that does so much less is another name."""

_NOT_UNLIKE: Final = 2.0
"""A likeness that two names of one place have if one is not a former or a wholly foreign name."""

_SECOND_EDIT: Final = 20
"""A word two edits away was mistyped so many times less often than one that is one edit away."""

_FREQUENCY: Final = 0.5
"""The power of the frequency, as in `spelling.py`."""


def variants(
    form: str, reader: Reader, aliases: Aliases, gazetteer: Gazetteer | Installed | None = None
) -> tuple[str, ...]:
    """The other spellings of a form, forms of the archive that fold to another word, best first."""
    folded = fold(form)
    found = [each for name in aliases.of(folded) for each in names_among(reader.spelled_like(name, 0))]
    if not found and _may_be_a_name(form, folded) and (articles := reader.frequency(Word(form))) <= RARE:
        found = _guessed(folded, articles, reader, gazetteer)
    return tuple(dict.fromkeys([each.form for each in found]))[:SPELLINGS]


def _may_be_a_name(form: str, folded: str) -> bool:
    return (
        len(folded) >= _SHORTEST
        and folded.isalpha()
        and folded.isascii()
        and not is_stop_word(form)
        and not _is_french(form, folded)
    )


def _guessed(
    folded: str, articles: int, reader: Reader, gazetteer: Gazetteer | Installed | None
) -> list[Frequency]:
    """What else places are called that are called so; else what sounds alike."""
    places = list(_of_places(folded, articles, reader, gazetteer))
    return [each for each in places if fold(each.form) != folded] or _alike(folded, reader)


def _of_places(
    folded: str, articles: int, reader: Reader, gazetteer: Gazetteer | Installed | None
) -> Iterator[Frequency]:
    """The forms of the archive that name the places of this name."""
    alike = SURE if articles else _NOT_UNLIKE
    for place in gazetteer.names_of(folded) if gazetteer else ():
        for name in place.names:
            if likeness(folded, name, alike) >= alike or (
                # Wien is Vienna; a word that the archive has is hardly a foreign name of something else.
                place.is_large and not articles and likeness(place.names[0], name) >= _NOT_UNLIKE
            ):
                yield from names_among(reader.spelled_like(name, 0))


def _alike(folded: str, reader: Reader) -> list[Frequency]:
    """The names that sound so and stand in the archive more often, best first; none that is rarer than a word
    of French of which what was typed may be a slip."""
    near = reader.spelled_like(folded, 1)
    itself = sum(each.occurrences for each in near if fold(each.form) == folded)
    slips = _slips(near)
    sure = max(SURE, likeness(folded, folded) - _LIKE_THE_HELD) if itself else SURE
    if len(folded) >= _TWO_EDITS:
        near = reader.spelled_like(folded, 2)
        slips = max(slips, _slips(near) // _SECOND_EDIT)
    heard = [each for key in keys(folded) for each in reader.names_sounding(key)]
    scores = {
        each: score
        for each in names_among(dict.fromkeys([*near, *heard]))
        if each.occurrences > max(itself, slips)
        and (score := likeness(folded, fold(each.form), sure)) >= sure
        and not _is_word(each)
    }
    best = max(scores.values(), default=0.0)
    kept = [each for each, score in scores.items() if score >= best - _NEARLY_AS_GOOD]
    return sorted(kept, key=lambda each: (-scores[each] - _FREQUENCY * log(each.occurrences), each.form))


def _slips(near: Iterable[Frequency]) -> int:
    """How often the most frequent of some forms stands that is a word, which was mistyped, and no name."""
    words = (each for each in near if not is_name_like(*each) and _is_french(each.form, fold(each.form)))
    return max((each.occurrences for each in words), default=0)


def _is_word(found: Frequency) -> bool:
    """Whether a form is a word of French that the archive writes with a capital by chance, at the beginnings
    of sentences, and not as a name; capitals often lack the accents: `Elections`, `Etats`."""
    folded = fold(found.form)
    if found.form == folded and spellings(folded) and folded not in spellings(folded):
        return True
    return not is_name_like(*found) and _is_french(found.form, folded)


def _is_french(form: str, folded: str) -> bool:
    """Whether a form, or if it has no accents any spelling of it, is French, and not as a proper name
    alone."""
    known = spellings(folded)
    numbers = known.get(form, ()) if form != folded else [each for of in known.values() for each in of]
    return any(inflections(number).part_of_speech != "P" for number in numbers)
