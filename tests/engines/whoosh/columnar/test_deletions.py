"""What a segment knows of its deleted articles is what their texts say."""

from collections import Counter
from collections.abc import Callable

import pytest

from search.article import Article
from search.engines.whoosh.columnar import deletions as module
from search.engines.whoosh.columnar.deletions import deletions_of
from search.engines.whoosh.columnar.segment import Deletions, Segment, write_deletions
from search.engines.whoosh.columnar.tokenizer import Tokenizer
from search.engines.whoosh.dictionary import form_term
from search.french.tokens import tokens

ARTICLES = [
    Article("a", "Drones sur Belgorod", "Des drones, des Drones."),
    Article("b", "", "L’Élysée n’a pas réagi : l’ «Europe» non plus."),
    Article("c", "…", ""),
    Article("d", "Drones Drones", "drones 😀 drones"),
    Article("e", "l’", "Europe"),
]


@pytest.fixture
def segment(segment_of: Callable[..., Segment]) -> Segment:
    return segment_of(ARTICLES)


def are_those_of(deletions: Deletions, segment: Segment, docs: list[int]) -> None:
    written: Counter[bytes] = Counter()
    capitals: Counter[bytes] = Counter()
    for doc in docs:
        for text in (ARTICLES[doc].title, ARTICLES[doc].body):
            for token in tokens(text):
                term = form_term(token.form).encode()
                written[term] += 1
                capitals[term] += text[token.start].isupper()
    assert deletions.docs.tolist() == docs
    terms = [segment.terms[term] for term in deletions.terms.tolist()]
    assert terms == sorted(written)
    assert deletions.tokens.tolist() == [written[term] for term in terms]
    assert deletions.capitals.tolist() == [capitals[term] for term in terms]


@pytest.mark.parametrize("docs", [[0], [1], [2], [4], [0, 3], [1, 2, 4], [0, 1, 2, 3, 4]])
def test_deletions_count_the_tokens_of_the_articles_that_go(segment: Segment, docs: list[int]) -> None:
    are_those_of(deletions_of(segment, docs, Tokenizer()), segment, docs)


def test_later_deletions_are_added_to_those_before(segment: Segment) -> None:
    tokenizer = Tokenizer()
    for docs in ([3], [3, 0], [], [1], [1, 4, 1]):
        segment.delete(deletions_of(segment, docs, tokenizer))
    assert segment.deletions
    are_those_of(segment.deletions, segment, [0, 1, 3, 4])


def test_deletions_of_nothing_are_empty(segment: Segment) -> None:
    are_those_of(deletions_of(segment, [], Tokenizer()), segment, [])


def test_more_articles_than_are_read_at_once_are_counted(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    are_those_of(deletions_of(segment, range(5), Tokenizer()), segment, [0, 1, 2, 3, 4])


def test_deletions_come_back_from_their_file(segment: Segment, new_path: Callable[[], str]) -> None:
    path = new_path()
    write_deletions(path, deletions_of(segment, [0, 3], Tokenizer()))
    again = Segment(segment.file.path, path)
    assert again.deletions
    are_those_of(again.deletions, again, [0, 3])
    assert again.live_count == 3
    assert again.live_docs().tolist() == [1, 2, 4]
