"""Aliases are read both ways, extended by an archive, and refused with the line that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from search import create_index, open_index
from search.article import Article
from search.errors import SystemFailureError, UsageError
from search.french.aliases import ARCHIVE_FILE, Aliases, of_index, packaged
from search.french.analysis import fold
from search.french.lexicon import inflections, spellings

DATA = Path(__file__).parents[2] / "search" / "french" / "data" / ARCHIVE_FILE


def aliases(*lines: str, of: Aliases | None = None) -> Aliases:
    return (of or Aliases()).extended(lines, "aliases.txt")


def test_a_name_has_the_other_names_of_its_line_both_ways() -> None:
    found = aliases("Pékin = Beijing = Peking", "", "# no names", "Kiev = Kyiv # both are written")
    assert found.of("pekin") == ("beijing", "peking")
    assert found.of("peking") == ("pekin", "beijing")
    assert found.of("kyiv") == ("kiev",)
    assert found.of("koursk") == ()


def test_lines_that_share_a_name_are_one() -> None:
    found = aliases("Pékin = Beijing", "Peking = BEIJING")
    assert set(found.of("beijing")) == {"pekin", "peking"}
    assert set(found.of("pekin")) == {"beijing", "peking"}


def test_an_archive_takes_an_alias_away_or_a_name_from_its_line() -> None:
    known = aliases("Pékin = Beijing = Peking", "Bombay = Mumbai")
    found = aliases("- Bombay = Mumbai", "-Peking", "- Nowhere", of=known)
    assert found.of("bombay") == found.of("mumbai") == found.of("peking") == ()
    assert found.of("pekin") == ("beijing",)
    assert known.of("bombay") == ("mumbai",), "what is extended stays as it was"


def test_what_was_taken_away_can_be_given_anew() -> None:
    found = aliases("- Mumbai", "Mumbai = Bombai", of=aliases("Bombay = Mumbai"))
    assert found.of("mumbai") == ("bombai",)
    assert found.of("bombay") == ()


@pytest.mark.parametrize("line", ["Kiev = ", "New York = NYC", "Kiev Kyiv", "= Kyiv", "-", "Kiev = ?"])
def test_a_line_that_cannot_be_read_is_named_with_what_to_do(line: str) -> None:
    with pytest.raises(UsageError, match=r"aliases\.txt, line 2: “.*” is not one word\. Write one word"):
        aliases("Pékin = Beijing", line)


def test_the_file_of_an_archive_extends_the_packaged_one(tmp_path: Path) -> None:
    assert of_index(str(tmp_path)) is packaged()
    (tmp_path / ARCHIVE_FILE).write_bytes("\ufeffVille = Bourg\r\n- Bombay = Mumbai\r\n".encode())
    found = of_index(str(tmp_path))
    assert found.of("bourg") == ("ville",)
    assert found.of("mumbai") == ()
    assert found.of("kyiv") == ("kiev",)


def test_a_file_that_is_not_in_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE_FILE).write_bytes("Pékin = Beijing".encode("latin-1"))
    with pytest.raises(UsageError, match="not in UTF-8, as from byte 1"):
        of_index(str(tmp_path))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE_FILE).mkdir()
    with pytest.raises(SystemFailureError, match=ARCHIVE_FILE):
        of_index(str(tmp_path))


def test_neither_a_commit_nor_a_check_touches_the_file(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with create_index(str(path)) as index:
        (path / ARCHIVE_FILE).write_text("Ville = Bourg\n", encoding="utf-8")
        index.add([Article("a", "Une ville", "")])
        index.compact()
        assert index.check(clean=True) == []
    with open_index(str(path), write=True) as index:
        assert index.check() == []
        index.rebuild()
    assert (path / ARCHIVE_FILE).read_text(encoding="utf-8") == "Ville = Bourg\n"


def test_the_packaged_aliases_say_each_name_once_and_no_word_of_french() -> None:
    lines = [line for line in DATA.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    names = [fold(name.strip().lower()) for line in lines for name in line.split("=")]
    assert len(names) == len(set(names))
    assert all(len(line.split("=")) > 1 for line in lines)
    common = [
        name
        for name in names
        for spelling, numbers in spellings(name).items()
        if all(inflections(number).part_of_speech != "P" for number in numbers) and spelling == name
    ]
    # The Rohingya are their name; who cut wood, in a tense of novels, is rarer than the town of Boutcha.
    assert set(common) <= {"bucha", "rohingya", "rohingyas"}
