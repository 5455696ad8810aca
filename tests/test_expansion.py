"""Which forms a term stands for, by example."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from search.distance import is_within
from search.expansion import Frequency, group_of, group_of_name, most_frequent
from search.french.analysis import fold, stem
from search.french.groups import EXACT_STRENGTH, Group
from search.query.tree import Fuzzy, Prefix, Term, Wildcard, Word
from search.ranking import EXACT, EXPANDED, OTHER_SPELLING


class Forms:
    """The dictionary of these forms, as often as they are given."""

    def __init__(self, *forms: str) -> None:
        self.counts = Counter(forms)

    def forms_of_stem(self, wanted: str) -> list[str]:
        return [form for form in self.counts if stem(form) == wanted]

    def occurrences(self, form: str) -> tuple[int, int]:
        return self.counts[form], 0

    def beginning_with(
        self, folded: str, limit: int | None = None, pattern: re.Pattern[str] | None = None
    ) -> list[Frequency]:
        found = [form for form in self.counts if fold(form).startswith(folded)]
        return self.ranked([form for form in found if not pattern or pattern.fullmatch(fold(form))], limit)

    def within(self, folded: str, distance: int, limit: int | None = None) -> list[Frequency]:
        return self.ranked([form for form in self.counts if is_within(distance, fold(form), folded)], limit)

    def ranked(self, forms: list[str], limit: int | None) -> list[Frequency]:
        return most_frequent([Frequency(form, self.counts[form], 0) for form in forms], limit)


ARCHIVE = Forms(
    "drone", "drones", "dragon", "élysée", "élysées", "elysee", "évacuer", "évacuation", "a.b", "axb"
)


def forms(group: Group) -> list[str]:
    return [member.form for member in group.members]


def test_a_word_stands_for_its_inflections() -> None:
    group = group_of(Word("drones"), ARCHIVE)
    assert forms(group) == ["drones", "drone"]
    assert group.exact == {"drones"}
    assert group.complete


def test_what_is_written_as_asked_counts_in_all_languages() -> None:
    assert group_of(Word("drones"), ARCHIVE).as_written == {"drones"}
    for term in (Word("drones", exact=True), Prefix("dr"), Wildcard("dr*"), Fuzzy("drone")):
        group = group_of(term, ARCHIVE)
        assert group.members
        assert group.in_language("en") == group
    assert group_of_name(Word("drones", "source"), ARCHIVE).as_written == {"drones"}


def test_an_exact_word_stands_for_itself() -> None:
    group = group_of(Word("drones", exact=True), ARCHIVE)
    assert forms(group) == ["drones"]
    assert group.matching == group.exact == group.in_phrase == {"drones"}
    assert (group.word, group.classes) == ("drones", group_of(Word("drones"), ARCHIVE).classes)
    assert group_of(Word("dragons", exact=True), ARCHIVE).members == ()


@pytest.mark.parametrize(
    ("typed", "exact"),
    [("elysee", {"élysée", "elysee"}), ("élysée", {"élysée"}), ("elysees", {"élysées"})],
)
def test_an_exact_word_without_accents_is_any_of_its_spellings(typed: str, exact: set[str]) -> None:
    assert group_of(Word(typed, exact=True), ARCHIVE).matching == exact


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Prefix("dr"), ["dragon", "drone", "drones"]),
        (Prefix("ély"), ["elysee", "élysée", "élysées"]),
        (Prefix("ely"), ["elysee", "élysée", "élysées"]),
        (Prefix("drones"), ["drones"]),
        (Prefix("rone"), []),
        (Wildcard("dr?ne"), ["drone"]),
        (Wildcard("dr*n*"), ["dragon", "drone", "drones"]),
        (Wildcard("*e"), ["drone", "elysee", "élysée"]),
        (Wildcard("?lysé?"), ["elysee", "élysée"]),
        (Wildcard("*éé*"), ["elysee", "élysée", "élysées"]),
        (Wildcard("drone"), ["drone"]),
        (Wildcard("a.?"), ["a.b"]),
        (Wildcard("[a-z]*"), []),
        (Fuzzy("dronne"), ["drone"]),
        (Fuzzy("dronne", 2), ["drone", "drones"]),
        (Fuzzy("élisée"), ["elysee", "élysée"]),
        (Fuzzy("rdone"), ["drone"]),
        (Fuzzy("kiev", 2), []),
    ],
    ids=str,
)
def test_a_pattern_stands_for_what_is_written_so_accents_aside(term: Term, expected: list[str]) -> None:
    for group in (group_of(term, ARCHIVE), group_of_name(term, ARCHIVE)):
        assert forms(group) == expected
        assert group.matching == set(expected)
        assert not group.exact
        assert {member.weight for member in group.members} <= {EXPANDED}
        assert (group.word, group.classes, group.complete) == (str(term), (), True)


@pytest.mark.parametrize("term", [Prefix("mot"), Wildcard("mot?"), Fuzzy("mot0")], ids=str)
def test_too_many_forms_are_cut_to_the_most_frequent_and_said_to_be(
    monkeypatch: pytest.MonkeyPatch, term: Term
) -> None:
    monkeypatch.setattr("search.expansion.EXPANSION_FORMS", 3)
    archive = Forms("mot4", "mot4", "mot3", "mot2", "mot1", "mot5", "mot5", "mot5")
    group = group_of(term, archive)
    assert forms(group) == ["mot1", "mot4", "mot5"], "of equals the first in the alphabet"
    assert not group.complete
    monkeypatch.setattr("search.expansion.EXPANSION_FORMS", 5)
    group = group_of(term, archive)
    assert forms(group) == ["mot1", "mot2", "mot3", "mot4", "mot5"]
    assert group.complete


@pytest.mark.parametrize("exact", [False, True])
def test_a_name_stands_for_its_folding_alone(exact: bool) -> None:
    names = Forms("monde", "mondes", "elysee")
    group = group_of_name(Word("élysée", "source", exact=exact), names)
    assert [(member.form, member.strength, member.weight) for member in group.members] == [
        ("elysee", EXACT_STRENGTH, EXACT)
    ]
    assert group.matching == group.exact == {"elysee"}
    assert forms(group_of_name(Word("monde", "source", exact=exact), names)) == ["monde"]
    assert group_of_name(Word("le", "source", exact=exact), names).members == ()


def test_other_spellings_of_a_name_match_in_all_languages_and_weigh_less() -> None:
    group = group_of(Word("drones", also=("dragon", "absent", "drone")), ARCHIVE)
    weights = {member.form: (member.weight, member.matches, member.written) for member in group.members}
    assert weights == {
        "drones": (EXACT, True, True),
        "drone": (0.8, True, True),
        "dragon": (OTHER_SPELLING, True, True),
    }
    assert group.exact == {"drones"}


def test_an_exact_word_with_accents_has_no_other_spelling_even_where_the_archive_lacks_it() -> None:
    assert forms(group_of(Word("elysée", exact=True), ARCHIVE)) == []
    assert forms(group_of(Word("elysee", exact=True), ARCHIVE)) == ["elysee", "élysée"]
