"""Hits, articles, reports -> what a person reads in a terminal.

Text is styled on a terminal only, and said in the language of who reads it when it is printed (`printed`),
not before. No control character of an article or of a file name reaches the terminal.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from .article import Article, Span
from .errors import NewsearchError, QueryError
from .french.groups import EXACT_STRENGTH, Group
from .hits import FormReading, Hit, Page, Reason
from .index import Info
from .messages import Language, Message, translated
from .report import Rebuilt, Report
from .snippets import Marks, Snippet

Format = Literal["text", "json", "jsonl", "csv"]
Style = Literal["title", "mark", "dim", "plain"]

FORMS_SHOWN: Final = 12
"""Forms of a word that an explanation names; `newsearch forms` has them all."""

SHORT_ID: Final = 8
"""How much of a derived id is printed: enough for any archive that a person types ids of."""

_DERIVED_ID: Final = re.compile(r"[0-9a-f]{24}")
UNPRINTABLE: Final = re.compile(
    "(?P<flag>\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f"
    "\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""What steers a terminal or the direction of writing, ends a line, or hides a text in a text: tags are for
flags, such as Scotland's, only. What joins letters or emoji, or may end a word, is text."""

_SENTENCE_ENDS: Final = tuple('.!?…»”")')
_PARTS: Final = {"format": Message("format"), "analysis": Message("analysis")}
"""What is named in every language; Whoosh and NumPy have one name."""

_STYLES: Final = {"title": "bold", "mark": "bold yellow", "dim": "dim", "plain": ""}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one style: a Message, or what is the same in every language.

    It takes `width` columns at least; a number is `to_the_right` of them.
    """

    text: str
    style: Style = "plain"
    width: int = 0
    to_the_right: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line to print, indented by so many columns."""

    pieces: tuple[Piece, ...]
    indent: int = 0


def visible(text: str) -> str:
    r"""Text that cannot steer a terminal: control and direction characters as `\x1b` and the like."""
    return UNPRINTABLE.sub(lambda match: match["flag"] or f"\\x{ord(match[0]):02x}", text)


def one_line(text: str) -> str:
    """The same on one line, for titles, passages and paths."""
    return visible(text.replace("\n", " ").replace("\t", " "))


def printed(piece: Piece, language: Language = "en") -> str:
    """A piece as it is printed: in the language, in its columns, and unable to steer a terminal."""
    text = translated(piece.text, language)
    # What a sentence was filled with may hold anything; a line of an article may keep its tabs.
    text = one_line(text) if isinstance(piece.text, Message) else visible(text)
    return text.rjust(piece.width) if piece.to_the_right else text.ljust(piece.width)


def write_lines(lines: Iterable[Line], *, language: Language = "en", error: bool = False) -> None:
    """Print lines to stdout, or to stderr; styled and wrapped on a terminal, bare in a pipe."""
    stream = sys.stderr if error else sys.stdout
    if not stream.isatty():
        for line in lines:
            text = "".join(printed(piece, language) for piece in line.pieces)
            stream.write(" " * line.indent + text.rstrip() + "\n")
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    for line in lines:
        styled = ((printed(piece, language), _STYLES[piece.style]) for piece in line.pieces)
        console.print(Padding(Text.assemble(*styled), (0, 0, 0, line.indent)))


def sentence_line(sentence: str) -> Line:
    """A line that says this, a Message or not."""
    return Line((Piece(sentence if isinstance(sentence, Message) else one_line(sentence)),))


def error_line(error: NewsearchError) -> Line:
    """What went wrong."""
    return sentence_line(Message("error: {sentence}", sentence=error.message))


def page_lines(page: Page) -> Iterator[Line]:
    """A page of hits for a person."""
    yield sentence_line(_count_sentence(page))
    yield from _reading_lines(page)
    for rank, hit in enumerate(page.hits, page.offset + 1):
        yield Line(())
        number = f"{rank}. "
        yield Line((Piece(number, "dim"), *_title(hit.title, hit.title_spans)))
        yield Line(tuple(_about(hit)), indent=len(number))
        for snippet in hit.snippets:
            yield Line(tuple(_passage(snippet)), indent=len(number))
        for reason in hit.reasons:
            yield Line(tuple(_reason(reason)), indent=len(number))


def _reading_lines(page: Page) -> Iterator[Line]:
    """How a query was read, where that was asked for."""
    if not page.reading and not any(hit.reasons for hit in page.hits):
        return
    yield Line((Piece(Message("read as: {query}", query=page.parsed), "dim"),))
    for reading in page.reading:
        shown = tuple(_form(each) for each in reading.forms[:FORMS_SHOWN])
        if len(reading.forms) > FORMS_SHOWN:
            rest = len(reading.forms) - FORMS_SHOWN
            shown += (Message("{count} more", "{count} more", count=rest),)
        forms = Message("{forms}", forms=shown) if shown else Message("no form of it stands in the archive")
        yield Line((Piece(Message("{word}: {forms}", word=reading.part, forms=forms), "dim"),), indent=2)


def _form(form: FormReading) -> Message:
    """A form that a part of a query stands for."""
    if form.matches:
        return Message(
            "{form} ({weight}, {count} article)",
            "{form} ({weight}, {count} articles)",
            form=form.form,
            weight=form.weight,
            count=form.articles,
        )
    return Message(
        "{form} ({weight}, {count} article, ranks only)",
        "{form} ({weight}, {count} articles, ranks only)",
        form=form.form,
        weight=form.weight,
        count=form.articles,
    )


_FIELD_NAMES: Final = {
    "title": Message("in the title"),
    "body": Message("in the text"),
    "date": Message("as its date"),
    "source": Message("as its source"),
    "author": Message("as its author"),
    "path": Message("in its path"),
}


def _reason(reason: Reason) -> Iterator[Piece]:
    """Why a hit meets a part of the query."""
    where = _FIELD_NAMES[reason.field]
    if not reason.weight:
        yield Piece(Message("{part}: {form} {where}", part=reason.part, form=reason.form, where=where), "dim")
        return
    yield Piece(
        Message(
            "{part}: {form} {where}, {count} time, weight {weight}",
            "{part}: {form} {where}, {count} times, weight {weight}",
            part=reason.part,
            form=reason.form,
            where=where,
            count=reason.times,
            weight=reason.weight,
        ),
        "dim",
    )


def article_lines(article: Article, title_spans: Marks, body_spans: Marks) -> Iterator[Line]:
    """An article for a person, its matching words marked."""
    yield Line(tuple(_title(article.title, title_spans)))
    about = [
        _date(article.date),
        article.source,
        article.author,
        article.section,
        article.url,
        article.path,
        article.id,
    ]
    yield Line(tuple(_joined(about, " · ", "dim")))
    yield Line(())
    start = 0
    for text in article.body.split("\n"):
        end = start + len(text)
        spans = tuple((a - start, b - start) for a, b in body_spans if start <= a and b <= end)
        yield Line(tuple(_marked(text, spans, "plain")))
        start = end + 1


def report_lines(report: Report) -> Iterator[Line]:
    """What a sync did, in one line."""
    # French has a plural of each of these words.
    always = [
        Message("{count} new", "{count} new", count=report.added),
        Message("{count} changed", "{count} changed", count=report.changed),
        Message("{count} removed", "{count} removed", count=report.removed),
    ]
    also = [
        Message("{count} moved", "{count} moved", count=report.moved),
        Message("{count} unchanged", "{count} unchanged", count=report.unchanged),
        Message("{count} forgotten", "{count} forgotten", count=report.forgotten),
        Message("{count} refused", "{count} refused", count=len(report.refused)),
        Message("{count} stale", "{count} stale", count=len(report.stale)),
    ]
    also = [each for each in also if each.values["count"]]
    semicolon = [Piece(Message("; "))] if also else []
    yield Line((*_joined(always, ", "), *semicolon, *_joined(also, ", ")))


def remark_lines(report: Report) -> Iterator[Line]:
    """Every file that was refused or is stale with its reason, and the remarks, like ones together."""
    for place, reason in report.refused:
        yield sentence_line(Message("refused: {place}: {reason}", place=place, reason=reason))
    for place, reason in report.stale:
        yield sentence_line(
            Message(
                "stale: {place}: {reason}; the version indexed before is kept", place=place, reason=reason
            )
        )
    places = defaultdict(list)
    for place, note in report.notes:
        places[note].append(place)
    for note, noted in places.items():
        named = tuple(noted[:3])
        if len(noted) > 3:
            named += (Message("{count} more", "{count} more", count=len(noted) - 3),)
        yield sentence_line(Message("note: {places}: {note}", places=named, note=note))


def rebuilt_lines(made: Rebuilt) -> Iterator[Line]:
    """What a rebuild made, and what it could not read."""
    yield sentence_line(Message("{count} article rebuilt", "{count} articles rebuilt", count=made.articles))
    if made.lost:
        yield sentence_line(
            Message(
                "{count} article could not be read: `newsearch index FOLDER` reads it again from its file.",
                "{count} articles could not be read: "
                "`newsearch index FOLDER` reads them again from their files.",
                count=len(made.lost),
            )
        )


def info_lines(info: Info) -> Iterator[Line]:
    """What an index holds, for a person."""
    holdings, statistics = info.holdings, info.statistics
    yield _row(Message("index"), Piece(one_line(info.path)))
    yield _row(Message("articles"), Piece(_number(holdings.articles)))
    if holdings.first and holdings.last:
        dates = Message(
            "{first} to {last}, {count} without a date",
            "{first} to {last}, {count} without a date",
            first=holdings.first,
            last=holdings.last,
            count=holdings.undated,
        )
        yield _row(Message("dates"), Piece(dates))
    sources = sorted(holdings.sources.items(), key=lambda item: (-item[1], item[0]))
    for rank, (source, count) in enumerate(sources[:10]):
        articles = Piece(_number(count), width=9, to_the_right=True)
        yield _row("" if rank else Message("sources"), articles, Piece(f"  {one_line(source)}"))
    if len(sources) > 10:
        more = Message("and {count} more", "and {count} more", count=len(sources) - 10)
        yield _row("", Piece("", width=11), Piece(more))
    size = Message(
        "{size} MB in {count} segment",
        "{size} MB in {count} segments",
        size=round(statistics.size / 1e6, 1),
        count=statistics.segments,
    )
    yield _row(Message("size"), Piece(size))
    yield _row(Message("commit"), Piece(str(statistics.generation)))
    for name, version in statistics.versions.items():
        yield _row(_PARTS.get(name, name), Piece(one_line(version)))


def forms_lines(group: Group, articles: Mapping[str, int]) -> Iterator[Line]:
    """What a word stands for, for a person."""
    classes = ", ".join(group.classes)
    yield sentence_line(Message("{word}: {classes}", word=group.word, classes=classes))
    if not group.members:
        yield sentence_line(Message("no form of it stands in the archive"))
        return
    # The name of the column is no longer than this in any language.
    width = max(5, *(len(member.form) for member in group.members))
    yield Line(
        (
            Piece(Message("form"), "dim", width),
            Piece(Message("articles"), "dim", 11, to_the_right=True),
            Piece("  "),
            Piece(Message("weight"), "dim"),
        )
    )
    for member in group.members:
        kind = Message("matches") if member.matches else Message("ranks only")
        if member.strength == EXACT_STRENGTH:
            kind = Message("exact")
        style: Style = "mark" if member.matches else "plain"
        yield Line(
            (
                Piece(member.form, style, width),
                Piece(_number(articles[member.form]), width=11, to_the_right=True),
                Piece(_number(member.weight), width=8, to_the_right=True),
                Piece("  "),
                Piece(kind),
            )
        )


def query_error_lines(error: QueryError) -> Iterator[Line]:
    """A refused query, with a caret under the character and what may help."""
    before = 30
    start = max(0, error.position - before)
    shown = ("…" if start else "") + error.query[start : start + 72]
    yield error_line(error)
    yield replace(sentence_line(shown), indent=2)
    yield Line((Piece(" " * (error.position - start + bool(start)) + "^"),), indent=2)
    if error.suggestion:
        yield replace(sentence_line(error.suggestion), indent=2)


def _count_sentence(page: Page) -> Message:
    if page.total_relation == "gte":
        return Message("{count} article or more", "{count} articles or more", count=page.total)
    if not page.hits or len(page.hits) == page.total:
        return Message("{count} article", "{count} articles", count=page.total)
    return Message(
        "{count} article, {first} to {last} shown",
        "{count} articles, {first} to {last} shown",
        count=page.total,
        first=page.offset + 1,
        last=page.offset + len(page.hits),
    )


def _title(title: str, spans: Marks) -> Iterator[Piece]:
    if title:
        return _marked(one_line(title), spans, "title")
    return iter((Piece(Message("(no title)"), "title"),))


def _about(hit: Hit) -> Iterator[Piece]:
    date = _date(hit.date)
    if hit.date_match == "possible":
        date = Message("{date} (possibly)", date=date)
    return _joined([date, hit.source, short_id(hit.id), hit.path], " · ", "dim")


def _date(date: Span | None) -> Message:
    return Message("{date}", date=date) if date else Message("no date")


def _number(number: float) -> Message:
    return Message("{number}", number=number)


def _row(name: str, *values: Piece) -> Line:
    return Line((Piece(name, "dim", width=10), *values))


def _joined(parts: Iterable[str | None], separator: str, style: Style = "plain") -> Iterator[Piece]:
    """The parts that there are, each in its own language, with something between."""
    for number, part in enumerate(part for part in parts if part):
        if number:
            yield Piece(separator, style)
        yield Piece(part if isinstance(part, Message) else one_line(part), style)


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
