from __future__ import annotations

import io
import json
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import Span
from search.errors import ArticleError
from search.sources.draft import Draft, Refusal
from search.sources.reading import content_of, drafts


def items(data: bytes | str) -> list[Draft | Refusal]:
    return list(drafts("a.jsonl", io.BytesIO(data.encode() if isinstance(data, str) else data)))


def told(data: bytes | str) -> list[tuple[str, str]]:
    """Of each line its place, and its title or why it is refused."""
    return [(item.place, item.title if isinstance(item, Draft) else item.reason) for item in items(data)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_a_line_is_an_article_with_or_without_an_end_on_the_last(line_end: str, last: bool) -> None:
    text = line_end.join(['{"title": "Un"}', '{"title": "Deux"}']) + (line_end if last else "")
    assert told(text) == [("line 1", "Un"), ("line 2", "Deux")]


def test_the_fields_of_a_line_are_those_of_a_json_article() -> None:
    (draft,) = items('{"id": 7, "titre": "T", "texte": "B", "date": "14/03/2024", "auteurs": ["A", "C"]}')
    assert isinstance(draft, Draft)
    found = content_of(draft)
    assert (found.id, found.title, found.body, found.author) == ("7", "T", "B", "A, C")
    assert found.date == Span.of(2024, 3, 14)


def test_blank_lines_are_passed_over_and_counted() -> None:
    assert told('\n{"title": "Un"}\n \t\r\n\n{"title": "Deux"}\n') == [("line 2", "Un"), ("line 5", "Deux")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"faux", "not JSON"),
        (b'{"title": "T"', "not JSON"),
        (b'{"title": "T"} {"title": "U"}', "extra data"),
        (b'{"title": "T"}\r{"title": "U"}', "extra data"),
        (b"[1, 2]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"title": {"fr": "T"}}', "“title” is not a text"),
        (b'{"title": "a\0b"}', "NUL"),
        (b"\x81\x8d", "not text"),
        (b"[" * 100_000, "nests too deep"),
        (b'{"title":' * 100_000, "nests too deep"),
        (b'{"title": ' + b"9" * 5000 + b"}", "a number is too long"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_broken_line_is_refused_with_its_number_and_the_rest_are_read(line: bytes, reason: str) -> None:
    first, broken, last = items(b'{"title": "Un"}\n' + line + b'\n{"title": "Fin"}')
    assert isinstance(first, Draft)
    assert isinstance(broken, Refusal)
    assert isinstance(last, Draft)
    assert (first.title, last.title) == ("Un", "Fin")
    assert broken.place == "line 2"
    assert reason in broken.reason


def test_a_line_without_an_article_is_found_out_when_its_content_is_asked_for() -> None:
    (draft,) = items('{"autre": 1}')
    assert isinstance(draft, Draft)
    with pytest.raises(ArticleError, match="neither a title nor a text"):
        content_of(draft)


def test_a_line_longer_than_the_limit_is_refused_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("search.sources.formats.jsonl.LINE_BYTES", 100)
    line = '{"title": "%s"}\n'
    fits, longer = line % ("x" * 86), line % ("x" * 87)
    assert len(fits) == 100
    (first, second, third) = told(fits + longer + line % "Fin")
    assert first == ("line 1", "x" * 86)
    assert second[0] == "line 2"
    assert "longer than" in second[1]
    assert third == ("line 3", "Fin")


@pytest.mark.parametrize("length", [101, 199, 200, 201, 202, 1000])
@pytest.mark.parametrize("last", [True, False])
def test_however_long_a_line_is_only_it_is_lost(
    monkeypatch: pytest.MonkeyPatch, length: int, last: bool
) -> None:
    monkeypatch.setattr("search.sources.formats.jsonl.LINE_BYTES", 100)
    tail = "" if last else '\n{"title": "Fin"}'
    found = told('{"title": "Un"}\n' + "x" * length + tail)
    assert found[0] == ("line 1", "Un")
    assert found[1][0] == "line 2"
    assert "longer than" in found[1][1]
    assert found[2:] == ([] if last else [("line 3", "Fin")])


def test_a_file_is_read_line_by_line_not_whole() -> None:
    stream = io.BytesIO(b'{"title": "Un"}\n' * 1000)
    next(drafts("a.jsonl", stream))
    assert stream.tell() == 16


class Measured(io.BytesIO):
    """A stream that keeps how long a line it was asked for."""

    asked = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None and size >= 0, "a line of any length was asked for"
        self.asked = max(self.asked, size)
        return super().readline(size)


def test_of_a_line_without_end_no_more_than_the_limit_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.sources.formats.jsonl.LINE_BYTES", 100)
    stream = Measured(b"x" * 10_000)
    assert len(list(drafts("a.jsonl", stream))) == 1
    assert 0 < stream.asked <= 101


def test_a_byte_order_mark_of_utf_8_does_no_harm() -> None:
    assert told(b'\xef\xbb\xbf{"title": "Un"}\n{"title": "Deux"}') == [("line 1", "Un"), ("line 2", "Deux")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_utf_16_is_refused_with_what_to_do(encoding: str) -> None:
    ((place, reason),) = told('{"title": "Un"}\n{"title": "Deux"}\n'.encode(encoding))
    assert place == ""
    assert "save it as UTF-8" in reason


def test_windows_1252_is_said_of_the_lines_that_are_in_it() -> None:
    found = items('{"title": "été"}\n'.encode("cp1252") + '{"title": "été"}\n'.encode())
    assert [(item.title, item.notes) for item in found if isinstance(item, Draft)] == [
        ("été", ("read as windows-1252",)),
        ("été", ()),
    ]


def test_lone_surrogates_in_escapes_become_replacement_characters() -> None:
    (draft,) = items(r'{"title": "x\ud800y", "body": "\udfff"}')
    assert isinstance(draft, Draft)
    found = content_of(draft)
    assert (found.title, found.body) == ("x\ufffdy", "\ufffd")


def test_a_line_separator_inside_a_text_does_not_end_the_line() -> None:
    assert told('{"title": "un\u2028deux\x85trois"}\n{"title": "Fin"}') == [
        ("line 1", "un\u2028deux\x85trois"),
        ("line 2", "Fin"),
    ]


def test_an_empty_file_is_refused() -> None:
    assert items(b"") == [Refusal("", "it is empty")]


def test_a_file_of_blank_lines_is_refused() -> None:
    assert items(b"\n \t\r\n\n") == [Refusal("", "it is empty")]


def test_a_mistake_in_a_line_is_told_with_its_column_and_the_line_of_the_file() -> None:
    (refusal,) = items('{"title": faux}\n')
    assert isinstance(refusal, Refusal)
    assert refusal.place == "line 1"
    assert refusal.reason.endswith("expecting value, column 11")


KEYS = st.sampled_from(
    ["id", "title", "body", "date", "author", "source", "url", "description", "tags", "autre"]
)
JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, st.text(max_size=4)), inner, max_size=4)
    ),
    max_leaves=8,
)
LINES = st.one_of(
    st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")),
    st.builds(json.dumps, JSON_VALUES, ensure_ascii=st.booleans()).map(str.encode),
    st.dictionaries(KEYS, JSON_VALUES, max_size=5).map(lambda value: json.dumps(value).encode()),
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.lists(LINES, max_size=5).map(b"\n".join)))
def test_any_bytes_are_articles_or_refusals_never_more_than_the_lines(data: bytes) -> None:
    found = items(data)
    assert len(found) <= data.count(b"\n") + 1
    for item in found:
        if isinstance(item, Refusal):
            assert item.reason
            continue
        with suppress(ArticleError):
            content = content_of(item)
            assert content.body.encode() or content.title.encode()
            assert unicodedata.is_normalized("NFC", content.body)
            assert "\r" not in content.body
            assert "\n\n\n" not in content.body
            assert len(content.content_hash()) == 32


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES.filter(lambda line: bool(line.strip())), min_size=1, max_size=5))
def test_every_line_that_is_not_blank_is_answered_for(lines: list[bytes]) -> None:
    if lines[0].startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    assert [item.place for item in items(b"\n".join(lines))] == [
        f"line {number}" for number in range(1, len(lines) + 1)
    ]
