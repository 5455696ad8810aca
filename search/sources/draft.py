"""What a format reads out of a file: drafts of articles, and refusals with their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from ..article import Article, Span, canonical, canonical_line
from ..errors import ArticleError
from ..limits import ID_CHARACTERS
from ..messages import Message


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or a `place` inside a file (`line 17`, or empty for all of it), that is not taken, and why."""

    place: str
    reason: str
    passing: bool = False
    """Whether it may be read another time as it is: the system failed, not the file."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as its file tells it. `id` is the article's own, if the file gives one.

    `place` says where in the file it stands, empty where the file is one article; `notes` are what a
    reader of the report should know, such as the encoding.
    """

    title: str
    body: str
    id: str | None = None
    date: Span | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    section: str | None = None
    language: str | None = None
    place: str = ""
    notes: tuple[str, ...] = ()

    def article(self, id: str, path: str | None) -> Article:
        """The article in canonical form. Raises ArticleError where there is nothing to read."""
        title, body = canonical_line(self.title), canonical(self.body)
        if not title and not body:
            raise ArticleError(Message("it has neither a title nor a text"))
        return Article(
            id=own_id(id),
            title=title,
            body=body,
            date=self.date,
            path=path,
            source=optional_line(self.source),
            url=optional_line(self.url),
            author=optional_line(self.author),
            section=optional_line(self.section),
            language=optional_line(self.language),
        )


def own_id(id: str) -> str:
    """An explicit id, checked. Raises ArticleError for one that is empty, too long or unprintable."""
    id = canonical_line(id)
    if not id:
        raise ArticleError(Message("its id is empty"))
    if len(id) > ID_CHARACTERS:
        raise ArticleError(
            Message(
                "its id has {number} characters, at most {most} are kept", number=len(id), most=ID_CHARACTERS
            )
        )
    if not id.isprintable():
        raise ArticleError(Message("its id holds a control character"))
    return id


def optional_line(text: str | None) -> str | None:
    """A field that may be absent, in canonical form; one that says nothing is absent."""
    return canonical_line(text) or None if text else None


class Format(Protocol):
    """What a module in `formats/` is."""

    SUFFIXES: tuple[str, ...]
    """File name endings, in lower case, with the dot."""

    def read(self, file: BinaryIO) -> Iterator[Draft | Refusal]:
        """The articles of an open file, one by one, and a reason for each that cannot be taken.

        Raises ArticleError where the whole file cannot be.
        """
