"""Scores that a pencil can follow. Everything else about them is the oracle's, in test_contract.py."""

from collections.abc import Iterator
from math import log
from pathlib import Path

import pytest

from search.article import Article
from search.engines.whoosh import stock
from search.engines.whoosh.stock import StockReader
from search.query.tree import And, Node, Not, Or, Phrase, StopWord, Word

# Titles have 1 token on average, bodies (3 + 5) / 2 = 4.
BOTH = Article("both", "Drones", "Les drones attaquent.", source="Drones Hebdo")
ONE = Article("one", "Nuit", "Ils attaquent encore cette nuit.")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[StockReader]:
    stock.create(str(tmp_path))
    writer = stock.open_writer(str(tmp_path))
    writer.add(BOTH)
    writer.add(ONE)
    writer.commit({})
    with stock.open_reader(str(tmp_path)) as reader:
        yield reader


def scores(reader: StockReader, tree: Node) -> dict[str, float]:
    return {match.id: match.score for match in reader.search(tree, limit=10).top}


# A body of 3 tokens, among bodies of 4, divides by 0.4 + 0.6 x 3/4 = 17/20: one word weighs 20/17.
# One article of two has `drones`: ln(1 + 1.5/1.5) = ln 2; both have `attaquent`: ln(1 + 0.5/2.5) = ln 1.2.
# A form as it was typed counts whole, and 0.3 more apart; an inflection counts 0.8.


def test_title_and_body_are_added_before_they_saturate(reader: StockReader) -> None:
    tf = 3 + 20 / 17
    assert scores(reader, Word("drones")) == {"both": pytest.approx(1.3 * log(2) * tf / (1.2 + tf))}
    assert scores(reader, Word("drones")) == {"both": pytest.approx(1.3 * log(2) * 355 / 457)}


def test_a_word_in_one_field_is_scored_by_that_field_alone(reader: StockReader) -> None:
    assert scores(reader, Word("drones", "body")) == {"both": pytest.approx(1.3 * log(2) * 50 / 101)}
    assert scores(reader, Word("drones", "title")) == {"both": pytest.approx(1.3 * log(2) * 3 / 4.2)}


def test_an_inflection_weighs_less_than_the_word_as_it_was_typed(reader: StockReader) -> None:
    tf = 0.8 * 20 / 17
    assert scores(reader, Word("drone", "body")) == {"both": pytest.approx(log(2) * tf / (1.2 + tf))}
    assert scores(reader, Word("drone", "title")) == {"both": pytest.approx(log(2) * 2.4 / 3.6)}


def test_a_form_that_shares_only_the_stem_ranks_but_does_not_match(tmp_path: Path) -> None:
    stock.create(str(tmp_path))
    writer = stock.open_writer(str(tmp_path))
    writer.add(Article("derived", "", "Une évacuation."))
    writer.add(Article("inflected", "", "Ils évacuaient."))
    writer.commit({})
    with stock.open_reader(str(tmp_path)) as reader:
        assert list(scores(reader, Word("évacuer"))) == ["inflected"]
        loose = scores(reader, Word("évacuer", loose=True))
        assert loose["inflected"] > loose["derived"] > 0


def test_a_shorter_body_scores_higher(reader: StockReader) -> None:
    longer = 1 / (0.4 + 0.6 * 5 / 4)
    assert scores(reader, Word("attaquent")) == {
        "both": pytest.approx(1.3 * log(1.2) * 50 / 101),
        "one": pytest.approx(1.3 * log(1.2) * longer / (1.2 + longer)),
    }


def test_a_phrase_is_one_term_that_weighs_as_its_words_together(reader: StockReader) -> None:
    phrase = Phrase(("drones", "attaquent"))
    assert scores(reader, phrase) == {"both": pytest.approx((log(2) + log(1.2)) * 50 / 101)}


def test_a_phrase_is_found_in_its_order_only(reader: StockReader) -> None:
    assert scores(reader, Phrase(("attaquent", "drones"))) == {}
    assert scores(reader, Phrase(("attaquent", "attaquent"))) == {}


def test_a_source_is_found_by_its_words_and_never_scored(reader: StockReader) -> None:
    assert scores(reader, Word("drones", "source")) == {"both": 0.0}
    assert scores(reader, Phrase(("drones", "hebdo"), "source")) == {"both": 0.0}
    assert scores(reader, Word("drone", "source")) == {}, "names are not stemmed"


def test_operators_add_what_their_children_score(reader: StockReader) -> None:
    drones, attack = Word("drones"), Word("attaquent")
    both = scores(reader, drones)["both"] + scores(reader, attack)["both"]
    assert scores(reader, And((drones, attack, StopWord("les")))) == {"both": pytest.approx(both)}
    assert scores(reader, Or((drones, attack))) == {
        "both": pytest.approx(both),
        "one": scores(reader, attack)["one"],
    }
    assert scores(reader, And((attack, Not(drones)))) == {"one": scores(reader, attack)["one"]}
    assert scores(reader, Not(drones)) == {"one": 0.0}
