from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from search.sources.registry import formats
from search.sources.walk import Walk, is_readable, open_regular, reason_of, walk

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="links, FIFOs, sockets and permission bits are those of POSIX"
)

NOBODY = 65534


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may enter, which tmp_path is not."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name).resolve()


@contextmanager
def without_privilege() -> Iterator[None]:
    """Run as a user whom permissions bind; root passes over them."""
    if os.geteuid() != 0:
        yield
        return
    formats()  # what is imported later could be closed to that user
    try:
        os.seteuid(NOBODY)
    except OSError:
        pytest.skip("root passes over permissions, and this system lets it become no other user")
    try:
        yield
    finally:
        os.seteuid(0)


def names(found: Walk) -> list[str]:
    return [file.relative for file in found.files]


def reasons(found: Walk) -> dict[str, str]:
    return {os.path.basename(path): reason for path, _, reason in found.refused}


def write(path: Path, text: str = "Titre\nCorps") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_files_come_in_order_of_name_a_folder_before_those_below(root: Path) -> None:
    for name in ("b/c/1.txt", "b/2.txt", "a/3.txt", "z.txt", "e.md"):
        write(root / name)
    assert names(walk(str(root))) == ["e.md", "z.txt", "a/3.txt", "b/2.txt", "b/c/1.txt"]


def test_a_file_is_seen_with_its_paths_and_what_stat_tells(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(root / "2024" / "été.txt")
    monkeypatch.chdir(root.parent)
    (seen,) = walk("archive/").files
    status = path.stat()
    assert seen.path == os.path.realpath(path)
    assert (seen.shown, seen.relative) == ("archive/2024/été.txt", "2024/été.txt")
    assert (seen.size, seen.mtime_ns, seen.inode) == (status.st_size, status.st_mtime_ns, status.st_ino)


def test_a_single_file_is_a_walk_of_one(root: Path) -> None:
    path = write(root / "a.txt")
    (seen,) = walk(str(path)).files
    assert (seen.path, seen.shown, seen.relative) == (os.path.realpath(path), str(path), "a.txt")


def test_a_root_that_is_a_link_is_followed_because_a_person_typed_it(root: Path) -> None:
    write(root / "a.txt")
    link = root.parent / "lien"
    link.symlink_to(root)
    (seen,) = walk(str(link)).files
    assert seen.path == os.path.realpath(root / "a.txt")
    assert seen.shown == f"{link}/a.txt"


def test_a_root_that_is_not_there_is_an_error(root: Path) -> None:
    with pytest.raises(FileNotFoundError):
        walk(str(root / "rien"))


def test_an_empty_folder_gives_nothing(root: Path) -> None:
    found = walk(str(root))
    assert (found.files, found.refused, found.closed) == ([], [], [])


def test_a_file_that_no_format_reads_is_refused_by_its_ending(root: Path) -> None:
    for name in ("photo.jpg", "LISEZMOI", "a.txt.gz", "ok.TXT"):
        write(root / name)
    found = walk(str(root))
    assert names(found) == ["ok.TXT"]
    assert set(reasons(found)) == {"photo.jpg", "LISEZMOI", "a.txt.gz"}
    assert "“.jpg”" in reasons(found)["photo.jpg"]
    assert "no ending" in reasons(found)["LISEZMOI"]


def test_names_that_begin_with_a_dot_are_passed_over(root: Path) -> None:
    for name in (".cache.txt", ".git/a.txt", "a/.hidden/b.txt", "ok.txt"):
        write(root / name)
    found = walk(str(root))
    assert names(found) == ["ok.txt"]
    assert found.refused == []


def test_a_folder_that_holds_an_index_is_passed_over_with_all_below(root: Path) -> None:
    write(root / "index" / "newsearch.json", "{}")
    write(root / "index" / "a.txt")
    write(root / "index" / "below" / "b.txt")
    write(root / "ok.txt")
    found = walk(str(root))
    assert names(found) == ["ok.txt"]
    assert found.refused == []


def test_a_link_inside_the_folder_gives_no_second_article(root: Path) -> None:
    write(root / "a.txt")
    (root / "copie.txt").symlink_to("a.txt")
    found = walk(str(root))
    assert names(found) == ["a.txt"]
    assert found.refused == []


@pytest.mark.parametrize("target", [".a.txt", ".git", ".git/b.txt", "c/.d/e.txt"])
def test_a_link_to_what_is_passed_over_is_refused(root: Path, target: str) -> None:
    for name in (".a.txt", ".git/b.txt", "c/.d/e.txt"):
        write(root / name)
    (root / "lien.txt").symlink_to(target)
    found = walk(str(root))
    assert found.files == []
    assert reasons(found) == {"lien.txt": "it is a link to what is passed over"}


@pytest.mark.parametrize("kind", ["file", "folder", "folder whose name begins as the root's"])
def test_a_link_out_of_the_root_is_refused_and_not_followed(root: Path, kind: str) -> None:
    outside = write(root.parent / "dehors" / "secret.txt")
    beside = write(root.parent / "archive-2" / "secret.txt")
    target = {"file": outside, "folder": outside.parent}.get(kind, beside.parent)
    (root / "lien.txt").symlink_to(target)
    found = walk(str(root))
    assert found.files == []
    assert "leads out of the folder" in reasons(found)["lien.txt"]


def test_a_link_that_leaves_by_way_of_another_link_is_refused(root: Path) -> None:
    write(root.parent / "secret.txt")
    (root / "un.txt").symlink_to("deux.txt")
    (root / "deux.txt").symlink_to("../secret.txt")
    found = walk(str(root))
    assert found.files == []
    assert set(reasons(found)) == {"un.txt", "deux.txt"}


def test_a_link_to_a_folder_above_makes_no_loop(root: Path) -> None:
    write(root / "a" / "a.txt")
    (root / "a" / "boucle").symlink_to("..")
    (root / "a" / "ici").symlink_to(".")
    assert names(walk(str(root))) == ["a/a.txt"]


def test_links_that_lead_to_each_other_are_refused(root: Path) -> None:
    (root / "un.txt").symlink_to("deux.txt")
    (root / "deux.txt").symlink_to("un.txt")
    (root / "moi.txt").symlink_to("moi.txt")
    found = walk(str(root))
    assert found.files == []
    assert set(reasons(found)) == {"un.txt", "deux.txt", "moi.txt"}
    assert all(reasons(found).values())


def test_a_broken_link_is_refused(root: Path) -> None:
    (root / "mort.txt").symlink_to("rien.txt")
    assert "link to nothing" in reasons(walk(str(root)))["mort.txt"]


def test_a_fifo_is_refused_without_being_opened(root: Path) -> None:
    os.mkfifo(root / "tube.txt")
    assert reasons(walk(str(root))) == {"tube.txt": "it is not a regular file"}


def test_a_socket_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # the path of a socket may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("prise.txt")
        assert reasons(walk(".")) == {"prise.txt": "it is not a regular file"}


def test_a_device_typed_as_the_root_is_refused() -> None:
    found = walk("/dev/null")
    assert found.files == []
    assert reasons(found) == {"null": "it is not a regular file"}


def test_a_newline_in_a_name_is_part_of_the_name(root: Path) -> None:
    write(root / "un\ndeux.txt")
    (seen,) = walk(str(root)).files
    assert seen.relative == "un\ndeux.txt"


def test_a_name_that_is_no_utf_8_can_be_opened_again(root: Path) -> None:
    try:
        (root / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"Titre")
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    (seen,) = walk(str(root)).files
    assert os.fsencode(seen.relative) == b"caf\xe9.txt"
    with os.fdopen(open_regular(seen.path), "rb") as stream:
        assert stream.read() == b"Titre"


def test_decomposed_and_composed_names_are_as_the_system_has_them(root: Path) -> None:
    write(root / "e\u0301te\u0301.txt")
    (seen,) = walk(str(root)).files
    assert Path(seen.path).read_text(encoding="utf-8") == "Titre\nCorps"
    assert seen.relative in os.listdir(root)


def test_many_folders_below_one_another_need_no_recursion(root: Path) -> None:
    write(root / "a.txt")
    deep = str(root)
    try:
        for _ in range(1200):
            deep += "/d"
            os.mkdir(deep)
        with open(f"{deep}/b.txt", "w", encoding="utf-8") as stream:
            stream.write("Titre")
        assert names(walk(str(root))) == ["a.txt", "/".join(["d"] * 1200 + ["b.txt"])]
    finally:
        # pytest clears its folders by recursion, which ends before the bottom of this one.
        subprocess.run(["rm", "-rf", str(root / "d")], check=True)


def test_a_folder_that_cannot_be_listed_is_closed_and_told_and_the_rest_is_read(open_folder: Path) -> None:
    write(open_folder / "ouvert" / "a.txt")
    closed = open_folder / "clos"
    write(closed / "b.txt")
    closed.chmod(0o000)
    try:
        with without_privilege():
            found = walk(str(open_folder))
    finally:
        closed.chmod(0o755)
    assert names(found) == ["ouvert/a.txt"]
    assert found.closed == [str(closed)]
    assert reasons(found) == {"clos": "it may not be read (permission denied)"}


def test_a_folder_that_can_be_listed_but_not_entered_has_each_of_its_files_told(open_folder: Path) -> None:
    listed = open_folder / "liste"
    write(listed / "a.txt")
    write(open_folder / "b.txt")
    listed.chmod(0o744)
    if os.geteuid() != 0:
        listed.chmod(0o444)  # its owner is bound by the owner's bits
    try:
        with without_privilege():
            found = walk(str(open_folder))
    finally:
        listed.chmod(0o755)
    assert names(found) == ["b.txt"]
    assert reasons(found) == {"a.txt": "it may not be read (permission denied)"}


def test_a_closed_file_is_seen_and_known_to_be_closed(open_folder: Path) -> None:
    path = write(open_folder / "a.txt")
    path.chmod(0o000)
    with without_privilege():
        found = walk(str(open_folder))
        readable = is_readable(str(path))
        with pytest.raises(PermissionError):
            open_regular(str(path))
    assert names(found) == ["a.txt"]
    assert not readable


def test_an_open_file_is_readable(root: Path) -> None:
    path = str(write(root / "a.txt", "Bonjour"))
    assert is_readable(path)
    with os.fdopen(open_regular(path), "rb") as stream:
        assert stream.read() == b"Bonjour"


def test_a_file_that_became_a_link_after_the_walk_is_not_opened(root: Path) -> None:
    secret = write(root.parent / "secret.txt")
    (root / "a.txt").symlink_to(secret)
    with pytest.raises(OSError, match="symbolic links"):
        open_regular(str(root / "a.txt"))


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_what_became_no_regular_file_is_refused_at_once_and_its_descriptor_closed(
    root: Path, kind: str
) -> None:
    path = root / "a.txt"
    os.mkfifo(path) if kind == "fifo" else path.mkdir()
    free = os.dup(0)  # the lowest number that is free
    os.close(free)
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(str(path))
    again = os.dup(0)
    os.close(again)
    assert again == free


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "it may not be read (permission denied)"),
        (FileNotFoundError(2, "No such file"), "it is a link to nothing, or has just gone"),
        (OSError(5, "Input/output error"), "it cannot be read (Input/output error)"),
        (OSError("Panne"), "it cannot be read (Panne)"),
    ],
)
def test_a_failure_of_the_system_is_told_in_a_clause(error: OSError, reason: str) -> None:
    assert reason_of(error) == reason
