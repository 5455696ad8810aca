"""Commits of the columnar engine: whole or not at all whatever fails, few segments, nothing left over."""

import gc
import itertools
import os
import pickle
import random
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from math import log2
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from search.article import Article
from search.engines.whoosh.columnar import building, engine, writer
from search.engines.whoosh.generations import (
    Generations,
    generation_of,
    manifest_name,
    previous_name,
    toc_name,
)
from search.errors import BusyError
from search.query.tree import Word

Articles = Callable[..., list[Article]]
Commit = Callable[..., None]
State = Callable[[Any, str], dict[str, object]]

LOCK = "MAIN_WRITELOCK"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, articles: Articles, commit: Commit) -> str:
    """An index of three segments, two of them with deletions, and an attachment."""
    path = str(tmp_path_factory.mktemp("before"))
    engine.create(path)
    gone = [Article(f"gone-{number}", "Rien", "Drones de rien.") for number in (1, 2)]
    commit(engine, path, [*articles(40), *gone])
    commit(engine, path, articles(6, seed=2, first=40))
    commit(
        engine,
        path,
        articles(4, seed=3, first=46),
        delete=[articles(40)[3].id],
        attachments={"ledger": b"old"},
    )
    assert engine.check(path) == []
    return path


@pytest.fixture(scope="module")
def added(articles: Articles) -> list[Article]:
    """What the next commit adds: two of these articles replace others."""
    again = [Article(each.id, "Drones", "Encore des drones.") for each in articles(40)[5:7]]
    return [*articles(8, seed=4, first=50), *again]


@pytest.fixture(scope="module")
def states(
    before: str,
    added: list[Article],
    failing: ModuleType,
    state: State,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, object], dict[str, object]]:
    """What the index says before and after the commit."""
    after = str(tmp_path_factory.mktemp("after") / "index")
    shutil.copytree(before, after)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(writer, "_SMALL", 1)
        failing.change(after, added).commit(failing.ATTACHMENTS)
    assert segments(before) == [4, 6, 42]
    assert segments(after) == [20, 42], "two segments were merged with the new one"
    found = (state(engine, before), state(engine, after))
    assert found[0] != found[1]
    return found


def segments(path: str) -> list[int]:
    """How many articles each segment has, deleted ones included."""
    reader = engine.open_reader(path)
    return sorted(segment.size for segment in reader._segments)


def only_garbage(path: str) -> bool:
    return all("belongs to no commit" in problem for problem in engine.check(path))


def files(path: str) -> set[str]:
    return set(os.listdir(path)) - {LOCK}


def committed_files(path: str) -> set[str]:
    """The files of the newest generation, and of the one before as far as it is kept."""
    newest, *before = Generations(path, engine.FORMAT).kept()
    named = set(newest.names)
    for manifest in before:
        named |= manifest.names - {toc_name(manifest.generation)} | {previous_name(manifest.generation)}
    return named


def writes_again(path: str, commit: Commit) -> None:
    """The next commit needs no help, is found, and leaves nothing behind that no commit names."""
    commit(
        engine,
        path,
        [Article("next", "Suite", "Une suite inédite.")],
        attachments={"ledger": b"", "notes": b""},
    )
    reader = engine.open_reader(path)
    assert [match.id for match in reader.search(Word("inédite"), limit=9).top] == ["next"]
    reader.close()
    assert engine.check(path) == []
    assert files(path) == committed_files(path)


@pytest.mark.parametrize("ever_after", [False, True], ids=["once", "ever after"])
def test_a_commit_that_is_refused_at_any_call_leaves_the_old_state_or_the_new_one(
    before: str,
    added: list[Article],
    states: tuple[dict[str, object], dict[str, object]],
    failing: ModuleType,
    state: State,
    commit: Commit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ever_after: bool,
) -> None:
    monkeypatch.setattr(writer, "_SMALL", 1)
    threads = threading.active_count()
    refused = []
    for number in itertools.count(1):
        path = str(tmp_path / str(number))
        shutil.copytree(before, path)
        was_refused, calls = failing.commit_failing_at(path, added, number, ever_after=ever_after)
        if len(calls) < number:
            break
        name = calls[number - 1]
        found = state(engine, path)
        is_new = found == states[1]
        assert is_new or found == states[0], (number, name)
        assert was_refused or is_new, (number, name)
        # A commit is made by the rename and the sync after it; where that is refused it is taken back.
        renamed = calls.index("replace") + 1 if "replace" in calls else len(calls)
        is_sync = name == "fsync" and calls[renamed : number - 1] in ([], ["unlink"])
        assert is_new == (number > renamed and (ever_after or not is_sync)), (number, name)
        assert only_garbage(path), (number, name, engine.check(path))
        if not ever_after:
            assert files(path) == committed_files(path) or (is_new and name == "unlink"), (number, name)
        assert threading.active_count() == threads, (number, name)
        writes_again(path, commit)
        refused.append((name, was_refused, is_new))
        shutil.rmtree(path)
    print(f"{len(refused)} calls: {Counter(name for name, *_ in refused)}")
    print(f"{sum(was for _, was, _ in refused)} refused, {sum(new for *_, new in refused)} were committed")
    assert len(refused) >= 40
    assert {name for name, *_ in refused} == {"fsync", "replace", "unlink", "open", "close"}


def test_an_attachment_of_a_cut_commit_is_removed_by_the_next_one_without_it(
    before: str, added: list[Article], failing: ModuleType, commit: Commit, tmp_path: Path
) -> None:
    for number in itertools.count(1):
        path = str(tmp_path / str(number))
        shutil.copytree(before, path)
        _, calls = failing.commit_failing_at(path, added, number, ever_after=True)
        if len(calls) < number:
            break
        commit(engine, path)
        assert files(path) == committed_files(path), (number, calls[number - 1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
def test_a_commit_that_is_killed_at_any_call_leaves_the_old_state_or_the_new_one(
    before: str,
    added: list[Article],
    states: tuple[dict[str, object], dict[str, object]],
    failing: ModuleType,
    state: State,
    commit: Commit,
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, failing.__file__, before, str(tmp_path)],
        input=pickle.dumps(added),
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    names = done.stdout.decode().split()
    committed = names.index("replace") + 1
    for number, name in enumerate([*names, "none"], 1):
        path = str(tmp_path / str(number))
        found = state(engine, path)
        assert found == states[number > committed], (number, name)
        assert only_garbage(path), (number, name, engine.check(path))
        writes_again(path, commit)
        shutil.rmtree(path)
    assert not os.listdir(tmp_path)
    print(f"{len(names)} calls: {Counter(names)}; the commit is made by the {committed}th")
    assert len(names) >= 40


def test_nothing_is_renamed_before_all_that_it_needs_is_on_the_disk(
    before: str, added: list[Article], failing: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "index")
    shutil.copytree(before, path)
    known = files(path)
    synced: dict[int, bytes] = {}
    """By inode: the content of a file as it was last synced, or the names in a folder."""
    at_rename: list[tuple[str, str, dict[int, bytes]]] = []

    def content(descriptor: int) -> bytes:
        where = os.readlink(f"/proc/self/fd/{descriptor}")
        return (
            "\n".join(sorted(os.listdir(where))).encode()
            if os.path.isdir(where)
            else Path(where).read_bytes()
        )

    def recording_fsync(descriptor: int) -> None:
        synced[os.fstat(descriptor).st_ino] = content(descriptor)

    def recording_replace(source: str, target: str) -> None:
        if generation_of(os.path.basename(target)) is None:
            os.rename(source, target)  # what is done with the generation before
            return
        at_rename.append((source, target, dict(synced)))
        for name in set(os.listdir(path)) - known - {os.path.basename(source), LOCK}:
            file = Path(path, name)
            if name in named_at(target):
                assert synced[file.stat().st_ino] == file.read_bytes(), name
        os.rename(source, target)

    def named_at(target: str) -> set[str]:
        generation = generation_of(os.path.basename(target))
        assert generation is not None
        return {*Generations(path, engine.FORMAT).manifest(generation).files, manifest_name(generation)}

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc to see what a descriptor is of")
    monkeypatch.setattr(writer, "_SMALL", 1)
    monkeypatch.setattr(os, "fsync", recording_fsync)
    monkeypatch.setattr(os, "replace", recording_replace)
    failing.change(path, added).commit(failing.ATTACHMENTS)
    monkeypatch.undo()

    ((source, target, on_disk),) = at_rename
    new = {name for name in committed_files(path) - known if "previous" not in name}
    print(f"{len(new)} new files are on the disk before the rename")
    assert len(new) == 6  # a segment, deletions of another, two attachments, the manifest and the TOC
    for name in new:
        file = Path(path, name)
        assert on_disk[file.stat().st_ino] == file.read_bytes(), f"{name} was written after it was synced"
    folder = os.stat(path).st_ino
    assert new - {os.path.basename(target)} <= set(on_disk[folder].decode().split("\n"))
    assert os.path.basename(target) in synced[folder].decode().split("\n"), "the rename itself is synced"
    assert os.path.basename(source) not in synced[folder].decode().split("\n")


def test_a_rollback_leaves_no_thread_and_no_file(
    before: str, articles: Articles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "index")
    shutil.copytree(before, path)
    known, threads = files(path), threading.active_count()
    monkeypatch.setattr(building, "_BATCH_CHARACTERS", 1)
    monkeypatch.setattr(building, "_RUN_ARTICLES", 3)
    changed = engine.open_writer(path)
    for article in articles(40, seed=5, first=100):
        changed.add(article)
    assert threading.active_count() > threads
    changed.rollback()
    assert threading.active_count() == threads
    assert files(path) == known
    changed = engine.open_writer(path)
    changed.rollback()
    assert files(path) == known


def test_a_builder_that_is_stopped_leaves_no_thread(
    articles: Articles, new_path: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = threading.active_count()
    builder = building.Builder(new_path, writer.Tokenizer(), writer.Compression("zlib", b""))
    for article in articles(30):
        builder.add(article)
    builder.stop()
    builder.stop()
    assert threading.active_count() == threads


def test_what_a_run_in_writing_raises_reaches_the_caller(
    before: str, articles: Articles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "index")
    shutil.copytree(before, path)
    known, threads = files(path), threading.active_count()

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(building, "_BATCH_CHARACTERS", 1)
    monkeypatch.setattr(building, "_RUN_ARTICLES", 3)
    monkeypatch.setattr(building, "write_segment", refuse)
    changed = engine.open_writer(path)
    with pytest.raises(OSError, match="no space left"):
        for article in articles(40, seed=5, first=100):
            changed.add(article)
    changed.rollback()
    assert threading.active_count() == threads
    assert files(path) == known


def test_a_second_writer_is_told_that_another_writes(before: str) -> None:
    first = engine.open_writer(before)
    with pytest.raises(BusyError):
        engine.open_writer(before)
    first.rollback()
    engine.open_writer(before).rollback()


def test_small_commits_leave_few_segments(tmp_path: Path, commit: Commit, articles: Articles) -> None:
    path = str(tmp_path)
    engine.create(path)
    random_ = random.Random(1)
    all_articles = iter(articles(400))
    counts = []
    for _ in range(100):
        commit(engine, path, itertools.islice(all_articles, random_.randint(1, 4)))
        counts.append(len(segments(path)))
    print(f"100 commits of 1 to 4 articles: at most {max(counts)} segments, {sum(counts) / 100} on average")
    assert max(counts) <= 9


def test_large_commits_leave_a_logarithm_of_segments(
    tmp_path: Path, commit: Commit, articles: Articles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_SMALL", 1)
    monkeypatch.setattr(writer, "_MOST_SEGMENTS", 1)
    path = str(tmp_path)
    engine.create(path)
    random_ = random.Random(2)
    written, most, merged = 0, 0, 0
    merge = writer.merge

    def counting(path: str, segments: Any, compression: Any) -> None:
        nonlocal merged
        merged += sum(segment.live_count for segment in segments)
        merge(path, segments, compression)

    monkeypatch.setattr(writer, "merge", counting)
    for _ in range(60):
        count = int(2 ** random_.uniform(0, 5))
        commit(engine, path, articles(count, seed=written, first=written))
        written += count
        found = segments(path)
        most = max(most, len(found))
        assert sum(found) == written
        assert len(found) <= log2(written) + 1
    print(
        f"60 commits, {written} articles: at most {most} segments, each merged {merged / written:.1f} times"
    )
    assert merged / written <= log2(written)


def test_compacting_leaves_one_segment_once(
    before: str, tmp_path: Path, commit: Commit, state: State
) -> None:
    path = str(tmp_path / "index")
    shutil.copytree(before, path)
    due = state(engine, path)
    commit(engine, path, attachments={"ledger": b"old"}, compact=True)
    found = state(engine, path)
    assert found["ids"] == due["ids"]
    assert found["articles"] == due["articles"]
    (made,) = (name for name in files(path) if name.endswith(".nsa"))
    assert not any(".gone" in name for name in files(path))
    commit(engine, path, compact=True)
    assert made in files(path), "there was nothing to merge"


def compressions(path: str) -> list[Any]:
    return [segment.compression for segment in engine.open_reader(path)._segments]


def test_the_dictionary_of_rows_is_drawn_once_and_shared(
    tmp_path: Path, commit: Commit, articles: Articles
) -> None:
    path = str(tmp_path)
    engine.create(path)
    commit(engine, path, articles(700))
    assert [each.dictionary for each in compressions(path)] == [b""], "these are too few"
    commit(engine, path, articles(700, seed=2, first=700), compact=True)
    (drawn,) = compressions(path)
    assert drawn.dictionary
    # 30 rows are not worth a dictionary of their own, 1,200 are, and take the one that is known.
    commit(engine, path, articles(30, seed=3, first=1_400))
    assert compressions(path) == [drawn, type(drawn)(drawn.method, b"")]
    reader = engine.open_reader(path)
    kept = reader._segments[0].compressed_row(0)
    commit(engine, path, articles(1_200, seed=4, first=1_430))
    assert set(compressions(path)) == {drawn}
    commit(engine, path, compact=True)
    assert compressions(path) == [drawn]
    after = engine.open_reader(path)
    doc = after._segments[0].doc_of(reader._segments[0].id_of(0))
    assert after._segments[0].compressed_row(doc) == kept, "it is kept as it was"
    assert sum(1 for _ in after.articles()) == 2_630


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts in /proc")
def test_descriptors_and_maps_are_given_back(
    before: str, tmp_path: Path, state: State, commit: Commit
) -> None:
    path = str(tmp_path / "index")
    shutil.copytree(before, path)

    def held() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), Path("/proc/self/maps").read_text().count(path)

    state(engine, path)
    gc.collect()
    at_first = held()
    for _ in range(50):
        state(engine, path)
    gc.collect()
    print(f"(descriptors, maps) at first {at_first}, after 50 readers {held()}")
    assert held() == at_first
    for number in range(20):
        commit(engine, path, [Article(f"new-{number}", "Neuf", "Du neuf.")])
    gc.collect()
    assert held() == at_first


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts in /proc")
def test_a_reader_that_is_closed_gives_its_files_back_at_once(before: str, state: State) -> None:
    gc.collect()
    gc.disable()
    try:
        at_first = len(os.listdir("/proc/self/fd"))
        for _ in range(50):
            state(engine, before)
        assert len(os.listdir("/proc/self/fd")) == at_first
    finally:
        gc.enable()


def test_no_segment_is_merged_beyond_what_it_can_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path)
    engine.create(path)
    for number in range(5):
        opened = engine.open_writer(path)
        opened.add(Article(f"a{number}", "", "mot " * 10))
        opened.commit({})
    monkeypatch.setattr(writer, "_MOST_TOKENS", 25)
    compacting = engine.open_writer(path)
    compacting.commit({}, compact=True)
    reader = engine.open_reader(path)
    assert reader.statistics().segments == 3
    assert [match.id for match in reader.search(Word("mot"), limit=9).top] == [f"a{n}" for n in range(5)]
    reader.close()
