from __future__ import annotations

import codecs
import io

import pytest

from search.errors import ArticleError
from search.sources.encoding import decode, encoding_notes, read_text

WORDS = "Légion « Liberté » : 3 €"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (WORDS.encode(), "utf-8"),
        (WORDS.encode("cp1252"), "windows-1252"),
        (codecs.BOM_UTF8 + WORDS.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF32_LE + WORDS.encode("utf-32-le"), "utf-32"),
        (codecs.BOM_UTF32_BE + WORDS.encode("utf-32-be"), "utf-32"),
    ],
)
def test_each_encoding_gives_the_same_text_and_its_own_name(data: bytes, encoding: str) -> None:
    assert decode(data) == (WORDS, encoding)


def test_a_declared_encoding_goes_before_a_guess() -> None:
    data = "Москва".encode("koi8-r")
    assert decode(data, "koi8-r") == ("Москва", "koi8-r")
    assert decode(data)[1] == "windows-1252"


def test_a_declared_encoding_goes_before_a_mark() -> None:
    assert decode(b"\xff\xfeA", "iso-8859-1") == ("ÿþA", "iso-8859-1")


def test_a_mark_helps_where_the_declared_encoding_is_wrong() -> None:
    data = codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le")
    assert decode(data, "utf-8") == (WORDS, "utf-16")


def test_windows_quotes_and_the_ligature_of_the_heart_come_out_of_windows_1252() -> None:
    assert decode(b"\x93c\x9cur\x94 l\x92\xe9t\xe9")[0] == "“cœur” l’été"


@pytest.mark.parametrize(
    "data",
    [
        b"T\0i\0t\0r\0e\0",  # UTF-16 without its mark
        b"\x7fELF\x02\x01\x01\0\0\0",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\0",
    ],
)
def test_nul_bytes_are_no_text(data: bytes) -> None:
    with pytest.raises(ArticleError, match="NUL bytes"):
        decode(data)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\x81\x8d\x8f\x90\x9d", "windows-1252"),
        (codecs.BOM_UTF16_LE + b"a", "utf-16"),
        (codecs.BOM_UTF16_BE + b"\xd8\x00\x00a", "utf-16"),
        (codecs.BOM_UTF32_LE + b"\xff\xff\xff\xff", "utf-32"),
    ],
)
def test_what_no_encoding_reads_is_refused_and_the_reason_names_the_last_tried(
    data: bytes, encoding: str
) -> None:
    with pytest.raises(ArticleError, match=encoding):
        decode(data)


@pytest.mark.parametrize("declared", ["klingon", "rot13", "hex", "base64"])
def test_a_declared_encoding_that_makes_no_text_of_bytes_never_decodes(declared: str) -> None:
    try:
        text, encoding = decode(b"6162", declared)
    except ArticleError:
        return
    assert (text, encoding) == ("6162", "utf-8")


@pytest.mark.parametrize(
    ("encoding", "notes"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("read as utf-16",)),
        ("windows-1252", ("read as windows-1252",)),
    ],
)
def test_an_encoding_other_than_utf_8_is_said(encoding: str, notes: tuple[str, ...]) -> None:
    assert encoding_notes(encoding) == notes


def test_a_file_gives_its_text_and_its_encoding() -> None:
    assert read_text(io.BytesIO(b"\xe9t\xe9")) == ("été", ("read as windows-1252",))
    assert read_text(io.BytesIO("été".encode())) == ("été", ())


@pytest.mark.parametrize("data", [b"", b"\n", b" \t\r\n \x0c"])
def test_a_file_without_a_character_to_read_is_empty(data: bytes) -> None:
    with pytest.raises(ArticleError, match="empty"):
        read_text(io.BytesIO(data))


def test_a_file_at_the_limit_is_read_and_one_byte_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.sources.encoding.FILE_BYTES", 2**20)
    assert len(read_text(io.BytesIO(b"a" * 2**20))[0]) == 2**20
    with pytest.raises(ArticleError, match="larger than 1 MB"):
        read_text(io.BytesIO(b"a" * (2**20 + 1)))
