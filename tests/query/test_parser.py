from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.errors import QueryError
from search.limits import PHRASE_WORDS, QUERY_CHARACTERS, QUERY_DEPTH, QUERY_LEAVES
from search.query.parser import parse
from search.query.tree import Phrase, StopWord, Word, echo, leaves

PIECES = st.sampled_from(
    [
        *(
            "drones",
            "Belgorod",
            "le",
            "été",
            "l'",
            "l’armée",
            "pro-Kiev",
            "aujourd'hui",
            "C++",
            "12:30",
            "🙂",
        ),
        *("OU", "OR", "ET", "AND", "SAUF", "NON", "NOT", "PRES/5", "NEAR/5", "-", "--", "(", ")", "?", ":"),
        *(
            '"',
            "«",
            "»",
            "“",
            "”",
            "„",
            '"a b"',
            "~3",
            "~",
            "=mot",
            "=",
            "Élys*",
            "Belg?rod",
            "mot~2",
            "mot>2",
            "*",
        ),
        *("titre:", "titre:x", "source:", "date:", "date:2024", "date:..2023", "date:hier", 'date:"mars'),
        *("depuis:2023", "avant:2024-04", "foo:bar", "foo:", "e\u0301", "\u00ad", "\u200b"),
    ]
)
GRAMMATICAL = st.lists(st.tuples(PIECES, st.sampled_from([" ", "", "  ", "\u00a0"])), max_size=25).map(
    lambda pairs: "".join(piece + space for piece, space in pairs)[:300]
)

# Without double negation and stop words: what the echo of a tree shows can be typed as it stands.
_LEAF = st.sampled_from(
    [
        "drones",
        "Élysée",
        "prud'hommes",
        "pro-Kiev",
        '"Légion Liberté"',
        "titre:drones",
        'source:"Monde libre"',
        "chemin:a/b.txt",
        "date:2024-03",
        "date:..2023",
        "depuis:2023",
        "avant:14/03/2024",
    ]
)
STOPLESS = st.recursive(
    _LEAF,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OU '.join(parts)})"),
        st.tuples(inner, _LEAF).map(lambda pair: f"({pair[0]} SAUF {pair[1]})"),
        st.tuples(inner, _LEAF, _LEAF).map(lambda three: f"({three[0]} -({three[1]} OR {three[2]}))"),
    ),
    max_leaves=8,
)


def read(query: str) -> str:
    """The echo of a query that is read without any notice."""
    parsed = parse(query)
    assert parsed.notices == ()
    return echo(parsed.tree)


def refusal(query: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.query == unicodedata.normalize("NFC", query)
    return caught.value


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("drones Belgorod", "drones AND belgorod"),
        ("  drones \n Belgorod  ", "drones AND belgorod"),
        ("drones\u00a0Belgorod", "drones AND belgorod"),
        ("Élysée", "élysée"),
        ("drones", "drones"),
        ("drones Belgorod?", "drones AND belgorod"),
        ("drones Belgorod\u202f?", "drones AND belgorod"),
        ("drones, Belgorod.", "drones AND belgorod"),
        ("cœur", "coeur"),
        ("l’évacuation", "évacuation"),
        ("l'evacuation", "evacuation"),
        ("aujourd’hui", "aujourd'hui"),
        ("12:30", '"12 30"'),
        ("https://lemonde.fr/a", '"https lemonde fr a"'),
        ("Ukraine: guerre", "ukraine AND guerre"),
        ("C++ drones", "[c] AND drones"),
    ],
)
def test_words_are_all_asked_for(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        '"Légion Liberté"',
        "« Légion Liberté »",
        "«\u202fLégion Liberté\u202f»",
        "“Légion Liberté”",
        "„Légion Liberté”",
        '"Légion, Liberté !"',
    ],
)
def test_quotes_of_every_kind_make_a_phrase(query: str) -> None:
    assert parse(query).tree == Phrase(("légion", "liberté"))
    assert parse(query).notices == ()


def test_a_phrase_keeps_its_stop_words_and_gives_elided_particles_no_place() -> None:
    assert parse('"chef de l\'État"').tree == Phrase(("chef", "de", "état"))


def test_words_joined_without_quotes_are_a_compound() -> None:
    assert parse("pro-Kiev").tree == Phrase(("pro", "kiev"), compound=True)


@pytest.mark.parametrize("operator", ["OU", "OR"])
def test_or_is_any_of_its_sides(operator: str) -> None:
    assert read(f"drones {operator} missiles") == "drones OR missiles"


@pytest.mark.parametrize("operator", ["ET", "AND"])
def test_and_is_what_stands_between_words_anyway(operator: str) -> None:
    assert parse(f"drones {operator} missiles").tree == parse("drones missiles").tree


@pytest.mark.parametrize("operator", ["SAUF ", "NON ", "NOT ", "-", "AND NOT ", "ET SAUF "])
def test_not_takes_the_next_term_away(operator: str) -> None:
    assert read(f"Rosgvardia {operator}Poutine") == "rosgvardia AND NOT poutine"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("drones ou missiles", "drones AND [ou] AND missiles"),
        ("drones et missiles", "drones AND [et] AND missiles"),
        ("drones où missiles", "drones AND [où] AND missiles"),
        ("drones Ou missiles", "drones AND [ou] AND missiles"),
        ("drones or missiles", "drones AND [or] AND missiles"),
        ("drones non missiles", "drones AND non AND missiles"),
        ('drones "OU" missiles', 'drones AND "ou" AND missiles'),
    ],
)
def test_operators_are_in_capitals_only(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("x OR k z", "x OR (k AND z)"),
        ("w x OR k AND z", "(w AND x) OR (k AND z)"),
        ("(w OR x) z", "(w OR x) AND z"),
        ("w (x OR (k z))", "w AND (x OR (k AND z))"),
        ("w OR (x OR k)", "w OR x OR k"),
        ("w NOT x z", "w AND NOT x AND z"),
        ("w -(x z)", "w AND NOT (x AND z)"),
        ('w -"x z"', 'w AND NOT "x z"'),
        ("w -titre:x", "w AND NOT title:x"),
        ("w -titre:(x OR z)", "w AND NOT (title:x OR title:z)"),
        ("w -date:2024", "w AND NOT date:2024-01-01..2024-12-31"),
        ("NOT NOT w", "w"),
        ("w OR -x", "w OR NOT x"),
    ],
)
def test_not_binds_tighter_than_and_which_binds_tighter_than_or(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("titre", "title"),
        ("title", "title"),
        ("texte", "body"),
        ("body", "body"),
        ("source", "source"),
        ("auteur", "author"),
        ("author", "author"),
        ("chemin", "path"),
        ("path", "path"),
        ("Titre", "title"),
        ("TITRE", "title"),
    ],
)
def test_a_field_takes_a_word_a_phrase_or_a_group(typed: str, field: str) -> None:
    assert read(f"{typed}:drones") == f"{field}:drones"
    assert read(f"{typed}: drones") == f"{field}:drones"
    assert read(f'{typed}:"Le Monde"') == f'{field}:"le monde"'
    assert read(f"{typed}:« Le Monde »") == f'{field}:"le monde"'
    assert read(f"{typed}:pro-Kiev") == f'{field}:"pro kiev"'
    assert read(f"{typed}:(drones OU missiles)") == f"{field}:drones OR {field}:missiles"


def test_a_field_reaches_no_further_than_the_next_term() -> None:
    assert read("titre:drones Belgorod") == "title:drones AND belgorod"


def test_a_field_inside_a_group_and_a_date_keep_their_own() -> None:
    assert read("titre:(x texte:k date:2024)") == "title:x AND body:k AND date:2024-01-01..2024-12-31"


@pytest.mark.parametrize(
    ("query", "text"),
    [("foo:bar", '"foo bar"'), ("foo:bar drones", '"foo bar" AND drones'), ("Macron:non", '"macron non"')],
)
def test_an_unknown_field_is_text_with_a_notice(query: str, text: str) -> None:
    parsed = parse(query)
    assert echo(parsed.tree) == text
    assert len(parsed.notices) == 1
    assert f"“{query.split(':')[0]}:”" in parsed.notices[0]


@pytest.mark.parametrize(
    "query", ["titre:", "date:", "titre: OU drones", "titre: -drones", "(titre:)", "titre:)"]
)
def test_a_field_with_nothing_after_it_is_a_word_with_a_notice(query: str) -> None:
    parsed = parse(query)
    assert any("with no word right after it" in notice for notice in parsed.notices)
    first = next(leaves(parsed.tree))
    assert isinstance(first, Word)
    assert first.field is None
    assert f"{first.form}:" in query


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("date:2024", "date:2024-01-01..2024-12-31"),
        ("date:2024-03", "date:2024-03-01..2024-03-31"),
        ("date:2024-03-14", "date:2024-03-14..2024-03-14"),
        ("date:14/03/2024", "date:2024-03-14..2024-03-14"),
        ("date:2024-03..2024-06", "date:2024-03-01..2024-06-30"),
        ("date:..2023", "date:..2023-12-31"),
        ("date:2023..", "date:2023-01-01.."),
        ("depuis:2023", "date:2023-01-01.."),
        ("since:2023", "date:2023-01-01.."),
        ("avant:2024-04", "date:..2024-03-31"),
        ("before:2024-04", "date:..2024-03-31"),
        ("date: 2024", "date:2024-01-01..2024-12-31"),
        ('date:"2024-03"', "date:2024-03-01..2024-03-31"),
        ("DATE:2024", "date:2024-01-01..2024-12-31"),
        ("date:2024-03, drones", "date:2024-03-01..2024-03-31 AND drones"),
        ("(drones date:2023..)", "drones AND date:2023-01-01.."),
        ("date:2023 OU date:2024", "date:2023-01-01..2023-12-31 OR date:2024-01-01..2024-12-31"),
    ],
)
def test_dates_are_intervals(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("le drones", "[le] AND drones"),
        ("les drones de Belgorod", "[les] AND drones AND [de] AND belgorod"),
        ("(les drones) OU missiles", "([les] AND drones) OR missiles"),
        ("le date:2024", "[le] AND date:2024-01-01..2024-12-31"),
        ('drones "le"', 'drones AND "le"'),
        ("drones -le", "drones AND NOT le"),
    ],
)
def test_a_stop_word_is_optional_beside_something_else(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("le", "le"),
        ("qui est", "qui AND est"),
        ("qu'est-ce que", "est AND ce AND que"),
        ("etaient", "etaient"),
        ("le -drones", "le AND NOT drones"),
    ],
)
def test_stop_words_are_asked_for_where_there_is_nothing_else(query: str, expected: str) -> None:
    assert read(query) == expected
    assert not any(isinstance(leaf, StopWord) for leaf in leaves(parse(query).tree))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("=repoussé", "=repoussé"),
        ("==repoussé", "=repoussé"),
        ("=pro-Kiev", '="pro kiev"'),
        ('="Légion Liberté"', '="légion liberté"'),
        ("=« Légion Liberté »", '="légion liberté"'),
        ('="Koursk"', "=koursk"),
        ("drones =repoussé", "drones AND =repoussé"),
        ("drones -=mot", "drones AND NOT =mot"),
        ("titre:=mot", "title:=mot"),
        ('titre:="a b"', 'title:="a b"'),
        ("titre:(=mot)", "title:=mot"),
        ("=le chat", "=le AND chat"),
    ],
)
def test_an_equals_sign_asks_for_this_very_form(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Élys*", "élys*"),
        ("Élys**", "élys*"),
        ("l'évac*", "évac*"),
        ("m*t", "m*t"),
        ("titre:Élys*", "title:élys*"),
        ("titre: Élys*", "title:élys*"),
        ("titre:(Élys*)", "title:élys*"),
        ("source:AF*", "source:af*"),
        ("Belg?rod", "belg?rod"),
        ("drones (Belg?rod)", "drones AND belg?rod"),
        ("Koursc~", "koursc~1"),
        ("mot~2", "mot~2"),
        ("drones mot~2?", "drones AND mot~2"),
        ("auteur:Dupond~", "author:dupond~1"),
        ("pro-Ukr*", "(pro ADJ/1 ukr*)"),
        ("titre:Saint-Petersbour~", "title:(saint ADJ/1 petersbour~1)"),
        ("Belgorod?", "belgorod"),
        ("Quoi ?!", "quoi"),
        ("http://a.fr/b?c=d*", '"http a fr b c d"'),
    ],
)
def test_jokers_and_tildes_are_patterns_and_almost_words(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"a b"~3', '"a b"~3'),
        ('"a b"~', '"a b"~1'),
        ('"a b"~3, mot', '"a b"~3 AND mot'),
        ("« a b »~3", '"a b"~3'),
        ('titre:"a b"~3', 'title:"a b"~3'),
        ('titre: "a b"~3', 'title:"a b"~3'),
        ('="a b"~3', '="a b"~3'),
        ("mot>2", "mot>2"),
        ("mot>=3", "mot>2"),
        ("drones -mot>2", "drones AND NOT mot>2"),
        ("texte:mot>2", "body:mot>2"),
        ("texte:(mot>2)", "body:mot>2"),
        ("Élys*>2", "élys*>2"),
        ("=mot>2", "=mot>2"),
        ("mot~2>1", "mot~2>1"),
    ],
)
def test_words_may_stand_apart_and_must_stand_often(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("drones PRES/5 Belgorod", "(drones NEAR/5 belgorod)"),
        ("drones PRÈS/5 Belgorod", "(drones NEAR/5 belgorod)"),
        ("drones NEAR/5 Belgorod", "(drones NEAR/5 belgorod)"),
        ("drones ADJ/5 Belgorod", "(drones ADJ/5 belgorod)"),
        ("x NEAR/5 y ADJ/2 z", "(x NEAR/5 y) AND (y ADJ/2 z)"),
        ("x y NEAR/5 z", "x AND (y NEAR/5 z)"),
        ("x OU y NEAR/5 z", "x OR (y NEAR/5 z)"),
        ("x SAUF y NEAR/5 z", "x AND NOT (y NEAR/5 z)"),
        ("(x OU y) NEAR/5 z", "(x NEAR/5 z) OR (y NEAR/5 z)"),
        ("=x NEAR/5 yz*", "(=x NEAR/5 yz*)"),
        ("titre:x NEAR/5 y", "title:(x NEAR/5 y)"),
        ("titre:(x NEAR/5 y)", "title:(x NEAR/5 y)"),
    ],
)
def test_words_may_have_to_be_near(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("*mot", 0),
        ("?mot", 0),
        ("m*", 1),
        ("drones m*", 8),
        ("a*-bc", 1),
        ("ab-cd-ef*", 0),
        ("source:ab-cd*", 7),
        ("mot~3", 4),
        ("mot~0", 4),
        ("l~", 0),
        ("mo~t", 2),
        ("ab*~", 3),
        ("=mot*", 4),
        ("=(a b)", 0),
        ("titre:mot>2", 9),
        ("titre:(mot>2)", 6),
        ("pro-Kiev>2", 8),
        ("mot>=0", 3),
        ("mot > 2", 4),
        ("mot ~2", 4),
        ('"a b">2', 5),
        ('"a b"*', 5),
        ('"a b"~101', 5),
        ("(a b)~2", 5),
        ('"Pout* b"', 5),
        ("mot^2", 3),
        ("mot<3", 3),
        ("x NEAR/ y", 2),
        ("x NEAR/0 y", 2),
        ("x NEAR/101 y", 2),
        ("drones source:x NEAR/5 y", 16),
        ("titre:x NEAR/5 texte:y", 8),
        ('"x y" NEAR/5 z', 0),
        ('z NEAR/5 "x y"', 9),
        ("z NEAR/5 (x y)", 9),
        ("source:(x NEAR/5 y)", 7),
        # NFC shortens the first word by one character
        ("e\u0301lan mot~3", 9),
    ],
)
def test_what_is_no_construct_is_refused_at_its_place_with_a_suggestion(query: str, position: int) -> None:
    error = refusal(query)
    assert error.position == position
    assert error.suggestion


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("date:2024-13", 5),
        ("date:2024-02-30", 5),
        ("date:1399", 5),
        ("date:2024-06..2024-03", 5),
        ("date:..", 5),
        ('date:""', 6),
        ("date:(2024)", 5),
        ("drones avant:2200", 13),
    ],
)
def test_a_date_that_is_none_is_refused_at_its_place_with_the_forms_that_are(
    query: str, position: int
) -> None:
    error = refusal(query)
    assert error.position == position
    assert error.suggestion is not None
    assert "2024-03" in error.suggestion


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "\n",
        '"',
        '""',
        '"..."',
        "(",
        ")",
        "()",
        "--",
        "-",
        "🙂",
        "*",
        "?",
        ":",
        "~",
        "NOT",
        "OU",
        "AND OR",
        "\u200b",
    ],
)
def test_a_query_without_a_word_is_refused_with_a_suggestion(query: str) -> None:
    error = refusal(query)
    assert error.position == 0
    assert "no word" in str(error)
    assert error.suggestion


@pytest.mark.parametrize(
    "query",
    [
        "NOT drones",
        "-drones",
        "SAUF drones",
        "-drones -missiles",
        "-(a b)",
        "-a OU -b",
        "(-a)",
        "-date:2024",
        "-titre:a",
    ],
)
def test_a_query_of_not_alone_is_refused_with_a_suggestion(query: str) -> None:
    error = refusal(query)
    assert error.position == 0
    assert "leave out" in str(error)
    assert error.suggestion


@pytest.mark.parametrize(
    ("query", "expected", "named"),
    [
        ("drones AND", "drones", "“AND” at character 8"),
        ("AND drones", "drones", "“AND” at character 1"),
        ("drones OU", "drones", "“OU” at character 8"),
        ("OU drones", "drones", "“OU” at character 1"),
        ("drones NOT", "drones", "“NOT” at character 8"),
        ("x AND AND k", "x AND k", "“AND” at character 7"),
        ("x OU ET k", "x OR k", "“ET” at character 6"),
        ("x ET OU k", "x OR k", "“ET” at character 3"),
        ("(x OU) k", "x AND k", "“OU” at character 4"),
        ("( drones", "drones", "bracket ( at character 1"),
        ("x (k OU z", "x AND (k OR z)", "bracket ( at character 3"),
        ("drones )", "drones", "bracket ) at character 8"),
        ("x) k", "x AND k", "bracket ) at character 2"),
        ('drones "Belgorod', "drones AND belgorod", 'mark " at character 8'),
        ("drones » Belgorod", "drones AND belgorod", "mark » at character 8"),
        ('-"Poutine Rosgvardia', "NOT poutine AND rosgvardia", 'mark " at character 2'),
        ('"" drones', "drones", "hold no word"),
        ("drones 🙂", "drones", "“🙂”"),
        ("= drones", "drones", "“=”"),
    ],
)
def test_what_is_repaired_or_left_out_is_told_in_a_notice(query: str, expected: str, named: str) -> None:
    parsed = parse(query)
    assert echo(parsed.tree) == expected
    assert len(parsed.notices) == 1
    assert named in parsed.notices[0]


def test_each_bracket_that_is_repaired_has_its_notice() -> None:
    assert len(parse("((drones").notices) == 2
    assert len(parse("drones))").notices) == 2


@pytest.mark.parametrize(
    ("query", "expected"),
    [("l'", "l"), ("L’", "l"), ("C++", "c"), ("50 %", "50"), ("x -- k", "x AND k"), ("x : z", "x AND z")],
)
def test_odd_texts_are_read_for_their_words(query: str, expected: str) -> None:
    assert read(query) == expected


def test_a_query_keeps_what_was_typed() -> None:
    assert parse(" Drones  OU e\u0301lan ").typed == " Drones  OU e\u0301lan "


@pytest.mark.parametrize("query", ["Élysée", 'titre:"Légion Liberté"', "élan -été"])
def test_composed_and_decomposed_accents_are_read_alike(query: str) -> None:
    assert parse(unicodedata.normalize("NFD", query)).tree == parse(unicodedata.normalize("NFC", query)).tree


def test_the_longest_query_is_read_and_one_character_more_refused() -> None:
    assert parse("a" * QUERY_CHARACTERS).tree
    with pytest.raises(QueryError, match="2,001 characters") as caught:
        parse("a" * (QUERY_CHARACTERS + 1))
    assert caught.value.position == QUERY_CHARACTERS
    assert caught.value.suggestion


def test_the_deepest_brackets_are_read_and_one_more_refused() -> None:
    assert read("(" * QUERY_DEPTH + "mot" + ")" * QUERY_DEPTH) == "mot"
    assert read("titre:(" * QUERY_DEPTH + "mot" + ")" * QUERY_DEPTH) == "title:mot"
    error = refusal("(" * (QUERY_DEPTH + 1) + "mot" + ")" * (QUERY_DEPTH + 1))
    assert error.position == QUERY_DEPTH
    assert error.suggestion


def test_brackets_side_by_side_are_not_deep() -> None:
    assert len(list(leaves(parse("(mot) " * (QUERY_DEPTH + 1)).tree))) == QUERY_DEPTH + 1


def test_as_many_leaves_as_allowed_are_read_and_one_more_refused() -> None:
    assert len(list(leaves(parse("mot " * QUERY_LEAVES).tree))) == QUERY_LEAVES
    error = refusal("mot " * (QUERY_LEAVES + 1))
    assert error.position == 4 * QUERY_LEAVES
    assert error.suggestion


def test_phrases_and_dates_count_as_leaves() -> None:
    words = "mot " * (QUERY_LEAVES - 2)
    assert parse(f'{words}"a b" date:2024').tree
    assert refusal(f'{words}"a b" mot date:2024').position == len(f'{words}"a b" mot ')


def test_a_pasted_text_is_read_whole() -> None:
    assert len(list(leaves(parse("mot " * 500, pasted=True).tree))) == 500


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("mot de passe* : a* b", "mot AND [de] AND passe* AND [a] AND b"),
        ("=mot* mot~9 5>0 *", 'mot AND "mot 9" AND 5>0'),
        ("Date: jeudi 5 mars", "date AND jeudi AND 5 AND mars"),
        ("date:demain", "date AND demain"),
        ("Source: AFP", "source AND afp"),
        (
            "Le candidat parle. -Evacuer la place",
            "[le] AND candidat AND parle AND evacuer AND [la] AND place",
        ),
        ("19 % (-2)", "19 AND 2"),
        ("date:(2024)", "date AND 2024"),
        (f'"{"mot " * 33}"', " AND ".join(["mot"] * 33)),
    ],
)
def test_what_looks_like_a_construct_in_a_pasted_text_is_text_and_says_so(text: str, parsed: str) -> None:
    query = parse(text, pasted=True)
    assert echo(query.tree) == parsed
    assert query.notices


def test_the_longest_phrase_is_read_and_one_word_more_refused() -> None:
    words = " ".join(["mot"] * PHRASE_WORDS)
    assert parse(f'"{words}"').tree == Phrase(("mot",) * PHRASE_WORDS)
    error = refusal(f'drones "{words} mot"')
    assert error.position == len("drones ")
    assert error.suggestion


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "(",
            ")",
            "()",
            "-(",
            "NOT ",
            "OU ",
            "ET ",
            "- ",
            "-a ",
            '"',
            '"" ',
            "« ",
            "» ",
            "a OU ",
            "a ET ",
            "a(",
            "titre:",
        ),
        *(
            "titre: ",
            "titre:(",
            "foo:",
            "date:",
            "*",
            "a*",
            "?",
            "a~",
            "~",
            "=",
            "= ",
            "a>",
            "l'",
            "🙂 ",
            "a-",
            "e\u0301",
            "\u0301\u0316",
        ),
    ],
)
def test_no_repeated_piece_takes_long(piece: str) -> None:
    query = (piece * QUERY_CHARACTERS)[:QUERY_CHARACTERS]
    began = time.process_time()
    try:
        parse(query, pasted=True)
    except QueryError as error:
        assert 0 <= error.position <= QUERY_CHARACTERS
    # It takes a few milliseconds; a quadratic or deep reading takes seconds.
    assert time.process_time() - began < 5


PIECES = (
    *(
        "a>2",
        ">2",
        "a~2",
        "a*",
        "a?",
        "=a",
        '"a?a" ',
        "..",
        "2017..",
        "date:2017 .. ",
        'date:"du 3 au ',
        "date:a a ",
    ),
    *(
        'date:"il y a ',
        "–a",
        "a,b",
        "|",
        "PRES/5 ",
        "a PRES/5 ",
        "(",
        ") ",
        "titre:(",
        "SAUF ",
        "^2",
        "a<3",
        "://",
    ),
    *(
        "</a>",
        "l'",
        "«",
        '"a b"~3 ',
        "a-b*",
        "_",
        "é",
        "\u0301",
        "0",
        "9>",
        "\u00a0",
        "\x00",
        "“",
        "!a ",
        "[a ",
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4),
    st.sampled_from(["", '"', 'date:"']),
    st.booleans(),
)
def test_no_pieces_that_are_repeated_exhaust_anything(pieces: list[str], before: str, pasted: bool) -> None:
    """A count of counts was once read one inside the other, until the stack was at its end."""
    query = (before + "".join(pieces) * QUERY_CHARACTERS)[:QUERY_CHARACTERS]
    try:
        parse(query, pasted=pasted)
    except QueryError as error:
        assert 0 <= error.position <= QUERY_CHARACTERS


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=300), GRAMMATICAL), st.booleans())
@example("date:" + "9" * 290, True)
@example("mot \ud800", False)
@example("titre:\ud800 date:\ud800", True)
def test_any_text_is_read_or_refused_at_a_place_in_it(query: str, pasted: bool) -> None:
    try:
        parsed = parse(query, pasted=pasted)
    except QueryError as error:
        assert 0 <= error.position <= len(unicodedata.normalize("NFC", query))
        assert error.suggestion
    else:
        assert echo(parsed.tree)
        assert all(notice.endswith((".", '"')) for notice in parsed.notices)


@settings(max_examples=100, deadline=None)
@given(STOPLESS)
def test_an_echo_read_again_is_the_same_echo(query: str) -> None:
    once = read(query)
    assert read(once) == once


def test_a_field_may_have_the_space_before_its_colon_that_french_puts() -> None:
    assert read("titre : Koursk") == "title:koursk"
    assert read("date : 2020 bugatti") == "date:2020-01-01..2020-12-31 AND bugatti"
    assert echo(parse("Source : AFP", pasted=True).tree) == "source AND afp"


def test_low_quotes_close_as_people_type_them() -> None:
    assert read("„gilets jaunes“") == read("„gilets jaunes”") == '"gilets jaunes"'


@pytest.mark.parametrize(
    ("query", "expected", "named"),
    [
        ("drones sauf missiles", "drones AND sauf AND missiles", "capitals"),
        ("drones not missiles", "drones AND not AND missiles", "capitals"),
        ("!missiles drones", "missiles AND drones", "-missiles"),
        ("2017..2018 drones", '"2017 2018" AND drones', "date:2017..2018"),
        ("après:2018", '"après 2018"', "depuis:"),
        ("until:2018", '"until 2018"', "avant:"),
        ("x w/5 z", 'x AND "w 5" AND z', "PRES/5"),
        ("source:le monde", "source:[le] AND monde", "“le” alone"),
        ("x NEAR z", "x AND near AND z", "PRES/5"),
        ("x SAUF OU z", "x AND NOT z", "“OU”"),
        ("x PRES/5 SAUF z", "x AND NOT z", "“PRES/5”"),
    ],
)
def test_what_is_typed_in_other_tools_is_told_what_it_is_here(query: str, expected: str, named: str) -> None:
    parsed = parse(query)
    assert echo(parsed.tree) == expected
    (notice,) = parsed.notices
    assert named in notice


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("x W/5 z", "(x NEAR/5 z)"),
        ("x ADJ5 z", "(x ADJ/5 z)"),
        ("x OU, z", "x OR z"),
        ("date:2017 .. 2018", "date:2017-01-01..2018-12-31"),
        ("date:2017 ..2018", "date:2017-01-01..2018-12-31"),
        ("date:2017.. 2018", "date:2017-01-01..2018-12-31"),
        ("date:2017 à 2018 x", "date:2017-01-01..2018-12-31 AND x"),
        ("date:2017 à Paris", "date:2017-01-01..2017-12-31 AND [à] AND paris"),
        ("x –z", "x AND NOT z"),
        ("x,z", "x AND z"),
        ('“x k" z', '"x k" AND z'),
        ("x->k", '"x k"'),
    ],
)
def test_what_can_only_be_meant_so_is_read_so(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("Macron>2.5", 6),
        ("Macron>deux", 6),
        ("Macron>", 6),
        ("~Macron", 0),
        ("date>2017", 4),
        ("le~", 0),
        ('"Macr?n x"', 5),
        ('"x =y"', 3),
        ('"x y~"', 4),
    ],
)
def test_a_sign_in_the_wrong_place_is_refused_there(query: str, position: int) -> None:
    error = refusal(query)
    assert error.position == position
    assert error.suggestion


@pytest.mark.parametrize("pasted", [False, True])
def test_no_query_joins_more_pairs_of_words_than_it_may_have_leaves(pasted: bool) -> None:
    side = " OU ".join(f"mot{number}" for number in range(9))
    with pytest.raises(QueryError, match="more than 64"):
        parse(f"({side}) PRES/5 ({side})", pasted=pasted)
