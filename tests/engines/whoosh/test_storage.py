"""Commits that are whole or not at all, and damage that never passes for an answer."""

import io
import json
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from whoosh.codec import whoosh3

from search.article import Article, Span
from search.engines.whoosh import generations, stock, storage
from search.engines.whoosh.generations import ANALYSIS
from search.engines.whoosh.schema import schema
from search.engines.whoosh.storage import FORMAT, CommittedStorage
from search.errors import DamagedIndexError, IndexVersionError, NoIndexError
from search.query.tree import Word

DRONES = Article("a", "Drones", "Des drones ont visé Belgorod.", Span.parse("2024-03"))
VOTE = Article("b", "Scrutin", "Le scrutin aura lieu dimanche.", Span.parse("2024"))
FRONT = Article("c", "Front", "Rien de nouveau à Koursk.")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """An index of two commits, with two segments, a deleted article and an attachment."""
    path = tmp_path / "index"
    path.mkdir()
    stock.create(str(path))
    commit(str(path), DRONES, VOTE)
    commit(str(path), FRONT, delete="b")
    return str(path)


def commit(path: str, *articles: Article, delete: str | None = None) -> None:
    writer = stock.open_writer(path)
    for article in articles:
        writer.add(article)
    if delete:
        writer.delete(delete)
    writer.commit({"ledger": f"after {len(articles)}".encode()})


def ids(path: str) -> list[str]:
    with stock.open_reader(path) as reader:
        return list(reader.ids())


def state(path: str) -> tuple[list[str], bytes | None]:
    with stock.open_reader(path) as reader:
        return list(reader.ids()), reader.attachment("ledger")


def committed_files(path: str) -> list[str]:
    files = CommittedStorage(path)
    newest = files.generations.newest()
    return [*files.generations.manifest(newest).files, f"newsearch-manifest-{newest}.json"]


@pytest.fixture
def steps(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Copies of the index as a crash would leave it before each fsync and each rename."""
    copies: list[Path] = []

    def before(call: Callable[..., None]) -> Callable[..., None]:
        def recorded(*arguments: object) -> None:
            copy = tmp_path / f"step-{len(copies)}-{call.__name__}"
            shutil.copytree(path, copy)
            copies.append(copy)
            call(*arguments)

        return recorded

    monkeypatch.setattr(os, "fsync", before(os.fsync))
    monkeypatch.setattr(os, "replace", before(os.replace))
    yield copies
    monkeypatch.undo()


def test_all_files_of_a_commit_are_synced_before_the_rename_that_is_the_commit(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    synced_before_rename: list[int] = []
    present_at_rename: list[str] = []
    fsync, replace = os.fsync, os.replace

    def recording_fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def recording_replace(source: str, target: str) -> None:
        if target.endswith(".toc"):
            synced_before_rename.extend(synced)
            present_at_rename.extend(os.listdir(path))
            synced.clear()
        replace(source, target)

    before = set(os.listdir(path))
    monkeypatch.setattr(os, "fsync", recording_fsync)
    monkeypatch.setattr(os, "replace", recording_replace)
    commit(path, VOTE)
    monkeypatch.undo()
    new = [name for name in committed_files(path) if name not in before]
    assert len(new) == 4  # a segment, the attachment, the TOC and the manifest
    for name in new:
        assert os.stat(os.path.join(path, name)).st_ino in synced_before_rename
        assert name in present_at_rename or name.endswith(".toc")
    folder = os.stat(path).st_ino
    assert synced_before_rename[-1] == folder, "the names have to be on the disk before the rename"
    assert folder in synced, "the rename itself has to be on the disk when commit returns"


def test_a_commit_cut_anywhere_leaves_the_old_state_or_the_new_one(path: str, steps: list[Path]) -> None:
    old = state(path)
    commit(path, VOTE, delete="a")
    new = state(path)
    renames = [copy for copy in steps if copy.name.endswith("replace")]
    assert len(renames) == 1
    cut = steps.index(renames[0]) + 1
    assert [state(str(copy)) for copy in steps[:cut]] == [old] * cut
    assert [state(str(copy)) for copy in steps[cut:]] == [new] * (len(steps) - cut)
    assert len(steps) > cut > 3


def test_leftovers_of_a_cut_commit_are_named_by_check_and_removed_by_clean(
    path: str, steps: list[Path]
) -> None:
    whole = set(os.listdir(path))
    commit(path, VOTE)
    for copy in steps[: [step.name.endswith("replace") for step in steps].index(True) + 1]:
        leftovers = {name for name in os.listdir(copy) if name not in whole}
        assert leftovers
        problems = stock.check(str(copy))
        assert all("belongs to no commit" in problem for problem in problems)
        assert {name for name in leftovers if any(name in problem for problem in problems)} == leftovers
        assert stock.check(str(copy), clean=True) == []
        assert set(os.listdir(copy)) == whole
        assert ids(str(copy)) == ["a", "c"]


def test_the_commit_after_a_cut_one_takes_its_leftovers_away(path: str, steps: list[Path]) -> None:
    commit(path, VOTE)
    cut = next(str(step) for step in steps if step.name.endswith("replace"))
    commit(cut, Article("d", "Encore", "Un autre article."))
    assert ids(cut) == ["a", "c", "d"]
    assert stock.check(cut) == []


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_commit_that_the_disk_refuses_can_be_rolled_back_and_tried_again(
    path: str, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no space left")

    whole = set(os.listdir(path))
    writer = stock.open_writer(path)
    writer.add(VOTE)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(OSError, match="no space left"):
            writer.commit({"ledger": b"never"})
    writer.rollback()
    assert state(path) == (["a", "c"], b"after 1")
    assert set(os.listdir(path)) == whole
    commit(path, VOTE)
    assert ids(path) == ["a", "b", "c"]


def test_a_commit_removes_the_files_of_the_generation_before(path: str) -> None:
    before = committed_files(path)
    commit(path, VOTE)
    commit(path, DRONES)
    gone = [name for name in before if name not in os.listdir(path)]
    assert sorted(name for name in gone if not name.startswith("MAIN")) == [
        "_MAIN_2.toc",
        "newsearch-ledger-2",
        "newsearch-manifest-2.json",
    ]
    assert stock.check(path) == []


def flipped_first(file: Path) -> None:
    flip(file, 0)


def flipped_last(file: Path) -> None:
    flip(file, -1)


def flip(file: Path, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 0xFF
    file.write_bytes(data)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def deleted(file: Path) -> None:
    file.unlink()


DAMAGES = [flipped_first, flipped_last, truncated, emptied, deleted]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_of_any_file_is_told_as_such_at_opening_and_by_check(
    path: str, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    names = committed_files(path)
    assert len(names) == 5
    for name in names:
        copy = str(tmp_path / f"without-{name}")
        shutil.copytree(path, copy)
        damage(Path(copy, name))
        with (
            suppress(DamagedIndexError, IndexVersionError, NoIndexError),
            stock.open_reader(copy) as reader,
        ):
            reader.search(Word("drones"), limit=10)
        assert named_by_check(copy, name)


def named_by_check(path: str, name: str) -> bool:
    """Whether check says so, in a sentence, or in the error that ends it where it cannot go on."""
    try:
        return any(os.path.join(path, name) in problem for problem in stock.check(path))
    except DamagedIndexError as error:
        return os.path.join(path, name) in str(error)


@pytest.mark.parametrize("name", ["_MAIN_2.toc", "newsearch-manifest-2.json"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_an_index_without_a_whole_toc_and_manifest_does_not_open(
    path: str, name: str, damage: Callable[[Path], None]
) -> None:
    damage(Path(path, name))
    with pytest.raises((DamagedIndexError, NoIndexError)):
        stock.open_reader(path)


@pytest.mark.parametrize("damage", [truncated, emptied, deleted])
def test_an_index_with_a_cut_segment_does_not_open(path: str, damage: Callable[[Path], None]) -> None:
    segment = next(name for name in committed_files(path) if name.endswith(".seg"))
    damage(Path(path, segment))
    with pytest.raises(DamagedIndexError, match=r"`newsearch check` lists all damage"):
        stock.open_reader(path)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_attachment_is_not_handed_out(path: str, damage: Callable[[Path], None]) -> None:
    damage(Path(path, "newsearch-ledger-2"))
    with (
        pytest.raises(DamagedIndexError, match="newsearch-ledger-2"),
        stock.open_reader(path) as reader,
    ):
        reader.attachment("ledger")


def test_a_folder_without_any_commit_holds_no_index(tmp_path: Path) -> None:
    with pytest.raises(NoIndexError, match="never finished"):
        stock.open_reader(str(tmp_path))


@pytest.mark.parametrize(("part", "told"), [("analysis", "french-light-0"), ("format", "whoosh-stock-0")])
def test_an_index_of_another_version_is_read_only_by_who_accepts_any(path: str, part: str, told: str) -> None:
    manifest = Path(path, "newsearch-manifest-2.json")
    said = {name: value for name, value in json.loads(manifest.read_text()).items() if name != "digest"}
    manifest.write_text(generations.manifest_text({**said, part: told}))
    with pytest.raises(IndexVersionError, match="newsearch rebuild"):
        stock.open_reader(path)
    with stock.open_reader(path, any_version=True) as reader:
        assert sorted(article.id for article in reader.articles()) == ["a", "c"]
        assert told in reader.statistics().versions.values()


def test_a_commit_afresh_brings_an_index_to_this_version(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(generations, "ANALYSIS", "french-light-0")
        commit(path, VOTE)
    with pytest.raises(IndexVersionError):
        stock.open_reader(path)
    writer = stock.open_writer(path, afresh=True)
    writer.add(DRONES)
    writer.commit({})
    assert ids(path) == ["a"]


def test_the_manifest_names_every_file_with_its_size(path: str) -> None:
    manifest = json.loads(Path(path, "newsearch-manifest-2.json").read_text())
    assert (manifest["format"], manifest["analysis"]) == (FORMAT, ANALYSIS)
    assert {name: told["size"] for name, told in manifest["files"].items()} == {
        name: os.path.getsize(os.path.join(path, name))
        for name in os.listdir(path)
        if name not in ("newsearch-manifest-2.json", "MAIN_WRITELOCK")
    }


def test_what_is_unpickled_is_plain_data_or_an_error() -> None:
    plain = {"a": [1, -(2**70), 0.5, None, True], "é": (b"", b"\x00\xff", {"x"})}
    for protocol in range(4, pickle.HIGHEST_PROTOCOL + 1):
        assert storage.PlainUnpickler(io.BytesIO(pickle.dumps(plain, protocol))).load() == plain
    assert storage.PlainUnpickler(io.BytesIO(pickle.dumps((b"", b"\x00\xff"), 2))).load() == (
        b"",
        b"\x00\xff",
    )
    for foreign in (os.mkdir, Path, int, whoosh3.W3Segment, VOTE):
        with pytest.raises(pickle.UnpicklingError, match="no plain data"):
            storage.PlainUnpickler(io.BytesIO(pickle.dumps(foreign))).load()


def test_a_segment_is_made_anew_of_what_the_toc_says(path: str) -> None:
    known = CommittedStorage(path).open_index(schema=schema())._segments()
    read = storage.SegmentsUnpickler(io.BytesIO(pickle.dumps(known))).segments()
    plain = [{**vars(segment), "_codec": None} for segment in read]
    assert plain == [{**vars(segment), "_codec": None} for segment in known]
    assert {type(segment) for segment in read} == {whoosh3.W3Segment}
    assert {type(segment.codec()) for segment in read} == {whoosh3.W3Codec}
    known[0].segid = "../../elsewhere"
    with pytest.raises(pickle.UnpicklingError, match="another name"):
        storage.SegmentsUnpickler(io.BytesIO(pickle.dumps(known))).segments()
