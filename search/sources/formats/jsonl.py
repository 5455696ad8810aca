"""JSON Lines -> an article a line, however long the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ...errors import ArticleError
from ...limits import LINE_BYTES
from ...messages import Message
from ..draft import Draft, Refusal
from ..encoding import decode, encoding_notes
from ..records import json_draft, parse_json

SUFFIXES = (".jsonl", ".ndjson")


def read(file: BinaryIO) -> Iterator[Draft | Refusal]:
    """The articles of a JSONL file, line by line; a broken line is refused, the rest are read.

    Raises ArticleError for a file without a line, or in UTF-16, whose lines cannot be told apart.
    """
    number = told = 0
    while line := file.readline(LINE_BYTES + 1):
        number += 1
        place = Message("line {number}", number=str(number))
        if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ArticleError(Message("it is UTF-16: save it as UTF-8, as JSON Lines are"))
        told += bool(line.strip())
        if len(line) > LINE_BYTES:
            yield Refusal(place, Message("it is longer than {size} MB", size=LINE_BYTES // 2**20))
            while line and not line.endswith(b"\n"):
                line = file.readline(LINE_BYTES)
        elif line.strip():
            yield _article(line, place)
    if not told:
        raise ArticleError(Message("it is empty"))


def _article(line: bytes, place: str) -> Draft | Refusal:
    try:
        text, encoding = decode(line)
        return json_draft(parse_json(text), place, encoding_notes(encoding))
    except ArticleError as error:
        return Refusal(place, error.message)
