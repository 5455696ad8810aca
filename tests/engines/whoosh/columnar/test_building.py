"""Articles become segments of bounded size, whole, in order, and in any case."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from search.article import Article, Span
from search.engines.whoosh.columnar import building
from search.engines.whoosh.columnar.building import Builder
from search.engines.whoosh.columnar.rows import LEAST_FOR_DICTIONARY, Compression
from search.engines.whoosh.columnar.segment import Segment
from search.engines.whoosh.columnar.tokenizer import Tokenizer
from search.engines.whoosh.dictionary import form_term
from search.french.tokens import tokens


def number_of(segment: Segment, form: str) -> int:
    """The term of a form."""
    number = segment.terms.find(form_term(form).encode())
    assert number is not None
    return number


def built(
    new_path: Callable[[], str], articles: list[Article], method: str = "zlib", dictionary: bytes = b""
) -> list[Segment]:
    builder = Builder(new_path, Tokenizer(), Compression(method, dictionary))
    for article in articles:
        builder.add(article)
    return [Segment(path) for path in builder.finish()]


def some_articles(number: int) -> list[Article]:
    return [
        Article(
            f"{at * 7919 % 10_007:05}",
            f"Titre {at}" if at % 3 else "",
            f"L’article {at} du {at % 28 + 1} mars. Drones !",
            Span.of(2024, 3, at % 28 + 1) if at % 2 else None,
            source=("AFP", None, "Le Monde")[at % 3],
        )
        for at in range(number)
    ]


def everything(segments: list[Segment]) -> list[Article]:
    return [segment.article(doc) for segment in segments for doc in range(segment.size)]


def test_without_articles_there_are_no_segments(new_path: Callable[[], str]) -> None:
    assert built(new_path, []) == []


def test_articles_without_tokens_make_a_segment_without_terms(new_path: Callable[[], str]) -> None:
    articles = [Article("a", "", ""), Article("b", "…", "— !")]
    (segment,) = built(new_path, articles)
    assert everything([segment]) == articles
    assert list(segment.terms) == []
    assert segment.lengths["body"].tolist() == [0, 0]


def test_titles_alone_make_a_segment(new_path: Callable[[], str]) -> None:
    (segment,) = built(new_path, [Article("a", "Drones Belgorod", ""), Article("b", "drones", "")])
    term = segment.postings.term(number_of(segment, "drones"))
    assert segment.postings.docs(term).tolist() == [0, 1]
    assert [each.tolist() for each in segment.postings.frequencies(term)] == [[1, 1], [0, 0]]
    assert segment.lengths["title"].tolist() == [2, 1]


def test_a_word_more_often_than_a_code_holds_is_counted(new_path: Callable[[], str]) -> None:
    (segment,) = built(new_path, [Article("a", "mot " * 10, "mot " * 300), Article("b", "", "mot")])
    term = segment.postings.term(0)
    assert [each.tolist() for each in segment.postings.frequencies(term)] == [[10, 0], [300, 1]]
    assert segment.postings.places(term).tolist() == [*range(10), *range(11, 311), 1]


def test_an_article_of_70_000_tokens_is_kept_whole(new_path: Callable[[], str]) -> None:
    long = Article("a", "un deux", "trois " * 69_999 + "fin")
    (segment,) = built(new_path, [long, Article("b", "", "fin trois")])
    assert segment.article(0) == long
    end = segment.postings.term(number_of(segment, "fin"))
    assert segment.postings.places(end).tolist() == [70_002, 1]
    three = segment.postings.term(number_of(segment, "trois"))
    assert segment.postings.places(three).tolist() == [*range(3, 70_002), 2]
    assert segment.lengths["body"].tolist() == [70_000, 2]


@pytest.mark.parametrize("method", ["zlib", "zstd"])
@pytest.mark.parametrize("number", [1, 999, LEAST_FOR_DICTIONARY, 2 * LEAST_FOR_DICTIONARY + 5])
def test_articles_come_back_in_order_with_a_dictionary_where_they_are_enough(
    new_path: Callable[[], str], method: str, number: int
) -> None:
    articles = some_articles(number)
    (segment,) = built(new_path, articles, method)
    assert everything([segment]) == articles
    assert segment.compression.method == method
    assert bool(segment.compression.dictionary) == (number >= LEAST_FOR_DICTIONARY)


def test_a_known_dictionary_is_used_again_from_as_many_articles_on(new_path: Callable[[], str]) -> None:
    for number, dictionary in ((999, b""), (1_000, b"Drones !"), (2_500, b"Drones !")):
        articles = some_articles(number)
        (segment,) = built(new_path, articles, "zlib", b"Drones !")
        assert segment.compression.dictionary == dictionary
        assert everything([segment]) == articles


@pytest.mark.parametrize("limits", [(100, 1 << 22), (1 << 13, 900), (1, 1)])
def test_many_articles_become_several_segments_in_order(
    new_path: Callable[[], str], monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int]
) -> None:
    monkeypatch.setattr(building, "_BATCH_CHARACTERS", 1_000)
    monkeypatch.setattr(building, "_RUN_ARTICLES", limits[0])
    monkeypatch.setattr(building, "_RUN_TOKENS", limits[1])
    articles = some_articles(1_000)
    segments = built(new_path, articles)
    assert len(segments) > 4
    assert everything(segments) == articles
    for segment in segments:
        alone = built(new_path, everything([segment]))[0] if segment.size < 100 else segment
        assert list(segment.terms) == list(alone.terms), (
            "a dictionary holds what stands in its articles alone"
        )
        assert segment.capitals.tolist() == alone.capitals.tolist()
        assert segment.postings.table().tolist() == alone.postings.table().tolist()


def test_lengths_and_capitals_are_those_of_the_tokens(new_path: Callable[[], str]) -> None:
    articles = some_articles(50)
    (segment,) = built(new_path, articles)
    for name in ("title", "body"):
        due = [len(list(tokens(getattr(article, name)))) for article in articles]
        assert segment.lengths[name].tolist() == due
    assert segment.capitals_of(number_of(segment, "drones")) == 50
    assert segment.capitals_of(number_of(segment, "mars")) == 0


def test_what_fails_in_writing_is_told_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    builder = Builder(lambda: str(tmp_path / "MAIN_1.nsa"), Tokenizer(), Compression("zlib", b""))
    builder.add(Article("a", "", "mot"))
    with pytest.raises(OSError, match="no space left"):
        builder.finish()
    builder.stop()
    assert os.listdir(tmp_path) == []


def test_what_fails_in_one_segment_is_told_with_the_next(
    new_path: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "_BATCH_CHARACTERS", 1)
    monkeypatch.setattr(building, "_RUN_ARTICLES", 1)

    def full(descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    builder = Builder(new_path, Tokenizer(), Compression("zlib", b""))
    builder.add(Article("a", "", "mot"))
    with pytest.raises(OSError, match="no space left"):
        builder.add(Article("b", "", "mot"))
    builder.stop()


def test_no_thread_is_left_behind(new_path: Callable[[], str]) -> None:
    before = threading.active_count()
    built(new_path, some_articles(3))
    builder = Builder(new_path, Tokenizer(), Compression("zlib", b""))
    builder.add(some_articles(1)[0])
    builder.stop()
    assert threading.active_count() == before
