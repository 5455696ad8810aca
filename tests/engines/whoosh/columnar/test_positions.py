"""Words in order and near each other, as a search through all positions finds them."""

from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.article import Article
from search.engines.whoosh.columnar.arrays import ArrayFile
from search.engines.whoosh.columnar.leaves import Form, Grid, TermLeaf, setting
from search.engines.whoosh.columnar.names import Names, write_names
from search.engines.whoosh.columnar.positions import PlacesLeaf, in_order, near, places_in_names, places_of
from search.engines.whoosh.columnar.segment import Segment
from search.engines.whoosh.dictionary import form_term

Spot = tuple[int, int]
SPOTS = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=14)


def places(spots: set[Spot] | list[Spot]) -> np.ndarray:
    """(text, position) as places, in order."""
    return np.array(sorted(text << 32 | position for text, position in spots), np.int64)


def spots(found: np.ndarray) -> list[Spot]:
    return [(place >> 32, place & 0xFFFFFFFF) for place in found.tolist()]


def has_row(start: Spot, rest: list[set[Spot]], slop: int) -> bool:
    """Whether the rest stand behind the start, in order, with at most `slop` other words among them."""
    text, position = start
    for row in product(*([at for each, at in word if each == text] for word in rest)):
        ordered = all(one < other for one, other in pairwise((position, *row)))
        if ordered and (row[-1] if row else position) - position <= len(rest) + slop:
            return True
    return False


@given(words=st.lists(SPOTS, min_size=1, max_size=4), slop=st.integers(0, 4))
@example(words=[{(0, 0)}, {(0, 1)}, {(0, 2)}], slop=0)
@example(words=[{(0, 9)}, {(1, 0)}], slop=4)
@example(words=[{(0, 5)}, {(1, 0)}], slop=0)
@example(words=[{(1, 3), (1, 4), (1, 5)}] * 3, slop=0)
@example(words=[{(1, 3), (1, 4), (1, 5)}] * 3, slop=1)
@example(words=[{(0, 0), (0, 3)}, {(0, 1), (0, 5)}, {(0, 6)}], slop=1)
def test_words_in_order_are_those_of_the_plain_definition(words: list[set[Spot]], slop: int) -> None:
    found = in_order([places(word) for word in words], slop)
    assert spots(found) == sorted(start for start in words[0] if has_row(start, words[1:], slop))


@given(left=SPOTS, right=SPOTS, distance=st.integers(1, 6), ordered=st.booleans())
@example(left={(0, 1)}, right={(0, 1)}, distance=3, ordered=False)
@example(left={(0, 1), (0, 2)}, right={(0, 1), (0, 2)}, distance=1, ordered=True)
@example(left={(1, 0)}, right={(0, 9)}, distance=6, ordered=False)
@example(left={(0, 9)}, right=set(), distance=6, ordered=False)
def test_terms_near_each_other_are_those_of_the_plain_definition(
    left: set[Spot], right: set[Spot], distance: int, ordered: bool
) -> None:
    found = near(places(left), places(right), distance, ordered)
    assert spots(found) == sorted(
        (text, at)
        for text, at in left
        if any(
            each == text and 0 < (other - at if ordered else abs(other - at)) <= distance
            for each, other in right
        )
    )


ARTICLES = [
    Article("a", "un deux", "trois un deux trois"),
    Article("b", "", "un trois deux"),
    Article("c", "deux un", "deux"),
    Article("d", "un", "deux"),
    Article("e", "trois deux trois deux", ""),
    Article("long", "un", "trois " * 69_998 + "un deux"),
]


@pytest.fixture(scope="module")
def segment(segment_of: Callable[..., Segment]) -> Segment:
    return segment_of(ARTICLES)


def leaf(segment: Segment, *forms: str) -> TermLeaf:
    numbers = [segment.terms.find(form_term(form).encode()) for form in forms]
    terms = [segment.postings.term(number) for number in numbers if number is not None]
    assert len(terms) == len(forms)
    return TermLeaf(
        setting(segment, {"title": 2.0, "body": 3.0}), [Form(term, 1.0, True, False) for term in terms]
    )


def all_places(segment: Segment, *forms: str, field: str | None = None) -> np.ndarray:
    return places_of(leaf(segment, *forms), np.ones(segment.size, bool), field)


@pytest.mark.parametrize("field", [None, "title", "body"])
@pytest.mark.parametrize("forms", [("un",), ("deux",), ("un", "trois"), ("deux", "un", "trois")])
def test_places_say_article_field_and_position(
    segment: Segment, forms: tuple[str, ...], field: str | None
) -> None:
    due = []
    for doc, article in enumerate(ARTICLES):
        title, body = article.title.split(), article.body.split()
        in_title = [(2 * doc, at) for at, word in enumerate(title) if word in forms]
        in_body = [(2 * doc + 1, len(title) + 1 + at) for at, word in enumerate(body) if word in forms]
        due += in_title * (field != "body") + in_body * (field != "title")
    assert spots(all_places(segment, *forms, field=field)) == due
    among = np.arange(segment.size) % 2 == 0
    chosen = places_of(leaf(segment, *forms), among, field)
    assert spots(chosen) == [(text, at) for text, at in due if among[text >> 1]]


def texts(found: np.ndarray) -> list[tuple[str, str]]:
    return [(ARTICLES[text >> 1].id, "body" if text & 1 else "title") for text, _ in spots(found)]


def test_no_phrase_and_no_nearness_reaches_from_a_title_into_a_body(segment: Segment) -> None:
    one, two, three = (all_places(segment, form) for form in ("un", "deux", "trois"))
    assert texts(in_order([one, two], 0)) == [("a", "title"), ("a", "body"), ("long", "body")]
    assert texts(in_order([one, two], 9)) == [("a", "title"), ("a", "body"), ("b", "body"), ("long", "body")]
    assert texts(near(one, two, 9, ordered=False)) == [
        ("a", "title"), ("a", "body"), ("b", "body"), ("c", "title"), ("long", "body"),
    ]  # fmt: skip
    assert texts(in_order([two, three], 50)) == [("a", "body"), ("e", "title")]
    # In d, "un" ends the title and "deux" begins the body.
    assert "d" not in {id for id, _ in texts(near(one, two, 10**6, ordered=False))}


def test_positions_beyond_16_bits_are_found(segment: Segment) -> None:
    one, two = all_places(segment, "un", field="body"), all_places(segment, "deux", field="body")
    assert spots(in_order([one, two], 0))[-1] == (11, 70_000)
    assert spots(near(two, one, 1, ordered=False))[-1] == (11, 70_001)


@pytest.mark.parametrize("found", [[], [(0, 0)], [(1, 3), (1, 6)], [(0, 0), (1, 3), (1, 5), (2, 0), (9, 1)]])
def test_what_stands_at_places_is_scored_as_one_term(segment: Segment, found: list[Spot]) -> None:
    averages = {"title": 2.0, "body": 3.0}
    where = setting(segment, averages)
    node = PlacesLeaf(where, places(found))
    node.rarity = 2.5
    due = np.zeros(segment.size)
    for text, _ in found:
        name, weight, b = ("body", 1.0, 0.6) if text & 1 else ("title", 3.0, 0.3)
        length = len(getattr(ARTICLES[text >> 1], name).split())
        due[text >> 1] += weight / (1 - b + b * length / averages[name])
    due = 2.5 * due / (1.2 + due)
    assert np.array_equal(node.mask, due > 0)
    assert node.certain is node.mask
    scores = np.ones(segment.size)
    node.add_scores(scores, None, 2.0)
    assert np.allclose(scores, 1 + 2 * due, rtol=1e-12)
    some = np.zeros(segment.size)
    candidates = np.arange(segment.size) > 0
    node.add_scores(some, candidates, 1.0)
    assert np.allclose(some, due * candidates, rtol=1e-12)
    assert node.bound(Grid(6, 1)) >= due.max()
    assert node.alone() is None


def test_places_in_names_are_those_of_their_words(array_file: Callable[..., ArrayFile]) -> None:
    listed = ["Le Monde", "Monde, le monde", None, "L’Élysée", "Le Monde"]
    names = Names(array_file(lambda file: write_names(file, "source", listed)), "source")
    assert spots(places_in_names(names, {"monde"})) == [(2, 1), (4, 0), (4, 2)]
    assert spots(places_in_names(names, {"monde", "elysee", "absent"})) == [(2, 1), (4, 0), (4, 2), (6, 0)]
    found = in_order([places_in_names(names, {"le"}), places_in_names(names, {"monde"})], 0)
    assert names.docs(np.unique(found >> 33)).tolist() == [0, 1, 4]
    found = in_order([places_in_names(names, {"monde"}), places_in_names(names, {"elysee"})], 9)
    assert spots(found) == []
