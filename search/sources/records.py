"""A record under its own names, a JSON object or front matter -> the draft of an article."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from ..article import canonical_line
from ..errors import ArticleError
from ..french.analysis import fold
from ..messages import Message
from .dates import first_date
from .draft import Draft, Refusal

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "_id", "uid", "guid", "identifier", "identifiant"),
    "title": ("title", "titre", "headline", "name"),
    "body": ("body", "text", "texte", "content", "contenu", "articlebody", "body_text", "article"),
    "lead": ("description", "summary", "abstract", "chapo", "chapeau"),
    "date": (
        "date",
        "published",
        "datepublished",
        "date_published",
        "published_at",
        "publication_date",
        "date_publication",
        "pubdate",
    ),
    "created": ("created", "created_at"),
    "source": ("source", "publisher", "newspaper", "journal", "media", "publication", "site"),
    "url": ("url", "link", "uri", "permalink", "href"),
    "author": ("author", "auteur", "authors", "auteurs", "byline", "creator"),
    "section": ("section", "rubrique", "category", "categorie", "categories", "tags", "keywords"),
    "language": ("language", "lang", "langue", "inlanguage"),
}
"""For each field the names it goes by, in lower case without accents; the first that has a value wins."""

_ESSENTIAL: Final = ("id", "title", "body")
_WRAPPERS: Final = ("name", "rendered", "#text", "@value", "$oid", "$date")
"""Where schema.org, WordPress, converted XML and MongoDB put the value of a field that is an object."""

_MISTAKES: Final = {
    "Expecting value": Message("expecting value"),
    "Extra data": Message("extra data"),
    "Expecting ':' delimiter": Message("expecting ':' delimiter"),
    "Expecting ',' delimiter": Message("expecting ',' delimiter"),
    "Expecting property name enclosed in double quotes": Message(
        "expecting property name enclosed in double quotes"
    ),
    "Unterminated string starting at": Message("unterminated string starting at"),
    "Invalid control character at": Message("invalid control character at"),
    "Invalid \\escape: ": Message("invalid \\escape"),
    "Invalid \\uXXXX escape": Message("invalid \\uxxxx escape"),
}
"""What Python's reader of JSON says of a mistake; the rest of it, of newer versions, stays as it says it."""

_WIKI_LINK: Final = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]]*)\]\]")
_CLIPPING_TAGS: Final = frozenset({"clippings", "clipping"})
"""What web clippers tag everything with; it is no section."""


def draft_of(record: Mapping[str, object], body: str | None = None, place: str = "") -> Draft:
    """The draft of a record; `body` is the text where it stands outside the record.

    The lead is put before the body unless the body has it already. A source that is a URL gives the
    url, and its host as the source. Raises ArticleError where the id, the title or the body is no
    text; any other value that is none is left out, with a note.
    """
    folded = {fold(canonical_line(str(key)).lower()): value for key, value in record.items()}
    given: dict[str, list[str]] = {}
    notes: list[str] = []
    for field, names in NAMES.items():
        if field == "body" and body is not None:
            continue
        try:
            given[field] = list(_values(folded, names, paragraphs=field == "body"))
        except ArticleError as error:
            if field in _ESSENTIAL:
                raise
            given[field] = []
            notes.append(Message("{reason}: left out", reason=error.message))
    date, date_notes = first_date(given["date"])
    if not given["date"] and given["created"]:
        date, date_notes = first_date(given["created"])
        if date:
            notes.append(Message("dated by its creation, for want of a date of publication"))

    def first(field: str) -> str | None:
        return next(iter(given[field]), None)

    def linkless(field: str) -> str | None:
        return _WIKI_LINK.sub(r"\1", first(field) or "") or None

    source, url = linkless("source"), first("url")
    if source and source.lower().startswith(("http://", "https://")):
        url = url or source
        source = _host(source)
    return Draft(
        title=first("title") or "",
        body=_with_lead(first("lead"), (first("body") if body is None else body) or ""),
        id=first("id"),
        date=date,
        source=source,
        url=url,
        author=linkless("author"),
        section=_without_clipping_tags(linkless("section")),
        language=first("language"),
        place=place,
        notes=(*notes, *date_notes),
    )


def parse_json(text: str) -> object:
    """The value of a JSON text. Raises ArticleError with the place of a mistake."""
    try:
        return json.loads(text.rstrip(), parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise ArticleError(_not_json(error, of_lines="\n" in text.strip())) from error
    except (RecursionError, ValueError) as error:
        raise ArticleError(
            Message("it is not JSON that can be read: it nests too deep, or a number is too long")
        ) from error


def _not_json(error: json.JSONDecodeError, of_lines: bool) -> Message:
    mistake, column = _MISTAKES.get(error.msg, error.msg.lower()), str(error.colno)
    if not of_lines:
        return Message("it is not JSON: {mistake}, column {column}", mistake=mistake, column=column)
    return Message(
        "it is not JSON: {mistake}, line {line} column {column}",
        mistake=mistake,
        line=str(error.lineno),
        column=column,
    )


def json_draft(value: object, place: str, notes: tuple[str, ...] = ()) -> Draft | Refusal:
    """The draft of a JSON value at `place`, or why there is none."""
    if not isinstance(value, dict):
        return Refusal(place, Message("it is not a JSON object"))
    try:
        draft = draft_of(value, place=place)
    except ArticleError as error:
        return Refusal(place, error.message)
    return replace(draft, notes=notes + draft.notes)


def _without_clipping_tags(section: str | None) -> str | None:
    tags = (section or "").split(", ")
    return ", ".join(tag for tag in tags if tag.lower() not in _CLIPPING_TAGS) or None


def _host(url: str) -> str | None:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


def _with_lead(lead: str | None, body: str) -> str:
    if not lead or " ".join(lead.split()) in " ".join(body.split()):
        return body
    return f"{lead}\n\n{body}"


def _values(record: Mapping[str, object], names: tuple[str, ...], paragraphs: bool) -> Iterator[str]:
    """The texts that a record has under these names. Raises ArticleError where all it has is no text."""
    wrong: ArticleError | None = None
    found = False
    for name in names:
        try:
            text = _text(record.get(name), name, paragraphs)
        except ArticleError as error:
            wrong = wrong or error
            continue
        if text:
            found = True
            yield text
    if wrong and not found:
        raise wrong


def _text(value: object, name: str, paragraphs: bool = False) -> str | None:
    """A value as text: a list is joined, an object is asked for what it wraps."""
    if isinstance(value, list):
        parts = [text for each in value if not isinstance(each, list) and (text := _text(each, name))]
        if paragraphs:
            return "\n\n".join(parts)
        return ", ".join(dict.fromkeys(parts))
    if isinstance(value, dict):
        value = next((value[key] for key in _WRAPPERS if key in value), value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, int):
        return str(value)
    raise ArticleError(Message("its field “{name}” is not a text", name=name))
