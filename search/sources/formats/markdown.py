"""Markdown, with YAML front matter or without -> one article in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, BinaryIO, Final

from ...article import canonical_line
from ...errors import ArticleError
from ...french.analysis import fold
from ...limits import FRONT_MATTER_CHARACTERS
from ...messages import Message
from ..draft import Draft, Refusal
from ..encoding import read_text
from ..records import NAMES, draft_of

if TYPE_CHECKING:
    from markdown_it.token import Token

SUFFIXES = (".md", ".markdown")

_FRONT_MATTER: Final = re.compile(r"---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_PROPERTY: Final = re.compile(r"^(\w[\w -]*):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_WIKI_LINK: Final = re.compile(r"!?\[\[(?:[^\]|]*\|)?([^\]]*)\]\]")
_HIGHLIGHT: Final = re.compile(r"==(.+?)==")
"""Obsidian's own marks, which are no CommonMark."""

_NULLS: Final = ("null", "Null", "NULL", "~")
"""What YAML takes for nothing; its BaseLoader leaves that to us."""


def read(file: BinaryIO) -> Iterator[Draft | Refusal]:
    """The article of a Markdown file; without a title in its front matter, the first heading is it.

    Raises ArticleError for a file that is empty, no text, or whose front matter is too long.
    """
    text, notes = read_text(file)
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    match = _FRONT_MATTER.match(text)
    record, front_notes = _front_matter(match[1] or "") if match else ({}, ())
    if match and (match[1] or "").strip() and not _is_metadata(record):
        # Two thematic breaks with text between.
        match, record, front_notes = None, {}, ()
    title, body = _plain(text[match.end() :] if match else text)
    draft = draft_of(record, body)
    if not draft.title:
        draft = replace(draft, title=title)
    elif title and title != draft.title:
        draft = replace(draft, body=f"{title}\n\n{draft.body}")
    yield replace(draft, notes=notes + front_notes + draft.notes)


def _front_matter(block: str) -> tuple[dict[str, object], tuple[str, ...]]:
    """The record of a front matter, and a note where it had to be read line by line."""
    import yaml

    if len(block) > FRONT_MATTER_CHARACTERS:
        raise ArticleError(
            Message("its front matter is longer than {most} characters", most=FRONT_MATTER_CHARACTERS)
        )
    notes: tuple[str, ...] = ()
    try:
        # BaseLoader makes texts and lists of texts, never dates or objects.
        record = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        note = Message("its front matter is not YAML: read line by line")
        if mark:
            line = str(mark.line + 2)
            note = Message("its front matter is not YAML (line {line}): read line by line", line=line)
        notes = (note,)
        record = dict(_PROPERTY.findall(block))
    if not isinstance(record, dict):
        return {}, ()
    return {name: _without_nulls(value) for name, value in record.items() if name}, notes


def _without_nulls(value: object) -> object:
    if isinstance(value, list):
        return [each for each in value if each not in _NULLS]
    return None if value in _NULLS else value


def _is_metadata(record: dict[str, object]) -> bool:
    known = {name for names in NAMES.values() for name in names}
    return any(fold(canonical_line(str(name)).lower()) in known for name in record)


def _plain(text: str) -> tuple[str, str]:
    """The first heading of level one, where it opens the text, and the rest without any markup."""
    from markdown_it import MarkdownIt

    title = ""
    paragraphs: list[str] = []
    level = ""
    # Deeper lists than the library's 20 levels would be left out in silence.
    for token in MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").parse(text):
        if token.type == "heading_open":
            level = token.tag
        elif token.type == "heading_close":
            level = ""
        elif token.type in ("fence", "code_block"):
            paragraphs.append(token.content)
        elif token.type == "html_block":
            paragraphs.append(_text_of_html(token.content))
        elif token.type == "inline":
            words = "".join(_words(part) for part in token.children or [])
            if level == "h1" and not paragraphs and not title:
                title = words
            elif words.strip():
                paragraphs.append(words)
    return title, "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


class _HtmlText(HTMLParser):
    """Collects the text between tags, but for scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Overrides HTMLParser's."""
        self._hidden = tag if tag in ("script", "style") else self._hidden

    def handle_endtag(self, tag: str) -> None:
        """Overrides HTMLParser's."""
        self._hidden = "" if tag == self._hidden else self._hidden

    def handle_data(self, data: str) -> None:
        """Overrides HTMLParser's."""
        if not self._hidden:
            self.pieces.append(data)


def _text_of_html(source: str) -> str:
    parser = _HtmlText()
    parser.feed(source)
    parser.close()
    return "".join(parser.pieces).strip()


def _words(part: Token) -> str:
    """What a reader sees of a part of a line."""
    if part.type in ("softbreak", "hardbreak"):
        return "\n"
    if part.type == "html_inline":
        return "\n" if part.content.lower().startswith("<br") else ""
    return _HIGHLIGHT.sub(r"\1", _WIKI_LINK.sub(r"\1", part.content)) if part.type == "text" else part.content
