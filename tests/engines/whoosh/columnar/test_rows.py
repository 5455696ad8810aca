"""Rows come back from either compression, with and without a dictionary."""

import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.whoosh.columnar.rows import (
    LEAST_FOR_DICTIONARY,
    Compression,
    compressor,
    decoded,
    decompressor,
    encoded,
    installed_method,
    trained,
)
from search.errors import IndexUnavailableError

METHODS = ("zlib", "zstd")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def some_rows(number: int) -> list[bytes]:
    chance = random.Random(1)
    words = ["drones", "Belgorod", "évacuation", "scrutin", "œuvre", "front", "Élysée", "réagi"]
    return [
        encoded((f"Titre {rank}", f"https://exemple.fr/{rank}", " ".join(chance.choices(words, k=30))))
        for rank in range(number)
    ]


@pytest.fixture(scope="module", params=METHODS)
def drawn(request: pytest.FixtureRequest) -> Compression:
    return trained(request.param, some_rows(LEAST_FOR_DICTIONARY))


@given(title=TEXT, url=st.none() | TEXT, body=TEXT)
def test_any_row_comes_back(title: str, url: str | None, body: str) -> None:
    assert decoded(encoded((title, url, body))) == (title, url, body)


@pytest.mark.parametrize("title", ["", "a\nb", '"\\', "\u2028", "null", "😀"])
def test_no_title_and_no_address_is_taken_for_the_body(title: str) -> None:
    for url in (None, title):
        assert decoded(encoded((title, url, "\n\n[]\n"))) == (title, url, "\n\n[]\n")


@given(data=st.binary(max_size=3000), method=st.sampled_from(METHODS))
def test_any_bytes_come_back_without_a_dictionary(data: bytes, method: str) -> None:
    how = Compression(method, b"")
    assert decompressor(how)(compressor(how)(data)) == data


@given(data=st.binary(max_size=300) | st.sampled_from(some_rows(50)))
def test_any_bytes_come_back_with_a_dictionary(drawn: Compression, data: bytes) -> None:
    assert decompressor(drawn)(compressor(drawn)(data)) == data


def test_a_function_can_be_used_again_and_again(drawn: Compression) -> None:
    compress, decompress = compressor(drawn), decompressor(drawn)
    rows = some_rows(30)
    packed = [compress(row) for row in rows]
    assert [decompress(row) for row in packed] == rows
    assert [compress(row) for row in rows] == packed


def test_a_dictionary_makes_rows_smaller(drawn: Compression) -> None:
    rows = some_rows(50)
    plain = Compression(drawn.method, b"")
    assert drawn.dictionary
    assert sum(len(compressor(drawn)(row)) for row in rows) < sum(len(compressor(plain)(row)) for row in rows)


@pytest.mark.parametrize("method", METHODS)
def test_a_dictionary_is_drawn_from_enough_rows_only(method: str) -> None:
    rows = some_rows(LEAST_FOR_DICTIONARY)
    assert trained(method, rows[:-1]) == Compression(method, b"")
    assert trained(method, rows).dictionary


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("body", ["", "mot", "mot " * 20_000])
def test_rows_that_teach_nothing_can_be_drawn_from(method: str, body: str) -> None:
    row = encoded(("", None, body))
    how = trained(method, [row] * LEAST_FOR_DICTIONARY)
    assert decompressor(how)(compressor(how)(row)) == row


def test_a_dictionary_comes_from_everywhere_among_the_rows() -> None:
    rows = [b"first" * 100] * 1_500 + [b"LAST!" * 100] * 1_500
    dictionary = trained("zlib", rows).dictionary
    assert b"first" in dictionary
    assert b"LAST!" in dictionary
    assert len(dictionary) <= 16_384


def test_the_best_method_is_the_one_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed_method() == "zstd"
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert installed_method() == "zlib"


def test_without_zstandard_its_rows_are_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(IndexUnavailableError, match=r"pip install 'newsearch\[zstd\]'"):
        decompressor(Compression("zstd", b""))
    how = Compression("zlib", b"")
    assert decompressor(how)(compressor(how)(b"mot")) == b"mot"
