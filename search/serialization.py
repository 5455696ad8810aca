"""Hits, articles, what an index holds -> what a program reads: JSON, JSON Lines, CSV.

The same everywhere: never coloured, never translated, dates in ISO.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from .article import Article, Span
from .french.groups import Group
from .hits import Hit, Page
from .index import Info
from .render import UNPRINTABLE, one_line

SCHEMA: Final = 1
"""The version of the JSON output."""


def page_json(page: Page) -> str:
    """A page as one JSON object; an explanation, where asked for, is under `reading` and `reasons`."""
    query: dict[str, object] = {
        "typed": page.typed,
        "parsed": page.parsed,
        "notices": list(page.notices),
    }
    if page.reading:
        query["reading"] = [asdict(reading) for reading in page.reading]
    return _json(
        {
            "schema": SCHEMA,
            "query": query,
            "total": page.total,
            "total_relation": page.total_relation,
            "partial": page.partial,
            "relaxed": page.relaxed,
            "took_ms": round(page.took_ms, 1),
            "offset": page.offset,
            "hits": [_hit_object(hit) for hit in page.hits],
        },
        indent=2,
    )


def page_jsonl(page: Page) -> str:
    """A hit a line."""
    return "\n".join(_json(_hit_object(hit)) for hit in page.hits)


def page_csv(page: Page) -> str:
    """A hit a row, with its first passage, under a row of names."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(
        ["id", "path", "title", "date", "date_match", "source", "url", "author", "score", "snippet"]
    )
    for hit in page.hits:
        snippet = one_line(hit.snippets[0].text) if hit.snippets else ""
        cells = [
            hit.id,
            hit.path,
            hit.title,
            str(hit.date or ""),
            hit.date_match,
            hit.source,
            hit.url,
        ]
        cells += [hit.author, f"{hit.score:.4f}", snippet]
        rows.writerow([_cell(cell or "") for cell in cells])
    return out.getvalue().rstrip("\n")


def article_json(article: Article) -> str:
    """An article as one JSON object."""
    return _json({"schema": SCHEMA, **asdict(article), "date": _date_object(article.date)}, indent=2)


def info_json(info: Info) -> str:
    """What an index holds, as one JSON object."""
    holdings = asdict(info.holdings)
    for end in ("first", "last"):
        holdings[end] = str(holdings[end]) if holdings[end] else None
    holdings["sources"] = dict(sorted(holdings["sources"].items()))
    return _json({"schema": SCHEMA, "path": info.path, **holdings, **asdict(info.statistics)}, indent=2)


def forms_json(group: Group, articles: Mapping[str, int]) -> str:
    """The same as one JSON object."""
    return _json(
        {
            "schema": SCHEMA,
            "word": group.word,
            "classes": list(group.classes),
            "forms": [
                {
                    "form": member.form,
                    "articles": articles[member.form],
                    "weight": member.weight,
                    "matches": member.matches,
                }
                for member in group.members
            ],
        },
        indent=2,
    )


def completions_json(completions: Sequence[str]) -> str:
    """Completed queries as one JSON object."""
    return _json({"schema": SCHEMA, "completions": list(completions)}, indent=2)


def _json(value: object, indent: int | None = None) -> str:
    return UNPRINTABLE.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=indent))


def _escaped(match: re.Match[str]) -> str:
    """As JSON escapes it: by itself it does so with control characters of seven bits only."""
    return match["flag"] or json.dumps(match[0])[1:-1]


def _hit_object(hit: Hit) -> dict[str, object]:
    return {
        "id": hit.id,
        "path": hit.path,
        "title": hit.title,
        "date": _date_object(hit.date),
        "date_match": hit.date_match,
        "source": hit.source,
        "url": hit.url,
        "author": hit.author,
        "score": round(hit.score, 4),
        "snippets": [asdict(snippet) for snippet in hit.snippets],
        **({"reasons": [asdict(reason) for reason in hit.reasons]} if hit.reasons else {}),
    }


def _date_object(date: Span | None) -> dict[str, str] | None:
    if date is None:
        return None
    return {"start": str(date.start), "end": str(date.end), "precision": date.precision}


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
