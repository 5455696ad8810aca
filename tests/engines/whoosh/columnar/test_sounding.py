"""The names of a segment by how they sound: as written, as made anew, and as merged, they are the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Article
from search.engines.whoosh.columnar import sounding as module
from search.engines.whoosh.columnar.arrays import ArrayFile
from search.engines.whoosh.columnar.forms import Forms
from search.engines.whoosh.columnar.merging import merge
from search.engines.whoosh.columnar.segment import Segment
from search.engines.whoosh.columnar.sounding import read_sounding, sounding
from search.expansion import Frequency
from search.french.analysis import fold
from search.french.sounds import keys

TEXT = "À Koursk, Kourosh et l’Élysée ; Kadhafi et Qaddafi. Le koursk. Wladimir, w, Ü, 日本, Œuvre, T34, Ha"


def sounding_so(segment: Segment, key: str) -> list[str]:
    terms = np.asarray(segment.terms_of_folds)[segment.sounding.of(key)]
    return sorted(segment.forms(terms))


def test_forms_with_a_capital_are_found_by_their_keys(segment_of: Callable[..., Segment]) -> None:
    segment = segment_of([Article("a", "", TEXT)])
    assert sounding_so(segment, "KRSK") == ["koursk"]
    assert sounding_so(segment, "KTF") == ["kadhafi", "qaddafi"]
    assert sounding_so(segment, "ALTMR") == sounding_so(segment, "FLTMR") == ["wladimir"]
    assert sounding_so(segment, "ALS") == ["élysée"]
    assert sounding_so(segment, "AFR") == ["oeuvre"]
    assert sounding_so(segment, "L") == sounding_so(segment, "T") == sounding_so(segment, "") == []


@settings(max_examples=25, deadline=None)
@given(
    words=st.lists(st.text(st.sampled_from("aekgchzsvwxj"), max_size=6).map(str.capitalize), max_size=30),
    split=st.integers(0, 30),
)
def test_every_name_has_its_keys_and_no_other(
    segment_of: Callable[..., Segment], new_path: Callable[[], str], words: list[str], split: int
) -> None:
    parts = [" ".join(part) for part in (words[:split], words[split:])]
    segments = [segment_of([Article(f"{at}", "", part)]) for at, part in enumerate(parts)]
    due: dict[str, set[str]] = {}
    for word in {each.lower() for each in words if len(each) >= 3}:
        for key in keys(fold(word)):
            due.setdefault(key, set()).add(word)
    forms = Forms(segments)
    for key in [*due, "KKKK"]:
        assert {each.form for each in forms.names_sounding(key)} == due.get(key, set())
    path = new_path()
    merge(path, segments, segments[0].compression)
    merged = Segment(path)
    anew = sounding(merged.folds, np.asarray(merged.capitals)[np.asarray(merged.terms_of_folds)])
    for written, made in zip(merged.sounding, anew, strict=True):
        assert written.tolist() == made.tolist()
    assert Forms([merged]).names_sounding("KK") == forms.names_sounding("KK")


@pytest.mark.parametrize("version", [None, "0"])
def test_a_segment_without_these_keys_has_them_made_when_asked(
    segment_of: Callable[..., Segment], monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    segment = segment_of([Article("a", "", TEXT)])
    written = segment.sounding
    monkeypatch.setattr(module, "SOUNDS", "another")
    older = Segment(segment.file.path)
    assert read_sounding(older.file) is None
    assert [each.tolist() for each in older.sounding] == [each.tolist() for each in written]


def test_nothing_of_it_is_read_before_it_is_asked_for(
    segment_of: Callable[..., Segment], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    array = ArrayFile.array
    monkeypatch.setattr(ArrayFile, "array", lambda self, name: read.append(name) or array(self, name))
    segment = Segment(segment_of([Article("a", "", TEXT)]).file.path)
    Forms([segment]).occurrences("koursk")
    assert not any(name.startswith("sounds") for name in read)


def test_a_name_is_what_stands_with_a_capital_more_often_than_not_in_all_segments(
    segment_of: Callable[..., Segment],
) -> None:
    segments = [
        segment_of([Article(f"{at}", "", text)]) for at, text in enumerate(["Koursk", "koursk koursk"])
    ]
    assert Forms(segments[:1]).names_sounding("KRSK") == [Frequency("koursk", 1, 1)]
    assert Forms(segments).names_sounding("KRSK") == []
    assert Forms([segments[1]]).names_sounding("KRSK") == []
