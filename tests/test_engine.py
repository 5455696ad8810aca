"""How an index names its engine, and what is said where it does not."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

import search.engine
from search.engine import (
    _MODULES,
    DEFAULT_ENGINE,
    INDEX_MARK,
    engine_at,
    load,
    mark_problems,
    mark_text,
)
from search.errors import DamagedIndexError, IndexVersionError, NoIndexError, SystemFailureError


@pytest.mark.parametrize("name", sorted(_MODULES))
def test_an_index_opens_with_the_engine_that_it_names(tmp_path: Path, name: str) -> None:
    (tmp_path / INDEX_MARK).write_text(mark_text(name))
    assert engine_at(str(tmp_path)) is load(name)


def test_the_default_engine_is_installed() -> None:
    assert DEFAULT_ENGINE in _MODULES


@pytest.mark.parametrize("folder", [".", "missing"])
def test_a_folder_without_a_mark_holds_no_index(tmp_path: Path, folder: str) -> None:
    with pytest.raises(NoIndexError, match="`newsearch index FOLDER` makes one"):
        engine_at(str(tmp_path / folder))


@pytest.mark.parametrize("mark", [b"", b"{", b"[]", b'"whoosh"', b"1", b"null", b"{}", b"\xff\xfe", b"\0\0"])
def test_a_damaged_mark_is_named_with_what_it_should_hold(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / INDEX_MARK).write_bytes(mark)
    with pytest.raises(DamagedIndexError) as raised:
        engine_at(str(tmp_path))
    assert str(tmp_path / INDEX_MARK) in str(raised.value)
    assert mark_text(DEFAULT_ENGINE) in str(raised.value)


def test_an_engine_that_is_not_installed_is_named(tmp_path: Path) -> None:
    (tmp_path / INDEX_MARK).write_text(mark_text("whoosh-2040"))
    with pytest.raises(IndexVersionError, match="“whoosh-2040”, which is not installed"):
        engine_at(str(tmp_path))


def test_a_folder_with_commits_that_lost_its_mark_is_damaged_and_not_empty(tmp_path: Path) -> None:
    (tmp_path / "newsearch-manifest-3.json").touch()
    with pytest.raises(DamagedIndexError, match=rf"{INDEX_MARK} is damaged: it should hold"):
        engine_at(str(tmp_path))


def test_a_mark_that_cannot_be_read_now_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    (tmp_path / INDEX_MARK).write_text(mark_text(DEFAULT_ENGINE))
    monkeypatch.setattr(search.engine, "open", refuse, raising=False)
    with pytest.raises(SystemFailureError, match="Too many open files"):
        engine_at(str(tmp_path))


def test_a_mark_that_is_read_but_not_as_it_was_written_is_named_by_check(tmp_path: Path) -> None:
    (tmp_path / INDEX_MARK).write_text(mark_text(DEFAULT_ENGINE))
    assert mark_problems(str(tmp_path)) == []
    (tmp_path / INDEX_MARK).write_text(mark_text(DEFAULT_ENGINE).replace(" ", "\t"))
    engine_at(str(tmp_path))
    (problem,) = mark_problems(str(tmp_path))
    assert INDEX_MARK in problem


def test_importing_newsearch_imports_no_engine() -> None:
    told = "import search, sys; print([m for m in sys.modules if 'whoosh' in m or 'engines' in m])"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
