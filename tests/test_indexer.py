"""A sync, sentence by sentence of its contract, and what a failure in the middle leaves."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search import Article, Index, Progress, Report, SyncRefusedError, create_index, open_index
from search import indexer as indexer_module
from search.messages import Message
from search.sources import reading

NOBODY = 65534 if os.getuid() == 0 else os.getuid()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with create_index(str(tmp_path / "index")) as made:
        yield made
        assert made.check() == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


def write(path: Path, words: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"date 2024-03 {words}\n\nLe texte de {words}.\n", encoding="utf-8")
    return path


def write_lines(path: Path, *records: dict[str, object] | str) -> Path:
    lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def age(*folders: Path) -> None:
    """Make every file look older than any sync, as files of an archive are."""
    for folder in folders:
        for path in folder.rglob("*"):
            os.utime(path, (1_700_000_000, 1_700_000_000))


def counts(report: Report) -> dict[str, int]:
    named = {
        "added": report.added,
        "changed": report.changed,
        "moved": report.moved,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "forgotten": report.forgotten,
        "refused": len(report.refused),
        "stale": len(report.stale),
    }
    return {name: count for name, count in named.items() if count}


def titles(index: Index) -> set[str]:
    return {article.title for article in index.articles()}


@pytest.fixture
def opened_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The source files that are opened from now on."""
    opened: list[str] = []
    genuine = reading.open_regular

    def recording(path: str) -> int:
        opened.append(path)
        return genuine(path)

    monkeypatch.setattr(reading, "open_regular", recording)
    return opened


# An article's id


def test_an_article_has_its_own_id_or_a_hash_of_its_relative_path(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    write_lines(folder / "b.jsonl", {"id": "afp-1", "title": "deux"})
    index.sync("archive")
    ids = {hit.title: hit.id for hit in index.search("un OU deux").hits}
    assert ids["deux"] == "afp-1"
    shutil.copytree(folder, folder.parent / "elsewhere")
    with create_index("other") as other:
        other.sync("elsewhere")
        assert {hit.title: hit.id for hit in other.search("un OU deux").hits} == ids


def test_in_a_file_of_many_articles_the_id_follows_the_content(index: Index, folder: Path) -> None:
    file = write_lines(folder / "a.jsonl", {"title": "un"}, {"title": "deux"}, {"title": "trois"})
    index.sync("archive")
    before = {hit.title: hit.id for hit in index.search("un OU deux OU trois").hits}
    write_lines(file, {"title": "zéro"}, {"title": "un"}, {"title": "deux"}, {"title": "trois"})
    assert counts(index.sync("archive")) == {"added": 1, "unchanged": 3}
    after = {hit.title: hit.id for hit in index.search("un OU deux OU trois OU zéro").hits}
    assert before.items() <= after.items()


def test_show_takes_any_unique_beginning_of_an_id_or_the_path(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    index.sync("archive")
    article = index.article("archive/a.txt")
    assert index.article(article.id[:6]) == index.article(str(folder / "a.txt")) == article


def test_path_is_the_root_as_typed_and_the_relative_path_with_slashes(index: Index, folder: Path) -> None:
    write(folder / "mars" / "a.txt", "un")
    index.sync("./archive/")
    assert index.search("un").hits[0].path == "archive/mars/a.txt"
    with create_index("other") as other:
        other.sync(str(folder))
        assert other.search("un").hits[0].path == f"{folder}/mars/a.txt"


def test_what_a_second_run_says_again_can_still_be_said_in_another_language(
    index: Index, folder: Path
) -> None:
    write_lines(folder / "a.jsonl", {"id": "x", "title": "premier"}, {"id": "x", "title": "second"})
    for _ in range(2):
        ((place, reason),) = index.sync("archive").refused
        assert isinstance(place, Message) and isinstance(reason, Message)
        owner = reason.values["owner"]
        assert isinstance(owner, Message) and owner.template == place.template == "{file}, {place}"
        for each, number in ((place, "2"), (owner, "1")):
            assert (each.values["file"], each.values["place"]) == ("archive/a.jsonl", f"line {number}")
            assert isinstance(each.values["place"], Message)
            assert each.values["place"].values == {"number": number}


def test_a_second_article_with_the_same_explicit_id_is_refused_with_both_places(
    index: Index, folder: Path
) -> None:
    write_lines(folder / "a.jsonl", {"id": "x", "title": "premier"}, {"id": "x", "title": "second"})
    write_lines(folder / "b.jsonl", {"id": "x", "title": "troisième"})
    report = index.sync("archive")
    assert counts(report) == {"added": 1, "refused": 2}
    assert report.refused == (
        ("archive/a.jsonl, line 2", "its id x is already that of archive/a.jsonl, line 1"),
        ("archive/b.jsonl, line 1", "its id x is already that of archive/a.jsonl, line 1"),
    )
    assert titles(index) == {"premier"}


def test_an_id_in_conflict_is_taken_when_the_other_article_has_gone(index: Index, folder: Path) -> None:
    write_lines(folder / "a.jsonl", {"id": "x", "title": "premier"})
    write_lines(folder / "b.jsonl", {"id": "x", "title": "second"}, {"id": "y", "title": "autre"})
    age(folder)
    index.sync("archive")
    (folder / "a.jsonl").unlink()
    index.sync("archive", prune=True)
    assert titles(index) == {"second", "autre"}


def test_an_id_may_move_between_two_files_that_both_change(index: Index, folder: Path) -> None:
    for first, second in (("a", "b"), ("b", "a")):
        write_lines(folder / f"{first}.jsonl", {"id": "x", "title": "voyageur"}, {"id": "1", "title": "un"})
        write_lines(folder / f"{second}.jsonl", {"id": "2", "title": "deux"})
        index.sync("archive", prune=True)
        write_lines(folder / f"{first}.jsonl", {"id": "1", "title": "un"})
        write_lines(
            folder / f"{second}.jsonl", {"id": "2", "title": "deux"}, {"id": "x", "title": "voyageur"}
        )
        report = index.sync("archive")
        assert counts(report) == {"moved": 1, "unchanged": 2}
        assert index.article("x").path == f"archive/{second}.jsonl"
        assert counts(index.sync("archive")) == {"unchanged": 3}
        assert index.check() == []


# Moves


def test_a_move_changes_the_id_and_is_reported_as_moved(index: Index, folder: Path) -> None:
    for name in ("un", "deux", "trois"):
        write(folder / f"{name}.txt", name)
    index.sync("archive")
    before = index.article("archive/un.txt").id
    (folder / "mars").mkdir()
    (folder / "un.txt").rename(folder / "mars" / "un.txt")
    assert counts(index.sync("archive")) == {"moved": 1, "unchanged": 2}
    assert index.article("archive/mars/un.txt").id != before
    assert titles(index) == {"un", "deux", "trois"}


def test_moving_every_file_loses_nothing_and_is_not_refused(index: Index, folder: Path) -> None:
    for name in ("un", "deux", "trois"):
        write(folder / f"{name}.txt", name)
    index.sync("archive")
    (folder / "mars").mkdir()
    for name in ("un", "deux", "trois"):
        (folder / f"{name}.txt").rename(folder / "mars" / f"{name}.txt")
    assert counts(index.sync("archive")) == {"moved": 3}


def test_a_root_that_was_moved_keeps_its_ids(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    index.sync("archive")
    before = index.article("archive/a.txt").id
    folder.rename(folder.parent / "moved")
    assert counts(index.sync("moved")) == {"moved": 1}
    assert index.article("moved/a.txt").id == before
    assert titles(index) == {"un"}


# Two roots


def test_a_sync_removes_only_articles_whose_root_is_under_a_path_given(index: Index, folder: Path) -> None:
    other = folder.parent / "other"
    for root in (folder, other):
        for name in ("un", "deux", "trois"):
            write(root / f"{name}.txt", f"{root.name} {name}")
    index.sync("archive", "other")
    (folder / "un.txt").unlink()
    (other / "un.txt").unlink()
    assert counts(index.sync("other")) == {"removed": 1, "unchanged": 2}
    assert "archive un" in titles(index)
    assert counts(index.sync("archive")) == {"removed": 1, "unchanged": 2}


def test_the_same_relative_path_in_two_roots_makes_two_articles(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    write(folder.parent / "other" / "a.txt", "deux")
    assert counts(index.sync("archive", "other")) == {"added": 2}
    assert titles(index) == {"un", "deux"}
    assert counts(index.sync("other", "archive")) == {"unchanged": 2}


def test_what_add_brought_is_never_removed_by_a_sync(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    index.add([Article("p", "par un programme", "")])
    index.sync("archive")
    (folder / "a.txt").unlink()
    assert counts(index.sync("archive", prune=True)) == {"removed": 1}
    assert index.article("p").title == "par un programme"


# What is too much to lose


def test_a_missing_root_changes_nothing_without_prune(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    index.sync("archive")
    shutil.rmtree(folder)
    with pytest.raises(SyncRefusedError, match=r"archive does not exist.*--prune removes the 1 article"):
        index.sync("archive")
    assert titles(index) == {"un"}
    assert counts(index.sync("archive", prune=True)) == {"removed": 1}
    assert titles(index) == set()


def test_a_root_that_never_was_is_refused_even_with_prune(index: Index, folder: Path) -> None:
    with pytest.raises(SyncRefusedError, match="nowhere does not exist"):
        index.sync("nowhere", prune=True)


@pytest.mark.parametrize(("kept", "refused"), [(2, False), (1, True), (0, True)])
def test_losing_more_than_half_changes_nothing_without_prune(
    index: Index, folder: Path, kept: int, refused: bool
) -> None:
    for number in range(4):
        write(folder / f"{number}.txt", f"article{number}")
    index.sync("archive")
    for number in range(kept, 4):
        (folder / f"{number}.txt").unlink()
    write(folder / "new.txt", "nouveau")
    if refused:
        with pytest.raises(SyncRefusedError, match=f"would lose {4 - kept} of its 4 articles"):
            index.sync("archive")
        assert len(titles(index)) == 4
        assert counts(index.sync("archive", prune=True))["removed"] == 4 - kept
    else:
        assert counts(index.sync("archive"))["removed"] == 4 - kept


def test_losing_most_lines_of_one_file_changes_nothing_either(index: Index, folder: Path) -> None:
    file = write_lines(folder / "a.jsonl", *({"title": f"article{n}"} for n in range(10)))
    index.sync("archive")
    write_lines(file, {"title": "article0"})
    write(folder / "new.txt", "nouveau")
    with pytest.raises(SyncRefusedError, match="would lose 9 of its 10"):
        index.sync("archive")
    assert len(titles(index)) == 10


# Stale, unchanged, rescan


def test_a_file_that_can_no_longer_be_parsed_keeps_its_old_version(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    index.sync("archive")
    (folder / "a.txt").write_bytes(b"\0\1\2")
    for _ in range(2):
        report = index.sync("archive")
        assert counts(report) == {"unchanged": 1, "stale": 1}
        assert report.stale == (("archive/a.txt", "it holds NUL bytes: not a text"),)
    assert titles(index) == {"un"}


def test_a_broken_line_keeps_the_articles_that_did_not_appear_again(index: Index, folder: Path) -> None:
    file = write_lines(folder / "a.jsonl", {"id": "1", "title": "un"}, {"id": "2", "title": "deux"})
    index.sync("archive")
    write_lines(file, {"id": "1", "title": "un"}, '{"id": "2", "title": "deux')
    report = index.sync("archive")
    assert counts(report) == {"unchanged": 2, "stale": 1}
    assert report.stale[0][0] == "archive/a.jsonl, line 2"
    assert titles(index) == {"un", "deux"}
    write_lines(file, {"id": "1", "title": "un"}, {"id": "3", "title": "trois"})
    index.sync("archive")
    assert titles(index) == {"un", "trois"}


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_has_become_unreadable_keeps_its_old_version_and_is_stale(
    what: str, index: Index, folder: Path
) -> None:
    write(folder / "mars" / "a.txt", "un")
    write(folder / "b.txt", "deux")
    age(folder)
    assert counts(as_nobody(index, "archive")) == {"added": 2}
    target = folder / "mars" / "a.txt" if what == "file" else folder / "mars"
    target.chmod(0)
    for _ in range(2):
        report = as_nobody(index, "archive")
        assert (counts(report) | {"refused": 0}) == {"unchanged": 2, "stale": 1, "refused": 0}
        assert report.stale[0][0] == "archive/mars/a.txt"
        assert titles(index) == {"un", "deux"}
    target.chmod(0o755)
    assert counts(as_nobody(index, "archive")) == {"unchanged": 2}


def test_a_file_that_never_could_be_read_is_refused(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un").chmod(0)
    write(folder / "b.txt", "deux")
    report = as_nobody(index, "archive")
    assert report.refused == (("archive/a.txt", "it may not be read (permission denied)"),)
    assert titles(index) == {"deux"}


def as_nobody(index: Index, *paths: str) -> Report:
    """Sync in a process of a user who is not root, since root may read everything."""
    index.close()
    # What is imported lazily must be there before the user changes, who may not reach it then.
    with create_index(f"{index.path}-of-root") as warm:
        warm.add([Article("x", "x", "x")])
        warm.sync(__file__)
    shutil.rmtree(f"{index.path}-of-root")
    for parent in (Path(index.path), *Path(index.path).parents[:4]):
        parent.chmod(parent.stat().st_mode | 0o055)
    for path in (Path(index.path), *Path(index.path).iterdir()):
        os.chown(path, NOBODY, -1)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def child() -> None:
        os.setuid(NOBODY)
        with open_index(index.path, write=True) as opened:
            sender.send(opened.sync(*paths))

    process = context.Process(target=child)
    process.start()
    sender.close()
    report: Report = receiver.recv()
    process.join()
    return report


def test_a_second_run_changes_nothing_and_reads_no_file_again(
    index: Index, folder: Path, opened_files: list[str]
) -> None:
    write(folder / "a.txt", "un")
    (folder / "empty.txt").touch()
    write_lines(folder / "b.jsonl", {"title": "deux"}, "{broken", {"title": "deux"})
    first = index.sync("archive")
    assert opened_files
    opened_files.clear()
    second = index.sync("archive")
    assert (opened_files, second.unchanged, second.refused) == ([], 2, first.refused)
    assert counts(second) == {"unchanged": 2, "refused": 3}


def test_a_second_run_with_nothing_to_do_makes_no_commit(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    index.sync("archive")
    before = index.info().statistics.generation
    index.sync("archive")
    assert index.info().statistics.generation == before


def test_touched_but_equal_is_unchanged(index: Index, folder: Path, opened_files: list[str]) -> None:
    write(folder / "a.txt", "un")
    index.sync("archive")
    os.utime(folder / "a.txt", (1_600_000_000, 1_600_000_000))
    assert counts(index.sync("archive")) == {"unchanged": 1}
    opened_files.clear()
    assert counts(index.sync("archive")) == {"unchanged": 1}
    assert opened_files == []


def test_same_size_time_and_inode_but_changed_shows_with_rescan_only(index: Index, folder: Path) -> None:
    file = write(folder / "a.txt", "chat")
    age(folder)
    index.sync("archive")
    file.write_bytes(file.read_bytes().replace(b"chat", b"lion"))
    age(folder)
    assert counts(index.sync("archive")) == {"unchanged": 1}
    assert counts(index.sync("archive", rescan=True)) == {"changed": 1}
    assert titles(index) == {"lion"}


def test_a_file_written_while_it_was_read_is_read_again(index: Index, folder: Path) -> None:
    file = write(folder / "a.txt", "chat")
    # A time after the sync: as of a file that changed once more within the same tick of the clock.
    os.utime(file, (4_000_000_000, 4_000_000_000))
    index.sync("archive")
    file.write_bytes(file.read_bytes().replace(b"chat", b"lion"))
    os.utime(file, (4_000_000_000, 4_000_000_000))
    assert counts(index.sync("archive")) == {"changed": 1}


def test_a_changed_article_replaces_its_older_version(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "chat")
    index.sync("archive")
    write(folder / "a.txt", "un lion")
    assert counts(index.sync("archive")) == {"changed": 1}
    assert titles(index) == {"un lion"}


def test_show_works_when_the_source_has_gone(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    index.sync("archive")
    shutil.rmtree(folder)
    assert index.article("archive/a.txt").body == "Le texte de un."


# Paths


def test_a_single_file_can_be_a_path(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    write(folder / "b.txt", "deux")
    assert counts(index.sync("archive/a.txt")) == {"added": 1}
    assert index.search("un").hits[0].path == "archive/a.txt"
    assert counts(index.sync("archive")) == {"added": 1, "unchanged": 1}


def test_a_path_inside_another_is_taken_once(index: Index, folder: Path) -> None:
    write(folder / "mars" / "a.txt", "un")
    assert counts(index.sync("archive", "archive/mars", "archive/mars/a.txt")) == {"added": 1}


def test_an_index_inside_the_folder_is_not_indexed(folder: Path) -> None:
    write(folder / "a.txt", "un")
    with create_index("archive/index") as inside:
        assert counts(inside.sync("archive")) == {"added": 1}
        assert counts(inside.sync("archive")) == {"unchanged": 1}


# Checkpoints, failures


def test_a_long_run_commits_checkpoints_and_removes_in_the_last_commit_only(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer_module, "CHECKPOINT_ARTICLES", 3)
    for number in range(3):
        write(folder / f"old{number}.txt", f"ancien{number}")
    write(folder / "stays.txt", "reste")
    index.sync("archive")
    (folder / "old0.txt").unlink()
    write_lines(folder / "a.jsonl", *({"title": f"article{n}"} for n in range(10)))
    seen: list[tuple[int, int]] = []

    def look(progress: Progress) -> None:
        if progress.committed and (not seen or seen[-1][0] != progress.committed):
            with open_index(index.path) as reader:
                seen.append((progress.committed, reader.search("ancien0").total))

    assert counts(index.sync("archive", progress=look)) == {"added": 10, "removed": 1, "unchanged": 3}
    assert seen == [(3, 1), (6, 1), (9, 1), (10, 0)]


def test_after_a_failure_the_last_checkpoint_stands_and_the_next_run_does_the_rest(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer_module, "CHECKPOINT_ARTICLES", 4)
    write_lines(folder / "a.jsonl", *({"title": f"article{n}"} for n in range(10)))

    def interrupt(progress: Progress) -> None:
        if progress.articles == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.sync("archive", progress=interrupt)
    assert len(titles(index)) == 4
    assert index.check() == []
    assert counts(index.sync("archive")) == {"added": 6, "unchanged": 4}
    assert len(titles(index)) == 10


# Regressions: how articles were once lost


def stop_after(commits: int) -> Callable[[Progress], None]:
    """A progress callback that interrupts the run at its n-th commit."""
    seen = {0}

    def look(progress: Progress) -> None:
        seen.add(progress.committed)
        if len(seen) > commits:
            raise KeyboardInterrupt

    return look


def records(*ids: str) -> list[dict[str, object]]:
    return [{"id": id.rstrip("'"), "title": f"article {id}"} for id in ids]


def test_an_interrupt_does_not_lose_an_article_that_waits_for_its_id(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer_module, "CHECKPOINT_ARTICLES", 1)
    write_lines(folder / "b.jsonl", *records("y", "z", "z0"))
    index.sync("archive")
    write_lines(folder / "a.jsonl", *records("y"))
    write_lines(folder / "b.jsonl", *records("z'", "z0"))
    with pytest.raises(KeyboardInterrupt):
        index.sync("archive", progress=stop_after(1))
    index.sync("archive")
    assert titles(index) == {"article y", "article z'", "article z0"}


def test_a_crash_leaves_no_article_with_two_owners(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer_module, "CHECKPOINT_ARTICLES", 1)
    for name, ids in (("a", "xk"), ("b", "l"), ("c", "ym")):
        write_lines(folder / f"{name}.jsonl", *records(*ids))
    index.sync("archive")
    for name, ids in (("a", "yk"), ("b", "lx"), ("c", "m")):
        write_lines(folder / f"{name}.jsonl", *records(*ids))
    with pytest.raises(KeyboardInterrupt):
        index.sync("archive", progress=stop_after(2))
    index.sync("archive")
    assert titles(index) == {f"article {id}" for id in "xklym"}
    assert counts(index.sync("archive")) == {"unchanged": 5}


def test_a_file_that_is_moved_away_and_back_keeps_its_articles(index: Index, folder: Path) -> None:
    write_lines(folder / "a.jsonl", *records("x", "y"))
    write_lines(folder / "b.jsonl", *records("1", "2", "3", "4", "5"))
    age(folder)
    index.sync("archive")
    (folder / "sub").mkdir()
    (folder / "a.jsonl").rename(folder / "sub" / "a.jsonl")
    assert counts(index.sync("archive/sub")) == {"moved": 2}
    (folder / "sub" / "a.jsonl").rename(folder / "a.jsonl")
    assert counts(index.sync("archive")) == {"moved": 2, "unchanged": 5}


def test_an_emptied_folder_is_not_excused_by_another_with_the_same_names(index: Index, folder: Path) -> None:
    other = folder.parent / "other"
    for root in (folder, other):
        for number in range(6):
            write(root / f"{number}.txt", f"{root.name} {number}")
    index.sync("archive", "other")
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(SyncRefusedError, match="archive would lose 6 of its 6"):
        index.sync("archive", "other", rescan=True)
    assert len(titles(index)) == 12


def test_a_folder_that_is_away_does_not_lend_its_ids_to_another(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    write(folder.parent / "other" / "a.txt", "deux")
    index.sync("archive")
    folder.rename(folder.parent / "unmounted")
    index.sync("other")
    assert titles(index) == {"un", "deux"}


def test_forgetting_in_one_folder_keeps_another_folders_article_of_the_same_name(
    index: Index, folder: Path
) -> None:
    write(folder / "a.txt", "un")
    write(folder.parent / "other" / "a.txt", "deux")
    index.sync("archive")
    index.forget("archive/a.txt")
    assert counts(index.sync("other")) == {"added": 1}
    assert titles(index) == {"deux"}


def test_a_forgotten_file_does_not_come_back_under_another_name(index: Index, folder: Path) -> None:
    write(folder / "a.txt", "un")
    write(folder / "b.txt", "deux")
    index.sync("archive")
    index.forget("archive/a.txt")
    (folder / "a.txt").rename(folder / "c.txt")
    assert counts(index.sync("archive")) == {"unchanged": 1, "forgotten": 1}


def test_a_reading_callback_does_not_leave_the_index_in_the_past(index: Index, folder: Path) -> None:
    write_lines(folder / "a.jsonl", *records("x", "y"))
    index.sync("archive", progress=lambda _: index.info() and None)
    assert titles(index) == {"article x", "article y"}


def test_a_conflict_with_an_added_article_is_not_read_again_at_each_run(
    index: Index, folder: Path, opened_files: list[str]
) -> None:
    index.add([Article("x", "par un programme", "")])
    write_lines(folder / "a.jsonl", *records("x", "y"))
    assert counts(index.sync("archive")) == {"added": 1, "refused": 1}
    opened_files.clear()
    assert counts(index.sync("archive")) == {"unchanged": 1, "refused": 1}
    assert opened_files == []


def test_conflicts_that_depend_on_conflicts_are_settled_in_one_run(index: Index, folder: Path) -> None:
    write_lines(folder / "a.jsonl", *records("x"))
    write_lines(folder / "b.jsonl", *records("x", "y"))
    write_lines(folder / "c.jsonl", *records("y", "z"))
    age(folder)
    index.sync("archive")
    write_lines(folder / "a.jsonl", *records("w"))
    index.sync("archive", prune=True)
    assert titles(index) == {f"article {id}" for id in "wxyz"}


def test_an_error_of_the_callback_is_not_taken_for_one_of_the_file(index: Index, folder: Path) -> None:
    write_lines(folder / "a.jsonl", *records("x", "y"))

    def broken(progress: Progress) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        index.sync("archive", progress=broken)
    assert counts(index.sync("archive")) == {"added": 2}


def test_a_line_that_stays_broken_does_not_keep_what_is_removed(index: Index, folder: Path) -> None:
    file = write_lines(folder / "a.jsonl", *records("x", "y", "z"), "{broken")
    index.sync("archive")
    write_lines(file, *records("x", "z"), "{broken")
    assert counts(index.sync("archive")) == {"unchanged": 2, "removed": 1, "refused": 1}


def test_a_folder_replaced_by_a_link_keeps_its_articles_as_stale(index: Index, folder: Path) -> None:
    write(folder / "mars" / "a.txt", "un")
    index.sync("archive")
    (folder / "mars").rename(folder.parent / "elsewhere")
    (folder / "mars").symlink_to(folder.parent / "elsewhere")
    assert counts(index.sync("archive")) == {"unchanged": 1, "stale": 1, "refused": 1}
