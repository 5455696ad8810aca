from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from search.errors import ArticleError
from search.sources.draft import Draft, Refusal
from search.sources.reading import candidate_ids, content_of, drafts, opened, printable


def ids(draft: Draft, root: str = "/archive", relative: str = "a.txt") -> list[str]:
    return candidate_ids(draft, content_of(draft), root, relative)


def test_an_opened_file_gives_its_drafts_and_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Titre\nCorps", encoding="utf-8")
    with opened(str(path)) as stream:
        assert list(drafts(str(path), stream)) == [Draft("Titre", "Corps")]
    assert stream.closed


def test_what_cannot_be_opened_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), opened(str(tmp_path / "rien.txt")):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO in its folders")
def test_a_fifo_is_not_opened_and_nothing_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(OSError, match="not a regular file"), opened(str(tmp_path / "a.txt")):
        pass


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.json", "a.jsonl"])
def test_a_file_that_cannot_be_read_at_all_is_one_refusal_without_a_place(name: str) -> None:
    (refusal,) = drafts(name, io.BytesIO(b""))
    assert refusal == Refusal("", "it is empty")


class Failing(io.RawIOBase):
    """A disk that fails after its first bytes."""

    def __init__(self, first: bytes) -> None:
        self.first = first

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self.first:
            raise OSError(5, "Input/output error")
        taken, self.first = self.first[: len(buffer)], self.first[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.json", "a.jsonl"])
def test_a_failure_of_the_disk_ends_in_a_refusal_that_may_pass(name: str) -> None:
    *found, last = drafts(name, io.BufferedReader(Failing(b'{"title": "T"}\n')))
    assert last == Refusal("", "it cannot be read (Input/output error)", passing=True)
    assert found == ([Draft("T", "", place="line 1")] if name == "a.jsonl" else [])


def test_a_refusal_of_the_content_does_not_pass() -> None:
    (refusal,) = drafts("a.json", io.BytesIO(b"faux"))
    assert isinstance(refusal, Refusal)
    assert not refusal.passing


def test_content_has_the_own_id_of_the_draft_or_a_placeholder_and_no_path() -> None:
    assert content_of(Draft("T", "B", id="7")).id == "7"
    assert content_of(Draft("T", "B")).id == "?"
    assert content_of(Draft("T", "B")).path is None


@pytest.mark.parametrize("draft", [Draft("", ""), Draft("T", "B", id="\x07"), Draft("T", "B", id="")])
def test_content_that_cannot_be_taken_is_an_article_error(draft: Draft) -> None:
    with pytest.raises(ArticleError):
        content_of(draft)


def test_an_own_id_is_the_only_candidate() -> None:
    assert ids(Draft("T", "B", id=" 7 ")) == ["7"]


def test_a_derived_id_is_24_hexadecimal_digits_and_stays_the_same() -> None:
    first, second = ids(Draft("T", "B"))
    assert len(first) == len(second) == 24
    assert set(first + second) <= set("0123456789abcdef")
    assert ids(Draft("T", "B")) == [first, second]


def test_the_id_of_a_file_that_is_one_article_is_of_its_path_not_of_its_text() -> None:
    assert ids(Draft("T", "B")) == ids(Draft("U", "C"))
    assert ids(Draft("T", "B"))[0] != ids(Draft("T", "B"), relative="b.txt")[0]


def test_the_id_of_an_article_among_many_is_of_its_path_and_text_not_of_its_line() -> None:
    assert ids(Draft("T", "B", place="line 1")) == ids(Draft("T", "B", place="line 2"))
    assert ids(Draft("T", "B", place="line 1"))[0] != ids(Draft("U", "B", place="line 1"))[0]
    assert (
        ids(Draft("T", "B", place="line 1"))[0] != ids(Draft("T", "B", place="line 1"), relative="b.txt")[0]
    )


def test_the_same_path_under_another_root_has_the_same_first_candidate_and_another_second() -> None:
    here, there = ids(Draft("T", "B"), root="/un"), ids(Draft("T", "B"), root="/deux")
    assert here[0] == there[0]
    assert here[1] != there[1]


def test_the_parts_of_a_hash_do_not_run_into_one_another() -> None:
    assert ids(Draft("T", "B"), root="b", relative="a")[1] != ids(Draft("T", "B"), root="", relative="ab")[1]


def test_a_path_that_is_no_utf_8_has_an_id_of_its_own() -> None:
    one, other = (ids(Draft("T", "B"), relative=os.fsdecode(name)) for name in (b"\xe9.txt", b"\xe8.txt"))
    assert one[0] != other[0]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("seeds/été.txt", "seeds/été.txt"),
        ("caf\udce9.txt", "caf\ufffd.txt"),
        ("un\ndeux.txt", "un\ndeux.txt"),
        ("", ""),
    ],
)
def test_a_path_is_printable_in_utf_8(path: str, shown: str) -> None:
    assert printable(path) == shown
    printable(path).encode()  # never raises
