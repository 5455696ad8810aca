"""What every engine tells of an archive's forms is what a count of all tokens tells."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.article import Article
from search.distance import distance
from search.engine import Engine
from search.expansion import Frequency
from search.french.analysis import fold
from search.french.sounds import keys
from search.french.tokens import tokens

WORDS = (
    "drone", "Drones", "drones", "Élysée", "elysees", "l’Élysée", "évacué", "Évacue", "evacué", "Kiev",
    "kief", "kiev", "2024", "日本", "s", "œuvre", "aujourd’hui",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
ARTICLE = st.builds(
    Article,
    id=st.sampled_from("abcdef"),
    title=TEXT,
    body=TEXT,
    source=st.none() | TEXT,
    author=st.none() | TEXT,
)
COMMIT = st.tuples(
    st.lists(ARTICLE, min_size=1, max_size=3, unique_by=lambda article: article.id),
    st.sets(st.sampled_from("abcdef"), max_size=2),
)


def ranked(found: Iterable[Frequency]) -> list[Frequency]:
    return sorted(found, key=lambda each: (-each.occurrences, each.form))


def counted(articles: Iterable[Article]) -> list[Frequency]:
    """The forms of titles and bodies."""
    written, capitals = Counter[str](), Counter[str]()
    for article in articles:
        for text in (article.title, article.body):
            for form, start, _ in tokens(text):
                written[form] += 1
                capitals[form] += text[start].isupper()
    return ranked(Frequency(form, count, capitals[form]) for form, count in written.items())


def named(articles: Iterable[Article], field: str) -> list[Frequency]:
    """The folded forms of a field of names."""
    names = [getattr(article, field) or "" for article in articles]
    written = Counter(fold(token.form) for name in names for token in tokens(name))
    return ranked(Frequency(form, count, 0) for form, count in written.items())


def sounding(every: Iterable[Frequency], key: str) -> list[Frequency]:
    """The forms with a key that stand with a capital more often than not."""
    names = [each for each in every if each.capitals > each.occurrences - each.capitals]
    folded = [(each, fold(each.form)) for each in names]
    return [each for each, word in folded if len(word) > 2 and word.isalpha() and key in keys(word)]


@settings(max_examples=40, deadline=None)
@given(history=st.lists(COMMIT, min_size=1, max_size=3))
@example(history=[([Article("a", "", "")], set())])
@example(history=[([Article("a", "Kiev", "drone")], set()), ([Article("b", "", "Drone kief")], {"a"})])
def test_forms_are_counted_as_they_stand_in_the_articles_that_are_left(
    engine: Engine, history: list[tuple[list[Article], set[str]]]
) -> None:
    state: dict[str, Article] = {}
    with tempfile.TemporaryDirectory() as path, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        engine.create(path)
        for added, gone in history:
            writer = engine.open_writer(path)
            for id in gone:
                writer.delete(id)
                state.pop(id, None)
            for article in added:
                writer.add(article)
                state[article.id] = article
            writer.commit({})
        reader = engine.open_reader(path)
        every = counted(state.values())
        assert reader.tokens() == sum(each.occurrences for each in every)
        for beginning in ("", "d", "dron", "elys", "evacue", "z"):
            due = [each for each in every if fold(each.form).startswith(beginning)]
            for limit in (1, 2, 3, 100):
                assert reader.frequent_beginning_with(beginning, limit) == due[:limit]
            assert reader.frequent_beginning_with(beginning, 100, "title") == due
            for field in ("source", "author", "path"):
                names = [each for each in named(state.values(), field) if each.form.startswith(beginning)]
                assert reader.frequent_beginning_with(beginning, 2, field) == names[:2]
        for wanted in ("drone", "dornes", "elysee", "kiev", "s", "日本", "quelque chose"):
            for most in (0, 1, 2):
                due = [each for each in every if distance(fold(each.form), wanted) <= most]
                assert reader.spelled_like(wanted, most) == due
        for key in ("KF", "ALS", "TRN", "TRNS", "AFK", "RPN", "", "KFKF"):
            assert reader.names_sounding(key) == sounding(every, key)
        reader.close()
