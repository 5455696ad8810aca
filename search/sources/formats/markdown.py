"""Markdown, with YAML front matter or without -> one article in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from ...article import canonical
from ...errors import ArticleError
from ...limits import FRONT_MATTER_CHARACTERS
from ..draft import Draft, Refusal
from ..encoding import read_text
from ..records import draft_of

SUFFIXES = (".md", ".markdown")

_FRONT_MATTER: Final = re.compile(r"---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


def read(file: BinaryIO) -> Iterator[Draft | Refusal]:
    """The article of a Markdown file; without a title in its front matter, the first heading is it.

    Raises ArticleError for a file that is empty, no text, or whose front matter cannot be read.
    """
    text, notes = read_text(file)
    text = canonical(text)
    match = _FRONT_MATTER.match(text)
    record = _front_matter(match[1] or "") if match else {}
    title, body = _plain(text[match.end() :] if match else text)
    draft = draft_of(record, body)
    if not draft.title:
        draft = replace(draft, title=title)
    elif title and title != draft.title:
        draft = replace(draft, body=f"{title}\n\n{draft.body}")
    yield replace(draft, notes=notes + draft.notes)


def _front_matter(block: str) -> dict[str, object]:
    import yaml

    if len(block) > FRONT_MATTER_CHARACTERS:
        raise ArticleError(f"its front matter is longer than {FRONT_MATTER_CHARACTERS:,} characters")
    try:
        # BaseLoader makes texts and lists of texts, never dates or objects.
        record = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = f", line {line + 2}" if line is not None else ""
        raise ArticleError(f"its front matter is not YAML{place}") from error
    if record is None or record == "":
        return {}
    if not isinstance(record, dict):
        raise ArticleError("its front matter is not a list of names and values")
    return record


def _plain(text: str) -> tuple[str, str]:
    """The first heading of level one, where it opens the text, and the rest without any markup."""
    from markdown_it import MarkdownIt

    title = ""
    paragraphs: list[str] = []
    level = ""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "heading_open":
            level = token.tag
        elif token.type == "heading_close":
            level = ""
        elif token.type in ("fence", "code_block"):
            paragraphs.append(token.content)
        elif token.type == "inline":
            words = "".join(
                "\n" if part.type in ("softbreak", "hardbreak") else part.content
                for part in token.children or []
                if part.type != "html_inline"
            )
            if level == "h1" and not paragraphs and not title:
                title = words
            elif words.strip():
                paragraphs.append(words)
    return title, "\n\n".join(paragraphs)
