"""A file that a walk saw -> its drafts; a draft -> its article and the ids that it may get."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from ..article import Article
from ..errors import ArticleError
from .draft import Draft, Refusal
from .registry import format_of
from .walk import open_regular, reason_of


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The open file. Raises OSError where it cannot be opened or is no longer a regular file."""
    with os.fdopen(open_regular(path), "rb") as stream:
        yield stream


def drafts(path: str, stream: BinaryIO) -> Iterator[Draft | Refusal]:
    """What an open file holds; a file that cannot be read, or not to its end, ends in a refusal without
    a place."""
    format = format_of(path)
    assert format is not None, "a walk yields only files that a format reads"
    try:
        yield from format.read(stream)
    except ArticleError as error:
        yield Refusal("", error.message)
    except OSError as error:
        yield Refusal("", reason_of(error), passing=True)


def content_of(draft: Draft) -> Article:
    """The article of a draft, before it has a path; its id is the draft's own or a placeholder.

    Raises ArticleError where it cannot be taken.
    """
    return draft.article("?" if draft.id is None else draft.id, None)


def candidate_ids(draft: Draft, content: Article, root: str, relative: str) -> list[str]:
    """The ids that a draft's article may get; the first that is free is its own.

    Without an explicit id that is a hash of the path relative to the root, and in a file of many
    articles of the content; where another root has the same path, the root too.
    """
    if draft.id is not None:
        return [content.id]
    told = content.content_hash() if draft.place else ""
    return [_derived_id(relative, told), _derived_id(relative, told, root)]


def printable(path: str) -> str:
    """A path that any encoding can hold: a byte that is no UTF-8 becomes U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _derived_id(*parts: str) -> str:
    """24 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
