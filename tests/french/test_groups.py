"""Which forms a word stands for, and what each weighs: the rules (a) to (f) by example."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.french.analysis import fold, stem
from search.french.groups import Group, group
from search.french.tokens import tokens


class Archive:
    """The dictionary of an archive of these texts."""

    def __init__(self, *texts: str) -> None:
        found = [(token.form, text[token.start].isupper()) for text in texts for token in tokens(text)]
        self.forms = Counter(form for form, _ in found)
        self.capitals = Counter(form for form, capital in found if capital)

    def forms_of_stem(self, wanted: str) -> list[str]:
        return [form for form in self.forms if stem(form) == wanted]

    def occurrences(self, form: str) -> tuple[int, int]:
        return self.forms[form], self.capitals[form]


def weights(found: Group) -> dict[str, float]:
    return {member.form: member.weight for member in found.members}


VERBS = "repousser repousse repousses repoussée repoussées repoussaient repousseront repoussons"
PLURALS = "cheval chevaux journal journaux œil yeux belle beau"


@pytest.mark.parametrize("word", VERBS.split())
def test_any_inflection_of_a_verb_finds_all_others(word: str) -> None:
    assert group(word, Archive(VERBS)).matching == set(VERBS.split())


@pytest.mark.parametrize(
    ("word", "matching"),
    [
        ("cheval", {"cheval", "chevaux"}),
        ("yeux", {"oeil", "yeux"}),
        ("journaux", {"journal", "journaux"}),
        ("belles", {"beau", "belle"}),
        ("chevalier", set()),
    ],
)
def test_inflections_that_no_stemmer_finds_are_found(word: str, matching: set[str]) -> None:
    assert group(word, Archive(PLURALS)).matching == matching


def test_the_form_as_typed_counts_whole_and_its_inflections_less() -> None:
    found = weights(group("repoussée", Archive("repoussée repoussées repousser")))
    assert found == {"repoussée": 1.0, "repoussées": 0.8, "repousser": 0.8}


def test_a_word_without_accents_is_each_of_its_spellings() -> None:
    found = group("cote", Archive("cote côte coté côté côtés"))
    assert found.exact == {"cote", "côte", "coté", "côté"}
    assert "côtés" in found.matching


def test_a_word_with_accents_is_itself() -> None:
    found = group("côté", Archive("cote côte coté côté côtés"))
    assert found.exact == {"côté"}
    assert found.matching == {"côté", "côtés"}


def test_a_form_of_the_archive_without_its_accents_has_those_of_its_spelling() -> None:
    assert group("évacuations", Archive("EVACUATION Évacuation")).matching == {"evacuation", "évacuation"}


def test_a_verb_that_is_also_a_noun_weighs_less() -> None:
    found = weights(group("viser", Archive("visée visées viser visé")))
    assert found["viser"] == 1.0
    assert found["visé"] == 0.8
    assert found["visée"] == found["visées"] == 0.6


def test_two_nouns_that_share_a_doubtful_verb_rank_but_do_not_match() -> None:
    found = group("portes", Archive("porte ports porté portes portée"))
    assert "ports" not in found.matching
    assert {"porte", "portes"} <= found.matching


def test_a_rare_tense_is_no_reading_of_a_word_without_accents() -> None:
    assert group("contrat", Archive("contrat contrats contrer contré")).matching == {"contrat", "contrats"}


def test_a_name_has_no_reading_as_a_verb() -> None:
    archive = Archive("Gaza " * 10, "gazer gazé")
    assert group("Gaza".lower(), archive).matching == {"gaza"}
    assert "gaza" not in group("gazer", archive).matching
    assert "gaza" in group("gazer", Archive("il gaza " * 10, "gazer")).matching


def test_a_name_without_its_accent_has_no_reading_as_a_verb_either() -> None:
    archive = Archive("Elise " * 10, "élu élue élire")
    assert group("elise", archive).matching == {"elise"}
    assert "elise" not in group("élu", archive).matching


def test_planes_and_summers_are_no_forms_of_avoir_and_etre() -> None:
    archive = Archive("avion avions avait avoir été étés était sont")
    assert group("avions", archive).matching == {"avion", "avions"}
    assert group("été", archive).matching == {"été", "étés"}
    assert "avait" in group("avoir", archive).matching


def test_in_another_language_the_form_as_typed_counts_alone() -> None:
    archive = Archive("porte portes porté porter", "portage")
    found = group("porté", archive)
    assert found.as_written == {"porté"} < found.matching
    assert found.in_language("fr") is found.in_language(None) is found
    abroad = found.in_language("en")
    assert [member.form for member in abroad.members] == ["porté"]
    assert (abroad.word, abroad.classes, abroad.complete) == (found.word, found.classes, found.complete)
    assert group("porte", archive).as_written == {"porte", "porté"}
    assert group("portera", archive).in_language("en").members == ()


def test_in_a_phrase_a_stop_word_is_itself_alone() -> None:
    archive = Archive("du dû due devront présidents")
    assert group("du", archive).in_phrase == {"du", "dû"}
    assert group("président", archive).in_phrase == {"présidents"}


def test_a_stem_of_a_letter_or_two_joins_nothing() -> None:
    assert group("zzzzz", Archive("la Twingo Z. E.")).members == ()


def test_words_outside_the_lexicon_share_their_stem() -> None:
    archive = Archive("un oblast, des oblasts, la zeppelinisation")
    assert group("oblasts", archive).matching == {"oblast", "oblasts"}


def test_a_form_of_the_same_stem_ranks_and_does_not_match() -> None:
    found = group("évacuer", Archive("une évacuation"))
    assert found.matching == set()
    assert weights(found) == {"évacuation": 0.2}


def test_tu_is_not_killed_and_marche_is_more_than_the_market() -> None:
    assert "tué" not in group("tu", Archive("tué tue")).matching
    assert group("marche", Archive("marché")).matching == {"marché"}
    assert group("marche", Archive("marche marches marché")).matching == {"marche", "marches", "marché"}
    assert group("marché", Archive("marche marches marché marchés")).exact == {"marché"}


def test_a_word_that_the_archive_has_not_stands_for_nothing() -> None:
    found = group("xyzzy", Archive("rien"))
    assert (found.members, found.classes) == ((), ("~xyzy",))


def test_a_group_names_the_classes_that_a_word_was_read_as() -> None:
    assert set(group("visée", Archive("visée")).classes) == {"viser/V", "visée/N"}


WORDS = st.sampled_from(
    [
        *("porte", "portes", "porté", "port", "ports", "cote", "côté", "côtes", "fut", "fût", "fûts"),
        *("Gaza", "gazer", "élu", "élue", "élire", "précis", "précisés", "précisions", "contrat", "contrer"),
        *(
            "oblast",
            "Koursk",
            "koursk",
            "2024",
            "aujourd'hui",
            "prud'homme",
            "œuvre",
            "évacuer",
            "évacuation",
        ),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12), WORDS)
def test_a_group_holds_forms_of_the_archive_only_and_every_spelling_of_a_bare_word(
    texts: list[str], word: str
) -> None:
    archive = Archive(*texts)
    form = next(tokens(word)).form
    found = group(form, archive)
    assert {member.form for member in found.members} <= archive.forms.keys()
    assert len({member.form for member in found.members}) == len(found.members)
    bare = group(fold(form), archive)
    assert {each for each in archive.forms if fold(each) == fold(form)} <= bare.matching
    if form in archive.forms:
        assert form in found.matching


def test_a_name_that_no_lexicon_knows_is_one_with_other_accents_too() -> None:
    archive = Archive("Erdogan Erdogan Erdogan Erdogan Erdogan Erdogan Erdoğan")
    assert group("erdoğan", archive).matching == {"erdoğan", "erdogan"}
    assert group("erdoğan", archive).exact == {"erdoğan"}
    assert group("erdogan", archive).exact == {"erdoğan", "erdogan"}
