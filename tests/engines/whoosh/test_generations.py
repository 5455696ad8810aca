"""A folder of generations: what is in one, which is the newest, what belongs to none."""

import errno
import json
import os
import sys
from pathlib import Path

import pytest

from search.engines.whoosh import generations
from search.engines.whoosh.generations import (
    ANALYSIS,
    Generations,
    attachment_name,
    generation_of,
    manifest_name,
    manifest_text,
    previous_name,
    record,
    record_of,
    segment_of,
    toc_name,
)
from search.errors import DamagedIndexError, SystemFailureError

FORMAT = "test-1"


@pytest.fixture
def folder(tmp_path: Path) -> Generations:
    """A folder of two generations, the first of which is still there."""
    made = Generations(str(tmp_path), FORMAT)
    made.write("MAIN_a.seg", b"first")
    made.commit(0, ["MAIN_a.seg"], {}, b"toc of 0", {})
    made.write("MAIN_b.seg", b"second")
    made.commit(1, ["MAIN_a.seg", "MAIN_b.seg"], {"ledger": b"noted"}, b"toc of 1", {"told": [1, "é"]})
    return made


def test_a_folder_is_unfinished_until_its_first_commit(tmp_path: Path) -> None:
    folder = Generations(str(tmp_path), FORMAT)
    assert folder.newest() == -1
    assert folder.is_unfinished()
    folder.prepare(0, {}, {}, record_of(b"toc"), {})
    assert folder.is_unfinished(), "a crash before the first rename"
    folder.commit(0, [], {}, b"toc", {})
    assert folder.newest() == 0
    assert not folder.is_unfinished()


def test_a_later_generation_without_its_toc_is_damage_and_not_an_unfinished_index(
    folder: Generations,
) -> None:
    for generation in (0, 1):
        os.unlink(folder.path_of(toc_name(generation)))
    assert folder.newest() == -1
    assert not folder.is_unfinished()
    with pytest.raises(DamagedIndexError, match=r"_MAIN_1\.toc is damaged \(it is missing\)"):
        folder.manifest(folder.newest())


def test_the_newest_generation_is_the_greatest_number(folder: Generations) -> None:
    for name in ("_MAIN_9.toc.0", "_MAIN_x.toc", "X_MAIN_8.toc", "_MAIN_7.toc~"):
        folder.write(name, b"")
    assert folder.newest() == 1
    folder.write("_MAIN_10.toc", b"")
    assert folder.newest() == 10


def test_a_manifest_names_every_file_with_its_size_and_digest(folder: Generations) -> None:
    manifest = folder.manifest(1)
    assert (manifest.generation, manifest.format, manifest.analysis) == (1, FORMAT, ANALYSIS)
    assert manifest.contents == {"told": [1, "é"]}
    assert manifest.files == {
        "MAIN_a.seg": record_of(b"first"),
        "MAIN_b.seg": record_of(b"second"),
        "newsearch-ledger-1": record_of(b"noted"),
        "_MAIN_1.toc": record_of(b"toc of 1"),
    }
    assert all(record(folder.path_of(name)) == told for name, told in manifest.files.items())
    assert folder.altered(manifest) == []


def test_a_file_that_a_generation_before_named_is_not_read_again(
    folder: Generations, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(generations, "record", lambda path: read.append(path) or record(path))
    folder.write("MAIN_c.seg", b"third")
    known = folder.manifest(1).files
    folder.commit(2, ["MAIN_a.seg", "MAIN_c.seg"], {}, b"toc", {}, known)
    assert read == [folder.path_of("MAIN_c.seg")]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"3", b'"x"', b"null", b"{}", b'{"digest": 1}', b"\xff", b'{"files": {}}'),
        b"[1]",
    ],
)
def test_a_manifest_that_is_none_is_damage(folder: Generations, content: bytes) -> None:
    folder.write(manifest_name(1), content)
    with pytest.raises(DamagedIndexError, match=r"newsearch-manifest-1\.json"):
        folder.manifest(1)


def test_a_manifest_that_lacks_a_part_is_damage_though_it_is_sealed(folder: Generations) -> None:
    value = json.loads(Path(folder.path_of(manifest_name(1))).read_text())
    del value["digest"]
    for part in ("format", "analysis", "files"):
        lacking = {name: each for name, each in value.items() if name != part}
        folder.write(manifest_name(1), manifest_text(lacking).encode())
        with pytest.raises(DamagedIndexError, match=part):
            folder.manifest(1)


def test_any_change_of_what_a_manifest_says_breaks_its_seal(folder: Generations) -> None:
    path = Path(folder.path_of(manifest_name(1)))
    whole = path.read_bytes()
    unread = 0
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            assert folder.manifest(1).files
            unread += 1
        except DamagedIndexError:
            continue
        pytest.fail(f"byte {at} of {len(whole)} was not missed")
    print(f"{len(whole)} bytes, {unread} unread")


def test_altered_files_are_told_one_by_one(folder: Generations) -> None:
    manifest = folder.manifest(1)
    os.unlink(folder.path_of("MAIN_a.seg"))
    folder.write("MAIN_b.seg", b"SECOND")
    folder.write("_MAIN_1.toc", b"toc of one")
    assert folder.altered(manifest) == [
        f"{folder.path_of('MAIN_a.seg')} is missing.",
        f"{folder.path_of('MAIN_b.seg')} is not as it was committed.",
        f"{folder.path_of('_MAIN_1.toc')} is not as it was committed.",
    ]


def test_what_belongs_to_no_generation_is_garbage_and_can_be_removed(folder: Generations) -> None:
    left = [
        "MAIN_c.seg",
        "MAIN_c.seg.rows",
        "MAIN_b.gone2",
        "_MAIN_2.toc.0",
        "newsearch-ledger-2",
        "MAIN.tmp",
    ]
    for name in left[:-1]:
        folder.write(name, b"")
    os.mkdir(folder.path_of(left[-1]))
    folder.write(f"{left[-1]}/run", b"")
    for name in ("a note.txt", "MAIN_WRITELOCK", "newsearch.json"):
        folder.write(name, b"")
    garbage = folder.garbage([folder.manifest(1)])
    assert garbage == sorted([*left, "_MAIN_0.toc", "newsearch-manifest-0.json"])
    folder.remove([*garbage, "MAIN_never.seg"])
    assert folder.garbage([folder.manifest(1)]) == []
    assert folder.altered(folder.manifest(1)) == []
    for name in ("a note.txt", "MAIN_WRITELOCK", "newsearch.json"):
        assert os.path.exists(folder.path_of(name))


def test_an_attachment_that_the_manifest_does_not_name_is_garbage_whatever_its_number(
    folder: Generations,
) -> None:
    folder.write("newsearch-notes-1", b"left by a cut commit of the same number")
    assert "newsearch-notes-1" in folder.garbage([folder.manifest(1)])


def test_segments_told_to_be_live_are_no_garbage(folder: Generations) -> None:
    folder.write("MAIN_c.seg", b"")
    manifest = folder.manifest(1)
    assert "MAIN_c.seg" in folder.garbage([manifest])
    assert "MAIN_c.seg" not in folder.garbage([manifest], {"MAIN_a", "MAIN_c"})
    assert "MAIN_b.seg" in folder.garbage([manifest], {"MAIN_a", "MAIN_c"})


def test_a_retired_generation_is_kept_beside_the_newest(folder: Generations) -> None:
    folder.retire(folder.manifest(0))
    folder.retire(folder.manifest(0))
    assert (folder.newest(), folder.previous(), folder.next()) == (1, 0, 2)
    assert not os.path.exists(folder.path_of(toc_name(0)))
    assert folder.altered(folder.manifest(0)) == []
    assert folder.kept() == [folder.manifest(1), folder.manifest(0)]
    assert folder.garbage(folder.kept()) == []
    folder.write(toc_name(0), b"left by a crash")
    assert folder.garbage(folder.kept()) == [toc_name(0)]
    assert folder.garbage([folder.manifest(1)]) == [previous_name(0), toc_name(0), manifest_name(0)]


def test_a_newest_generation_that_lost_its_toc_is_not_taken_for_the_one_before(folder: Generations) -> None:
    folder.retire(folder.manifest(0))
    os.unlink(folder.path_of(toc_name(1)))
    with pytest.raises(DamagedIndexError, match=r"_MAIN_1\.toc"):
        folder.manifest(folder.newest())
    assert not folder.is_unfinished()


def test_no_number_is_given_twice_while_a_file_bears_it(folder: Generations) -> None:
    folder.write("newsearch-ledger-7", b"left by a cut commit")
    assert folder.next() == 8


def test_a_commit_whose_rename_cannot_be_synced_is_taken_back(
    folder: Generations, monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed = []

    def replace(source: str, target: str) -> None:
        renamed.append(target)
        os.rename(source, target)

    def fsync(descriptor: int) -> None:
        if renamed:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="Input/output error"):
        folder.commit(2, ["MAIN_b.seg"], {}, b"toc", {})
    assert len(renamed) == 1
    assert folder.newest() == 1

    def refuse(path: str) -> None:
        raise OSError(errno.EIO, "Input/output error")

    renamed.clear()
    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(SystemFailureError, match="did not confirm"):
        folder.commit(2, ["MAIN_b.seg"], {}, b"toc", {})


def test_a_file_that_the_machine_cannot_open_now_is_not_called_damaged(
    folder: Generations, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(generations, "open", refuse, raising=False)
    with pytest.raises(SystemFailureError, match="Too many open files"):
        folder.manifest(1)


@pytest.mark.skipif(sys.platform == "win32", reason="there, what cannot be removed stays")
def test_what_may_not_be_removed_is_an_error(folder: Generations, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(PermissionError):
        folder.remove(["MAIN_a.seg"])


@pytest.mark.parametrize("name", ["", "Ledger", "a-b", "a1", "../x", "été", "a\n"])
def test_an_attachment_has_a_name_of_small_letters(folder: Generations, name: str) -> None:
    with pytest.raises(ValueError, match="small letters only"):
        attachment_name(name, 1)
    with pytest.raises(ValueError, match="small letters only"):
        folder.commit(2, [], {name: b""}, b"toc", {})
    assert folder.newest() == 1


def test_names_tell_what_they_are_of() -> None:
    assert [generation_of(name) for name in ("_MAIN_12.toc", "_MAIN_12.toc.0", "MAIN_12.toc")] == [
        12,
        None,
        None,
    ]
    assert (
        segment_of("MAIN_0a.nsa")
        == segment_of("MAIN_0a.nsa.rows")
        == segment_of("MAIN_0a.gone3")
        == "MAIN_0a"
    )
    assert (
        segment_of("newsearch-ledger-1") is segment_of("_MAIN_1.toc") is segment_of("MAIN_WRITELOCK") is None
    )


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_refused_commit_leaves_the_newest_generation_what_it_was(
    folder: Generations, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no space left")

    before = folder.manifest(1)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(OSError, match="no space left"):
            folder.commit(2, ["MAIN_b.seg"], {"ledger": b"never"}, b"toc", {})
    assert folder.newest() == 1
    assert folder.manifest(1) == before
    assert folder.altered(before) == []
    folder.commit(2, ["MAIN_b.seg"], {"ledger": b"now"}, b"toc", {})
    folder.remove(folder.garbage([folder.manifest(2)]))
    assert set(os.listdir(folder.path)) == {*folder.manifest(2).files, manifest_name(2)}
