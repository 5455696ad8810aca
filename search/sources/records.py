"""A record under its own names, a JSON object or front matter -> the draft of an article."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from ..errors import ArticleError
from .dates import date_or_note
from .draft import Draft, Refusal

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "_id", "uid", "guid", "identifier", "identifiant"),
    "title": ("title", "titre", "headline", "name"),
    "body": ("body", "text", "texte", "content", "contenu", "articlebody", "body_text", "article"),
    "lead": ("description", "summary", "abstract", "chapo"),
    "date": (
        "date",
        "published",
        "datepublished",
        "date_published",
        "published_at",
        "publication_date",
        "pubdate",
        "created",
        "created_at",
    ),
    "source": ("source", "publisher", "newspaper", "journal", "media", "publication", "site"),
    "url": ("url", "link", "uri", "permalink", "href"),
    "author": ("author", "auteur", "authors", "auteurs", "byline", "creator"),
    "section": ("section", "rubrique", "category", "categorie", "categories", "tags", "keywords"),
    "language": ("language", "lang", "langue", "inlanguage"),
}
"""For each field the names it goes by, in lower case, the first that has a value wins."""


_ESSENTIAL: Final = ("id", "title", "body")


def draft_of(record: Mapping[str, object], body: str | None = None, place: str = "") -> Draft:
    """The draft of a record; `body` is the text where it stands outside the record.

    The lead is put before the body unless the body has it already. A source that is a URL gives the
    url, and its host as the source. Raises ArticleError where the id, the title or the body is no
    text; any other value that is none is left out, with a note.
    """
    lowered = {str(key).strip().lower(): value for key, value in record.items()}
    given: dict[str, str | None] = {}
    notes: list[str] = []
    for field, names in NAMES.items():
        try:
            given[field] = _first(lowered, names)
        except ArticleError as error:
            if field in _ESSENTIAL:
                raise
            given[field] = None
            notes.append(f"{error}: left out")
    date, date_notes = date_or_note(given["date"])
    source, url = given["source"], given["url"]
    if source and source.startswith(("http://", "https://")):
        url = url or source
        source = _host(source)
    return Draft(
        title=given["title"] or "",
        body=_with_lead(given["lead"], (given["body"] if body is None else body) or ""),
        id=given["id"],
        date=date,
        source=source,
        url=url,
        author=given["author"],
        section=given["section"],
        language=given["language"],
        place=place,
        notes=(*notes, *date_notes),
    )


def parse_json(text: str) -> object:
    """The value of a JSON text. Raises ArticleError with the line and column of a mistake."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ArticleError(
            f"it is not JSON: {error.msg.lower()}, line {error.lineno} column {error.colno}"
        ) from error
    except (RecursionError, ValueError) as error:
        raise ArticleError(
            "it is not JSON that can be read: it nests too deep, or a number is too long"
        ) from error


def json_draft(value: object, place: str, notes: tuple[str, ...] = ()) -> Draft | Refusal:
    """The draft of a JSON value at `place`, or why there is none."""
    if not isinstance(value, dict):
        return Refusal(place, "it is not a JSON object")
    try:
        draft = draft_of(value, place=place)
    except ArticleError as error:
        return Refusal(place, str(error))
    return replace(draft, notes=notes + draft.notes)


def _host(url: str) -> str | None:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


def _with_lead(lead: str | None, body: str) -> str:
    if not lead or " ".join(lead.split())[:80] in " ".join(body.split()):
        return body
    return f"{lead}\n\n{body}"


def _first(record: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = record.get(name)
        text = _joined(value, name) if isinstance(value, list) else _text(value, name)
        if text:
            return text
    return None


def _joined(values: list[object], name: str) -> str:
    return ", ".join(text for value in values if (text := _text(value, name)))


def _text(value: object, name: str) -> str | None:
    """A value as text; an object gives its name, as schema.org writes authors and publishers."""
    if isinstance(value, dict):
        value = value.get("name", value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return value.strip().removeprefix("[[").removesuffix("]]")
    if isinstance(value, int | float):
        return str(value)
    raise ArticleError(f"its field {name!r} is not a text")
