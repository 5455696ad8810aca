"""The columnar engine's four functions: whatever befalls its files, the right answer or an error."""

import json
import os
import pickle
import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace as replaced
from itertools import combinations, count
from pathlib import Path
from typing import Any

import pytest

from search.article import Article
from search.engines.whoosh import generations
from search.engines.whoosh.columnar import engine, writer
from search.engines.whoosh.generations import Generations, manifest_name, record_of, toc_name
from search.errors import DamagedIndexError, IndexVersionError, NoIndexError
from search.query.tree import Word

Articles = Callable[..., list[Article]]
Commit = Callable[..., None]
State = Callable[[Any, str], dict[str, object]]

LONG = bool(os.environ.get("NEWSEARCH_LONG"))
GENERATION = 3


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, articles: Articles, commit: Commit) -> str:
    """An index of three segments, of which one has deletions, and two attachments."""
    path = str(tmp_path_factory.mktemp("whole"))
    engine.create(path)
    first = articles(25)
    commit(engine, path, first)
    commit(engine, path, articles(12, seed=2, first=25))
    attachments = {"ledger": bytes(range(256)), "notes": b"\n" * 50}
    commit(
        engine,
        path,
        articles(5, seed=3, first=37),
        delete=[first[3].id, first[9].id],
        attachments=attachments,
    )
    return path


@pytest.fixture
def path(whole: str, tmp_path: Path) -> str:
    """A copy of it."""
    copy = str(tmp_path / "index")
    shutil.copytree(whole, copy)
    return copy


@pytest.fixture(scope="module")
def due(whole: str, state: State) -> dict[str, object]:
    return state(engine, whole)


@pytest.fixture(scope="module")
def due_before(whole: str, state: State, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the commit before the last said."""
    path = str(tmp_path_factory.mktemp("before") / "index")
    shutil.copytree(whole, path)
    os.unlink(os.path.join(path, toc_name(GENERATION)))
    return state(engine, path)


def files(path: str) -> list[str]:
    return sorted(set(os.listdir(path)) - {"MAIN_WRITELOCK"})


def replace(path: str, name: str, data: bytes | None) -> None:
    """Put another file in its place: what an earlier reader has mapped stays what it was."""
    file = Path(path, name)
    file.unlink(missing_ok=True)
    if data is not None:
        file.write_bytes(data)


def test_the_index_to_be_damaged_has_every_kind_of_file(whole: str) -> None:
    kinds = Counter(name.rpartition("-")[0] or Path(name).suffix for name in files(whole))
    assert kinds == {
        ".nsa": 3,
        ".gone3": 1,
        ".toc": 1,
        "newsearch-ledger": 1,
        "newsearch-notes": 1,
        "newsearch-manifest": 2,
        "newsearch-previous": 1,
    }


def damaged(random_: random.Random, contents: dict[str, bytes]) -> tuple[str, dict[str, bytes | None]]:
    """A kind of damage, and what it makes of some files."""
    name = random_.choice(sorted(contents))
    data = contents[name]
    kind = random_.choices(["byte", "cut", "deleted", "swapped"], [80, 10, 4, 6])[0]
    if kind == "swapped":
        other = random_.choice([each for each in sorted(contents) if each != name])
        return kind, {name: contents[other], other: data}
    if kind == "deleted":
        return kind, {name: None}
    if kind == "cut":
        return kind, {name: data[: random_.randrange(len(data))]}
    at = random_.randrange(len(data))
    if random_.random() < 0.5:
        # The end, where a file says what is where in it.
        at = max(0, len(data) - 1 - random_.randrange(64))
    altered = bytearray(data)
    altered[at] ^= random_.randrange(1, 256)
    return kind, {name: bytes(altered)}


def is_the_same_json(name: str, data: bytes | None, whole: bytes) -> bool:
    """Whether a manifest says the same by other white space: see the test of that below."""
    try:
        return "manifest" in name and data is not None and bool(json.loads(data) == json.loads(whole))
    except ValueError:
        return False


def test_no_damage_passes_for_an_answer_and_check_names_a_damaged_file_each_time(
    path: str, due: dict[str, object], due_before: dict[str, object], state: State
) -> None:
    contents = {name: Path(path, name).read_bytes() for name in files(path)}
    random_ = random.Random(7)
    kinds: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for case in range(2_000 if LONG else 400):
        kind, changes = damaged(random_, contents)
        for name, data in changes.items():
            replace(path, name, data)
        label = (case, kind, list(changes))
        try:
            notice = engine.open_reader(path).notice
            assert state(engine, path) == (due_before if notice else due), label
            assert not notice or any(name in notice for name in changes), label
            outcomes["answered by the commit before" if notice else "answered"] += 1
        except (DamagedIndexError, NoIndexError) as error:
            assert any(name in str(error) for name in changes) or "newsearch check" in str(error), label
            outcomes[type(error).__name__] += 1
        problems = engine.check(path)
        if not any(is_the_same_json(name, data, contents[name]) for name, data in changes.items()):
            # Without its TOC the generation before is garbage, which is told too.
            told = list(changes) + [name.replace("previous-2.toc", "manifest-2.json") for name in changes]
            assert any(os.path.join(path, name) in each for each in problems for name in told), label
        for name in changes:
            replace(path, name, contents[name])
        kinds[kind] += 1
    print(f"{kinds} gave {outcomes}")
    assert engine.check(path) == []
    assert outcomes["DamagedIndexError"] > outcomes["answered"]


def test_a_byte_of_white_space_in_the_manifest_is_named_by_check(path: str) -> None:
    name = manifest_name(GENERATION)
    data = Path(path, name).read_bytes()
    replace(path, name, data.replace(b"\n", b"\t", 1))
    assert any(name in problem for problem in engine.check(path))


@pytest.mark.parametrize("suffix", [".nsa", ".gone9"])
def test_two_files_of_one_size_that_are_swapped_do_not_pass_for_an_answer(
    tmp_path: Path, commit: Commit, suffix: str
) -> None:
    path = str(tmp_path)
    engine.create(path)
    letters = "abcdefgh"
    for letter in letters:
        texts = (f"{letter}{word} {letter}mot" for word in ("un", "xy", "or", "ut", "as", "os"))
        commit(engine, path, [Article(f"{letter}{n}", "", text) for n, text in enumerate(texts)])
    # Of each segment one article goes, but not of each the same.
    commit(engine, path, delete=[f"{letter}{n % 4}" for n, letter in enumerate(letters)])
    reader = engine.open_reader(path)
    due = sorted(reader.ids())
    names = [segment.name + suffix for segment in reader._segments]
    one, other = next(
        (one, other)
        for one, other in combinations(names, 2)
        if os.path.getsize(tmp_path / one) == os.path.getsize(tmp_path / other)
        and (names.index(one) - names.index(other)) % 4
    )
    contents = [Path(path, name).read_bytes() for name in (one, other)]
    replace(path, other, contents[0])
    replace(path, one, contents[1])
    if not engine.check(path):
        raise RuntimeError("this one looks at all bytes")
    with suppress(DamagedIndexError):
        found = engine.open_reader(path)
        assert found.notice or sorted(article.id for article in found.articles()) == due


@pytest.mark.parametrize("name", [toc_name(GENERATION), manifest_name(GENERATION)])
def test_an_index_without_its_toc_or_manifest_is_damaged_for_a_writer_too(path: str, name: str) -> None:
    replace(path, name, None)
    for _ in range(2):  # the lock of the first try is free again
        with pytest.raises(DamagedIndexError):
            engine.open_writer(path)


def test_a_folder_without_any_commit_holds_no_index(tmp_path: Path) -> None:
    with pytest.raises(NoIndexError, match="never finished"):
        engine.open_reader(str(tmp_path))


@pytest.mark.parametrize(("part", "told"), [("analysis", "french-light-0"), ("format", "columnar-0")])
def test_an_index_of_another_version_is_read_only_by_who_accepts_any(path: str, part: str, told: str) -> None:
    reseal(path, {part: told})
    with pytest.raises(IndexVersionError, match="newsearch rebuild"):
        engine.open_reader(path)
    reader = engine.open_reader(path, any_version=True)
    assert len(list(reader.articles())) == 40
    assert told in reader.statistics().versions.values()


def test_a_commit_afresh_brings_an_index_to_this_version(path: str, articles: Articles) -> None:
    reseal(path, {"analysis": "french-light-0"})
    afresh = engine.open_writer(path, afresh=True)
    for article in articles(3, seed=8):
        afresh.add(article)
    afresh.commit({})
    reader = engine.open_reader(path)
    assert list(reader.ids()) == sorted(article.id for article in articles(3, seed=8))
    assert reader.statistics().segments == 1
    assert engine.check(path) == []
    assert len([name for name in files(path) if name.endswith(".nsa")]) == 1


def reseal(path: str, changes: dict[str, object]) -> None:
    """Write a manifest that says something else, with the digest that it needs."""
    file = Path(path, manifest_name(GENERATION))
    said = {name: value for name, value in json.loads(file.read_text()).items() if name != "digest"}
    file.write_text(generations.manifest_text({**said, **changes}))


def test_files_of_no_commit_are_named_by_check_and_removed_by_clean(path: str) -> None:
    known = files(path)
    left = ["MAIN_0123.nsa", "MAIN_0123.nsa.rows", "_MAIN_2.toc", "_MAIN_4.toc.0", "newsearch-ledger-9"]
    for name in left:
        Path(path, name).write_bytes(b"x")
    Path(path, "notes of mine.txt").write_text("stays")
    problems = engine.check(path)
    assert len(problems) == len(left)
    assert all(any(name in problem for problem in problems) for name in left)
    assert engine.check(path, clean=True) == []
    assert files(path) == sorted([*known, "notes of mine.txt"])


def test_a_reader_keeps_its_generation_while_others_are_committed_and_cleaned_up(
    path: str,
    due: dict[str, object],
    everything: Callable[[Any], dict[str, object]],
    articles: Articles,
    commit: Commit,
) -> None:
    pinned = engine.open_reader(path)
    touched = engine.open_reader(path)
    assert everything(touched) == due
    old = files(path)
    for number in range(4):
        commit(
            engine, path, articles(3, seed=number, first=50 + 3 * number), delete=[articles(25)[number].id]
        )
    commit(engine, path, delete=[article.id for article in articles(25)], compact=True)
    assert engine.check(path, clean=True) == []
    assert not set(old) & set(files(path))
    assert everything(pinned) == everything(touched) == due
    now = engine.open_reader(path)
    assert len(list(now.articles())) == 40 - 23 + 12
    assert pinned.statistics().generation == GENERATION
    assert now.statistics().generation == GENERATION + 5


def test_an_index_can_be_opened_at_any_moment_of_commits(
    tmp_path: Path, articles: Articles, commit: Commit
) -> None:
    path = str(tmp_path)
    engine.create(path)
    commit(engine, path, attachments={"ledger": b"0"})
    done = threading.Event()
    errors: list[BaseException] = []
    written = articles(100)

    def commit_all() -> None:
        try:
            for number in count(1):
                if done.is_set():
                    return
                new = [replaced(written[number % 100], id=str(number))]
                commit(engine, path, new, attachments={"ledger": b"%d" % number}, compact=number % 7 == 0)
        except BaseException as error:  # noqa: BLE001  # told by the main thread
            errors.append(error)

    thread = threading.Thread(target=commit_all)
    thread.start()
    seen: list[int] = []
    try:
        while len(seen) < (2_000 if LONG else 200) or seen[-1] - seen[0] < 5:
            reader = engine.open_reader(path)
            number = int(reader.attachment("ledger") or b"-1")
            assert len(list(reader.ids())) == number, "one whole generation"
            assert sum(1 for _ in reader.articles()) == number
            assert reader.search(Word("drones"), limit=3).total is not None
            reader.close()
            seen.append(number)
            assert thread.is_alive(), errors
    finally:
        done.set()
        thread.join()
    print(f"{len(seen)} opens while {seen[-1] - seen[0]} commits were made")
    assert errors == []
    assert seen == sorted(seen)


def test_no_pickle_is_ever_read(
    tmp_path: Path, articles: Articles, commit: Commit, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a pickle was read")

    for name in ("load", "loads", "Unpickler", "_load", "_loads", "_Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    monkeypatch.setattr(writer, "_SMALL", 4)
    path = str(tmp_path)
    engine.create(path)
    commit(engine, path, articles(10))
    commit(engine, path, articles(3, seed=2, first=10), delete=[articles(10)[1].id])
    commit(engine, path, articles(12, seed=3, first=13), attachments={"ledger": b"x"})
    commit(engine, path, compact=True)
    assert len(state(engine, path)["ids"]) == 24  # type: ignore[arg-type]
    engine.open_reader(path, any_version=True).close()
    engine.open_writer(path).rollback()
    assert engine.check(path) == engine.check(path, clean=True) == []


class Plant:
    """What, unpickled, makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.mark,)


@pytest.mark.parametrize("format", [engine.FORMAT, "whoosh-stock-2"])
def test_a_pickle_planted_in_the_toc_is_not_executed(
    path: str, tmp_path: Path, due: dict[str, object], state: State, commit: Commit, format: str
) -> None:
    mark = tmp_path / "executed"
    planted = pickle.dumps(Plant(mark))
    pickle.loads(planted)
    assert mark.exists(), "it would work"
    mark.rmdir()

    # As Whoosh reads a TOC: what is before its pickles stays, and each of them is ours.
    whole = Path(path, toc_name(GENERATION)).read_bytes()
    at = whole.index(b"\x80\x02")
    toc = whole[:at] + planted + planted
    replace(path, toc_name(GENERATION), toc)
    manifest = Generations(path, engine.FORMAT).manifest(GENERATION)
    reseal(path, {"format": format, "files": {**manifest.files, toc_name(GENERATION): record_of(toc)}})

    if format == engine.FORMAT:
        assert state(engine, path) == due
        engine.open_reader(path, any_version=True).close()
        engine.open_writer(path).rollback()
        commit(engine, path, [Article("new", "Neuf", "Du neuf.")])
        assert len(state(engine, path)["ids"]) == 41  # type: ignore[arg-type]
    else:
        with pytest.raises(IndexVersionError):
            engine.open_reader(path)
        with pytest.raises(DamagedIndexError):
            engine.open_reader(path, any_version=True)
    assert engine.check(path) == []
    assert not mark.exists()


def test_check_names_the_altered_pages_of_a_segment(tmp_path: Path) -> None:
    engine.create(str(tmp_path))
    writer = engine.open_writer(str(tmp_path))
    writer.add(Article("a", "Un", "mot " * 100_000))
    writer.commit({})
    segment = next(tmp_path.glob("*.nsa"))
    content = bytearray(segment.read_bytes())
    content[70_000] ^= 1
    segment.write_bytes(content)
    problems = engine.check(str(tmp_path))
    assert problems[0] == f"{segment} is not as it was committed."
    assert problems[1].startswith(f"{segment}: ") and problems[1].endswith("altered: 1.")
