"""What is typed, in every construct of the language, against an oracle that looks at every article.

The archive is made to tell: for each construct there are articles that only it keeps apart.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest

from search.article import Article, Span
from search.engine import Engine, Reader
from search.errors import QueryError
from search.query.parser import parse
from search.query.tree import Node

BODIES = (
    "Des drones ont attaqué Belgorod.",
    "Un drone attaque la région de Belgorod et repousse le groupe.",
    "Ils repoussent l’attaque ; le drone repoussé tombe sur Koursk.",
    "La Légion Liberté de la Russie avance vers Koursk.",
    "Les légions libertés. La Liberté, la Légion. Le président à l'Élysée parle.",
    "Elysee, elysée : le drone du drone, et encore un drone.",
    "La légion de toute liberté, la légion avance.",
    "Koursk et Kursk, Koursque et Belgrod.",
    "L'évacuation des civils : on évacue, ils évacuaient la côte, le côté, la cote.",
    "Pro-Kiev et pro-Ukraine, les pro russes.",
    "Drone, la région loin très loin au bord de Belgorod.",
    "Belgorod a un drone.",
)
DATES = ("2024-03", "2024-03-14", "2024-03-20", "2023", "2022-11", "2024-02-29", None)
SOURCES = ("Le Monde", "AFP", None)


def _articles() -> list[Article]:
    chosen = random.Random(7)
    articles = []
    for number, body in enumerate(BODIES * 4):
        date, title = chosen.choice(DATES), chosen.choice(["", *BODIES])
        articles.append(
            Article(
                f"a{number:02}",
                title.split(".")[0],
                body if number < len(BODIES) else " ".join((body, chosen.choice(BODIES))),
                Span.parse(date) if date else None,
                path=f"presse/{number % 3}/a{number}.txt",
                source=chosen.choice(SOURCES),
                author=chosen.choice(("Anne Îles", "Jean-Luc Bo", None)),
                language=chosen.choice((None, "fr", "fr", "en")),
            )
        )
    return articles


ARTICLES = _articles()


Judge = Callable[[Node], frozenset[str]]


@pytest.fixture(scope="session")
def judge(oracle: ModuleType) -> Judge:
    """What the oracle finds, looked for once and not for each engine."""
    judge = oracle.Oracle(ARTICLES)
    return cache(lambda tree: frozenset(row[0] for row in judge.answer(tree)))


@pytest.fixture(scope="module")
def reader(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    path = str(Path(tmp_path_factory.mktemp("language")))
    engine.create(path)
    for first in (0, 10):
        writer = engine.open_writer(path)
        for article in ARTICLES[first : first + 10] if not first else ARTICLES[first:]:
            writer.add(article)
        writer.commit({})
    reader = engine.open_reader(path)
    yield reader
    reader.close()


def found(reader: Reader, typed: str) -> set[str]:
    return {match.id for match in reader.search(parse(typed).tree, limit=100).top}


# What is typed, a part of it, and the query without that part.
CONSTRUCTS = (
    ("=repoussé", "="),
    ("=Élysée", "="),
    ('="légion liberté"', "="),
    ('"Légion Liberté"', '"Légion Liberté"', "Légion Liberté"),
    ("« Légion Liberté »", "« Légion Liberté »", "Légion Liberté"),
    ('"légion liberté"~2', "~2"),
    ("évac*", "*"),
    ("Belg?rod", "?"),
    ("Belg*d", "*"),
    ("Koursc~", "~"),
    ("Belgrods~2", "2", "Belgrods~"),
    ("drone>2", ">2"),
    ("drone>=2", ">=2"),
    ("drone PRES/4 Belgorod", "PRES/4"),
    ("drone NEAR/4 Belgorod", "NEAR/4"),
    ("drone PRÈS/4 Belgorod", "4", "drone PRÈS/1 Belgorod"),
    ("drone ADJ/6 Belgorod", "ADJ/6"),
    ("drone ADJ/6 Belgorod", "ADJ", "drone NEAR/6 Belgorod"),
    ("drone OU légion", "OU"),
    ("drone OR légion", "OR"),
    ("drone OU légion ET Koursk", "ET", "drone OU légion Koursk OU Kiev"),
    ("drone SAUF Belgorod", "SAUF"),
    ("drone NON Belgorod", "NON"),
    ("drone NOT Belgorod", "NOT"),
    ("drone -Belgorod", "-"),
    ("(drone OU légion) Koursk", "( )", "drone OU légion Koursk"),
    ("titre:Koursk", "titre:"),
    ("title:Koursk", "title:"),
    ("texte:Koursk", "texte:"),
    ("body:Koursk", "body:"),
    ("drone source:AFP", "source:AFP"),
    ('drone source:"Le Monde"', 'source:"Le Monde"'),
    ("drone auteur:Îles", "auteur:Îles"),
    ("drone author:Bo", "author:Bo"),
    ("drone chemin:a1", "chemin:a1"),
    ("drone path:presse", "path:presse", "drone path:a1"),
    ("drone date:2024", "date:2024"),
    ("drone date:2024-03", "-03"),
    ("drone date:14/03/2024", "14/", "drone date:03/2024"),
    ("drone date:2022-11..2023", "..2023"),
    ("drone date:..2023", ".."),
    ("drone date:2023..", ".."),
    ("drone depuis:2024", "depuis:2024"),
    ("drone since:2024", "since:2024"),
    ("drone avant:2024", "avant:2024"),
    ("drone before:2024", "before:2024"),
    ('drone date:"mars 2024"', '"mars 2024"', "drone date:2024"),
    ("drone date:hier", "date:hier"),
    ("drone date:3m..", "date:3m.."),
    ("pro-Kiev", "-"),
    ("pro-Ukr*", "*"),
)


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=[" without ".join(each[:2]) for each in CONSTRUCTS])
def test_a_construct_that_is_deleted_is_missed(
    reader: Reader, judge: Judge, construct: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSEARCH_TODAY", "2024-03-15")
    typed, part, *given = construct
    without = given[0] if given else typed.replace(part, " " if part.strip("=-~><?*0123456789") else "", 1)
    assert parse(typed).tree != parse(without).tree
    for query in (typed, without):
        assert found(reader, query) == judge(parse(query).tree)
    assert found(reader, typed) != found(reader, without)
    assert found(reader, typed)


WORDS = (
    *(
        "drone",
        "drones",
        "Belgorod",
        "attaque",
        "repousse",
        "Koursk",
        "Kursk",
        "Légion",
        "liberte",
        "l’Élysée",
    ),
    *("évacuer", "cote", "côté", "pro", "Kiev", "pro-Kiev", "loin", "la", "zeppelin", "l'évacuation"),
)
LEAVES = (
    "{w}",
    "{w}",
    "{w}",
    "={w}",
    '"{w} {v}"',
    "« {w} {v} »",
    '"{w} {v}"~{n}',
    '="{w} {v}"',
    "{p}*",
    "{p}?{s}",
    "{p}*{s}",
    "{x}~",
    "{x}~2",
    "{x}>{n}",
    "{p}*>={n}",
    "{w} PRES/{n} {v}",
    "{w} ADJ/{n} {v}",
    "(={x} OU {p}*) NEAR/{n} {v}",
    "titre:{w}",
    'body:"{w} {v}"',
    "titre:({w} OU {v})",
    "texte:({w} PRES/{n} {v})",
    "source:AF*",
    "source:=afp",
    "auteur:ils~",
    'chemin:"presse 1"',
    "date:{d}",
    "date:{d}..",
    "date:..{d}",
    "depuis:{d}",
    "avant:{d}",
)
STARTS, ENDS = ("be", "dro", "ko", "él", "ely", "lé", "repou"), ("d", "k", "e", "ée", "rod")
EXACT_WORDS = ("drone", "koursk", "belgorod", "élysée", "elysee", "repoussé", "legion")


def typed_queries(count: int, seed: int) -> Iterator[str]:
    chosen = random.Random(seed)

    def leaf() -> str:
        return chosen.choice(LEAVES).format(
            w=chosen.choice([word for word in WORDS if "-" not in word]),
            v=chosen.choice([word for word in WORDS if "-" not in word]),
            x=chosen.choice(EXACT_WORDS),
            p=chosen.choice(STARTS),
            s=chosen.choice(ENDS),
            n=chosen.randint(1, 5),
            d=chosen.choice(["2024", "2024-03", "14/03/2024", '"mars 2024"', "hier", "2022", "2023-01"]),
        )

    def tree(depth: int) -> str:
        if depth == 0 or chosen.random() < 0.3:
            return leaf()
        parts = [tree(depth - 1) for _ in range(chosen.randint(1, 3))]
        joined = chosen.choice([" ", " ", " OU ", " OR ", " ET ", " AND "]).join(parts)
        if chosen.random() < 0.3:
            operator = chosen.choice(["SAUF ", "NON ", "NOT ", "-"])
            joined = f"{joined} {operator}{chosen.choice(['(' + leaf() + ')', 'drone'])}"
        return f"({joined})" if depth < 2 or chosen.random() < 0.3 else joined

    while count:
        typed = tree(2)
        # A range has two ends and words in quotes none: what is refused is another test's.
        if '".' not in typed and '."' not in typed:
            count -= 1
            yield typed


def test_500_generated_queries_find_what_the_oracle_finds(
    reader: Reader, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSEARCH_TODAY", "2024-03-15")
    told = 0
    for typed in typed_queries(500, seed=2026):
        tree = parse(typed).tree
        expected = judge(tree)
        assert found(reader, typed) == expected, typed
        told += 0 < len(expected) < len(ARTICLES)
    assert told > 250


ODDITIES = (
    *(
        '"',
        "«",
        "»",
        "“",
        "(",
        ")",
        "((",
        "))",
        ")(",
        '")',
        '("',
        "'",
        "’",
        "l'",
        "l’",
        "d' ",
        "qu’",
        "-",
        "--",
        "---",
    ),
    *(
        "AND",
        "OU",
        "NOT",
        "SAUF",
        "AND OR",
        "NEAR/5",
        "PRES/",
        "ADJ/0",
        ":",
        "::",
        "a:b:c",
        "titre:",
        "date:",
        "date::",
    ),
    *(
        "C++",
        "C#",
        "R&D",
        ".NET",
        "AC/DC",
        "24/7",
        "1/2",
        "50%",
        "+33 6",
        "#metoo",
        "@LeMonde",
        "a@b.fr",
        "$AAPL",
        "€",
        "№5",
    ),
    *(
        "*",
        "?",
        "**",
        "*a*",
        "~",
        "a~",
        "a~~",
        "~2",
        ">",
        ">2",
        "a>",
        "a>>2",
        "<",
        "=",
        "==",
        "=a=",
        "^",
        "a^2",
        "\\",
        "a\\b",
    ),
    *(
        "[a TO z]",
        "{a}",
        "[",
        "]",
        "/a.*/",
        "a && b",
        "a || b",
        "!a",
        "+a",
        "a -",
        "- a",
        "-a -b",
        "NOT a",
        "(a OR)",
        "(OR a)",
    ),
    *(
        "😀",
        "drones 😀",
        "👩‍👩‍👧",
        "🇫🇷",
        "\u200b",
        "a\u00adb",
        "\ufeffa",
        "\x00",
        "a\x00b",
        "\ud800",
        "é" * 10,
        "e\u0301" * 5,
    ),
    *(
        "https://www.lemonde.fr/a?b=c&d=e#f",
        "C:\\x\\y",
        "1914-1918",
        "14-18",
        "20h30",
        "Ah ! Non ?",
        "M. X.",
        "p. 12",
    ),
    *(
        "SELECT * FROM t; --",
        "<script>alert(1)</script>",
        "%s%n",
        "{{7*7}}",
        "${x}",
        "' OR 1=1 --",
        "../../etc/passwd",
    ),
    *(
        "date:2024-13",
        "date:31/02/2024",
        "date:..",
        "date:demain",
        "avant:",
        "depuis:x",
        "date:(2024)",
        "mot~9",
        "*mot",
        "a*",
    ),
)
SENTENCE = (
    "Le président — « selon nos informations » — a déclaré : « Nous n’irons pas plus loin ! » (AFP), puis "
)


@pytest.mark.parametrize("pasted", [False, True], ids=["typed", "pasted"])
@pytest.mark.parametrize("odd", [*ODDITIES, SENTENCE, SENTENCE * 4], ids=lambda odd: repr(odd[:12]))
def test_what_people_stumble_over_is_answered_or_refused_at_a_place(
    reader: Reader, judge: Judge, odd: str, pasted: bool
) -> None:
    for typed in (odd, f"drones {odd}", f"{odd} drones", f"drones {odd} Belgorod"):
        try:
            query = parse(typed, pasted=pasted)
        except QueryError as error:
            assert 0 <= error.position <= len(error.query)
            assert str(error).endswith((".", "?"))
            assert error.suggestion
            continue
        answer = {match.id for match in reader.search(query.tree, limit=100).top}
        assert answer == judge(query.tree)


def test_a_pasted_sentence_of_200_words_is_read_whole_and_a_typed_one_is_told_what_helps() -> None:
    sentence = " ".join(f"mot{number}" for number in range(200))
    assert parse(sentence, pasted=True).tree
    with pytest.raises(QueryError) as caught:
        parse(sentence)
    assert "--any" in str(caught.value.suggestion)


def test_no_pair_of_oddities_escapes_with_anything_but_a_query_error() -> None:
    for one, other in product(ODDITIES, repeat=2):
        for pasted in (False, True):
            try:
                parse(f"{one} {other}", pasted=pasted)
                parse(f"{one}{other}", pasted=pasted)
            except QueryError as error:
                assert error.suggestion
