"""Postings come back by term, by parts and by blocks, and no bound is ever less than what it bounds."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.engines.whoosh.columnar.arrays import ArrayFile, ArrayFileWriter
from search.engines.whoosh.columnar.postings import (
    BLOCK,
    BODY_OF_CODE,
    ODD,
    TITLE_OF_CODE,
    TOKENS_OF_CODE,
    Postings,
    PostingsReader,
    PostingsWriter,
    bound_factor,
    normals,
    ranges,
    starts_of,
)

Files = Callable[[Callable[[ArrayFileWriter], None]], ArrayFile]

SIZES = (1, 2, 127, 128, 129, 255, 256, 257, 1000)


def random_postings(chance: np.random.Generator, counts: list[int], articles: int, odd: float) -> Postings:
    """Postings of terms with so many each; a share has frequencies that no code holds."""
    docs = [np.sort(chance.choice(articles, count, replace=False)) for count in counts]
    number = sum(counts)
    title, body = chance.integers(0, 4, number), chance.integers(0, 5, number)
    strange = chance.random(number) < odd
    title[strange] = chance.choice([3, 4, 5, 60, 255, 300], int(strange.sum()))
    strange = chance.random(number) < odd
    body[strange] = chance.choice([62, 63, 64, 255, 256, 700], int(strange.sum()))
    body[title + body == 0] = 1
    tops = np.repeat(chance.choice([0, 1, 2, 3, 255, 256, 1 << 17, (1 << 32) - 1], len(counts)), counts)
    places = [chance.integers(0, top + 1, size) for top, size in zip(tops, title + body, strict=True)]
    return Postings(np.array(counts), np.concatenate(docs), title, body, np.concatenate(places))


def cut(whole: Postings, first: int, last: int) -> Postings:
    """The terms from `first` to before `last`."""
    edges = starts_of(whole.counts)
    begin, end = int(edges[first]), int(edges[last])
    tokens = starts_of(whole.title + whole.body)
    return Postings(
        whole.counts[first:last],
        whole.docs[begin:end],
        whole.title[begin:end],
        whole.body[begin:end],
        whole.places[int(tokens[begin]) : int(tokens[end])],
    )


def written(
    array_file: Files, whole: Postings, lengths: dict[str, np.ndarray], cuts: list[int]
) -> PostingsReader:
    def write(file: ArrayFileWriter) -> None:
        writer = PostingsWriter(file, lengths)
        edges = [0, *cuts, len(whole.counts)]
        for first, last in pairwise(edges):
            writer.append(cut(whole, first, last))
        writer.close()

    return PostingsReader(array_file(write))


def equal(one: Postings, other: Postings) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_postings_written_in_any_parts_are_read_in_any_way(array_file: Files, data: st.DataObject) -> None:
    chance = np.random.default_rng(data.draw(st.integers(0, 1 << 30)))
    counts = data.draw(st.lists(st.sampled_from(SIZES), min_size=1, max_size=9))
    articles = data.draw(st.sampled_from([1000, 70_000, 400_000]))
    whole = random_postings(chance, counts, articles, data.draw(st.sampled_from([0.0, 0.02, 0.5])))
    number = len(counts)
    cuts = sorted(data.draw(st.lists(st.integers(0, number), max_size=4)))
    lengths = {"title": chance.integers(0, 9, articles), "body": chance.integers(0, 500, articles)}
    reader = written(array_file, whole, lengths, cuts)

    first_token = 0
    for term in range(number):
        due = cut(whole, term, term + 1)
        known = reader.term(term)
        assert known.articles == counts[term]
        assert known.tokens == first_token
        first_token = known.tokens_end
        assert known.tokens_end - known.tokens == len(due.places)
        assert np.array_equal(reader.docs(known), due.docs)
        assert all(map(np.array_equal, reader.frequencies(known), (due.title, due.body)))
        assert np.array_equal(reader.places(known), due.places)
        is_coded(reader, term, due)
        has_blocks(reader, term, due, lengths, chance)

    first = data.draw(st.integers(0, number))
    last = data.draw(st.integers(first, number))
    assert equal(reader.part(first, last), cut(whole, first, last))
    assert len(reader.table()) == number + 1
    assert reader.table(first, last)["postings"].tolist() == starts_of(whole.counts)[first:last].tolist()
    reads_single_places(reader, whole, chance)


def is_coded(reader: PostingsReader, term: int, due: Postings) -> None:
    codes = reader.codes(reader.term(term))
    held = (due.title <= 3) & (due.body <= 63) & ((due.title < 3) | (due.body < 63))
    assert np.array_equal(codes == ODD, ~held)
    assert np.array_equal(TITLE_OF_CODE[codes][held], due.title[held])
    assert np.array_equal(BODY_OF_CODE[codes][held], due.body[held])
    assert np.array_equal(TOKENS_OF_CODE[codes][held], (due.title + due.body)[held])
    assert reader.term(term).odd == (not held.all())
    ranks = np.flatnonzero(~held)
    odd = zip(ranks.tolist(), due.title[ranks].tolist(), due.body[ranks].tolist(), strict=True)
    assert reader.odd(reader.term(term)) == list(odd)


def has_blocks(
    reader: PostingsReader,
    term: int,
    due: Postings,
    lengths: dict[str, np.ndarray],
    chance: np.random.Generator,
) -> None:
    """A term of more than one block has its last articles, its impacts, and any of its blocks."""
    known = reader.term(term)
    last, greatest = reader.blocks(known)
    number = -(-known.articles // BLOCK) if known.articles > BLOCK else 0
    assert len(last) == len(greatest) == number
    ends = [min(start + BLOCK, known.articles) for start in range(0, known.articles, BLOCK)]
    if number:
        assert last.tolist() == [due.docs[end - 1] for end in ends]
        chosen = np.flatnonzero(chance.random(number) < 0.5)
        chosen = chosen if len(chosen) else np.array([number - 1])
        docs, codes = reader.of_blocks(known, chosen)
        within = np.concatenate([np.arange(block * BLOCK, ends[block]) for block in chosen.tolist()])
        assert np.array_equal(docs, due.docs[within])
        assert np.array_equal(codes, reader.codes(known)[within])
    # Under the averages of the segment, and under others by the factor, nothing exceeds the impacts.
    for stretch in ({"title": 1.0, "body": 1.0}, {"title": 3.7, "body": 0.2}, {"title": 0.01, "body": 9.0}):
        now = {name: reader.averages[name] * factor for name, factor in stretch.items()}
        true = due.title * normals("title", lengths["title"], now["title"])[due.docs]
        true += due.body * normals("body", lengths["body"], now["body"])[due.docs]
        growth = bound_factor(reader.averages, now) * (1 + 1e-9)
        assert true.max() <= known.impact * growth
        for block in range(number):
            inside = true[block * BLOCK : ends[block]]
            assert inside.max() <= float(greatest[block]) * growth
            if growth == 1 + 1e-9:
                assert inside.max() > float(greatest[block]) * (1 - 1e-6)


def reads_single_places(reader: PostingsReader, whole: Postings, chance: np.random.Generator) -> None:
    """Positions of several terms at once, each by its number among all of its width."""
    numbers, widths, due = [], [], []
    for term in range(len(whole.counts)):
        known = reader.term(term)
        places = cut(whole, term, term + 1).places
        for at in chance.integers(0, len(places), 3).tolist():
            numbers.append(known.places_at + at)
            widths.append(known.places_width)
            due.append(int(places[at]))
    order = chance.permutation(len(due))
    found = reader.places_at(np.array(numbers)[order], np.array(widths)[order], np.ones(len(order), np.int64))
    assert np.array_equal(found, np.array(due)[order])


def test_a_segment_without_terms_has_an_empty_table(array_file: Files) -> None:
    nothing = Postings(*(np.zeros(0, np.int64) for _ in Postings._fields))
    reader = written(array_file, nothing, {"title": np.zeros(3, np.uint8), "body": np.zeros(3, np.uint8)}, [])
    assert len(reader.table()) == 1
    assert equal(reader.part(0, 0), nothing)
    assert reader.averages == {"title": 0.0, "body": 0.0}


def test_a_normal_is_the_formula_of_bm25f() -> None:
    lengths = np.array([0, 4, 12], np.uint8)
    assert normals("title", lengths, 8.0).tolist() == [
        pytest.approx(3.0 / (0.7 + 0.3 * length / 8)) for length in (0, 4, 12)
    ]
    assert normals("body", lengths, 8.0)[1] == pytest.approx(1.0 / (0.4 + 0.6 * 4 / 8))
    assert normals("body", lengths, 0.0)[1] == pytest.approx(1.0 / (0.4 + 0.6 * 4))


@given(
    written_at=st.floats(0.01, 1e4), now=st.floats(0.01, 1e4), length=st.integers(0, 1 << 20),
    name=st.sampled_from(["title", "body"]),
)  # fmt: skip
@example(written_at=1.0, now=1e4, length=1 << 20, name="body")
def test_no_impact_grows_more_than_by_the_bound_factor(
    written_at: float, now: float, length: int, name: str
) -> None:
    factor = bound_factor({name: written_at}, {name: now, "other": 1.0})
    before, after = (normals(name, np.array([length]), average)[0] for average in (written_at, now))
    assert after <= before * factor * (1 + 1e-12)
    assert factor == max(1.0, now / written_at)


def test_a_field_that_was_empty_when_written_bounds_nothing() -> None:
    assert bound_factor({"title": 0.0, "body": 2.0}, {"title": 5.0, "body": 3.0}) == 1.5


@given(pairs=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5))))
def test_ranges_and_starts_lie_end_to_end(pairs: list[tuple[int, int]]) -> None:
    starts, counts = (np.array([pair[at] for pair in pairs], np.int64) for at in (0, 1))
    assert ranges(starts, counts).tolist() == [
        number for start, count in pairs for number in range(start, start + count)
    ]
    assert starts_of(counts).tolist() == [
        sum(count for _, count in pairs[:end]) for end in range(len(pairs) + 1)
    ]
