"""The library's door: making, opening, adding, forgetting, rebuilding."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import search
from search import (
    Article,
    ArticleError,
    BusyError,
    DamagedIndexError,
    IndexVersionError,
    NoIndexError,
    Span,
    SystemFailureError,
    UnknownArticleError,
    UsageError,
    create_index,
    open_index,
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "index")


def three() -> Iterator[Article]:
    yield Article("1", "Un", "Le premier texte.", date=Span.of(2024, 3, 14), source="AFP")
    yield Article("2", "Deux", "Le second texte.", date=Span.of(2023))
    yield Article("22", "Vingt-deux", "Un autre texte.")


def test_the_example_of_the_contract(workplace: Path) -> None:
    with create_index("indexes/presse") as index:
        report = index.sync("seeds")
        assert (report.added, report.changed, report.moved, report.removed, report.unchanged) == (
            1,
            0,
            0,
            0,
            0,
        )
        assert (report.refused, report.stale) == ((), ())
        index.add(three())
    with open_index("indexes/presse") as index:
        page = index.search(
            "drones Belgorod", limit=10, offset=0, match="all", sort="relevance", snippets=True
        )
        (hit,) = page.hits
        assert hit.title.startswith("La Russie attaquée") and hit.date == Span.of(2024, 3)
        assert hit.score > 0 and hit.snippets
        assert (page.total, page.parsed, page.notices, page.relaxed) == (1, "drones AND belgorod", (), False)


def test_an_index_is_its_owners_alone(path: str) -> None:
    create_index(path).close()
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o700


def test_an_index_is_not_made_where_there_is_one_or_anything_else(path: str, tmp_path: Path) -> None:
    create_index(path).close()
    with pytest.raises(UsageError, match="holds an index already"):
        create_index(path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    with pytest.raises(UsageError, match="is not empty and holds no index"):
        create_index(str(tmp_path / "photos"))
    assert os.listdir(tmp_path / "photos") == ["a.jpg"]


def test_a_making_that_was_cut_off_is_taken_up_again(path: str) -> None:
    create_index(path).close()
    for name in os.listdir(path):
        if name != "newsearch.json":
            os.unlink(os.path.join(path, name))
    with pytest.raises(NoIndexError, match="was never finished"), open_index(path) as index:
        index.search("texte")
    with open_index(path, write=True) as index:
        assert index.add(three()).added == 3


def test_there_is_one_writer_and_any_number_of_readers(path: str) -> None:
    with create_index(path) as index:
        with pytest.raises(BusyError):
            open_index(path, write=True)
        with open_index(path) as first, open_index(path) as second:
            index.add(three())
            assert first.search("texte").total == second.search("texte").total == 3


def test_a_reader_keeps_the_state_that_it_has_seen(path: str) -> None:
    with create_index(path) as index:
        index.add(three())
        with open_index(path) as reader:
            assert reader.search("texte").total == 3
            index.forget("1")
            index.compact()
            assert reader.search("texte").total == 3
            assert reader.article("1").title == "Un"
        with open_index(path) as later:
            assert later.search("texte").total == 2


def test_writing_needs_an_index_open_for_writing(path: str) -> None:
    create_index(path).close()
    with open_index(path) as index:
        for call in (lambda: index.sync("seeds"), lambda: index.add(three()), lambda: index.forget("1")):
            with pytest.raises(UsageError, match="write=True"):
                call()
        for call in (index.compact, index.rebuild, lambda: index.check(clean=True)):
            with pytest.raises(UsageError, match="write=True"):
                call()


def test_add_counts_what_is_new_changed_and_unchanged(path: str) -> None:
    with create_index(path) as index:
        assert index.add(three()).added == 3
        report = index.add([*[*three()][:2], Article("22", "Vingt-trois", "Changé.")])
        assert (report.added, report.changed, report.unchanged) == (0, 1, 2)
        assert index.article("22").title == "Vingt-trois"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (Article("1", "Un autre", ""), "Two articles have the id 1"),
        (Article("3", " ", "\n"), "neither a title nor a text"),
        (Article("", "Un", ""), "its id is empty"),
        (Article("x" * 201, "Un", ""), "201 characters"),
        (Article("a\x07b", "Un", ""), "control character"),
    ],
)
def test_add_takes_all_articles_or_none(path: str, bad: Article, message: str) -> None:
    with create_index(path) as index:
        with pytest.raises(ArticleError, match=message):
            index.add([*three(), bad])
        assert index.search("texte").total == 0
        assert index.check() == []
        assert index.add(three()).added == 3


def test_add_brings_text_into_canonical_form(path: str) -> None:
    with create_index(path) as index:
        index.add([Article("1", " Un\n titre ", "e\u0301te\u0301\r\n\r\n\r\n\r\nfin  \n")])
        article = index.article("1")
    assert (article.title, article.body) == ("Un titre", "été\n\nfin")


def test_an_article_comes_back_whole(path: str) -> None:
    given = Article(
        "1", "Un titre", "Un texte.", Span.of(2024, 3), "presse/1.txt", "AFP", "https://a.fr/1", "A. B.",
        "monde", "fr",
    )  # fmt: skip
    with create_index(path) as index:
        index.add([given])
    with open_index(path) as index:
        assert index.article("1") == given
        assert [*index.articles()] == [given]


def test_an_exact_id_goes_before_a_beginning_and_an_unclear_beginning_is_refused(path: str) -> None:
    with create_index(path) as index:
        index.add([*three(), Article("23", "Vingt-trois", "")])
        assert index.article("2").title == "Deux"
        index.forget("2")
        with pytest.raises(UnknownArticleError, match=r"2 articles go by “2”: 22, 23"):
            index.article("2")
        with pytest.raises(UnknownArticleError, match="No article has"):
            index.article("")


def test_info_tells_what_the_index_holds(path: str) -> None:
    with create_index(path) as index:
        index.add(three())
        info = index.info()
    assert (info.holdings.articles, info.holdings.undated) == (3, 1)
    assert (info.holdings.first, info.holdings.last) == (dt.date(2023, 1, 1), dt.date(2024, 3, 14))
    assert info.holdings.sources == {"AFP": 1}


def test_forgotten_articles_come_back_only_by_add(path: str) -> None:
    with create_index(path) as index:
        index.add(three())
        assert index.forget("1").title == "Un"
        assert index.check() == []
        assert index.add([*three()][:1]).added == 1
        assert index.article("1").title == "Un"


def test_rebuild_and_compact_keep_every_answer(path: str) -> None:
    with create_index(path) as index:
        for article in three():
            index.add([article])
        index.add([Article("2", "Deux", "Le second texte, corrigé.")])
        before = index.search("texte OU corrigés", sort="date")
        for change in (index.compact, index.rebuild):
            change()
            after = index.search("texte OU corrigés", sort="date")
            assert after.hits == before.hits
            assert index.check() == []
            assert index.info().statistics.segments == 1


def test_check_names_an_article_that_the_ledger_does_not_know(path: str) -> None:
    with create_index(path) as index:
        index.add(three())
        writer = search.index.load(search.index.DEFAULT_ENGINE).open_writer(path)
        writer.add(Article("stranger", "Inconnu", ""))
        writer.commit({"ledger": index._read().attachment("ledger") or b""})
    with open_index(path) as index:
        assert index.check() == ["The article stranger is in the index, but not in the ledger."]


def test_rebuild_takes_an_index_of_the_older_engine_over(path: str) -> None:
    with create_index(path, engine="whoosh-stock") as index:
        index.add(three())
        before = index.search("texte OU corrigés", sort="date")
    with open_index(path) as index:
        assert index.search("texte OU corrigés", sort="date").hits == before.hits
    with open_index(path, write=True) as index:
        assert index.rebuild().articles == 3
    with open_index(path) as index:
        after = index.search("texte OU corrigés", sort="date")
        assert [hit.id for hit in after.hits] == [hit.id for hit in before.hits]
        assert index.info().statistics.versions["format"].startswith("columnar")
        assert index.check() == []
    assert not [name for name in os.listdir(path) if name.endswith(".seg")]


def test_a_rebuild_of_an_older_engines_index_that_was_cut_off_can_be_done_again(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with create_index(path, engine="whoosh-stock") as index:
        index.add(three())

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    with open_index(path, write=True) as index, monkeypatch.context() as patched:
        patched.setattr(search.index.load(search.index.DEFAULT_ENGINE), "open_writer", fail)
        with pytest.raises(SystemFailureError):
            index.rebuild()
    with open_index(path) as index, pytest.raises(IndexVersionError, match="newsearch rebuild"):
        index.search("texte")
    with open_index(path, write=True) as index:
        assert index.rebuild().articles == 3
    with open_index(path) as index:
        assert index.info().holdings.articles == 3


def damaged(path: str, name: str) -> None:
    """Alter a byte in the middle of the newest file of this kind."""
    file = max(Path(path).glob(name), key=lambda file: file.stat().st_mtime_ns)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()
    file.write_bytes(content)


def two_commits(path: str, folder: Path) -> None:
    """Three articles of a file and one of a program, in a commit each, then one more of a file."""
    folder.mkdir()
    lines = [
        f'{{"id": "f{number}", "title": "Fichier {number}", "body": "Un corps."}}' for number in range(3)
    ]
    (folder / "old.jsonl").write_text("\n".join(lines))
    with create_index(path) as index:
        index.sync(str(folder))
        index.add(three())
        (folder / "new.txt").write_text("Un nouveau titre\n\nUn nouveau corps.\n")
        index.sync(str(folder))


def test_where_the_last_commit_is_damaged_the_one_before_answers_and_says_so(
    path: str, tmp_path: Path
) -> None:
    two_commits(path, tmp_path / "in")
    damaged(path, "newsearch-manifest-*")
    with open_index(path) as index:
        assert index.notice and "newsearch-manifest-3.json is damaged" in index.notice
        page = index.search("corps")
        assert page.total == 3
        assert page.notices[0] == index.notice
        assert index.search("nouveau").total == 0
        assert any("newsearch-manifest-3.json" in problem for problem in index.check())


def test_nothing_is_written_upon_a_damaged_commit(path: str, tmp_path: Path) -> None:
    two_commits(path, tmp_path / "in")
    damaged(path, "newsearch-manifest-*")
    before = sorted(os.listdir(path))
    with open_index(path, write=True) as index, pytest.raises(DamagedIndexError, match="newsearch rebuild"):
        index.sync(str(tmp_path / "in"))
    assert sorted(os.listdir(path)) == before


@pytest.mark.parametrize("name", ["newsearch-manifest-*", "newsearch-ledger-*", "_MAIN_*.toc"])
def test_rebuild_takes_the_commit_before_where_the_last_one_is_lost(
    path: str, tmp_path: Path, name: str
) -> None:
    two_commits(path, tmp_path / "in")
    damaged(path, name)
    with open_index(path, write=True) as index:
        made = index.rebuild()
        # Without its ledger the new file's article is not known to be one; the file is read again.
        assert made.articles == (7 if name.startswith("_MAIN") else 6)
        assert made.lost == ()
        assert index.check() == []
        report = index.sync(str(tmp_path / "in"))
        assert (report.added, report.unchanged) == ((0, 4) if name.startswith("_MAIN") else (1, 3))
        assert index.search("corps OU texte").total == 7
        assert index.notice is None


def test_rebuild_saves_what_can_be_read_and_the_next_sync_brings_the_rest(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    words = [f"mot{number}" for number in range(60_000)]
    for number in range(40):
        text = " ".join(words[number * 1_400 : number * 1_400 + 5_000])
        (folder / f"{number:02}.txt").write_text(f"Titre {number}\n\n{text}\n")
    with create_index(path) as index:
        index.sync(str(folder))
    (segment,) = Path(path).glob("*.nsa")
    content = bytearray(segment.read_bytes())
    rows = json.loads(content[content.rindex(b'{"arrays"') : -20])["arrays"]["rows"]
    content[rows[0] + rows[2] // 2] ^= 1
    segment.unlink()
    segment.write_bytes(content)
    with open_index(path) as index:
        problems = index.check()
        assert any(segment.name in problem for problem in problems)
    with open_index(path, write=True) as index:
        made = index.rebuild()
        assert 0 < len(made.lost) < 40
        assert made.articles + len(made.lost) == 40
        assert index.check() == []
        report = index.sync(str(folder))
        assert (report.added, report.unchanged) == (len(made.lost), made.articles)
        assert index.check() == []


def test_an_article_that_was_deleted_does_not_come_back_by_a_rebuild_after_damage(
    path: str, tmp_path: Path
) -> None:
    two_commits(path, tmp_path / "in")
    lines = [f'{{"id": "l{number}", "title": "Ligne {number}", "body": "Un corps."}}' for number in range(10)]
    file = tmp_path / "in" / "lines.jsonl"
    with open_index(path, write=True) as index:
        for count in (10, 9):
            file.write_text("\n".join(lines[:count]))
            index.sync(str(tmp_path / "in"))
    damaged(path, "*.gone*")
    with open_index(path) as index, pytest.raises(DamagedIndexError, match="gone"):
        index.search("Ligne")
    with open_index(path, write=True) as index:
        assert index.rebuild().articles == 7 + 9
        assert index.search("Ligne").total == 9


def test_a_rebuild_without_any_ledger_is_refused_and_changes_nothing(path: str, tmp_path: Path) -> None:
    two_commits(path, tmp_path / "in")
    for name in Path(path).glob("newsearch-ledger-*"):
        name.unlink()
    before = sorted(os.listdir(path))
    with open_index(path, write=True) as index, pytest.raises(DamagedIndexError, match="newsearch-ledger"):
        index.rebuild()
    assert sorted(os.listdir(path)) == before
