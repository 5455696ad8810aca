"""A group is what its rules say, step by step: the plain way, which asks for everything and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from search.french.analysis import fold, stem
from search.french.groups import (
    _RARE_TENSE,
    EXACT_STRENGTH,
    ClassKey,
    Dictionary,
    Group,
    Member,
    _named,
    group,
)
from search.french.lexicon import inflections, lexicon, spellings
from search.ranking import (
    AUXILIARIES,
    DOUBTFUL,
    EXACT,
    INFLECTIONS,
    NAME_LOWER_CASE,
    NAME_OCCURRENCES,
    SAME_STEM,
    SHORTEST_STEM,
)


class Archive:
    """Forms, each with how often it stands and how often of these with a capital."""

    def __init__(self, counts: Mapping[str, tuple[int, int]]) -> None:
        self.counts = counts

    def forms_of_stem(self, wanted: str) -> Iterable[str]:
        return (form for form in self.counts if stem(form) == wanted)

    def occurrences(self, form: str) -> tuple[int, int]:
        return self.counts.get(form, (0, 0))


def plain_group(word: str, dictionary: Dictionary) -> Group:
    folded = fold(word)
    of_stem = stem(word)
    neighbours = {
        form
        for form in dictionary.forms_of_stem(of_stem)
        if len(of_stem) >= SHORTEST_STEM or fold(form) == folded
    }
    strengths: dict[str, float] = dict.fromkeys(neighbours, 0.0)
    asked = plain_asked(word, dictionary)
    for form in candidates(asked, dictionary) | neighbours:
        own = worth_of(classes(form, dictionary), form)
        shared = [worth * own[key] for key, worth in asked.items() if key in own]
        if shared:
            strengths[form] = max(shared)
    spelled = {form for form in neighbours if fold(form) == folded}
    if not spellings(folded):
        strengths.update(dict.fromkeys(spelled, 1.0))
    exact = {word} if word in neighbours and word != folded else spelled
    strengths.update(dict.fromkeys(exact, EXACT_STRENGTH))
    members = (
        Member(
            form,
            strength,
            EXACT if form in exact else INFLECTIONS.get(strength, SAME_STEM),
            written=form in exact,
        )
        for form, strength in strengths.items()
    )
    return Group(
        word,
        tuple(sorted(_named(key) for key in asked)),
        tuple(sorted(members, key=lambda member: (-member.weight, -member.strength, member.form))),
    )


def candidates(asked: Mapping[ClassKey, float], dictionary: Dictionary) -> set[str]:
    folded = {fold(form) for key in asked if isinstance(key, int) for form in inflections(key).forms}
    found: set[str] = set()
    for each in {stem(form) for form in folded}:
        found.update(form for form in dictionary.forms_of_stem(each) if fold(form) in folded)
    return found


def plain_asked(word: str, dictionary: Dictionary) -> dict[ClassKey, float]:
    asked = worth_of(classes(word, dictionary), word)
    folded = fold(word)
    if word == folded:
        name = is_name_like(word, dictionary)
        known = {
            spelling: frozenset[ClassKey](
                key for key in keys if not name or inflections(key).part_of_speech != "V"
            )
            for spelling, keys in spellings(folded).items()
            if spelling != word and not _RARE_TENSE.search(spelling)
        }
        for form in dictionary.forms_of_stem(stem(word)):
            if form != word and fold(form) == folded:
                known[form] = classes(form, dictionary)
        for spelling, keys in known.items():
            for key, worth in worth_of(keys, spelling).items():
                asked[key] = max(worth, asked.get(key, 0.0))
    return asked


def classes(form: str, dictionary: Dictionary) -> frozenset[ClassKey]:
    folded = fold(form)
    known = spellings(folded)
    name = is_name_like(form, dictionary)
    spelled = [form]
    if form not in known:
        usual = [spelling for spelling in known if not _RARE_TENSE.search(spelling)]
        spelled = usual or list(known)
    keys = {key for spelling in spelled for key in known.get(spelling, ())}
    if name:
        keys = {key for key in keys if inflections(key).part_of_speech != "V"}
    return frozenset(keys) or frozenset((f"={folded}" if name else f"~{stem(form)}",))


def worth_of(keys: frozenset[ClassKey], form: str) -> dict[ClassKey, float]:
    known = {key: inflections(key) for key in keys if isinstance(key, int)}
    is_noun = any(each.part_of_speech == "N" for each in known.values())
    worth: dict[ClassKey, float] = {}
    for key in keys:
        of = known.get(key) if isinstance(key, int) else None
        doubtful = is_noun and of and of.part_of_speech == "V" and fold(of.lemma or "") != fold(form)
        if not (doubtful and of and of.lemma in AUXILIARIES):
            worth[key] = DOUBTFUL if doubtful else 1.0
    return worth


def is_name_like(form: str, dictionary: Dictionary) -> bool:
    if not form.isalpha():
        return False
    all_told, capitals = dictionary.occurrences(form)
    return all_told >= NAME_OCCURRENCES and (all_told - capitals) / all_told < NAME_LOWER_CASE


NUMBERS = st.integers(0, 84_000)
OUTSIDE = st.sampled_from(
    ["gaza", "elise", "oblast", "oblasts", "koursk", "2024", "z", "z'", "xx", "aujourd'hui"]
)
KNOWN = st.sampled_from(
    ["porte", "portes", "porté", "été", "avions", "avoir", "élire", "du", "dû", "cote", "marche", "visée"]
)
COUNTS = st.sampled_from([(1, 0), (1, 1), (9, 9), (9, 8), (40, 39), (9, 1)])


@st.composite
def archives(draw: st.DrawFn) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """Some inflections of some classes, as they are spelled or bare; and words to ask for."""
    forms = draw(st.lists(OUTSIDE | KNOWN, max_size=6))
    lemmas = [spellings(fold(each)).get(each, ()) for each in draw(st.lists(KNOWN, max_size=3))]
    numbers = [number for each in lemmas for number in each] + draw(st.lists(NUMBERS, max_size=3))
    for number in numbers:
        of = lexicon().inflections(number).forms
        forms += draw(st.lists(st.sampled_from(of) | st.sampled_from(of).map(fold), max_size=8))
    forms = [form for form in forms if form] or ["rien"]
    words = draw(st.lists(st.sampled_from(forms) | OUTSIDE | KNOWN, min_size=1, max_size=4))
    return {form: draw(COUNTS) for form in forms}, words


@settings(max_examples=300, deadline=None)
@given(archives())
def test_a_group_is_what_the_plain_way_finds(drawn: tuple[dict[str, tuple[int, int]], list[str]]) -> None:
    counts, words = drawn
    archive = Archive(counts)
    for word in [*words, *map(fold, words)]:
        assert group(word, archive) == plain_group(word, archive)


def test_a_group_asks_for_each_stem_and_each_form_once() -> None:
    asked: list[tuple[str, str]] = []

    class Asked(Archive):
        def forms_of_stem(self, wanted: str) -> Iterable[str]:
            asked.append(("stem", wanted))
            return super().forms_of_stem(wanted)

        def occurrences(self, form: str) -> tuple[int, int]:
            asked.append(("form", form))
            return super().occurrences(form)

    forms = ["marche", "marches", "marché", "marchés", "marcher", "marchait"]
    group("marche", Asked(dict.fromkeys(forms, (3, 0))))
    assert len(asked) == len(set(asked))
