"""Bytes -> text: the declared encoding, else a byte order mark, else UTF-8, else Windows-1252."""

from __future__ import annotations

import codecs
from functools import cache
from typing import BinaryIO, Final

from ..errors import ArticleError
from ..limits import FILE_BYTES
from ..messages import Message

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text and the name of its encoding. Raises ArticleError for what is no text.

    A declaration that is unknown or does not fit the bytes is passed over.
    """
    candidates = [declared] if declared else []
    marked = [name for mark, name in _MARKS if data.startswith(mark)][:1]
    candidates += marked or (["utf-8", "windows-1252"] if b"\0" not in data else [])
    for name in candidates:
        try:
            return data.decode(name).removeprefix("\ufeff"), name
        except (UnicodeError, LookupError, ValueError):
            continue
    if b"\0" in data and not marked:
        raise ArticleError(Message("it holds NUL bytes: not a text"))
    *others, last = candidates
    if not others:
        raise ArticleError(Message("it is not text in {encoding}", encoding=last))
    raise ArticleError(
        Message("it is not text in {encodings} or {last}", encodings=", ".join(others), last=last)
    )


@cache
def encoding_notes(encoding: str) -> tuple[str, ...]:
    """A note for the report where the encoding is not UTF-8."""
    return (
        ()
        if encoding.lower().startswith(("utf-8", "utf8"))
        else (Message("read as {encoding}", encoding=encoding),)
    )


def read_text(file: BinaryIO) -> tuple[str, tuple[str, ...]]:
    """A whole file as text, with its notes. Raises ArticleError if it is too large, empty or no text."""
    data = file.read(FILE_BYTES + 1)
    if len(data) > FILE_BYTES:
        raise ArticleError(
            Message("it is larger than {size} MB, too large for one text", size=FILE_BYTES // 2**20)
        )
    if not data.strip():
        raise ArticleError(Message("it is empty"))
    text, encoding = decode(data)
    return text, encoding_notes(encoding)
