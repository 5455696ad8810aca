from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.query.lexer import lexemes

PIECES = st.sampled_from(["mot", "-", '"', "«", "»", "“", "”", "„", "(", ")", " ", "'", ":", "*", "\u00a0"])


def kinds(query: str) -> list[tuple[str, str]]:
    return [(lexeme.kind, lexeme.text) for lexeme in lexemes(query)[0]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        (" \t\n\u00a0\u202f ", []),
        ("drones Belgorod", [("chunk", "drones"), ("chunk", "Belgorod")]),
        ("drones\u00a0Belgorod", [("chunk", "drones"), ("chunk", "Belgorod")]),
        ("(a)", [("open", "("), ("chunk", "a"), ("close", ")")]),
        ("a(b", [("chunk", "a"), ("open", "("), ("chunk", "b")]),
        ('"a b" c', [("phrase", "a b"), ("chunk", "c")]),
        ("«\u202fa b\u202f»", [("phrase", "\u202fa b\u202f")]),
        ("“a b”", [("phrase", "a b")]),
        ("„a b”", [("phrase", "a b")]),
        ('""', [("phrase", "")]),
        ("«“a” b»", [("phrase", "“a” b")]),
        ('titre:"a b"', [("chunk", "titre:"), ("phrase", "a b")]),
        ('"a b"~3', [("phrase", "a b"), ("chunk", "~3")]),
    ],
)
def test_a_query_is_cut_into_lexemes(query: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("-mot", [("minus", "-"), ("chunk", "mot")]),
        ("a -mot", [("chunk", "a"), ("minus", "-"), ("chunk", "mot")]),
        ("(-mot)", [("open", "("), ("minus", "-"), ("chunk", "mot"), ("close", ")")]),
        ('-"mot"', [("minus", "-"), ("phrase", "mot")]),
        ("-«mot»", [("minus", "-"), ("phrase", "mot")]),
        ("-(a)", [("minus", "-"), ("open", "("), ("chunk", "a"), ("close", ")")]),
        ("-=mot", [("minus", "-"), ("chunk", "=mot")]),
    ],
)
def test_a_minus_before_a_term_excludes(query: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(query) == expected


@pytest.mark.parametrize("query", ["pro-Kiev", "F-16", "--", "---", "-", "--mot", "mot-"])
def test_any_other_hyphen_is_text(query: str) -> None:
    assert kinds(query) == [("chunk", query)]


def test_a_dash_between_spaces_is_text() -> None:
    assert kinds("a - b") == [("chunk", "a"), ("chunk", "-"), ("chunk", "b")]


@pytest.mark.parametrize("mark", ['"', "«", "»", "“", "”", "„"])
@pytest.mark.parametrize(("before", "after"), [("", ""), ("", "mot"), ("mot", ""), ("a ", " b")])
def test_a_lone_quote_is_left_out_with_a_notice(mark: str, before: str, after: str) -> None:
    found, notices = lexemes(before + mark + after)
    assert [lexeme.text for lexeme in found] == (before + " " + after).split()
    assert len(notices) == 1
    assert f" {mark} " in notices[0]
    assert f"character {len(before) + 1} " in notices[0]


def test_a_pair_of_quotes_gives_no_notice() -> None:
    assert lexemes('"a" «b» “c”')[1] == []


@pytest.mark.parametrize("query", ['"a b”', '“a b"', '«a b"', "“a b»"])
def test_quotes_of_two_kinds_pair_where_there_is_no_other(query: str) -> None:
    found, notices = lexemes(query)
    assert [(lexeme.kind, lexeme.text) for lexeme in found] == [("phrase", "a b")]
    assert notices == []


def test_a_quotation_ends_with_its_own_mark_first() -> None:
    assert [lexeme.text for lexeme in lexemes('“a "b" c”')[0]] == ['a "b" c']


@pytest.mark.parametrize("dash", "-\u2010\u2011\u2012\u2013\u2212")
def test_any_dash_before_a_word_excludes_it(dash: str) -> None:
    assert [lexeme.kind for lexeme in lexemes(f"a {dash}b")[0]] == ["chunk", "minus", "chunk"]
    assert [lexeme.kind for lexeme in lexemes(f"a{dash}b")[0]] == ["chunk"]


def test_bars_and_commas_part_words_but_not_numbers() -> None:
    assert [lexeme.text for lexeme in lexemes("a|b||c a,b 3,5 x,")[0]] == [
        *("a", "|", "b", "||", "c", "a", ",", "b", "3,5", "x,"),
    ]


@pytest.mark.parametrize(
    ("query", "spaced"),
    [
        ("a b", [True, True]),
        ('a"b"', [True, False]),
        ('a "b"', [True, True]),
        ('"a"~3', [True, False]),
        ('"a" ~3', [True, True]),
        ("-a", [True, True]),
        ("(a", [True, True]),
        ("(a)b", [True, True, False, False]),
    ],
)
def test_a_lexeme_knows_whether_space_stands_before_it(query: str, spaced: list[bool]) -> None:
    assert [lexeme.spaced for lexeme in lexemes(query)[0]] == spaced


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=30).map("".join)))
def test_lexemes_stand_in_order_at_the_places_they_name(query: str) -> None:
    end = 0
    for lexeme in lexemes(query)[0]:
        assert end <= lexeme.start < lexeme.end <= len(query)
        written = query[lexeme.start : lexeme.end]
        assert lexeme.text == (written[1:-1] if lexeme.kind == "phrase" else written)
        end = lexeme.end


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_between_lexemes_stand_only_spaces_and_the_quotes_that_a_notice_names(query: str) -> None:
    found, notices = lexemes(query)
    rest = list(query)
    for lexeme in found:
        rest[lexeme.start : lexeme.end] = " " * (lexeme.end - lexeme.start)
    left_out = "".join(rest).split()
    assert set("".join(left_out)) <= set('"«»“”„')
    assert len("".join(left_out)) == len(notices)
