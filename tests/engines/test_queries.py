"""What each node of a query tree finds, by example; what it scores is the oracle's, in test_contract.py."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.article import Article, Span
from search.engine import Engine, Reader
from search.query.tree import (
    And,
    Boost,
    Dated,
    Frequent,
    Fuzzy,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
    Wildcard,
    Word,
)

Open = Callable[..., Reader]


@pytest.fixture
def open_with(engine: Engine, tmp_path: Path) -> Iterator[Open]:
    """Opens an index of articles, each in a commit of its own; a text alone is a body, its id itself."""
    opened: list[Reader] = []

    def open_with(*given: Article | str) -> Reader:
        path = tmp_path / str(len(opened))
        path.mkdir()
        engine.create(str(path))
        for each in given:
            writer = engine.open_writer(str(path))
            writer.add(each if isinstance(each, Article) else Article(each, "", each))
            writer.commit({})
        opened.append(engine.open_reader(str(path)))
        return opened[-1]

    yield open_with
    for reader in opened:
        reader.close()


def found(reader: Reader, tree: Node) -> set[str]:
    return {match.id for match in reader.search(tree, limit=100).top}


def scores(reader: Reader, tree: Node) -> dict[str, float]:
    return {match.id: match.score for match in reader.search(tree, limit=100).top}


# Terms


def test_an_exact_word_is_none_of_its_inflections(open_with: Open) -> None:
    reader = open_with("drone", "drones", "Drone")
    assert found(reader, Word("drone")) == {"drone", "drones", "Drone"}
    assert found(reader, Word("drone", exact=True)) == {"drone", "Drone"}
    assert reader.frequency(Word("drones", exact=True)) == 1
    assert found(reader, Word("dron", exact=True)) == set()


def test_an_exact_word_has_the_accents_it_was_typed_with_if_any(open_with: Open) -> None:
    reader = open_with("cote", "côte", "côté")
    assert found(reader, Word("côté", exact=True)) == {"côté"}
    assert found(reader, Word("cote", exact=True)) == {"cote", "côte", "côté"}


def test_an_exact_word_weighs_as_the_exact_form_of_the_word(open_with: Open) -> None:
    reader = open_with("un drone", "un cheval")
    assert scores(reader, Word("drone", exact=True)) == scores(reader, Word("drone"))


def test_a_prefix_is_the_beginning_of_words_accents_aside(open_with: Open) -> None:
    reader = open_with("Élysée", "elysees", "éléphant", "délysé")
    assert found(reader, Prefix("ély")) == found(reader, Prefix("ely")) == {"Élysée", "elysees"}
    assert found(reader, Prefix("el")) == {"Élysée", "elysees", "éléphant"}
    assert found(reader, Prefix("elyseess")) == set()


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("?rone", {"drone", "prône"}),
        ("dr*", {"drone", "drones", "dragon"}),
        ("*rone", {"drone", "prône"}),
        ("*on*", {"drone", "drones", "dragon", "prône"}),
        ("d*ône?", {"drones"}),
        ("drones*", {"drones"}),
        ("drone", {"drone"}),
        ("dron.", set()),
        ("d?ne", set()),
        ("*", {"drone", "drones", "dragon", "prône"}),
    ],
)
def test_a_wildcard_is_a_pattern_of_whole_words(open_with: Open, pattern: str, words: set[str]) -> None:
    assert found(open_with("drone", "drones", "dragon", "prône"), Wildcard(pattern)) == words


def test_a_fuzzy_word_is_few_edits_away_accents_aside(open_with: Open) -> None:
    near = {"zelensky", "zelenski", "zelenskyy", "zelesky", "zleensky", "zélensky"}
    reader = open_with(*near, "zelinska", "zelenskaïa", "zel")
    assert found(reader, Fuzzy("zelensky")) == near
    assert found(reader, Fuzzy("zelensky", 2)) == near | {"zelinska"}
    assert found(reader, Fuzzy("absent")) == set()


def test_no_form_of_a_pattern_weighs_more_than_another(open_with: Open) -> None:
    reader = open_with("un drone", "un drame", "un cheval")
    given = scores(reader, Prefix("dr"))
    assert given["un drone"] == given["un drame"] > 0


def test_names_are_found_by_any_term_and_never_scored(open_with: Open) -> None:
    reader = open_with(
        Article("a", "", "", source="Le Monde", author="Anne Îles"),
        Article("b", "Monde", "Îles", source="Les mondes", path="presse/ile.txt"),
    )
    assert scores(reader, Word("mondes", "source")) == {"b": 0.0}
    assert scores(reader, Word("iles", "author", exact=True)) == {"a": 0.0}
    assert scores(reader, Prefix("mond", "source")) == {"a": 0.0, "b": 0.0}
    assert scores(reader, Wildcard("i?es", "author")) == {"a": 0.0}
    assert scores(reader, Fuzzy("iles", 1, "path")) == {"b": 0.0}
    assert scores(reader, Phrase(("le", "mondes"), "source")) == {}
    assert scores(reader, Near(Prefix("m"), Word("le"), 1, field="source")) == {"a": 0.0}


def test_a_group_is_told_of_any_term_in_its_field(open_with: Open) -> None:
    reader = open_with(Article("a", "Drones", "Un drone, des drames.", source="Dronautique"))

    def forms(term: Term) -> list[str]:
        return [member.form for member in reader.group(term).members]

    assert forms(Word("drone")) == ["drone", "drones"]
    assert forms(Word("drone", exact=True)) == ["drone"]
    assert forms(Prefix("dr", "title")) == ["drames", "drone", "drones"]
    assert forms(Fuzzy("dronne")) == ["drone"]
    assert forms(Prefix("dr", "source")) == ["dronautique"]
    assert forms(Word("drone", "source")) == []


def test_no_form_of_a_deleted_article_is_in_a_group(engine: Engine, tmp_path: Path) -> None:
    path = str(tmp_path)
    engine.create(path)
    for gone, added in ([], [Article("a", "", "drone"), Article("b", "", "drame")]), (["a"], []):
        writer = engine.open_writer(path)
        for id in gone:
            writer.delete(id)
        for article in added:
            writer.add(article)
        writer.commit({})
    reader = engine.open_reader(path)
    assert [member.form for member in reader.group(Prefix("dr")).members] == ["drame"]
    assert reader.group(Word("drone")).members == ()
    reader.close()


def test_a_pattern_of_too_many_forms_stands_for_the_most_frequent(
    open_with: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.expansion.EXPANSION_FORMS", 2)
    reader = open_with("mot1 mot1", "mot2", "mot3", "mot3 rien")
    group = reader.group(Prefix("mot"))
    assert ([member.form for member in group.members], group.complete) == (["mot1", "mot3"], False)
    assert found(reader, Prefix("mot")) == {"mot1 mot1", "mot3", "mot3 rien"}


# Articles in other languages


def in_languages(*given: tuple[str, str | None]) -> list[Article]:
    """An article for each text and its language, whose id is "text language"."""
    return [Article(f"{text} {language}", "", text, language=language) for text, language in given]


def test_a_word_has_its_french_inflections_where_the_language_is_french_or_unknown(open_with: Open) -> None:
    french = ["fr", "fr-FR", "FR", "fra", "français", "French", "", None]
    reader = open_with(*in_languages(*(("portes", each) for each in (*french, "en", "en-US", "de", "frr"))))
    assert found(reader, Word("porte")) == {f"portes {each}" for each in french}
    assert reader.frequency(Word("porte")) == len(french)
    assert len(found(reader, Word("portes"))) == len(french) + 4


def test_an_english_porter_is_no_french_door(open_with: Open) -> None:
    reader = open_with(*in_languages(("porter", "en"), ("portes", "en"), ("porte", "en"), ("porter", "fr")))
    assert found(reader, Word("porte")) == {"porte en", "porter fr"}
    assert found(reader, Word("porte", loose=True)) == {"porte en", "porter fr"}
    assert found(reader, Word("attaques")) == set()


def test_a_word_without_accents_is_each_of_its_spellings_in_any_language(open_with: Open) -> None:
    reader = open_with(
        *in_languages(("résumé", "en"), ("resume", "en"), ("resumes", "en"), ("résumés", "fr"))
    )
    assert found(reader, Word("resume")) == {"résumé en", "resume en", "résumés fr"}
    assert found(reader, Word("résumé")) == {"résumé en", "résumés fr"}


def test_prefixes_wildcards_and_fuzzy_words_match_in_any_language(open_with: Open) -> None:
    reader = open_with(*in_languages(("drones", "en"), ("drones", "fr"), ("dronen", "de")))
    for term in (Prefix("dron"), Wildcard("dron?*"), Fuzzy("dronex")):
        assert found(reader, term) == {"drones en", "drones fr", "dronen de"}


def test_a_foreign_article_with_an_inflection_alone_makes_no_word_less_rare(open_with: Open) -> None:
    few = open_with("x", *in_languages(("porte x", "fr"), ("y y", "en")))
    same = open_with("x", *in_languages(("porte x", "fr"), ("porter y", "en")))
    assert scores(same, Word("porte")) == scores(few, Word("porte"))
    assert scores(same, Phrase(("porte", "x"))) == scores(few, Phrase(("porte", "x")))
    french = open_with("x", *in_languages(("porte x", "fr"), ("porter y", "fr")))
    assert scores(french, Word("porte"))["porte x fr"] < scores(few, Word("porte"))["porte x fr"]


def test_an_inflection_adds_nothing_to_the_score_of_a_foreign_article(open_with: Open) -> None:
    reader = open_with(*in_languages(("porte portes", "en"), ("porte x", "en"), ("porte portes", "fr")))
    given = scores(reader, Word("porte"))
    assert given["porte portes en"] == given["porte x en"] < given["porte portes fr"]


def test_words_of_a_phrase_and_near_each_other_are_written_forms_in_a_foreign_article(
    open_with: Open,
) -> None:
    texts = ("porte close", "portes close", "porte x closes", "close portes")
    reader = open_with(*in_languages(*((text, each) for text in texts for each in ("en", "fr"))))
    assert found(reader, Phrase(("porte", "close"))) == {
        "porte close en",
        "porte close fr",
        "portes close fr",
    }
    assert found(reader, Near(Word("porte"), Word("close"), 2)) == {
        "porte close en", *(f"{text} fr" for text in texts),
    }  # fmt: skip
    assert found(reader, Near(Prefix("port"), Word("close"), 1, ordered=True)) == {
        "porte close en", "porte close fr", "portes close en", "portes close fr",
    }  # fmt: skip


def test_frequent_counts_written_forms_alone_in_a_foreign_article(open_with: Open) -> None:
    reader = open_with(*in_languages(("porte portes", "en"), ("porte porte", "en"), ("porte portes", "fr")))
    assert found(reader, Frequent(Word("porte"), 1)) == {"porte porte en", "porte portes fr"}
    assert found(reader, Frequent(Prefix("port"), 1)) == {
        "porte portes en", "porte porte en", "porte portes fr",
    }  # fmt: skip


def test_not_spares_a_foreign_article_with_an_inflection(open_with: Open) -> None:
    reader = open_with(*in_languages(("portes", "en"), ("portes", "fr")))
    assert found(reader, Not(Word("porte"))) == {"portes en"}


def test_a_very_form_is_counted_in_articles_of_all_languages(open_with: Open) -> None:
    reader = open_with(*in_languages(("portes", "en"), ("portes", "fr")))
    assert reader.articles_with("portes") == 2
    assert [member.written for member in reader.group(Word("porte")).members] == [False]
    assert found(reader, Word("porte", "source")) == set()


def test_names_of_a_foreign_article_are_found_as_any(open_with: Open) -> None:
    reader = open_with(Article("a", "", "", source="The Monde", language="en"))
    assert found(reader, Word("monde", "source")) == found(reader, Prefix("mon", "source")) == {"a"}


# Phrases and nearness


def test_a_phrase_allows_as_many_words_among_its_own_as_it_says(open_with: Open) -> None:
    reader = open_with("a b c", "a x b c", "a x b x c", "a x x b c", "a c b", "b c a")
    phrase = ("a", "b", "c")
    assert found(reader, Phrase(phrase)) == {"a b c"}
    assert found(reader, Phrase(phrase, slop=1)) == {"a b c", "a x b c"}
    assert found(reader, Phrase(phrase, slop=2)) == {"a b c", "a x b c", "a x b x c", "a x x b c"}


def test_words_of_a_phrase_stand_at_places_of_their_own(open_with: Open) -> None:
    reader = open_with("kiev", "kiev x kiev", "kiev kiev kiev")
    assert found(reader, Phrase(("kiev", "kiev"), slop=1)) == {"kiev x kiev", "kiev kiev kiev"}
    assert found(reader, Phrase(("kiev", "kiev", "kiev"), slop=9)) == {"kiev kiev kiev"}


def test_a_phrase_is_counted_once_for_each_place_where_it_begins(open_with: Open) -> None:
    reader = open_with("a b x x x x", "a b b x x x", "a a b x x x")
    given = scores(reader, Phrase(("a", "b"), slop=1))
    assert given["a b x x x x"] == pytest.approx(given["a b b x x x"])
    assert given["a a b x x x"] > given["a b b x x x"]


def test_a_stop_word_in_a_phrase_is_none_of_its_inflections(open_with: Open) -> None:
    reader = open_with("son drone", "sons drones")
    assert found(reader, Phrase(("son", "drone"))) == {"son drone"}
    assert found(reader, Phrase(("sons", "drone"))) == {"son drone", "sons drones"}


def test_an_exact_phrase_has_no_inflections(open_with: Open) -> None:
    reader = open_with("un drone tombe", "un drone tombait", "un drone est tombé")
    assert found(reader, Phrase(("drones", "tombe"))) == {"un drone tombe", "un drone tombait"}
    assert found(reader, Phrase(("drone", "tombe"), exact=True)) == {"un drone tombe"}
    assert found(reader, Phrase(("drones", "tombe"), exact=True)) == set()
    assert found(reader, Phrase(("drone", "tombé"), slop=1, exact=True)) == {"un drone est tombé"}


NEARBY = ("drone x moscou", "moscou x drone", "drone x x moscou", "drone", "drones moscou")


def test_near_is_before_or_after_and_no_farther_than_it_says(open_with: Open) -> None:
    reader = open_with(*NEARBY)
    near = found(reader, Near(Word("drone"), Word("moscou"), 2))
    assert near == {"drone x moscou", "moscou x drone", "drones moscou"}
    assert found(reader, Near(Word("drone"), Word("moscou"), 3)) == near | {"drone x x moscou"}


def test_near_in_order_is_after_only(open_with: Open) -> None:
    reader = open_with(*NEARBY)
    ordered = Near(Word("drone"), Word("moscou"), 2, ordered=True)
    assert found(reader, ordered) == {"drone x moscou", "drones moscou"}


def test_no_place_is_near_itself(open_with: Open) -> None:
    reader = open_with("drone", "drone drone")
    assert found(reader, Near(Word("drone"), Word("drone"), 5)) == {"drone drone"}
    assert found(reader, Near(Word("drone"), Prefix("d"), 5, ordered=True)) == {"drone drone"}


def test_near_takes_any_term(open_with: Open) -> None:
    reader = open_with(*NEARBY)
    assert found(reader, Near(Word("drone", exact=True), Prefix("mosc"), 1)) == set()
    assert found(reader, Near(Fuzzy("dronnes"), Wildcard("m*u"), 1)) == {"drones moscou"}


def test_near_is_in_one_field_its_own(open_with: Open) -> None:
    reader = open_with(Article("a", "x kiev", "moscou x"), Article("b", "moscou kiev", ""))
    assert found(reader, Near(Word("kiev"), Word("moscou"), 9)) == {"b"}
    assert found(reader, Near(Word("kiev", "body"), Word("moscou", "source"), 9, field="title")) == {"b"}
    assert found(reader, Near(Word("kiev"), Word("moscou"), 9, field="body")) == set()


def test_a_phrase_of_two_words_scores_as_the_same_words_in_order_nearby(open_with: Open) -> None:
    reader = open_with("kiev x moscou", "kiev moscou kiev moscou", "x moscou")
    near = scores(reader, Near(Word("kiev"), Word("moscou"), 2, ordered=True))
    assert near == pytest.approx(scores(reader, Phrase(("kiev", "moscou"), slop=1)))


# Frequency, weight, number


def test_frequent_counts_all_forms_in_the_body_together(open_with: Open) -> None:
    reader = open_with(
        "drone", "drone drones", "drone drones drone", Article("t", "drone drone drone", "drone")
    )
    assert found(reader, Frequent(Word("drone"), 1)) == {"drone drones", "drone drones drone"}
    assert found(reader, Frequent(Word("drone", exact=True), 1)) == {"drone drones drone"}
    assert found(reader, Frequent(Prefix("dr"), 2)) == {"drone drones drone"}
    assert found(reader, Frequent(Word("drone", "title"), 0)) == found(reader, Word("drone", "body"))


def test_frequent_scores_as_its_term_in_the_body(open_with: Open) -> None:
    reader = open_with("drone drones", "drone x", Article("t", "drone", "x"))
    scored = scores(reader, Word("drone", "body"))
    assert scores(reader, Frequent(Word("drone"), 1)) == {"drone drones": scored["drone drones"]}


def test_frequent_counts_no_form_that_only_ranks(open_with: Open) -> None:
    reader = open_with("une évacuation", "évacuer")
    assert found(reader, Word("évacuer", loose=True)) == {"une évacuation", "évacuer"}
    assert found(reader, Frequent(Word("évacuer", loose=True), 0)) == {"évacuer"}


def test_a_boost_multiplies_the_score_and_finds_the_same(open_with: Open) -> None:
    reader = open_with("drone kiev", "drone", "kiev")
    plain = scores(reader, Word("drone"))
    assert scores(reader, Boost(Word("drone"), 2.5)) == pytest.approx(
        {id: 2.5 * s for id, s in plain.items()}
    )
    assert scores(reader, Boost(Word("drone"), 0.0)) == dict.fromkeys(plain, 0.0)
    assert scores(reader, Boost(Boost(Word("drone"), 0.5), 2.0)) == pytest.approx(plain)
    both = And((Boost(Word("drone"), 3.0), Word("kiev")))
    expected = 3 * plain["drone kiev"] + scores(reader, Word("kiev"))["drone kiev"]
    assert scores(reader, both) == {"drone kiev": pytest.approx(expected)}
    assert found(reader, Not(Boost(Word("drone"), 0.0))) == {"kiev"}


def test_a_boost_is_as_certain_as_its_child(open_with: Open) -> None:
    reader = open_with(
        Article("day", "", "x", Span.parse("2024-03-14")), Article("year", "", "x", Span.parse("2024"))
    )
    march = Dated(dt.date(2024, 3, 1), dt.date(2024, 3, 31))
    for tree in (Boost(march, 2.0), And((Boost(march, 2.0), Word("x")))):
        matches = reader.search(tree, limit=9, sort="date").top
        assert [(match.id, match.date_match) for match in matches] == [
            ("year", "possible"),
            ("day", "certain"),
        ]
    assert found(reader, Not(Boost(march, 2.0))) == {"year"}


@pytest.mark.parametrize("sort", ["relevance", "date", "-date"])
def test_the_same_page_comes_without_a_count(open_with: Open, sort: str) -> None:
    reader = open_with("a b", "a x", "b x", "a a b", "x")
    tree = Or((Word("a"), Word("b")))
    for offset, limit in ((0, 1), (0, 10), (2, 1), (9, 5), (0, 0)):
        counted = reader.search(tree, limit=limit, offset=offset, sort=sort)
        other = reader.search(tree, limit=limit, offset=offset, sort=sort, counted=False)
        assert (counted.total, other.total) == (4, None)
        assert [match.id for match in other.top] == [match.id for match in counted.top]
        assert [match.score for match in other.top] == pytest.approx([match.score for match in counted.top])


def test_other_spellings_of_a_name_are_found_in_all_languages_at_less_weight(open_with: Open) -> None:
    foreign = Article("foreign", "", "putin", language="en")
    reader = open_with("poutine", foreign, "autre")
    asked = Word("poutine", also=("putin",))
    assert found(reader, asked) == {"poutine", "foreign"}
    assert scores(reader, asked)["poutine"] > scores(reader, asked)["foreign"] > 0
    assert found(reader, Near(asked, Word("autre"), 5)) == set()
    assert found(reader, Frequent(asked, 0)) == {"poutine", "foreign"}
