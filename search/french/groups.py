"""A word of a query and an archive's dictionary of forms -> the group of forms that the word stands for.

A form belongs to classes (a lemma as one part of speech, from the lexicon); two forms are inflections
of each other if they share one. What a class is worth to a form, and so two forms to each other, is
decided here, once for matching, ranking and highlighting:

(a) a name-like form (five occurrences or more, under 5 % in lower case) has no reading as a verb and no
    class by its stem, or Gaza would be gazer;
(b) a form of the lexicon has its classes there;
(c) else those of the lexicon's forms of the same folding, but for rare tenses (-ât, -âmes ...);
(d) else its light stem, among such unknown words only; those of its folding are the word itself;
(e) a word typed without accents has the classes of all its spellings, but for rare tenses that the
    archive does not hold;
(f) a reading as a verb of a spelling that is a noun or an adjective too counts half, the infinitive
    whole, one as avoir or être not at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

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
from .analysis import fold, is_french, is_stop_word, stem
from .lexicon import inflections, spellings

ClassKey = int | str
"""The number of a class of the lexicon; `~stem` or `=folding` for a word outside."""

Worth = Mapping[ClassKey, float]
"""What each class is worth to a form."""

_RARE_TENSE: Final = re.compile(r"(?:[âîû]t|[âîû]mes|[âîû]tes|[âî]nt|înmes|întes)$")

EXACT_STRENGTH: Final = 2.0
"""The strength of the form as typed, which no product of classes reaches."""


class Dictionary(Protocol):
    """What a group needs to know of an archive: its forms."""

    def forms_of_stem(self, stem: str) -> Iterable[str]:
        """The forms of the archive with this light stem."""

    def occurrences(self, form: str) -> tuple[int, int]:
        """How often a form stands in the archive, and how often of these with a capital."""


class Member(NamedTuple):
    """A form of a group: its strength (2 exact, 1, 0.5, 0.25, or 0 by the stem alone) and its weight.

    What is `written` as was asked counts in an article of any language; what is an inflection, or of the
    same stem, is so in French only (see `is_french`).
    """

    form: str
    strength: float
    weight: float
    written: bool = True

    @property
    def matches(self) -> bool:
        """Whether an article with this form has the word."""
        return self.strength >= MATCHING


@dataclass(frozen=True, slots=True)
class Group:
    """The forms of an archive that a word of a query stands for, and the classes it was read as.

    It is not `complete` where the archive has more such forms than a query may stand for.
    """

    word: str
    classes: tuple[str, ...]
    members: tuple[Member, ...]
    complete: bool = True

    @property
    def matching(self) -> frozenset[str]:
        """The forms that satisfy the word."""
        return frozenset([member.form for member in self.members if member.strength >= MATCHING])

    @property
    def weights(self) -> dict[str, float]:
        """What each form weighs."""
        return {member.form: member.weight for member in self.members}

    @property
    def exact(self) -> frozenset[str]:
        """The forms that are the word as it was typed."""
        return frozenset([member.form for member in self.members if member.strength == EXACT_STRENGTH])

    @property
    def as_written(self) -> frozenset[str]:
        """The forms that count in an article of any language."""
        return frozenset([member.form for member in self.members if member.written])

    def in_language(self, language: str | None) -> Group:
        """What of it counts in an article of this language."""
        if is_french(language):
            return self
        return replace(self, members=tuple([member for member in self.members if member.written]))

    @property
    def in_phrase(self) -> frozenset[str]:
        """The forms that satisfy the word inside a phrase: of a stop word, itself alone."""
        return self.exact if is_stop_word(self.word) else self.matching


def group(word: str, dictionary: Dictionary) -> Group:
    """The group of a word, which is a form as tokens are."""
    return _Grouping(word, dictionary).group()


class _Grouping:
    """The work on one group, which asks the archive for nothing twice, nor for what decides nothing."""

    def __init__(self, word: str, dictionary: Dictionary) -> None:
        self._word = word
        self._folded = fold(word)
        self._stem = stem(word)
        self._dictionary = dictionary
        self._worths: dict[str, Worth] = {}
        self._names: dict[str, bool] = {}
        self._of_stem: dict[str, Collection[str]] = {}

    def group(self) -> Group:
        """The forms of the archive that share a class with the word, or its stem."""
        asked = self._asked()
        neighbours = self._forms_of_stem(self._stem)
        if len(self._stem) < SHORTEST_STEM:
            neighbours = [form for form in neighbours if fold(form) == self._folded]
        strengths: dict[str, float] = dict.fromkeys(neighbours, 0.0)
        for form in self._candidates(asked, neighbours):
            own = self._worth(form)
            shared = [worth * own[key] for key, worth in asked.items() if key in own]
            if shared:
                strengths[form] = max(shared)
        if not spellings(self._folded):
            # A word that no lexicon knows, a name as a rule, is one whatever its accents: Erdoğan, Erdogan.
            strengths.update({form: 1.0 for form in neighbours if fold(form) == self._folded})
        if self._word in strengths and self._word != self._folded:
            strengths[self._word] = EXACT_STRENGTH
        else:
            spelled = [form for form in neighbours if fold(form) == self._folded]
            strengths.update(dict.fromkeys(spelled, EXACT_STRENGTH))
        members = [
            Member(form, strength, _weight(strength), strength == EXACT_STRENGTH)
            for form, strength in strengths.items()
        ]
        members.sort(key=lambda member: (-member.weight, -member.strength, member.form))
        return Group(self._word, tuple(sorted([_named(key) for key in asked])), tuple(members))

    def _candidates(self, asked: Worth, neighbours: Collection[str]) -> set[str]:
        """The forms of the archive that may share one of these classes: spelled as an inflection, or
        folding to one; for a word outside the lexicon, any of its stem."""
        by_stem = [_folded_by_stem(key) for key in asked if isinstance(key, int)]
        found = set(neighbours) if len(by_stem) < len(asked) else set()
        for each in set().union(*by_stem):
            folded = [of_class[each] for of_class in by_stem if each in of_class]
            for form in self._forms_of_stem(each):
                plain = fold(form)
                if any(plain in of_class for of_class in folded):
                    found.add(form)
        return found

    def _asked(self) -> dict[ClassKey, float]:
        """What each class is worth to the word: where typed without accents, the best that it is worth to
        any spelling of it, in the lexicon (but for the rare tenses) or in the archive."""
        asked = dict(self._worth(self._word))
        if self._word == self._folded:
            known: dict[str, Worth] = {}
            usual = [
                spelling
                for spelling in spellings(self._folded)
                if spelling != self._word and not _RARE_TENSE.search(spelling)
            ]
            if usual:
                name = self._is_name_like(self._word)
                known = {spelling: _worth_of_spelling(spelling, name) for spelling in usual}
            for form in self._forms_of_stem(self._stem):
                if form != self._word and fold(form) == self._folded:
                    known[form] = self._worth(form)
            for each in known.values():
                for key, worth in each.items():
                    asked[key] = max(worth, asked.get(key, 0.0))
        return asked

    def _worth(self, form: str) -> Worth:
        """What each class of a form is worth to it."""
        worth = self._worths.get(form)
        if worth is None:
            worth, as_name = _worths(form)
            if worth is not as_name and self._is_name_like(form):
                worth = as_name
            self._worths[form] = worth
        return worth

    def _is_name_like(self, form: str) -> bool:
        name = self._names.get(form)
        if name is None:
            name = form.isalpha() and is_name_like(form, *self._dictionary.occurrences(form))
            self._names[form] = name
        return name

    def _forms_of_stem(self, wanted: str) -> Collection[str]:
        forms = self._of_stem.get(wanted)
        if forms is None:
            forms = self._of_stem[wanted] = tuple(self._dictionary.forms_of_stem(wanted))
        return forms


def is_name_like(form: str, occurrences: int, capitals: int) -> bool:
    """Whether a form that stands so often in an archive, and so often of these with a capital, is a name."""
    often = form.isalpha() and occurrences >= NAME_OCCURRENCES
    return often and (occurrences - capitals) / occurrences < NAME_LOWER_CASE


def _weight(strength: float) -> float:
    return EXACT if strength == EXACT_STRENGTH else INFLECTIONS.get(strength, SAME_STEM)


@lru_cache(maxsize=1 << 12)
def _folded_by_stem(number: int) -> dict[str, frozenset[str]]:
    """The foldings of the forms of a class, by light stem."""
    by_stem: dict[str, set[str]] = {}
    for folded in inflections(number).folded:
        by_stem.setdefault(stem(folded), set()).add(folded)
    return {each: frozenset(folded) for each, folded in by_stem.items()}


@lru_cache(maxsize=1 << 12)
def _worths(form: str) -> tuple[Worth, Worth]:
    """What each class of a form is worth to it, and the same if it is name-like: the very same object where
    that makes no difference.

    Its classes are those of its own spelling, or where that is none of French, of its folding.
    """
    folded = fold(form)
    known = spellings(folded)
    keys: Collection[int] = known.get(form, ())
    if not keys:
        usual = [spelling for spelling in known if not _RARE_TENSE.search(spelling)]
        keys = {key for spelling in usual or known for key in known[spelling]}
    if not keys:
        return {f"~{stem(form)}": 1.0}, {f"={folded}": 1.0}
    worth = _worth(keys, form)
    names = _without_verbs(keys)
    if len(names) == len(keys):
        return worth, worth
    return worth, _worth(names, form) if names else {f"={folded}": 1.0}


@lru_cache(maxsize=1 << 12)
def _worth_of_spelling(spelling: str, name: bool) -> Worth:
    """What the classes of a spelling of the lexicon are worth to it; without its verbs, if a name."""
    keys = spellings(fold(spelling))[spelling]
    return _worth(_without_verbs(keys) if name else keys, spelling)


def _without_verbs(keys: Collection[int]) -> list[int]:
    return [key for key in keys if inflections(key).part_of_speech != "V"]


def _worth(keys: Collection[int], form: str) -> dict[ClassKey, float]:
    """What each class is worth to a form: a verb beside a noun counts half, unless as the infinitive."""
    classes = [(key, inflections(key)) for key in keys]
    worth: dict[ClassKey, float] = dict.fromkeys(keys, 1.0)
    if len(classes) > 1 and any(of.part_of_speech == "N" for _, of in classes):
        for key, of in classes:
            if of.part_of_speech != "V" or fold(of.lemma or "") == fold(form):
                continue
            if of.lemma in AUXILIARIES:
                # Planes (avions) and summers (été) are no forms of avoir and être to who looks for them.
                del worth[key]
            else:
                worth[key] = DOUBTFUL
    return worth


def _named(key: ClassKey) -> str:
    if isinstance(key, str):
        return key
    of = inflections(key)
    return f"{of.lemma or of.forms[0]}/{of.part_of_speech}"
