from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from search import Hit, Page, Snippet, Span, messages
from search.hits import FormReading, Reading, Reason
from search.messages import Message
from search.serialization import completions_json, page_csv, page_json, page_jsonl

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


def test_json_and_csv_are_the_same_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    notice = Message("The {thing} is gone.", thing="index")
    page = replace(PAGE, notices=(notice,))
    before = page_json(page), page_csv(page), page_jsonl(page)
    monkeypatch.setattr(messages, "_catalogue", lambda _: None)
    monkeypatch.setenv("NEWSEARCH_LANG", "fr")
    assert (page_json(page), page_csv(page), page_jsonl(page)) == before
    assert json.loads(before[0])["query"]["notices"] == ["The index is gone."]


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


def test_an_explanation_is_in_json_only_where_it_was_asked_for() -> None:
    reading = (Reading("drone", ("drone/N",), (FormReading("drones", 0.8, True, 3),), True),)
    reasons = (Reason("drone", "body", "drones", 2, 0.8),)
    page = replace(PAGE, reading=reading, hits=(replace(HIT, reasons=reasons),))
    told: dict[str, Any] = json.loads(page_json(page))
    assert told["query"].pop("reading") == [json.loads(json.dumps(asdict(reading[0])))]
    assert told["hits"][0].pop("reasons") == [asdict(reasons[0])]
    assert told == json.loads(page_json(PAGE))


def test_completions_are_a_list() -> None:
    assert json.loads(completions_json(("drones Belgorod",))) == {
        "schema": 1,
        "completions": ["drones Belgorod"],
    }
