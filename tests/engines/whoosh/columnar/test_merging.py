"""Segments merged are what one segment of their live articles would have been."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.article import Article, Span
from search.engines.whoosh.columnar import merging
from search.engines.whoosh.columnar.deletions import deletions_of
from search.engines.whoosh.columnar.merging import merge
from search.engines.whoosh.columnar.names import NAME_FIELDS
from search.engines.whoosh.columnar.rows import Compression, encoded, trained
from search.engines.whoosh.columnar.segment import Segment
from search.engines.whoosh.columnar.tokenizer import Tokenizer
from search.engines.whoosh.dictionary import form_term

WORDS = ("drones", "Drones", "Belgorod", "évacuer", "évacuation", "l’Élysée", "œuvre", "a", "😀", "…")
TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
ODD_TEXT = st.sampled_from([" ".join(["mot"] * 5), " ".join(["Mot"] * 70), "seul"])
NAME = st.none() | st.sampled_from(["Le Monde", "AFP", "…"])
DATE = st.none() | st.sampled_from(["2024", "2024-02", "2024-02-29", "1400", "2199-12-31"]).map(Span.parse)
DRAWN = trained("zstd", [encoded((f"{number}", None, "mot " * 9)) for number in range(1_000)]).dictionary
COMPRESSIONS = [("zlib", b""), ("zlib", b"mot drones"), ("zstd", b""), ("zstd", DRAWN)]


@st.composite
def archives(draw: st.DrawFn) -> list[tuple[list[Article], set[int], tuple[str, bytes]]]:
    """Segments: articles, the numbers of the deleted ones, and how rows are compressed."""
    ids = iter(draw(st.permutations([f"{name}{number}" for name in ("a", "é", "Z") for number in range(5)])))
    segments = []
    for _ in range(draw(st.integers(1, 4))):
        size = draw(st.integers(1, 3))
        articles = [
            Article(
                next(ids),
                draw(TEXT | ODD_TEXT),
                draw(TEXT | ODD_TEXT),
                draw(DATE),
                url=draw(st.none() | st.just("https://exemple.fr")),
                **{field: draw(NAME) for field in NAME_FIELDS},
            )
            for _ in range(size)
        ]
        gone = draw(st.sets(st.integers(0, size - 1)))
        segments.append((articles, gone, draw(st.sampled_from(COMPRESSIONS))))
    return segments


def merged(
    segment_of: Callable[..., Segment],
    new_path: Callable[[], str],
    archive: list[tuple[list[Article], set[int], tuple[str, bytes]]],
    compression: tuple[str, bytes],
) -> Segment:
    segments = []
    for articles, gone, how in archive:
        segment = segment_of(articles, *how)
        if gone:
            segment.delete(deletions_of(segment, gone, Tokenizer()))
        segments.append(segment)
    path = new_path()
    merge(path, segments, Compression(*compression))
    return Segment(path)


def number_of(segment: Segment, form: str) -> int:
    """The term of a form."""
    number = segment.terms.find(form_term(form).encode())
    assert number is not None
    return number


def are_the_same(found: Segment, due: Segment) -> None:
    assert found.size == due.size
    assert list(found.terms) == list(due.terms)
    assert list(found.folds) == list(due.folds)
    assert np.array_equal(found.file.array("folds_terms"), due.file.array("folds_terms"))
    assert found.capitals.tolist() == due.capitals.tolist()
    number = len(due.terms)
    for part, expected in zip(found.postings.part(0, number), due.postings.part(0, number), strict=True):
        assert np.array_equal(part, expected)
    assert found.postings.table().tolist() == due.postings.table().tolist()
    assert found.postings.averages == pytest.approx(due.postings.averages)
    for name in ("title", "body"):
        assert found.lengths[name].tolist() == due.lengths[name].tolist()
    assert [dates.tolist() for dates in found.dates] == [dates.tolist() for dates in due.dates]
    assert list(found.ids()) == list(due.ids())
    assert found.id_ranks.tolist() == due.id_ranks.tolist()
    for field in NAME_FIELDS:
        names, expected_names = found.names(field), due.names(field)
        assert [names.of(doc) for doc in range(due.size)] == [
            expected_names.of(doc) for doc in range(due.size)
        ]
        assert names.terms == expected_names.terms
        assert names.count() == expected_names.count()
        assert names.term_counts(None) == expected_names.term_counts(None)
    assert [found.row(doc) for doc in range(due.size)] == [due.row(doc) for doc in range(due.size)]


SILENT = Article("s", "…", "")
FULL = Article("f", "mot", "Mot mot mot")


@settings(max_examples=60, deadline=None)
@given(
    archive=archives(), compression=st.sampled_from(COMPRESSIONS), at_once=st.sampled_from([1, 3, 1 << 20])
)
@example(archive=[([SILENT], set(), ("zlib", b""))], compression=("zlib", b""), at_once=1)
@example(
    archive=[([SILENT, FULL], {1}, ("zlib", b"")), ([Article("g", "", "")], set(), ("zstd", b""))],
    compression=("zstd", b""),
    at_once=1,
)
def test_segments_with_deletions_merge_into_what_is_built_at_once(
    segment_of: Callable[..., Segment],
    new_path: Callable[[], str],
    archive: list[tuple[list[Article], set[int], tuple[str, bytes]]],
    compression: tuple[str, bytes],
    at_once: int,
) -> None:
    live = [article for articles, gone, _ in archive for at, article in enumerate(articles) if at not in gone]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "_POSTINGS_AT_ONCE", at_once)
        found = merged(segment_of, new_path, archive, compression)
    assert found.compression == Compression(*compression)
    assert [found.article(doc) for doc in range(found.size)] == live
    if live:
        are_the_same(found, segment_of(live))
    else:
        assert list(found.terms) == list(found.ids()) == []


def test_terms_of_several_blocks_and_far_positions_merge(
    segment_of: Callable[..., Segment], new_path: Callable[[], str]
) -> None:
    articles = [
        Article(f"{at:04}", "rare" if at % 50 == 0 else "", "mot " * (at % 5 + 1)) for at in range(900)
    ]
    articles[450] = Article("long", "mot " * 10, "mot rare " * 35_000)
    archive = [
        (articles[:300], set(range(0, 300, 3)), ("zlib", b"")),
        (articles[300:310], set(range(10)), ("zlib", b"")),
        (articles[310:], {5}, ("zlib", b"")),
    ]
    found = merged(segment_of, new_path, archive, ("zlib", b""))
    gone = {*range(0, 300, 3), *range(300, 310), 315}
    due = segment_of([article for at, article in enumerate(articles) if at not in gone])
    are_the_same(found, due)
    for number in range(len(due.terms)):
        blocks = [segment.postings.blocks(segment.postings.term(number)) for segment in (found, due)]
        assert all(map(np.array_equal, *blocks))
    assert due.postings.term(number_of(due, "mot")).blocks_end > 3


def test_rows_compressed_the_same_way_are_taken_over_as_they_are(
    segment_of: Callable[..., Segment], new_path: Callable[[], str]
) -> None:
    how = ("zlib", b"mot drones")
    one, other = segment_of([FULL], *how), segment_of([SILENT], "zlib", b"other")
    path = new_path()
    merge(path, [one, other], Compression(*how))
    found = Segment(path)
    assert found.compressed_row(0) == one.compressed_row(0)
    assert found.compressed_row(1) != other.compressed_row(0)
