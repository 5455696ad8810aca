from __future__ import annotations

import datetime as dt
import gettext
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from search import Hit, Info, Page, QueryError, Report, Snippet, Span, messages
from search.engine import Holdings, Statistics
from search.errors import NewsearchError
from search.french.groups import Group, Member
from search.hits import FormReading, Reading, Reason
from search.messages import Message
from search.render import (
    Line,
    error_line,
    forms_lines,
    info_lines,
    one_line,
    page_lines,
    printed,
    query_error_lines,
    remark_lines,
    report_lines,
    sentence_line,
    short_id,
    visible,
    write_lines,
)

HIT = Hit(
    id="0123456789abcdef01234567",
    path="seeds/a.txt",
    title="Des drones",
    date=Span.of(2024, 3),
    date_match=None,
    source="AFP",
    url=None,
    author=None,
    score=1.23456,
    title_spans=((4, 10),),
    snippets=(Snippet("body", 3, "les drones\nde Belgorod", ((4, 10), (14, 22))),),
)
PAGE = Page("drones", "drones", (), 1, 0, (HIT,), False, 1.234)


def texts(lines: object) -> list[str]:
    assert hasattr(lines, "__iter__")
    return [" " * line.indent + "".join(printed(piece) for piece in line.pieces) for line in lines]


def marked(line: Line) -> list[str]:
    return [piece.text for piece in line.pieces if piece.style == "mark"]


def test_a_hit_shows_title_date_source_short_id_path_and_passages() -> None:
    lines = list(page_lines(PAGE))
    assert texts(lines) == [
        "1 article",
        "",
        "1. Des drones",
        "   2024-03 · AFP · 01234567 · seeds/a.txt",
        "   … les drones de Belgorod …",
    ]
    assert (marked(lines[2]), marked(lines[4])) == (["drones"], ["drones", "Belgorod"])


def test_an_explanation_says_how_the_query_was_read_and_why_a_hit_meets_it() -> None:
    forms = tuple(FormReading(f"f{number}", 0.5, True, number) for number in range(14))
    reading = (Reading("drone", ("drone/N",), forms, True), Reading("zz", (), (), True))
    reasons = (Reason("drone", "body", "drones", 2, 0.8), Reason("source:afp", "source", "afp", 1, 0.0))
    page = replace(PAGE, reading=reading, hits=(replace(HIT, reasons=reasons),))
    lines = texts(page_lines(page))
    assert lines[1] == "read as: drones"
    assert lines[2].startswith("  drone: f0 (0.5, 0 articles), f1 (0.5, 1 article), ")
    assert lines[2].endswith("f11 (0.5, 11 articles) and 2 more")
    assert lines[3] == "  zz: no form of it stands in the archive"
    assert lines[-2:] == [
        "   drone: drones in the text, 2 times, weight 0.8",
        "   source:afp: afp as its source",
    ]


def test_a_page_in_the_middle_says_which_hits_it_shows() -> None:
    assert texts(page_lines(replace(PAGE, total=1200, offset=10)))[:3] == [
        "1,200 articles, 11 to 11 shown",
        "",
        "11. Des drones",
    ]


def test_a_possible_date_says_so() -> None:
    hit = replace(HIT, date_match="possible")
    assert "2024-03 (possibly)" in texts(page_lines(replace(PAGE, hits=(hit,))))[3]


def test_an_article_without_title_or_date_says_so() -> None:
    hit = replace(HIT, title="", title_spans=(), date=None)
    assert texts(page_lines(replace(PAGE, hits=(hit,))))[2:4] == [
        "1. (no title)",
        "   no date · AFP · 01234567 · seeds/a.txt",
    ]


class French(gettext.NullTranslations):
    """A few sentences in French."""

    def gettext(self, message: str) -> str:
        return {
            "no date": "sans date",
            "(no title)": "(sans titre)",
            "{date} (possibly)": "{date} (peut-être)",
            "refused: {place}: {reason}": "refusé : {place} : {reason}",
            "{file}, {place}": "{file}, {place}",
            "line {number}": "ligne {number}",
            "no format reads “{suffix}” files": "aucun format ne lit les fichiers « {suffix} »",
            "error: {sentence}": "erreur : {sentence}",
            "The {thing} is gone.": "L’objet {thing} a disparu.",
            "form": "forme",
            "weight": "poids",
            "exact": "exacte",
            "articles": "articles",
            "sources": "sources",
            "size": "taille",
            "; ": " ; ",
        }.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return {
            "{count} article": ("{count} article", "{count} articles"),
            "{count} new": ("{count} nouveau", "{count} nouveaux"),
            "{count} moved": ("{count} déplacé", "{count} déplacés"),
            "{count} more": ("{count} autre", "{count} autres"),
        }.get(msgid1, (msgid1, msgid2))[n > 1]


@pytest.fixture
def french(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """What stands on stdout once lines are written in French."""
    monkeypatch.setattr(messages, "_catalogue", lambda _: French())

    def written(lines: Iterable[Line]) -> list[str]:
        write_lines(lines, language="fr")
        return capsys.readouterr().out.splitlines()

    return written


def test_a_hit_is_told_in_french(french: Callable[..., list[str]]) -> None:
    untitled = replace(HIT, title="", title_spans=(), date=None, snippets=())
    page = replace(PAGE, total=2, hits=(replace(HIT, date_match="possible"), untitled))
    assert french(page_lines(page)) == [
        "2 articles",
        "",
        "1. Des drones",
        "   mars 2024 (peut-être) · AFP · 01234567 · seeds/a.txt",
        "   … les drones de Belgorod …",
        "",
        "2. (sans titre)",
        "   sans date · AFP · 01234567 · seeds/a.txt",
    ]


def test_a_report_has_the_plurals_of_french(french: Callable[..., list[str]]) -> None:
    assert french(report_lines(Report(added=1, moved=1200))) == [
        "1 nouveau, 0 changed, 0 removed ; 1\u202f200 déplacés"
    ]


def test_a_refusal_is_told_in_french_with_its_place_and_its_reason(french: Callable[..., list[str]]) -> None:
    place = Message("{file}, {place}", file="a\n\x1b.foo", place=Message("line {number}", number="3"))
    reason = Message("no format reads “{suffix}” files", suffix=".\x9bfoo\n")
    assert french(remark_lines(Report(refused=((place, reason),)))) == [
        "refusé : a \\x1b.foo, ligne 3 : aucun format ne lit les fichiers « .\\x9bfoo  »"
    ]


def test_columns_are_as_wide_after_translation(french: Callable[..., list[str]]) -> None:
    group = Group("été", ("été/N",), (Member("été", 2.0, 1.0), Member("étés", 1.0, 0.8)))
    lines = french(forms_lines(group, {"été": 1200, "étés": 3}))
    assert lines == [
        "été: été/N",
        "forme   articles  poids",
        "été        1\u202f200     1,0  exacte",
        "étés           3     0,8  matches",
    ]


def test_an_index_is_told_in_columns(french: Callable[..., list[str]]) -> None:
    sources = {f"s{n}": 2000 - n for n in range(12)}
    holdings = Holdings(1234, 5, dt.date(2023, 1, 2), dt.date(2024, 3, 1), sources)
    info = Info("indexes/a\n", holdings, Statistics(1_234_567_890, 2, 1234, {"format": "f", "numpy": "2"}))
    assert texts(info_lines(info)) == [
        "index     indexes/a ",
        "articles  1,234",
        "dates     2023-01-02 to 2024-03-01, 5 without a date",
        "sources       2,000  s0",
        *(f"              1,{999 - n}  s{n + 1}" for n in range(9)),
        "                     and 2 more",
        "size      1,234.6 MB in 2 segments",
        "commit    1234",
        "format    f",
        "numpy     2",
    ]
    lines = french(info_lines(info))
    assert lines[1:4:2] == ["articles  1\u202f234", "sources       2\u202f000  s0"]
    assert lines[-4] == "taille    1\u202f234,6 MB in 2 segments"
    assert "2 janvier 2023 to 1er mars 2024" in lines[2]


def test_a_refused_query_is_told_in_french_but_stays_as_it_was_typed(
    french: Callable[..., list[str]],
) -> None:
    error = QueryError(Message("The {thing} is gone.", thing="\x1b"), "error: x", 7, "error: {sentence}")
    assert french(query_error_lines(error)) == [
        "erreur : L’objet \\x1b a disparu.",
        "  error: x",
        "         ^",
        "  error: {sentence}",
    ]
    again = QueryError("No.", "x", 0, Message("The {thing} is gone.", thing="y"))
    assert french(query_error_lines(again))[-1] == "  L’objet y a disparu."


def test_no_sentence_can_steer_a_terminal_whatever_it_was_filled_with() -> None:
    hostile = "a\x1b[2J\n\t\u202eb"
    report = Report(
        refused=((Message("{file}, {place}", file=hostile, place=hostile), hostile),),
        stale=((hostile, Message("{reason}: left out", reason=hostile)),),
        notes=((hostile, hostile), ("x", hostile)),
    )
    for line in texts([*remark_lines(report), sentence_line(hostile), error_line(NewsearchError(hostile))]):
        assert line.isprintable()


def test_only_a_derived_id_is_cut() -> None:
    assert short_id("orange-00002-and-so-on") == "orange-00002-and-so-on"
    assert short_id("0123456789abcdef01234567") == "01234567"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\r", "\u202e", "\u2066"])
def test_control_and_direction_characters_become_visible(character: str) -> None:
    assert visible(f"a{character}b") == f"a\\x{ord(character):02x}b"
    assert visible("é\n\t’") == "é\n\t’"
    assert one_line("a\nb\tc") == "a b c"


def test_a_report_tells_the_three_counts_always_and_the_others_where_there_are_any() -> None:
    assert texts(report_lines(Report())) == ["0 new, 0 changed, 0 removed"]
    full = Report(1200, 2, 3, 4, 5, 6, (("a", "b"),), (("c", "d"),))
    assert texts(report_lines(full)) == [
        "1,200 new, 2 changed, 4 removed; 3 moved, 5 unchanged, 6 forgotten, 1 refused, 1 stale"
    ]


def test_every_refused_and_stale_file_is_named_and_like_notes_stand_together() -> None:
    notes = tuple((f"{n}.txt", "read as windows-1252") for n in range(5))
    report = Report(refused=(("a\nb", "it is empty"),), stale=(("c", "it may not be read"),), notes=notes)
    assert texts(remark_lines(report)) == [
        "refused: a b: it is empty",
        "stale: c: it may not be read; the version indexed before is kept",
        "note: 0.txt, 1.txt, 2.txt and 2 more: read as windows-1252",
    ]


@pytest.mark.parametrize("position", [0, 5, 100, 199])
def test_a_caret_stands_under_the_character(position: int) -> None:
    query = "".join(chr(0x4E00 + n) for n in range(200))
    _, typed, caret, suggestion = texts(query_error_lines(QueryError("No.", query, position, "Do.")))
    assert typed[caret.index("^")] == query[position]
    assert suggestion.strip() == "Do."
