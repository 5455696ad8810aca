"""Markdown, with YAML front matter or without -> one article in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from html import unescape
from itertools import accumulate
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
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

SUFFIXES = (".md", ".markdown")

_FRONT_MATTER: Final = re.compile(r"---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_PROPERTY: Final = re.compile(r"^(\w[\w -]*):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_WIKI_LINK: Final = re.compile(r"!?\[\[(?:[^\[\]|]*\|)?([^\[\]]*)\]\]")
_HIGHLIGHT: Final = re.compile(r"==(.+?)==")
"""Obsidian's own marks, which are no CommonMark."""

_LEVELS: Final = 100
"""Lists in lists that the library reads, instead of 20: what is deeper it would leave out in silence."""

_PARAGRAPH_CHARACTERS: Final = 100_000
_NESTING: Final = 50
"""A paragraph that is longer, or with more brackets open at once, is taken as it is written: the time that
the library takes grows with the square of either."""

_BRACKETS: Final = {"[": 1, "]": -1}
_TAG: Final = re.compile(
    # Nothing but what hides text goes past the next tag: a tag without end costs no look at all the rest.
    r"""(?isx)
    <!--(?P<comment>.*?(?:-->|\Z)) | <(script|style)\b.*?(?:</\2\s*>|\Z)
    | <[!?][^<>]*> | </?[a-z](?:[^<>"']|"[^"<]*"|'[^'<]*')*+> | </?[a-z][^<>]*>
    """
)

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
    marked = text[match.end() :] if match else text
    tokens = _parser().parse(marked)
    if any(token.level >= _LEVELS - 1 for token in tokens):
        notes += (Message("its lists or quotes nest too deep: taken as it is written"),)
        title, body = "", marked
    else:
        title, body = _plain(tokens)
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


def _plain(tokens: Iterable[Token]) -> tuple[str, str]:
    """The first heading of level one, where it opens the text, and the rest without any markup."""
    title = ""
    paragraphs: list[str] = []
    level = ""
    for token in tokens:
        if token.type == "heading_open":
            level = token.tag
        elif token.type == "heading_close":
            level = ""
        elif token.type in ("fence", "code_block"):
            paragraphs.append(token.content)
        elif token.type == "html_block":
            paragraphs.append(_text_of_html(token.content))
        elif token.type == "inline":
            words = "".join(map(_words, token.children)) if token.children else token.content
            if level == "h1" and not paragraphs and not title:
                title = words
            elif words.strip():
                paragraphs.append(words)
    return title, "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"maxNesting": _LEVELS}).enable("table")
    made.core.ruler.at("inline", _parse_paragraphs)
    return made


def _parse_paragraphs(state: StateCore) -> None:
    """The library's rule of this name, but for paragraphs that it would be very slow over."""
    for token in state.tokens:
        if token.type == "inline" and not _is_tangled(token.content):
            assert token.children is not None, "as the rules of blocks make it"
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _is_tangled(paragraph: str) -> bool:
    if len(paragraph) > _PARAGRAPH_CHARACTERS or paragraph.count("<![CDATA[") > _NESTING:
        return True
    if paragraph.count("[") <= _NESTING:
        return False
    return max(accumulate(_BRACKETS.get(each, 0) for each in paragraph)) > _NESTING


def _text_of_html(source: str) -> str:
    """The text between tags, but for scripts and styles; a comment without end is text."""

    def shown(tag: re.Match[str]) -> str:
        comment = tag["comment"]
        return "" if comment is None or comment.endswith("-->") else comment

    return unescape(_TAG.sub(shown, source)).strip()


def _words(part: Token) -> str:
    """What a reader sees of a part of a line."""
    if part.type in ("softbreak", "hardbreak"):
        return "\n"
    if part.type == "html_inline":
        return "\n" if part.content.lower().startswith("<br") else ""
    return _HIGHLIGHT.sub(r"\1", _WIKI_LINK.sub(r"\1", part.content)) if part.type == "text" else part.content
