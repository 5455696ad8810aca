"""What every engine owes its callers, by example and against the oracle."""

import datetime as dt
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.article import Article, Span
from search.engine import _MODULES, Engine, Holdings, Reader, Sort, load
from search.french.tokens import forms
from search.query.tree import And, Dated, Node, Not, Or, Phrase, StopWord, Word

EXAMPLES = 600 if os.environ.get("NEWSEARCH_LONG") else 60
SORTS: tuple[Sort, ...] = ("relevance", "date", "-date")


@pytest.fixture(scope="session", params=sorted(_MODULES))
def engine(request: pytest.FixtureRequest) -> Engine:
    return load(request.param)


@pytest.fixture
def path(engine: Engine, tmp_path: Path) -> str:
    """An empty index."""
    engine.create(str(tmp_path))
    return str(tmp_path)


def written(
    engine: Engine,
    path: str,
    *articles: Article,
    delete: Iterable[str] = (),
    attachments: dict[str, bytes] | None = None,
    compact: bool = False,
    afresh: bool = False,
) -> None:
    writer = engine.open_writer(path, afresh=afresh)
    for id in delete:
        writer.delete(id)
    for article in articles:
        writer.add(article)
    writer.commit(attachments or {}, compact=compact)


def found(reader: Reader, tree: Node, sort: Sort = "relevance") -> list[str]:
    return [match.id for match in reader.search(tree, limit=100, sort=sort).top]


DRONES = Article(
    "drones",
    "Drones sur Belgorod",
    "Des drones ont visé Belgorod.\n\nL’Élysée n’a pas réagi.",
    Span.parse("2024-03-14"),
    path="presse/drones.txt",
    source="Le Monde",
    url="https://exemple.fr/drones",
    author="Anne Îles",
    section="Monde",
    language="fr",
)
VOTE = Article("vote", "", "Le scrutin, à Belgorod aussi.", Span.parse("2024"), source="Le Monde")
FRONT = Article("front", "Au front", "Rien de nouveau à Koursk.", None, source="AFP")


def test_a_new_index_is_empty(engine: Engine, path: str) -> None:
    reader = engine.open_reader(path)
    assert reader.search(Word("drones"), limit=10).total == 0
    assert reader.search(Not(Word("drones")), limit=10).total == 0
    assert list(reader.ids()) == list(reader.articles()) == []
    assert reader.article("drones") is None
    assert reader.frequency(Word("drones")) == 0
    assert reader.holdings() == Holdings(0, 0, None, None, {})
    reader.close()


def test_an_article_comes_back_as_it_was_added(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, VOTE)
    reader = engine.open_reader(path)
    assert reader.article("drones") == DRONES
    assert reader.article("vote") == VOTE
    assert reader.article("dron") is None
    assert sorted(reader.articles(), key=lambda article: article.id) == [DRONES, VOTE]
    reader.close()


def test_an_article_without_text_can_be_kept(engine: Engine, path: str) -> None:
    silent = Article("…", "…", "— !")
    written(engine, path, silent)
    reader = engine.open_reader(path)
    assert reader.article("…") == silent
    assert found(reader, Not(Word("drones"))) == ["…"]
    reader.close()


def test_nothing_is_seen_before_a_commit(engine: Engine, path: str) -> None:
    written(engine, path, DRONES)
    writer = engine.open_writer(path)
    writer.add(VOTE)
    writer.delete("drones")
    reader = engine.open_reader(path)
    assert list(reader.ids()) == ["drones"]
    reader.close()
    writer.commit({})
    reader = engine.open_reader(path)
    assert list(reader.ids()) == ["vote"]
    reader.close()


def test_adding_an_id_again_replaces_its_article(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, VOTE)
    again = Article("drones", "Rien", "Tout autre chose.")
    written(engine, path, again)
    reader = engine.open_reader(path)
    assert reader.article("drones") == again
    assert list(reader.ids()) == ["drones", "vote"]
    assert found(reader, Word("drones")) == []
    assert found(reader, Word("chose")) == ["drones"]
    reader.close()


def test_a_deleted_article_is_found_by_nothing(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, VOTE)
    written(engine, path, delete=["drones", "never there"])
    reader = engine.open_reader(path)
    assert reader.article("drones") is None
    assert list(reader.ids()) == ["vote"]
    assert list(reader.articles()) == [VOTE]
    assert found(reader, Word("drones")) == []
    assert found(reader, Not(Word("drones"))) == ["vote"]
    assert reader.frequency(Word("belgorod")) == 1
    reader.close()


def test_delete_means_the_article_that_the_last_commit_left(engine: Engine, path: str) -> None:
    written(engine, path, DRONES)
    again = Article("drones", "Rien", "Tout autre chose.")
    writer = engine.open_writer(path)
    writer.add(again)
    writer.delete("drones")
    writer.commit({})
    reader = engine.open_reader(path)
    assert list(reader.articles()) == [again]
    reader.close()


def test_an_index_can_lose_all_its_articles_and_gain_new_ones(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, VOTE)
    written(engine, path, delete=["drones", "vote"])
    reader = engine.open_reader(path)
    assert found(reader, Not(Word("drones"))) == []
    assert reader.holdings().articles == 0
    reader.close()
    written(engine, path, FRONT)
    reader = engine.open_reader(path)
    assert found(reader, Word("front")) == ["front"]
    reader.close()


@pytest.mark.parametrize("afresh", [False, True])
def test_a_rollback_forgets_everything(engine: Engine, path: str, afresh: bool) -> None:
    written(engine, path, DRONES, attachments={"ledger": b"one"})
    writer = engine.open_writer(path, afresh=afresh)
    writer.add(VOTE)
    writer.delete("drones")
    writer.rollback()
    reader = engine.open_reader(path)
    assert list(reader.articles()) == [DRONES]
    assert reader.attachment("ledger") == b"one"
    reader.close()
    assert engine.check(path) == []
    written(engine, path, FRONT)


def test_an_attachment_appears_with_its_commit(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, attachments={"ledger": b"one\0\xff", "notes": b""})
    reader = engine.open_reader(path)
    assert reader.attachment("ledger") == b"one\0\xff"
    assert reader.attachment("notes") == b""
    assert reader.attachment("other") is None
    reader.close()


def test_new_attachments_replace_all_old_ones(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, attachments={"ledger": b"one", "notes": b"two"})
    written(engine, path, VOTE, attachments={"ledger": b"three"})
    reader = engine.open_reader(path)
    assert reader.attachment("ledger") == b"three"
    assert reader.attachment("notes") is None
    reader.close()


def test_a_commit_of_attachments_alone_keeps_the_articles(engine: Engine, path: str) -> None:
    written(engine, path, DRONES)
    written(engine, path, attachments={"ledger": b"one"})
    reader = engine.open_reader(path)
    assert list(reader.articles()) == [DRONES]
    assert reader.attachment("ledger") == b"one"
    reader.close()


def test_compacting_keeps_every_answer_and_one_segment(engine: Engine, path: str) -> None:
    for article in (DRONES, VOTE, FRONT):
        written(engine, path, article)
    written(engine, path, delete=["vote"])
    before = engine.open_reader(path)
    assert before.statistics().segments > 1
    written(engine, path, compact=True, attachments={"ledger": b"kept"})
    after = engine.open_reader(path)
    assert after.statistics().segments == 1
    assert after.attachment("ledger") == b"kept"
    for tree in (Word("belgorod"), Phrase(("drones", "sur")), Not(Word("drones"))):
        assert after.search(tree, limit=9) == before.search(tree, limit=9)
    assert after.holdings() == before.holdings()
    before.close()
    after.close()


def test_compacting_an_index_of_deleted_articles_leaves_none(engine: Engine, path: str) -> None:
    written(engine, path, DRONES)
    written(engine, path, delete=["drones"], compact=True)
    reader = engine.open_reader(path)
    assert list(reader.ids()) == []
    assert reader.statistics().segments == 0
    reader.close()


def test_afresh_begins_with_no_articles_and_shows_nothing_early(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, VOTE, attachments={"ledger": b"one"})
    writer = engine.open_writer(path, afresh=True)
    writer.add(FRONT)
    reader = engine.open_reader(path)
    assert list(reader.ids()) == ["drones", "vote"]
    reader.close()
    writer.commit({})
    reader = engine.open_reader(path)
    assert list(reader.articles()) == [FRONT]
    assert reader.attachment("ledger") is None
    assert reader.frequency(Word("belgorod")) == 0
    reader.close()
    assert engine.check(path) == []


def test_ids_come_in_order_and_by_their_beginning(engine: Engine, path: str) -> None:
    ids = ["b", "a1", "a", "é", "a10", "A", "a2"]
    for id in ids:
        written(engine, path, Article(id, "x", ""))
    written(engine, path, delete=["a1"])
    reader = engine.open_reader(path)
    assert list(reader.ids()) == sorted(set(ids) - {"a1"})
    assert list(reader.ids("a")) == ["a", "a10", "a2"]
    assert list(reader.ids("é")) == ["é"]
    assert list(reader.ids("c")) == []
    reader.close()


def test_frequency_counts_articles_of_every_inflection(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, VOTE)
    written(engine, path, FRONT)
    reader = engine.open_reader(path)
    assert reader.frequency(Word("drone")) == 1
    assert reader.frequency(Word("belgorod")) == 2
    assert reader.frequency(Word("belgorod", "title")) == 1
    assert reader.frequency(Word("monde", "source")) == 2
    assert reader.frequency(Word("elysee")) == 1
    assert reader.frequency(Word("absent")) == 0
    reader.close()


def test_holdings_tell_dates_and_sources_of_what_is_there(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, VOTE, Article("old", "x", "", Span.parse("1999-12"), source="Sud-Ouest"))
    written(engine, path, FRONT, delete=["old"])
    reader = engine.open_reader(path)
    assert reader.holdings() == Holdings(
        articles=3,
        undated=1,
        first=dt.date(2024, 1, 1),
        last=dt.date(2024, 12, 31),
        sources={"Le Monde": 2, "AFP": 1},
    )
    reader.close()


def test_statistics_count_bytes_segments_and_commits(engine: Engine, path: str) -> None:
    written(engine, path, DRONES)
    reader = engine.open_reader(path)
    first = reader.statistics()
    reader.close()
    written(engine, path, VOTE)
    reader = engine.open_reader(path)
    second = reader.statistics()
    reader.close()
    assert (first.segments, second.segments) == (1, 2)
    assert second.generation == first.generation + 1
    assert second.size > first.size > 0
    assert {"format", "analysis"} <= second.versions.keys()


def test_check_finds_nothing_wrong_with_a_whole_index(engine: Engine, path: str) -> None:
    assert engine.check(path) == []
    written(engine, path, DRONES, VOTE, attachments={"ledger": b"one"})
    written(engine, path, FRONT, delete=["vote"])
    assert engine.check(path) == []
    assert engine.check(path, clean=True) == []
    reader = engine.open_reader(path)
    assert list(reader.ids()) == ["drones", "front"]
    reader.close()


def test_a_reader_does_not_see_later_commits(engine: Engine, path: str) -> None:
    written(engine, path, DRONES)
    written(engine, path, VOTE)
    reader = engine.open_reader(path)
    written(engine, path, FRONT, delete=["drones"])
    written(engine, path, compact=True)
    written(engine, path, Article("late", "Tard", "Drones."), afresh=True)
    assert list(reader.ids()) == ["drones", "vote"]
    assert found(reader, Phrase(("ont", "visé"))) == ["drones"]
    assert reader.article("drones") == DRONES
    assert reader.frequency(Word("belgorod")) == 2
    assert reader.holdings().articles == 2
    assert found(reader, Word("tard")) == []
    reader.close()


UNSORTED = [
    Article("d", "x", "mot", None),
    Article("e", "x", "mot", Span.parse("2023-05")),
    Article("b", "x", "mot", Span.parse("2023-05-01")),
    Article("c", "x", "mot", Span.parse("2024")),
    Article("a", "x", "mot", None),
    Article("f", "x", "mot mot", Span.parse("2022")),
]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("relevance", "fabcde"), ("date", "fbecad"), ("-date", "cbefad")],
)
def test_ties_go_by_id_and_unknown_dates_come_last(engine: Engine, path: str, sort: Sort, order: str) -> None:
    written(engine, path, *UNSORTED[:2])
    written(engine, path, *UNSORTED[2:])
    reader = engine.open_reader(path)
    assert found(reader, Word("mot"), sort) == list(order)
    reader.close()


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("size", [1, 2, 4, 6, 7])
def test_pages_add_up_to_the_whole(engine: Engine, path: str, sort: Sort, size: int) -> None:
    written(engine, path, *UNSORTED)
    reader = engine.open_reader(path)
    whole = reader.search(Word("mot"), limit=100, sort=sort)
    assert whole.total == len(whole.top) == 6
    pages = [reader.search(Word("mot"), limit=size, offset=at, sort=sort) for at in range(0, 8, size)]
    assert [match for page in pages for match in page.top] == list(whole.top)
    assert {page.total for page in pages} == {6}
    nothing = reader.search(Word("mot"), limit=0, sort=sort)
    assert (nothing.total, nothing.top) == (6, ())
    reader.close()


def test_a_vague_date_matches_possibly_and_not_date_spares_it(engine: Engine, path: str) -> None:
    written(engine, path, DRONES, VOTE, FRONT)
    reader = engine.open_reader(path)
    march = Dated(dt.date(2024, 3, 1), dt.date(2024, 3, 31))
    for tree, answer in (
        (march, [("vote", "possible"), ("drones", "certain")]),
        (Not(march), [("vote", "possible"), ("front", "certain")]),
        (Word("belgorod"), [("vote", None), ("drones", None)]),
    ):
        matches = reader.search(tree, limit=9, sort="date").top
        assert [(match.id, match.date_match) for match in matches] == answer
    reader.close()


# Random histories and trees against the oracle

VOCABULARY = (
    "drone", "drones", "l’Élysée", "elysees", "repoussées", "d'attaque", "pro-Kiev", "Kiev Kiev",
    "aujourd’hui", "œuvres", "de", "2024",
)  # fmt: skip
FORMS = sorted({form for word in VOCABULARY for form in forms(word)} | {"repoussé", "absent"})
IDS = ["a", "b", "c", "d", "e", "f", "g"]
DAYS = st.dates(dt.date(2023, 11, 1), dt.date(2024, 4, 30))


def texts(most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(VOCABULARY), max_size=most).map(" ".join)


NAMES = st.none() | texts(2) | texts(2)
SPANS = st.builds(lambda day, length: Span.parse(day.isoformat()[:length]), DAYS, st.sampled_from([4, 7, 10]))


class Commit(NamedTuple):
    deleted_before: set[str]
    added: list[Article]
    deleted_after: set[str]
    compact: bool


def commits() -> st.SearchStrategy[list[Commit]]:
    article = st.builds(
        Article,
        id=st.sampled_from(IDS),
        title=texts(3),
        body=texts(9),
        date=st.none() | SPANS,
        source=NAMES,
        author=NAMES,
        path=NAMES,
    )
    some_ids = st.sets(st.sampled_from(IDS), max_size=2)
    added = st.lists(article, max_size=5, unique_by=lambda article: article.id)
    commit = st.builds(Commit, some_ids, added, some_ids, st.sampled_from([False, False, False, True]))
    return st.lists(commit, min_size=1, max_size=5)


def trees() -> st.SearchStrategy[Node]:
    field = st.sampled_from([None, None, "title", "body", "source", "author", "path"])
    form = st.sampled_from(FORMS)
    side_by_side = st.sampled_from(VOCABULARY).map(forms) | st.lists(form, min_size=1, max_size=3)
    phrase = st.builds(Phrase, side_by_side.map(tuple), field)
    interval = st.builds(lambda one, other: Dated(min(one, other), max(one, other)), DAYS, DAYS) | st.one_of(
        st.builds(Dated, DAYS, st.none()), st.builds(Dated, st.none(), DAYS)
    )
    stop_words = st.lists(st.builds(StopWord, st.sampled_from(["de", "la"]), field), max_size=1)

    def joined(child: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        children = st.lists(child, min_size=1, max_size=3)
        both = st.builds(lambda wanted, stop: And((*wanted, *stop)), children, stop_words)
        return both | st.builds(Or, children.map(tuple)) | st.builds(Not, child)

    word = st.builds(Word, form, field)
    return st.recursive(word | word | phrase | interval, joined, max_leaves=6)


def state_after(history: list[Commit]) -> dict[str, Article]:
    state: dict[str, Article] = {}
    for commit in history:
        gone = commit.deleted_before | commit.deleted_after
        state = {id: article for id, article in state.items() if id not in gone}
        state.update((article.id, article) for article in commit.added)
    return state


@settings(max_examples=EXAMPLES, deadline=None)
@given(history=commits(), queries=st.lists(trees(), min_size=8, max_size=20))
@example(
    history=[Commit(set(), [Article("a", "Kiev", "Kiev Kiev Kiev")], set(), False)],
    queries=[Phrase(("kiev", "kiev")), Phrase(("kiev", "kiev"), "body"), Phrase(("kiev", "kiev"), "title")],
)
def test_any_history_and_any_query_give_the_answer_of_the_oracle(
    engine: Engine, oracle: ModuleType, history: list[Commit], queries: list[Node]
) -> None:
    with tempfile.TemporaryDirectory() as path:
        engine.create(path)
        for commit in history:
            writer = engine.open_writer(path)
            for id in commit.deleted_before:
                writer.delete(id)
            for article in commit.added:
                writer.add(article)
            for id in commit.deleted_after:
                writer.delete(id)
            writer.commit({}, compact=commit.compact)
        state = state_after(history)
        judge = oracle.Oracle(list(state.values()))
        reader = engine.open_reader(path)
        assert {article.id: article for article in reader.articles()} == state
        assert list(reader.ids()) == sorted(state)
        for tree in queries:
            agrees_with(judge, reader, tree)
        reader.close()


def agrees_with(judge: object, reader: Reader, tree: Node) -> None:
    for sort in SORTS:
        expected = judge.answer(tree, sort)  # type: ignore[attr-defined]
        matches = reader.search(tree, limit=len(IDS), sort=sort)
        assert matches.total == len(expected)
        scores = {id: score for id, score, _ in expected}
        assert {match.id: match.score for match in matches.top} == pytest.approx(scores, rel=1e-9, abs=0)
        assert {match.id: match.date_match for match in matches.top} == {id: sure for id, _, sure in expected}
        if sort == "relevance":
            # Sums taken in another order may part what is equal: the engine's own scores decide then.
            assert list(matches.top) == sorted(matches.top, key=lambda match: (-match.score, match.id))
        else:
            assert [match.id for match in matches.top] == [id for id, _, _ in expected]
    if isinstance(tree, Word):
        assert reader.frequency(tree) == len(judge.answer(tree))  # type: ignore[attr-defined]
