from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from search import Hit, Page, QueryError, Report, Snippet, Span
from search.render import (
    Line,
    one_line,
    page_csv,
    page_json,
    page_jsonl,
    page_lines,
    query_error_lines,
    remark_lines,
    report_lines,
    short_id,
    visible,
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
    return [" " * line.indent + "".join(piece.text for piece in line.pieces) for line in lines]


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


def test_only_a_derived_id_is_cut() -> None:
    assert short_id("orange-00002-and-so-on") == "orange-00002-and-so-on"
    assert short_id("0123456789abcdef01234567") == "01234567"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\r", "\u202e", "\u2066"])
def test_control_and_direction_characters_become_visible(character: str) -> None:
    assert visible(f"a{character}b") == f"a\\x{ord(character):02x}b"
    assert visible("é\n\t’") == "é\n\t’"
    assert one_line("a\nb\tc") == "a b c"


def test_json_lines_hold_the_hits_of_the_json() -> None:
    assert [json.loads(line) for line in page_jsonl(PAGE).splitlines()] == json.loads(page_json(PAGE))["hits"]
    assert page_jsonl(replace(PAGE, hits=())) == ""


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@x"])
def test_no_cell_is_a_formula(title: str) -> None:
    (row,) = csv.DictReader(io.StringIO(page_csv(replace(PAGE, hits=(replace(HIT, title=title),)))))
    assert row["title"] == f"'{title}"


def test_csv_keeps_quotes_commas_and_lines() -> None:
    title = 'Il a dit "non", deux fois'
    (row,) = csv.DictReader(io.StringIO(page_csv(replace(PAGE, hits=(replace(HIT, title=title),)))))
    assert (row["title"], row["snippet"], row["url"]) == (title, "les drones de Belgorod", "")


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
