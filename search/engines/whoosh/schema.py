"""An article -> the fields of a Whoosh document.

The analysis is done here, not in Whoosh: a text field receives a list of terms, so that the schema
holds Whoosh's own classes alone and any Whoosh reader can open the index. `title` and `body` hold
stemmed, accent-folded terms, for any reader that asks for them; `title_forms` and `body_forms` the forms
as written (lower case, with accents), at the same positions, which newsearch itself searches (see
`dictionary.py` for their terms); `capitals` the forms that were written with a capital; `source`, `author`,
`section` and `path` hold folded forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from whoosh import columns, fields
from whoosh.analysis import SpaceSeparatedTokenizer

from ...article import Article, Span
from ...french.analysis import fold, stem
from ...french.tokens import forms, tokens
from .dictionary import CAPITALS, TEXT_FIELDS, form_term, forms_field

FOLDED_FIELDS: Final = ("source", "author", "section", "path")

NO_DATE: Final = 0
"""The ordinal that stands in the date columns where the date is unknown; the year 1 begins at 1."""


def schema() -> fields.Schema:
    """The schema, made anew at each call because Whoosh alters what it is given."""
    prepared = SpaceSeparatedTokenizer()
    made = fields.Schema(
        id=fields.ID(stored=True, unique=True, sortable=True),
        url=fields.STORED,
        language=fields.ID(stored=True),
        date=fields.STORED,
        hash=fields.STORED,
    )
    for name in (*TEXT_FIELDS, *FOLDED_FIELDS):
        column = columns.RefBytesColumn() if name == "source" else False
        made.add(name, fields.TEXT(analyzer=prepared, stored=True, sortable=column))
    for name in TEXT_FIELDS:
        made.add(forms_field(name), fields.TEXT(analyzer=prepared))
        made.add(f"{name}_length", fields.COLUMN(columns.NumericColumn("I")))
    made.add(CAPITALS, fields.TEXT(analyzer=prepared, phrase=False))
    for name in ("date_start", "date_end"):
        made.add(name, fields.COLUMN(columns.NumericColumn("i")))
    return made


def document(article: Article) -> dict[str, object]:
    """The keyword arguments of `add_document` for an article."""
    values: dict[str, object] = {
        "id": article.id,
        "url": article.url,
        "language": article.language,
        "date": str(article.date) if article.date else None,
        "hash": article.content_hash(),
        "date_start": article.date.start.toordinal() if article.date else NO_DATE,
        "date_end": article.date.end.toordinal() if article.date else NO_DATE,
    }
    capitals: list[str] = []
    for name in TEXT_FIELDS:
        text = getattr(article, name)
        found = [(form, text[start].isupper()) for form, start, _ in tokens(text)]
        values[name] = [stem(form) for form, _ in found]
        values[forms_field(name)] = [form_term(form) for form, _ in found]
        values[f"{name}_length"] = len(found)
        values[f"_stored_{name}"] = text
        capitals.extend(form for form, capital in found if capital)
    values[CAPITALS] = capitals
    for name in FOLDED_FIELDS:
        text = getattr(article, name)
        if text is not None:
            values[name] = [fold(form) for form in forms(text)]
            values[f"_stored_{name}"] = text
    return values


def article_of(stored: Mapping[str, Any]) -> Article:
    """The article of a document's stored fields."""
    date = stored.get("date")
    return Article(
        id=stored["id"],
        title=stored["title"],
        body=stored["body"],
        date=Span.parse(date) if date else None,
        **{name: stored.get(name) for name in ("path", "source", "url", "author", "section", "language")},
    )
