"""The forms of names in several segments are those of the articles that are left."""

import re
from collections.abc import Callable

import numpy as np
import pytest

from search.article import Article
from search.distance import distance
from search.engines.whoosh.columnar.deletions import deletions_of
from search.engines.whoosh.columnar.name_forms import NameForms
from search.engines.whoosh.columnar.segment import Segment
from search.engines.whoosh.columnar.tokenizer import Tokenizer

SOURCES = ("Le Monde", "Le Progrès", "Ouest-France", "Ouest", "L’Élysée", None, "Le Monde", "Monde, le monde")


@pytest.fixture
def segments(segment_of: Callable[..., Segment]) -> list[Segment]:
    articles = [Article(f"{rank}", "x", "", source=source) for rank, source in enumerate(SOURCES)]
    return [segment_of(articles[:4]), segment_of(articles[4:])]


def test_forms_are_counted_in_the_names_of_all_articles(segments: list[Segment]) -> None:
    found = NameForms(segments, "source")
    # Le Monde stands in both segments; "Monde, le monde" has the word twice.
    assert {form: found.occurrences(form) for form in ("monde", "le", "elysee", "ouest", "absent")} == {
        "monde": (4, 0),
        "le": (4, 0),
        "elysee": (1, 0),
        "ouest": (2, 0),
        "absent": (0, 0),
    }


def test_forms_are_found_by_their_beginning_and_by_their_edits(segments: list[Segment]) -> None:
    found = NameForms(segments, "source")
    every = {"le", "monde", "progres", "ouest", "france", "elysee"}
    for beginning in ("", "m", "mo", "le", "el", "z"):
        named = [each.form for each in found.beginning_with(beginning)]
        assert sorted(named) == sorted(f for f in every if f.startswith(beginning))
    for wanted in ("monde", "mond", "l", "onde", "oeust", "progress"):
        for most in (0, 1, 2):
            named = [each.form for each in found.within(wanted, most)]
            assert sorted(named) == sorted(f for f in every if distance(wanted, f) <= most)


def test_the_most_frequent_forms_come_first(segments: list[Segment]) -> None:
    found = NameForms(segments, "source")
    assert found.beginning_with("", 3) == [("le", 4, 0), ("monde", 4, 0), ("ouest", 2, 0)][:3]
    assert found.beginning_with("", 1, re.compile(".*s.*")) == [("ouest", 2, 0)]
    assert found.within("mnode", 1, 1) == [("monde", 4, 0)]


def test_a_name_that_only_deleted_articles_had_is_forgotten(segments: list[Segment]) -> None:
    first, second = segments
    first.delete(deletions_of(first, [1, 2], Tokenizer()))
    found = NameForms(segments, "source")
    assert found.beginning_with("progres") == []
    assert found.within("franc", 1) == []
    assert found.occurrences("ouest") == (1, 0)
    second.delete(deletions_of(second, range(second.size), Tokenizer()))
    assert NameForms([second], "source").beginning_with("") == []
    left = NameForms(segments, "source").beginning_with("")
    assert [each.form for each in left] == ["le", "monde", "ouest"]


def test_other_fields_have_other_forms(segments: list[Segment]) -> None:
    assert NameForms(segments, "author").beginning_with("") == []
    assert NameForms([], "source").occurrences("monde") == (0, 0)
    assert np.all([segment.live is None for segment in segments])
