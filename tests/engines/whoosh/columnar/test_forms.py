"""The dictionaries of several segments are one, of the forms that live articles have."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Article
from search.distance import distance
from search.engines.whoosh.columnar.deletions import deletions_of
from search.engines.whoosh.columnar.forms import Forms
from search.engines.whoosh.columnar.segment import Segment
from search.engines.whoosh.columnar.tokenizer import Tokenizer
from search.engines.whoosh.dictionary import form_term
from search.expansion import Frequency, most_frequent
from search.french.analysis import fold, stem
from search.french.tokens import tokens

WORDS = (
    "évacuer", "évacué", "evacue", "Évacuation", "évacuations", "repousse", "repoussées", "Repos", "reposé",
    "œuvre", "oeuvres", "l’Élysée", "elysees", "s", "ès", "日本", "Kiev", "kief", "2024",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
SEGMENT = st.lists(st.tuples(TEXT, TEXT, st.booleans()), min_size=1, max_size=3)
TOKENIZER = Tokenizer()


@settings(max_examples=25, deadline=None)
@given(archive=st.lists(SEGMENT, max_size=3))
def test_forms_are_those_of_the_live_articles(
    segment_of: Callable[..., Segment], archive: list[list[tuple[str, str, bool]]]
) -> None:
    segments = []
    written: Counter[str] = Counter()
    capitals: Counter[str] = Counter()
    held: dict[str, set[int]] = {}
    for number, articles in enumerate(archive):
        segment = segment_of([Article(f"{at}", title, body) for at, (title, body, _) in enumerate(articles)])
        gone = [at for at, (*_, live) in enumerate(articles) if not live]
        if gone:
            segment.delete(deletions_of(segment, gone, TOKENIZER))
        segments.append(segment)
        for text in (text for title, body, live in articles if live for text in (title, body)):
            for token in tokens(text):
                written[token.form] += 1
                capitals[token.form] += text[token.start].isupper()
                held.setdefault(token.form, set()).add(number)

    found = Forms(segments)
    every = most_frequent(Frequency(form, count, capitals[form]) for form, count in written.items() if count)
    for form in {each.form for word in WORDS for each in tokens(word)}:
        assert found.occurrences(form) == (written[form], capitals[form])
        places = found.places(form)
        assert {number for number, _ in places} == held.get(form, set())
        assert all(segments[number].terms[term] == form_term(form).encode() for number, term in places)
        of_stem = {each for each in written if stem(each) == stem(form)}
        assert set(found.forms_of_stem(stem(form))) == of_stem
        for folded in {fold(form), fold(form)[:2], fold(form)[:-1]}:
            begun = [each for each in every if fold(each.form).startswith(folded)]
            for limit in (0, 1, 2, len(begun), None):
                assert found.beginning_with(folded, limit) == begun[:limit]
            ending = re.compile(".*s")
            ended = [each for each in begun if ending.fullmatch(fold(each.form))]
            assert found.beginning_with(folded, 2, ending) == ended[:2]
            for most in (0, 1, 2):
                near = [each for each in every if distance(fold(each.form), folded) <= most]
                assert found.within(folded, most) == near
                assert found.within(folded, most, 1) == near[:1]
    assert found.beginning_with("") == every


def test_a_stem_is_not_taken_for_the_beginning_of_another(segment_of: Callable[..., Segment]) -> None:
    found = Forms([segment_of([Article("a", "", "repos repose reposoir rep")])])
    for form in ("repos", "repose", "reposoir", "rep"):
        assert form in found.forms_of_stem(stem(form))
        assert all(stem(each) == stem(form) for each in found.forms_of_stem(stem(form)))
    assert list(found.forms_of_stem("re")) == []


def test_what_was_asked_for_is_remembered(
    segment_of: Callable[..., Segment], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Forms([segment_of([Article("a", "", "mot")])])
    assert found.occurrences("mot") == (1, 0)
    monkeypatch.setattr(found, "_segments", ())
    assert found.occurrences("mot") == (1, 0)
    found.occurrences.cache_clear()
    found.places_of_stem.cache_clear()
    assert found.occurrences("mot") == (0, 0)
