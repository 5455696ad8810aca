"""A segment gives back its articles, by number, by id and in order, without the deleted ones."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Article, Span
from search.engines.whoosh.columnar.arrays import ArrayFile
from search.engines.whoosh.columnar.deletions import deletions_of
from search.engines.whoosh.columnar.executor import Executor
from search.engines.whoosh.columnar.names import NAME_FIELDS, Names
from search.engines.whoosh.columnar.rows import Compression
from search.engines.whoosh.columnar.segment import (
    NO_DATE,
    Columns,
    Deletions,
    Dictionary,
    Segment,
    write_deletions,
    write_segment,
)
from search.engines.whoosh.columnar.tokenizer import Tokenizer
from search.errors import DamagedIndexError
from search.french.analysis import fold
from search.query.tree import Phrase, Word

ID = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4) | st.sampled_from(
    ["a", "a\n", "a\0", "é", "\U0001f600", "\uffff", " ", "/a b", "a" * 200]
)
DATES = ["2024-02-29", "2024-02", "2024", "2023-12-31", "1400", "2199-12-31", "2024-01-01"]


def without_docs(number: int) -> Deletions:
    nothing = np.zeros(0, np.int64)
    return Deletions(np.array([number]), nothing, nothing, nothing)


@settings(deadline=None)
@given(
    ids=st.lists(ID, min_size=1, max_size=9, unique=True),
    gone=st.sets(st.integers(0, 8)),
    probes=st.lists(ID, max_size=3),
)
def test_ids_of_any_characters_are_found_and_come_in_order(
    segment_of: Callable[..., Segment], ids: list[str], gone: set[int], probes: list[str]
) -> None:
    segment = segment_of([Article(id, "x", "") for id in ids])
    docs = [doc for doc in range(len(ids)) if doc not in gone]
    nothing = np.zeros(0, np.int64)
    if len(docs) < len(ids):
        dead = np.array(sorted(set(range(len(ids))) - set(docs)))
        segment.delete(Deletions(dead, nothing, nothing, nothing))
    live = {ids[doc]: doc for doc in docs}
    assert [segment.id_of(doc) for doc in range(len(ids))] == ids
    assert segment.ids_of(np.arange(len(ids))[::-1]) == ids[::-1]
    assert list(segment.ids()) == sorted(live.items())
    for probe in {*ids, *probes, *(id[:1] for id in ids), ""}:
        assert segment.doc_of(probe) == live.get(probe)
        assert list(segment.ids(probe)) == sorted(
            (id, doc) for id, doc in live.items() if id.startswith(probe)
        )
    assert segment.live_docs().tolist() == docs
    assert segment.live_count == len(docs)
    assert np.argsort(segment.id_ranks).tolist() == sorted(range(len(ids)), key=ids.__getitem__)


def test_an_article_comes_back_with_all_that_it_says(segment_of: Callable[..., Segment]) -> None:
    articles = [
        Article(f"{at}", f"Titre {at}", "Un\n\ndeux 😀", Span.parse(date)) for at, date in enumerate(DATES)
    ]
    articles.append(Article("full", "T", "", None, "p", "s", "u", "a", "sec", "fr"))
    articles.append(Article("silent", "", ""))
    segment = segment_of(articles)
    assert [segment.article(doc) for doc in range(segment.size)] == articles
    assert segment.row(len(DATES)) == ("T", "u", "")
    assert segment.dates[0].tolist()[-2:] == [NO_DATE, NO_DATE]


def test_deletions_are_known_from_their_file_or_told_later(
    segment_of: Callable[..., Segment], new_path: Callable[[], str]
) -> None:
    path = segment_of([Article(id, "x", "") for id in "abc"]).file.path
    whole = Segment(path)
    assert (whole.deletions, whole.live, whole.live_count, whole.deletions_name) == (None, None, 3, None)
    gone = new_path()
    write_deletions(gone, without_docs(1))
    opened = Segment(path, gone)
    assert opened.deletions_name == os.path.basename(gone)
    assert opened.live is not None
    assert opened.live.tolist() == [True, False, True]
    assert opened.doc_of("b") is None
    opened.delete(without_docs(0))
    assert opened.live_count == 2
    assert opened.live.tolist() == [False, True, True]
    assert [id for id, _ in opened.ids()] == ["b", "c"]


def test_the_dictionary_is_sorted_by_stem_and_by_folding(segment_of: Callable[..., Segment]) -> None:
    segment = segment_of(
        [Article("a", "Évacué évacue evacue", "repoussées Élysée 日本 œuvre repoussé œUVRE")]
    )
    forms = ["évacué", "évacue", "evacue", "repoussées", "élysée", "日本", "oeuvre", "repoussé"]
    terms = list(segment.terms)
    assert terms == sorted(terms)
    assert sorted(term.partition(b" ")[2].decode() for term in terms) == sorted(forms)
    folds = list(segment.folds)
    assert folds == sorted(fold(form).encode() for form in forms)
    of_folds = segment.terms_of_folds.tolist()
    assert sorted(of_folds) == list(range(len(terms)))
    for folded, term in zip(folds, of_folds, strict=True):
        assert fold(terms[term].partition(b" ")[2].decode()).encode() == folded
    capitals = dict(zip(terms, segment.capitals.tolist(), strict=True))
    assert {term.partition(b" ")[2].decode() for term in terms if capitals[term]} == {"évacué", "élysée"}
    assert [segment.capitals_of(number) for number in range(len(terms))] == segment.capitals.tolist()


def test_forms_are_counted_without_what_was_deleted(segment_of: Callable[..., Segment]) -> None:
    segment = segment_of([Article("a", "Kiev", "kiev drone"), Article("b", "Kiev", "Drone drone")])

    def counted() -> dict[str, tuple[int, int]]:
        forms = segment.forms(np.arange(len(segment.terms)))
        counts = zip(segment.live_tokens.tolist(), segment.live_capitals.tolist(), strict=True)
        return dict(zip(forms, counts, strict=True))

    assert counted() == {"kiev": (3, 2), "drone": (3, 1)}
    segment.delete(deletions_of(segment, [0], Tokenizer()))
    assert counted() == {"kiev": (1, 1), "drone": (2, 1)}


def test_foreign_articles_are_those_in_a_language_that_is_not_french(
    segment_of: Callable[..., Segment],
) -> None:
    languages = ["fr", None, "en", "", "français", "de", "en"]
    segment = segment_of([Article(f"{at}", "x", "", language=each) for at, each in enumerate(languages)])
    assert segment.foreign is not None
    assert np.flatnonzero(segment.foreign).tolist() == [2, 5, 6]


@pytest.mark.parametrize("languages", [[None], ["fr", None, "FR"], ["", "French"]])
def test_an_archive_in_french_has_no_mask_of_foreign_articles(
    segment_of: Callable[..., Segment], languages: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def column(self: Names) -> None:
        raise AssertionError("the language of each article was looked at")

    monkeypatch.setattr(Names, "numbers", property(column))
    segment = segment_of([Article(f"{at}", "", "portes", language=each) for at, each in enumerate(languages)])
    executor = Executor([segment])
    assert executor.search(Word("porte"), 9, "relevance", True)[0] == len(languages)
    assert executor.search(Phrase(("porte",)), 9, "relevance", True)[0] == len(languages)
    assert segment.foreign is None


def test_a_segment_without_articles_can_be_written_and_read(new_path: Callable[[], str]) -> None:
    path, none = new_path(), np.zeros(0, np.int64)
    columns = Columns([], none, none, none, none, {field: [] for field in NAME_FIELDS})
    write_segment(path, columns, Dictionary([], none), [], [], Compression("zlib", b""))
    segment = Segment(path)
    assert segment.size == segment.live_count == 0
    assert list(segment.ids()) == list(segment.terms) == list(segment.folds) == []
    assert segment.doc_of("a") is None


def test_lengths_are_told_by_field_with_the_greatest(segment_of: Callable[..., Segment]) -> None:
    segment = segment_of([Article("a", "un deux", "trois"), Article("b", "", "mot " * 300)])
    assert {name: each.tolist() for name, each in segment.lengths.items()} == {
        "title": [2, 0],
        "body": [1, 300],
    }


def test_what_fails_while_it_is_written_leaves_no_file(tmp_path: Path) -> None:
    none = np.zeros(1, np.int64)
    columns = Columns(["a"], none, none, none, none, {})

    def failing() -> object:
        yield b"row"
        raise ValueError("a row that cannot be had")

    with pytest.raises(ValueError, match="a row"):
        write_segment(
            str(tmp_path / "MAIN_1.nsa"),
            columns,
            Dictionary([], none),
            [],
            failing(),
            Compression("zlib", b""),
        )
    assert os.listdir(tmp_path) == []


def test_damage_names_the_file_and_the_page(
    segment_of: Callable[..., Segment], new_path: Callable[[], str]
) -> None:
    segment = segment_of([Article("a", "x", "mot " * 70_000)])
    gone = new_path()
    write_deletions(gone, without_docs(0))
    for path, at in ((segment.file.path, 70_000), (gone, 70)):
        with open(path, "r+b") as file:
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 1]))
    assert ArrayFile(segment.file.path).damaged_pages() == [1]
    assert ArrayFile(gone).damaged_pages() == [0]
    with pytest.raises(DamagedIndexError):
        assert Segment(segment.file.path, gone).deletions
