"""A JSON file -> its one article, those of its list, or one a line where it is JSON Lines in fact."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from ...errors import ArticleError
from ..draft import Draft, Refusal
from ..encoding import read_text
from ..records import json_draft, parse_json
from . import jsonl

SUFFIXES = (".json",)


def read(file: BinaryIO) -> Iterator[Draft | Refusal]:
    """The articles of a JSON file. Raises ArticleError for a file that is not JSON."""
    text, notes = read_text(file)
    try:
        value = parse_json(text)
    except ArticleError as error:
        if "extra data" not in str(error):
            raise
        yield from jsonl.read(io.BytesIO(text.encode()))
        return
    if isinstance(value, list):
        for number, record in enumerate(value, 1):
            yield json_draft(record, f"item {number}", notes)
    else:
        yield json_draft(value, "", notes)
