"""A word of a query and an archive's dictionary of forms -> the group of forms that the word stands for.

A form belongs to classes (a lemma as one part of speech, from the lexicon); two forms are inflections
of each other if they share one. What a class is worth to a form, and so two forms to each other, is
decided here, once for matching, ranking and highlighting:

(a) a name-like form (five occurrences or more, under 5 % in lower case) has no reading as a verb and no
    class by its stem, or Gaza would be gazer;
(b) a form of the lexicon has its classes there;
(c) else those of the lexicon's forms of the same folding, but for rare tenses (-ât, -âmes ...);
(d) else its light stem, among such unknown words only;
(e) a word typed without accents has the classes of all its spellings, but for rare tenses that the
    archive does not hold;
(f) a reading as a verb of a spelling that is a noun or an adjective too counts half, the infinitive
    whole, one as avoir or être not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from ..ranking import (
    AUXILIARIES,
    DOUBTFUL,
    EXACT,
    INFLECTIONS,
    MATCHING,
    NAME_LOWER_CASE,
    NAME_OCCURRENCES,
    SAME_STEM,
    SHORTEST_STEM,
)
from .analysis import fold, is_stop_word, stem
from .lexicon import inflections, spellings

ClassKey = int | str
"""The number of a class of the lexicon; `~stem` or `=folding` for a word outside."""

_RARE_TENSE: Final = re.compile(r"(?:[âîû]t|[âîû]mes|[âîû]tes|[âî]nt|înmes|întes)$")

EXACT_STRENGTH: Final = 2.0
"""The strength of the form as typed, which no product of classes reaches."""


class Dictionary(Protocol):
    """What a group needs to know of an archive: its forms."""

    def forms_of_stem(self, stem: str) -> Iterable[str]:
        """The forms of the archive with this light stem."""

    def occurrences(self, form: str) -> tuple[int, int]:
        """How often a form stands in the archive, and how often of these with a capital."""


@dataclass(frozen=True, slots=True)
class Member:
    """A form of a group: its strength (2 exact, 1, 0.5, 0.25, or 0 by the stem alone) and its weight."""

    form: str
    strength: float
    weight: float

    @property
    def matches(self) -> bool:
        """Whether an article with this form has the word."""
        return self.strength >= MATCHING


@dataclass(frozen=True, slots=True)
class Group:
    """The forms of an archive that a word of a query stands for, and the classes it was read as."""

    word: str
    classes: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def matching(self) -> frozenset[str]:
        """The forms that satisfy the word."""
        return frozenset(member.form for member in self.members if member.matches)

    @property
    def exact(self) -> frozenset[str]:
        """The forms that are the word as it was typed."""
        return frozenset(member.form for member in self.members if member.strength == EXACT_STRENGTH)

    @property
    def in_phrase(self) -> frozenset[str]:
        """The forms that satisfy the word inside a phrase: of a stop word, itself alone."""
        return self.exact if is_stop_word(self.word) else self.matching


def group(word: str, dictionary: Dictionary) -> Group:
    """The group of a word, which is a form as tokens are."""
    folded = fold(word)
    of_stem = stem(word)
    neighbours = {
        form
        for form in dictionary.forms_of_stem(of_stem)
        if len(of_stem) >= SHORTEST_STEM or fold(form) == folded
    }
    strengths: dict[str, float] = dict.fromkeys(neighbours, 0.0)
    asked = _asked(word, dictionary)
    for form in _candidates(asked, dictionary) | neighbours:
        own = _worth(_classes(form, dictionary), form)
        shared = [worth * own[key] for key, worth in asked.items() if key in own]
        if shared:
            strengths[form] = max(shared)
    spelled = {form for form in neighbours if fold(form) == folded}
    exact = {word} if word in neighbours and word != folded else spelled
    strengths.update(dict.fromkeys(exact, EXACT_STRENGTH))
    members = (
        Member(form, strength, EXACT if strength == EXACT_STRENGTH else INFLECTIONS.get(strength, SAME_STEM))
        for form, strength in strengths.items()
    )
    return Group(
        word,
        tuple(sorted(_named(key) for key in asked)),
        tuple(sorted(members, key=lambda member: (-member.weight, -member.strength, member.form))),
    )


def _candidates(asked: Mapping[ClassKey, float], dictionary: Dictionary) -> set[str]:
    """The forms of the archive that may share one of these classes: spelled as an inflection, or folding
    to one."""
    folded = {fold(form) for key in asked if isinstance(key, int) for form in inflections(key).forms}
    found: set[str] = set()
    for each in {stem(form) for form in folded}:
        found.update(form for form in dictionary.forms_of_stem(each) if fold(form) in folded)
    return found


def _asked(word: str, dictionary: Dictionary) -> dict[ClassKey, float]:
    """What each class is worth to a word of a query: where typed without accents, the best that it is worth
    to any spelling of it, in the lexicon (but for the rare tenses) or in the archive."""
    asked = _worth(_classes(word, dictionary), word)
    folded = fold(word)
    if word == folded:
        name = _is_name_like(word, dictionary)
        known = {
            spelling: frozenset[ClassKey](
                key for key in keys if not name or inflections(key).part_of_speech != "V"
            )
            for spelling, keys in spellings(folded).items()
            if spelling != word and not _RARE_TENSE.search(spelling)
        }
        for form in dictionary.forms_of_stem(stem(word)):
            if form != word and fold(form) == folded:
                known[form] = _classes(form, dictionary)
        for spelling, classes in known.items():
            for key, worth in _worth(classes, spelling).items():
                asked[key] = max(worth, asked.get(key, 0.0))
    return asked


def _classes(form: str, dictionary: Dictionary) -> frozenset[ClassKey]:
    """The classes of a form by its own spelling, or where that is none of French, by its folding."""
    folded = fold(form)
    known = spellings(folded)
    name = _is_name_like(form, dictionary)
    spelled = [form]
    if form not in known:
        usual = [spelling for spelling in known if not _RARE_TENSE.search(spelling)]
        spelled = usual or list(known)
    keys = {key for spelling in spelled for key in known.get(spelling, ())}
    if name:
        keys = {key for key in keys if inflections(key).part_of_speech != "V"}
    return frozenset(keys) or frozenset((f"={folded}" if name else f"~{stem(form)}",))


def _worth(keys: frozenset[ClassKey], form: str) -> dict[ClassKey, float]:
    """What each class is worth to a form: a verb beside a noun counts half, unless as the infinitive."""
    classes = {key: inflections(key) for key in keys if isinstance(key, int)}
    is_noun = any(each.part_of_speech == "N" for each in classes.values())
    worth: dict[ClassKey, float] = {}
    for key in keys:
        of = classes.get(key) if isinstance(key, int) else None
        doubtful = is_noun and of and of.part_of_speech == "V" and fold(of.lemma or "") != fold(form)
        # Planes (avions) and summers (été) are no forms of avoir and être to anyone who looks for them.
        if not (doubtful and of and of.lemma in AUXILIARIES):
            worth[key] = DOUBTFUL if doubtful else 1.0
    return worth


def _is_name_like(form: str, dictionary: Dictionary) -> bool:
    if not form.isalpha():
        return False
    all_told, capitals = dictionary.occurrences(form)
    return all_told >= NAME_OCCURRENCES and (all_told - capitals) / all_told < NAME_LOWER_CASE


def _named(key: ClassKey) -> str:
    if isinstance(key, str):
        return key
    of = inflections(key)
    return f"{of.lemma or of.forms[0]}/{of.part_of_speech}"
