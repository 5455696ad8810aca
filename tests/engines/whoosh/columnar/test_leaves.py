"""A term, a date, a frequent word: what each matches, counts and scores in a segment."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Article, Span
from search.engines.whoosh.columnar.leaves import (
    DatedLeaf,
    Form,
    FrequentLeaf,
    Grid,
    TermLeaf,
    Unscored,
    rarity_of,
    setting,
)
from search.engines.whoosh.columnar.segment import NO_DATE, Segment
from search.engines.whoosh.dictionary import form_term

SEEDS = st.integers(0, 1 << 30)
AVERAGES = {"title": 1.7, "body": 14.0}


@pytest.fixture(
    scope="module",
    params=[(False, 0.0), (True, 0.0), (False, 0.4), (True, 0.4)],
    ids=["codes", "odd", "codes, some foreign", "odd, some foreign"],
)
def archive(dense: ModuleType, new_path: Callable[[], str], request: pytest.FixtureRequest) -> Any:
    odd, abroad = request.param
    return dense.archive(new_path(), 2, 2_000, odd=odd, abroad=abroad)


def any_form(segment: Segment, *forms: str, field: str | None = None) -> TermLeaf:
    found = []
    for form in forms:
        number = segment.terms.find(form_term(form).encode())
        assert number is not None
        found.append(Form(segment.postings.term(number), 1.0, True, False))
    return TermLeaf(setting(segment, {"title": 1.0, "body": 1.0}), found, field)


@settings(max_examples=80, deadline=None)
@given(seed=SEEDS, field=st.sampled_from([None, None, "title", "body"]))
def test_a_term_matches_and_scores_as_bm25f_says(
    dense: ModuleType, archive: Any, seed: int, field: str | None
) -> None:
    chance = np.random.default_rng(seed)
    leaf, mask, _, scores = dense.term(
        chance, archive, setting(archive.segment, AVERAGES), AVERAGES, field=field
    )
    assert np.array_equal(leaf.mask, mask)
    assert leaf.certain is leaf.mask
    for candidates in (None, mask & (chance.random(len(mask)) < 0.3), np.zeros(len(mask), bool)):
        docs, found = leaf.scored(candidates)
        assert len(np.unique(docs)) == len(docs)
        dense_found = np.zeros(len(mask))
        dense_found[docs] = found
        due = scores if candidates is None else scores * candidates
        assert np.allclose(dense_found, due, rtol=1e-12, atol=1e-12)
        assert np.array_equal(np.sort(docs), np.flatnonzero(due))


@settings(max_examples=80, deadline=None)
@given(seed=SEEDS, field=st.sampled_from([None, "title", "body"]))
def test_a_term_is_counted_in_live_articles(
    dense: ModuleType, archive: Any, seed: int, field: str | None
) -> None:
    chance = np.random.default_rng(seed)
    segment = Segment(archive.segment.file.path)
    words = {
        word: bool(chance.random() < 0.5)
        for word in chance.choice(len(dense.WORDS), 3, replace=False).tolist()
    }
    leaf = TermLeaf(
        setting(segment, AVERAGES),
        [Form(segment.postings.term(word), 1.0, True, False, written) for word, written in words.items()],
        field,
    )
    live = np.ones(segment.size, bool)
    if chance.random() < 0.7:
        live = chance.random(segment.size) < 0.6
        segment.delete(archive.without(np.flatnonzero(~live)))
    fields = [field] if field else ["title", "body"]
    held = np.zeros(segment.size, bool)
    assert leaf.count(0) == 0
    for number, (word, written) in enumerate(words.items(), 1):
        for name in fields:
            held |= archive.counting(name, word, written) > 0
        assert leaf.count(number) == np.count_nonzero(held & live)


@settings(max_examples=50, deadline=None)
@given(seed=SEEDS)
def test_places_are_those_of_all_forms_in_the_chosen_articles(
    dense: ModuleType, archive: Any, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    segment = archive.segment
    words = chance.choice(len(dense.WORDS), chance.integers(1, 5), replace=False).tolist()
    forms = [
        Form(segment.postings.term(word), 1.0, True, False, written=bool(chance.random() < 0.5))
        for word in words
    ]
    leaf = TermLeaf(setting(segment, AVERAGES), forms)
    among = chance.random(segment.size) < chance.choice([0.01, 0.5, 1.0])
    due = []
    for form in forms:
        title, body = segment.postings.frequencies(form.term)
        docs = np.repeat(segment.postings.docs(form.term), title + body)
        held = zip(docs.tolist(), segment.postings.places(form.term).tolist(), strict=True)
        counts = among & (form.written | ~archive.foreign)
        due += [(doc, place) for doc, place in held if counts[doc]]
    docs, places = leaf.places(among)
    assert list(zip(docs.tolist(), places.tolist(), strict=True)) == due
    assert len(due) == sum(
        archive.counting(name, word, form.written)[among].sum()
        for word, form in zip(words, forms, strict=True)
        for name in ("title", "body")
    )


@settings(max_examples=50, deadline=None)
@given(seed=SEEDS, field=st.sampled_from([None, "body"]), most=st.integers(0, 3))
def test_a_frequent_term_stands_so_often_in_the_body(
    dense: ModuleType, archive: Any, seed: int, field: str | None, most: int
) -> None:
    chance = np.random.default_rng(seed)
    words = chance.choice(len(dense.WORDS), 2, replace=False).tolist()
    found = dense.term(
        chance, archive, setting(archive.segment, AVERAGES), AVERAGES, field=field, words=words
    )
    times = dense.times_in_body(archive, found.node)
    assert np.array_equal(found.node.times_in_body(), times)
    leaf = FrequentLeaf(found.node, most)
    assert np.array_equal(leaf.mask, times > most)
    scores = np.zeros(len(times))
    leaf.add_scores(scores, None, 2.0)
    assert np.allclose(scores, 2 * found.scores * (times > most), rtol=1e-12, atol=1e-12)
    grid = Grid(6, ((len(times) - 1) >> 6) + 1)
    assert (leaf.bound(grid)[np.arange(len(times)) >> 6] * 2 >= scores).all()
    assert leaf.alone() is found.node


def test_bounds_are_near_to_what_they_bound(dense: ModuleType, archive: Any) -> None:
    segment = archive.segment
    averages = dict(segment.postings.averages)
    leaf = dense.term(np.random.default_rng(5), archive, setting(segment, averages), averages, words=[0]).node
    assert segment.postings.term(0).blocks_end > 3
    scores = np.zeros(segment.size)
    leaf.add_scores(scores, None, 1.0)
    grid = Grid(11, 1)
    assert leaf.bound(grid)[0] == pytest.approx(scores.max(), rel=1e-5)


def test_odd_codes_count_as_often_as_they_stand(segment_of: Callable[..., Segment]) -> None:
    segment = segment_of(
        [
            Article("a", "mot " * 10, "mot " * 300),
            Article("b", "mot " * 3, "mot " * 63),
            Article("c", "", "mot"),
        ]
    )
    leaf = any_form(segment, "mot")
    leaf.rarities = (2.0, 0.0)
    assert leaf.times_in_body().tolist() == [300, 63, 1]
    due = []
    for title, body in ((10, 300), (3, 63), (0, 1)):
        parts = title * 3 / (0.7 + 0.3 * title) + body / (0.4 + 0.6 * body)
        due.append(2 * parts / (1.2 + parts))
    docs, found = leaf.scored()
    assert docs.tolist() == [0, 1, 2]
    assert found.tolist() == pytest.approx(due)
    assert any_form(segment, "mot", field="title").mask.tolist() == [True, True, False]
    assert len(leaf.places(np.ones(3, bool))[1]) == 310 + 66 + 1


def test_a_date_matches_where_it_meets_and_is_certain_where_it_lies_inside(
    segment_of: Callable[..., Segment],
) -> None:
    dates = ["2024", "2024-03", "2024-03-14", "2024-03-31", "2024-04-01", "2023", None]
    segment = segment_of(
        [Article(f"{at}", "x", "", Span.parse(d) if d else None) for at, d in enumerate(dates)]
    )
    low, high = (Span.parse(day).start.toordinal() for day in ("2024-03-01", "2024-03-31"))
    leaf = DatedLeaf(segment, low, high)
    assert leaf.mask.tolist() == [True, True, True, True, False, False, False]
    assert leaf.certain.tolist() == [False, True, True, True, False, False, False]
    everything = DatedLeaf(segment, NO_DATE, 10**7)
    assert everything.mask.tolist() == [True] * 6 + [False]
    assert everything.certain.tolist() == [True] * 6 + [False]
    assert DatedLeaf(segment, NO_DATE, low - 1).mask.tolist() == [True] + [False] * 4 + [True, False]


def test_what_is_unscored_adds_nothing() -> None:
    mask = np.array([True, False])
    leaf = Unscored(mask)
    scores = np.zeros(2)
    leaf.add_scores(scores, None, 5.0)
    assert scores.tolist() == [0, 0]
    assert leaf.certain is leaf.mask is mask
    assert leaf.bound(Grid(6, 1)) == 0
    assert leaf.alone() is None


@given(articles=st.integers(0, 10**7), share=st.floats(0, 1))
def test_rarity_falls_with_the_articles_that_hold_a_term_and_is_never_negative(
    articles: int, share: float
) -> None:
    holding = int(articles * share)
    found = rarity_of(holding, articles)
    assert found == pytest.approx(math.log(1 + (articles - holding + 0.5) / (holding + 0.5)))
    assert found > 0
    assert holding == 0 or rarity_of(holding - 1, articles) > found


def test_a_setting_tells_by_how_much_impacts_may_have_grown(archive: Any) -> None:
    written = archive.segment.postings.averages
    same = setting(archive.segment, written)
    assert same.growth == 1.0
    assert setting(archive.segment, {"title": written["title"] * 3, "body": 0.1}).growth == pytest.approx(3.0)
    assert same.normals["title"].tolist()[:9] == pytest.approx(
        [3 / (0.7 + 0.3 * length / written["title"]) for length in archive.lengths["title"][:9]]
    )
