"""Tokens in the order of reading become postings, as a dictionary would have them."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from search.engines.whoosh.columnar.inversion import inverted, occurrences
from search.engines.whoosh.columnar.postings import Postings

Texts = list[tuple[list[int], list[int]]]


def postings_of(articles: Texts) -> Postings:
    return inverted(
        np.array([token for title, body in articles for token in (*title, *body)], np.int64),
        np.array([len(title) for title, _ in articles], np.int64),
        np.array([len(body) for _, body in articles], np.int64),
    )


def by_term(found: Postings) -> dict[int, list[tuple[int, int, int, list[int]]]]:
    """(article, times in title, times in body, positions) of each posting of each term."""
    postings = iter(zip(found.docs.tolist(), found.title.tolist(), found.body.tolist(), strict=True))
    places = iter(found.places.tolist())
    table = {}
    for term, count in enumerate(found.counts.tolist()):
        table[term] = [
            (doc, title, body, [next(places) for _ in range(title + body)])
            for doc, title, body in (next(postings) for _ in range(count))
        ]
    assert next(postings, None) is next(places, None) is None
    return table


def dense(articles: Texts) -> Texts:
    """The same with terms 0, 1, 2 ..., each of which occurs."""
    ranks = {
        term: rank
        for rank, term in enumerate(sorted({t for both in articles for text in both for t in text}))
    }
    return [([ranks[t] for t in title], [ranks[t] for t in body]) for title, body in articles]


TEXT = st.lists(st.integers(0, 6), max_size=8)


@given(articles=st.lists(st.tuples(TEXT, TEXT), max_size=8))
@example(articles=[])
@example(articles=[([], []), ([], [])])
@example(articles=[([3] * 10, [3] * 300), ([], [3])])
@example(articles=[([0], []), ([], [0]), ([0, 0], [1])])
def test_postings_are_those_of_a_dictionary(articles: Texts) -> None:
    articles = dense(articles)
    due: dict[int, list[tuple[int, int, int, list[int]]]] = {}
    for doc, (title, body) in enumerate(articles):
        for term in sorted({*title, *body}):
            places = [at for at, token in enumerate(title) if token == term]
            # One position is left free between title and body.
            places += [len(title) + 1 + at for at, token in enumerate(body) if token == term]
            due.setdefault(term, []).append((doc, title.count(term), body.count(term), places))
    assert by_term(postings_of(articles)) == due


def test_positions_beyond_16_bits_come_back() -> None:
    found = by_term(postings_of([([], [0, 1] * 35_000), ([1], [0] * 70_000)]))
    assert found[0][0][3] == list(range(1, 70_001, 2))
    assert found[0][1] == (1, 0, 70_000, list(range(2, 70_002)))
    assert found[1][1] == (1, 1, 0, [0])


@given(tokens=st.lists(st.tuples(st.integers(0, 4), st.booleans())))
def test_occurrences_count_the_chosen_tokens_of_each_term(tokens: list[tuple[int, bool]]) -> None:
    ranks = np.array([term for term, _ in tokens], np.int64)
    chosen = np.array([here for _, here in tokens], bool)
    assert occurrences(ranks, chosen, 5).tolist() == [tokens.count((term, True)) for term in range(5)]
