"""A JSON file -> its one article, those of its list, or one a line where it is JSON Lines in fact."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from ...errors import ArticleError
from ...messages import Message
from ..draft import Draft, Refusal
from ..encoding import read_text
from ..records import NAMES, json_draft, parse_json
from . import jsonl

SUFFIXES = (".json",)

_LISTS: Final = ("articles", "items", "results", "documents", "data", "entries", "posts")
"""Under which names an object that is no article itself keeps its articles."""


def read(file: BinaryIO) -> Iterator[Draft | Refusal]:
    """The articles of a JSON file. Raises ArticleError for one that is not JSON, or holds none."""
    text, notes = read_text(file)
    try:
        value = parse_json(text)
    except ArticleError as error:
        if "extra data" not in str(error):
            raise
        for item in jsonl.read(io.BytesIO(text.encode())):
            yield replace(item, notes=notes + item.notes) if isinstance(item, Draft) else item
        return
    value = _list_of(value)
    if not isinstance(value, list):
        yield json_draft(value, "", notes)
        return
    if not value:
        raise ArticleError(Message("it holds no article"))
    for number, record in enumerate(value, 1):
        yield json_draft(record, Message("item {number}", number=str(number)), notes)


def _list_of(value: object) -> object:
    """The list of articles in an object that has no title and no text of its own, else the value."""
    if isinstance(value, dict) and not value.keys() & {*NAMES["title"], *NAMES["body"]}:
        return next((value[name] for name in _LISTS if isinstance(value.get(name), list)), value)
    return value
