"""Plain text -> one article: a first line ` date 2024-03 Title`, or a title, then paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from ...article import Span, canonical
from ...limits import TITLE_CHARACTERS
from ...messages import Message
from ..draft import Draft, Refusal
from ..encoding import read_text

SUFFIXES = (".txt", ".text")

_HEADER: Final = re.compile(r" ?date[ \t]+(\d{4}(?:-\d{1,2}){0,2})(?:[ \t]+(.*))?")


def read(file: BinaryIO) -> Iterator[Draft | Refusal]:
    """The article of a text file. Raises ArticleError for a file that is empty or no text."""
    text, notes = read_text(file)
    first, _, rest = canonical(text).partition("\n")
    header = _HEADER.fullmatch(first)
    if not header:
        titled = len(first) <= TITLE_CHARACTERS
        yield Draft(
            title=first if titled else "",
            body=rest if titled else f"{first}\n{rest}",
            notes=notes,
        )
        return
    date = None
    try:
        date = Span.parse(header[1])
    except ValueError:
        notes += (Message("its date “{date}” does not exist: indexed without a date", date=header[1]),)
    yield Draft(title=header[2] or "", body=rest, date=date, notes=notes)
