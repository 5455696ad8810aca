"""Hits, articles, reports -> what a person reads in a terminal and what a program reads in a pipe.

Text is styled on a terminal only; JSON, JSON Lines and CSV are the same everywhere. No control
character of an article or of a file name reaches the terminal.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal

from .article import Article, Span
from .errors import QueryError
from .french.groups import EXACT_STRENGTH, Group
from .hits import Hit, Page
from .index import Info
from .report import Report
from .snippets import Marks, Snippet

Format = Literal["text", "json", "jsonl", "csv"]
Style = Literal["title", "mark", "dim", "plain"]

SCHEMA: Final = 1
"""The version of the JSON output."""

SHORT_ID: Final = 8
"""How much of a derived id is printed: enough for any archive that a person types ids of."""

_DERIVED_ID: Final = re.compile(r"[0-9a-f]{24}")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SENTENCE_ENDS: Final = tuple('.!?…»”")')
_STYLES: Final = {"title": "bold", "mark": "bold yellow", "dim": "dim", "plain": ""}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one style."""

    text: str
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Line:
    """A line to print, indented by so many columns."""

    pieces: tuple[Piece, ...]
    indent: int = 0


def visible(text: str) -> str:
    r"""Text that cannot steer a terminal: control and direction characters as `\x1b` and the like."""
    return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def one_line(text: str) -> str:
    """The same on one line, for titles, passages and paths."""
    return visible(text.replace("\n", " ").replace("\t", " "))


def write_lines(lines: Iterable[Line], *, error: bool = False) -> None:
    """Print lines to stdout, or to stderr; styled and wrapped on a terminal, bare in a pipe."""
    stream = sys.stderr if error else sys.stdout
    if not stream.isatty():
        for line in lines:
            stream.write(" " * line.indent + "".join(piece.text for piece in line.pieces).rstrip() + "\n")
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    for line in lines:
        text = Text.assemble(*((piece.text, _STYLES[piece.style]) for piece in line.pieces))
        console.print(Padding(text, (0, 0, 0, line.indent)))


def page_lines(page: Page) -> Iterator[Line]:
    """A page of hits for a person."""
    yield _plain(_count_line(page))
    for rank, hit in enumerate(page.hits, page.offset + 1):
        yield Line(())
        number = f"{rank}. "
        title = one_line(hit.title) or "(no title)"
        yield Line((Piece(number, "dim"), *_marked(title, hit.title_spans, "title")))
        yield Line((Piece(_about(hit), "dim"),), indent=len(number))
        for snippet in hit.snippets:
            yield Line(tuple(_passage(snippet)), indent=len(number))


def article_lines(article: Article, title_spans: Marks, body_spans: Marks) -> Iterator[Line]:
    """An article for a person, its matching words marked."""
    yield Line(tuple(_marked(one_line(article.title) or "(no title)", title_spans, "title")))
    about = [
        str(article.date) if article.date else "no date",
        article.source,
        article.author,
        article.section,
        article.url,
        article.path,
        article.id,
    ]
    yield Line((Piece(" · ".join(one_line(part) for part in about if part), "dim"),))
    yield Line(())
    start = 0
    for text in article.body.split("\n"):
        end = start + len(text)
        spans = tuple((a - start, b - start) for a, b in body_spans if start <= a and b <= end)
        yield Line(tuple(_marked(text, spans, "plain")))
        start = end + 1


def report_lines(report: Report) -> Iterator[Line]:
    """What a sync did, in one line."""
    line = f"{report.added:,} new, {report.changed:,} changed, {report.removed:,} removed"
    also = [
        f"{count:,} {name}"
        for name, count in (
            ("moved", report.moved),
            ("unchanged", report.unchanged),
            ("forgotten", report.forgotten),
            ("refused", len(report.refused)),
            ("stale", len(report.stale)),
        )
        if count
    ]
    yield _plain(line + (f"; {', '.join(also)}" if also else ""))


def remark_lines(report: Report) -> Iterator[Line]:
    """Every file that was refused or is stale with its reason, and the remarks, like ones together."""
    for path, reason in report.refused:
        yield _plain(f"refused: {one_line(path)}: {one_line(reason)}")
    for path, reason in report.stale:
        yield _plain(f"stale: {one_line(path)}: {one_line(reason)}; the version indexed before is kept")
    places = defaultdict(list)
    for path, note in report.notes:
        places[note].append(one_line(path))
    for note, paths in places.items():
        more = f" and {len(paths) - 3:,} more" if len(paths) > 3 else ""
        yield _plain(f"note: {', '.join(paths[:3])}{more}: {one_line(note)}")


def info_lines(info: Info) -> Iterator[Line]:
    """What an index holds, for a person."""
    holdings, statistics = info.holdings, info.statistics
    rows = {"index": one_line(info.path), "articles": f"{holdings.articles:,}"}
    if holdings.first:
        rows["dates"] = f"{holdings.first} to {holdings.last}, {holdings.undated:,} without a date"
    sources = sorted(holdings.sources.items(), key=lambda item: (-item[1], item[0]))
    for rank, (source, count) in enumerate(sources[:10]):
        rows["sources" if not rank else " " * rank] = f"{count:>9,}  {one_line(source)}"
    if len(sources) > 10:
        rows[" " * 10] = f"{'':>9}  and {len(sources) - 10:,} more"
    plural = "" if statistics.segments == 1 else "s"
    rows["size"] = f"{statistics.size / 1e6:,.1f} MB in {statistics.segments} segment{plural}"
    rows["commit"] = str(statistics.generation)
    rows.update(statistics.versions)
    for name, value in rows.items():
        yield Line((Piece(f"{name.strip():<10}", "dim"), Piece(value)))


def forms_lines(group: Group, articles: Mapping[str, int]) -> Iterator[Line]:
    """What a word stands for, for a person."""
    yield _plain(f"{group.word}: {', '.join(group.classes)}")
    if not group.members:
        yield _plain("no form of it stands in the archive")
        return
    width = max(len(member.form) for member in group.members)
    yield Line((Piece(f"{'form':<{width}}  {'articles':>9}  weight", "dim"),))
    for member in group.members:
        kind = "matches" if member.matches else "ranks only"
        if member.strength == EXACT_STRENGTH:
            kind = "exact"
        style: Style = "mark" if member.matches else "plain"
        yield Line(
            (
                Piece(f"{member.form:<{width}}", style),
                Piece(f"  {articles[member.form]:>9,}  {member.weight:>6}  {kind}"),
            )
        )


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


def query_error_lines(error: QueryError) -> Iterator[Line]:
    """A refused query, with a caret under the character and what may help."""
    before = 30
    start = max(0, error.position - before)
    shown = ("…" if start else "") + error.query[start : start + 72]
    yield _plain(f"error: {one_line(str(error))}")
    yield _plain("  " + one_line(shown))
    yield _plain("  " + " " * (error.position - start + bool(start)) + "^")
    if error.suggestion:
        yield _plain(f"  {one_line(error.suggestion)}")


def page_json(page: Page) -> str:
    """A page as one JSON object."""
    return _json(
        {
            "schema": SCHEMA,
            "query": {"typed": page.typed, "parsed": page.parsed, "notices": list(page.notices)},
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


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


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
    }


def _date_object(date: Span | None) -> dict[str, str] | None:
    if date is None:
        return None
    return {"start": str(date.start), "end": str(date.end), "precision": date.precision}


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _count_line(page: Page) -> str:
    count = f"{page.total:,} article{'' if page.total == 1 else 's'}"
    if not page.hits or len(page.hits) == page.total:
        return count
    return f"{count}, {page.offset + 1:,} to {page.offset + len(page.hits):,} shown"


def _about(hit: Hit) -> str:
    date = str(hit.date) if hit.date else "no date"
    if hit.date_match == "possible":
        date += " (possibly)"
    parts = [date, hit.source, short_id(hit.id), hit.path]
    return " · ".join(one_line(part) for part in parts if part)


def short_id(id: str) -> str:
    """An id as it is printed: a derived one is cut, since `show` takes its beginning."""
    return id[:SHORT_ID] if _DERIVED_ID.fullmatch(id) else id


def _passage(snippet: Snippet) -> Iterator[Piece]:
    if snippet.text[:1].islower():
        yield Piece("… ")
    yield from _marked(snippet.text.replace("\n", " "), snippet.spans, "plain")
    if snippet.text[-1:] not in _SENTENCE_ENDS:
        yield Piece(" …")


def _marked(text: str, spans: Marks, style: Style) -> Iterator[Piece]:
    """A text in pieces, those of the spans marked."""
    at = 0
    for start, end in spans:
        if start > at:
            yield Piece(visible(text[at:start]), style)
        yield Piece(visible(text[start:end]), "mark")
        at = end
    if at < len(text):
        yield Piece(visible(text[at:]), style)


def _plain(text: str) -> Line:
    return Line((Piece(text),))
