"""What a typed query answers: all words, or some with a word about it, and what never gives way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from search.article import Article, Span
from search.engine import DEFAULT_ENGINE, Reader, load
from search.errors import QueryError, UsageError
from search.hits import Page
from search.limits import QUERY_LEAVES, RESULT_WINDOW
from search.searcher import search

ARTICLES = [
    Article(
        "1",
        "Drones sur Belgorod",
        "Des drones ont visé la ville de Belgorod.",
        Span.parse("2024-03"),
        path="presse/1.txt",
        source="Le Monde",
        url="https://exemple.fr/1",
        author="Anne Îles",
    ),
    Article("2", "Scrutin", "Le scrutin russe vu par les pro-Kiev.", Span.parse("2023"), source="AFP"),
    Article("3", "", "La Légion Liberté de la Russie avance.", None),
    Article("4", "Nuit", "Encore des drones, et des drones.", Span.parse("2022-01-05"), source="AFP"),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def reader(path: str) -> Iterator[Reader]:
    engine = load(DEFAULT_ENGINE)
    engine.create(path)
    writer = engine.open_writer(path)
    for article in ARTICLES:
        writer.add(article)
    # 70 words, each the rarer the greater its number.
    for last in range(70):
        writer.add(Article(f"w{last:02}", "", " ".join(f"mot{number}" for number in range(last + 1))))
    writer.commit({})
    reader = engine.open_reader(path)
    yield reader
    reader.close()


def ids(page: Page) -> list[str]:
    return [hit.id for hit in page.hits]


def test_every_word_is_required_in_any_inflection(reader: Reader) -> None:
    page = search(reader, "drone BELGOROD")
    assert ids(page) == ["1"]
    assert (page.total, page.relaxed, page.notices) == (1, False, ())
    assert page.parsed == "drone AND belgorod"
    assert page.typed == "drone BELGOROD"


def test_any_word_is_enough_on_demand(reader: Reader) -> None:
    page = search(reader, "scrutin drones", match="any")
    assert set(ids(page)) == {"1", "2", "4"}
    assert (page.total, page.relaxed, page.notices) == (3, False, ())
    assert page.parsed == "scrutin OR drones"


def test_stop_words_are_optional_unless_there_is_nothing_else(reader: Reader) -> None:
    assert ids(search(reader, "les drones dans Belgorod")) == ["1"]
    assert set(ids(search(reader, "de la"))) == {"1", "3"}


def test_a_hit_carries_its_article_and_what_matches(reader: Reader) -> None:
    (hit,) = search(reader, "belgorod date:2024-03-14").hits
    article = ARTICLES[0]
    assert (hit.id, hit.path, hit.title, hit.date, hit.source, hit.url, hit.author) == (
        article.id,
        article.path,
        article.title,
        article.date,
        article.source,
        article.url,
        article.author,
    )
    assert hit.date_match == "possible"
    assert hit.score > 0
    assert [hit.title[start:end] for start, end in hit.title_spans] == ["Belgorod"]
    (snippet,) = hit.snippets
    assert [snippet.text[start:end] for start, end in snippet.spans] == ["Belgorod"]


def test_snippets_can_be_left_out(reader: Reader) -> None:
    assert search(reader, "belgorod", snippets=False).hits[0].snippets == ()


def test_pages_and_sorts_are_those_of_the_engine(reader: Reader) -> None:
    assert ids(search(reader, "drones", sort="date")) == ["4", "1"]
    assert ids(search(reader, "drones", sort="-date")) == ["1", "4"]
    page = search(reader, "drones", sort="date", limit=1, offset=1)
    assert (ids(page), page.total, page.offset) == (["1"], 2, 1)


@pytest.mark.parametrize(
    ("query", "found", "reason", "counts"),
    [
        (
            "belgorod xyzzy",
            {"1"},
            "“xyzzy” stands in no article",
            "0 without “belgorod” and 1 without “xyzzy”",
        ),
        ("xyzzy drones zyx", {"1", "4"}, "“xyzzy” and “zyx” stand in no article", None),
        (
            "drones belgorod scrutin",
            {"1", "2", "4"},
            None,
            "0 without “drones”, 0 without “belgorod” and 1 without “scrutin”",
        ),
        ("scrutin liberté", {"2", "3"}, None, "1 without “scrutin” and 1 without “liberté”"),
        ("visé belgorod légion avance", {"1", "3"}, "nor without any one part of it", None),
        ("pro-Ukraine", {"2"}, "“pro ukraine” stands in no article", None),
        ("belgorod pro-Kiev", {"1", "2"}, None, "1 without “belgorod” and 1 without “pro kiev”"),
    ],
)
def test_where_no_article_has_every_word_the_answer_relaxes_and_says_what_stood_in_the_way(
    reader: Reader, query: str, found: set[str], reason: str | None, counts: str | None
) -> None:
    page = search(reader, query)
    assert set(ids(page)) == found
    assert page.relaxed
    assert page.total == len(found)
    why, *without = page.notices
    said = f" ({reason})" if reason else ""
    assert why == f"No article meets the whole query{said}; these meet a part of it."
    assert without == ([f"Articles with all but one part of it: {counts}."] if counts else [])


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        ("drones date:1999", "0 without “drones” and 2 without “date:1999-01-01..1999-12-31”"),
        ('"Liberté Légion"', "1 with “liberté légion” as words apart"),
        ('"la Liberté de Légion" date:1999', None),
        ("titre:(drones scrutin)", "1 without “title:drones” and 1 without “title:scrutin”"),
    ],
)
def test_where_nothing_is_found_each_part_that_is_left_out_has_its_count(
    reader: Reader, query: str, counts: str | None
) -> None:
    page = search(reader, query)
    assert (page.total, page.relaxed) == (0, False)
    why, *without = page.notices
    assert why.startswith("No article meets the whole query")
    assert without == ([f"Articles with all but one part of it: {counts}."] if counts else [])


@pytest.mark.parametrize("typed", ["légi* scrutin", "scrutin légoin~"])
def test_any_ranks_by_patterns_as_by_words(reader: Reader, typed: str) -> None:
    assert set(ids(search(reader, typed, match="any"))) == {"2", "3"}
    assert not search(reader, typed).relaxed


def test_a_pattern_of_too_many_forms_says_so_and_its_total_is_a_lower_bound(
    path: str, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = search(reader, "mot*")
    assert (page.total, page.total_relation, page.notices) == (70, "eq", ())
    engine = load(DEFAULT_ENGINE)
    monkeypatch.setattr("search.expansion.EXPANSION_FORMS", 10)
    monkeypatch.setattr("search.searcher.EXPANSION_FORMS", 10)
    fresh = engine.open_reader(path)
    page = search(fresh, "mot*")
    fresh.close()
    assert page.total_relation == "gte"
    assert page.notices == ("“mot*” stands for more than 10 forms; the 10 most frequent were searched.",)


def test_a_relaxed_answer_still_tells_how_the_query_was_read(reader: Reader) -> None:
    assert search(reader, "belgorod xyzzy").parsed == "belgorod AND xyzzy"


def test_a_relaxed_answer_marks_the_words_that_it_found(reader: Reader) -> None:
    (hit,) = search(reader, "pro-Ukraine").hits
    (snippet,) = hit.snippets
    assert [snippet.text[start:end] for start, end in snippet.spans] == ["pro"]


def test_a_relaxed_answer_ranks_as_any_does(reader: Reader) -> None:
    relaxed, ranked = search(reader, "scrutin drones xyzzy"), search(reader, "scrutin drones", match="any")
    assert relaxed.relaxed
    assert [(hit.id, hit.score) for hit in relaxed.hits] == [(hit.id, hit.score) for hit in ranked.hits]


def test_where_no_word_is_found_the_notice_says_so(reader: Reader) -> None:
    page = search(reader, "xyzzy zyx")
    assert (page.total, page.relaxed) == (0, False)
    assert page.notices[0].startswith(
        "No article meets the whole query (“xyzzy” and “zyx” stand in no article)"
    )


def test_a_word_that_alone_finds_nothing_is_no_relaxed_answer(reader: Reader) -> None:
    page = search(reader, "xyzzy")
    assert (page.total, page.relaxed) == (0, False)


@pytest.mark.parametrize(
    "query",
    [
        "drones date:1999",
        "xyzzy date:2024",
        "drones source:reuters",
        "titre:légion liberté",
        "titre:(drones scrutin)",
        "drones -drones",
        "xyzzy -drones",
        '"Liberté Légion" drones',
        '"drones scrutin"',
        "xyzzy OU zyx",
    ],
)
def test_dates_fields_exclusions_and_phrases_never_relax(reader: Reader, query: str) -> None:
    page = search(reader, query)
    assert (page.total, page.hits, page.relaxed) == (0, (), False)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("belgorod scrutin date:2023", {"2"}),
        ("drones scrutin source:AFP", {"2", "4"}),
        ("drones scrutin liberté -belgorod", {"2", "3", "4"}),
        ('"légion liberté" xyzzy', {"3"}),
        ("drones xyzzy (belgorod OU scrutin)", {"1"}),
        ("titre:belgorod xyzzy", {"1"}),
    ],
)
def test_the_rest_still_holds_in_a_relaxed_answer(reader: Reader, query: str, found: set[str]) -> None:
    page = search(reader, query)
    assert page.relaxed
    assert set(ids(page)) == found


def test_any_keeps_the_rarest_of_too_many_words_and_says_so(reader: Reader) -> None:
    typed = " ".join(f"mot{number}" for number in range(70))
    page = search(reader, typed, match="any", limit=100)
    assert page.notices == (f"70 words were typed; the {QUERY_LEAVES} rarest rank the articles.",)
    assert set(page.parsed.split(" OR ")) == {f"mot{number}" for number in range(6, 70)}
    assert page.total == 64


def test_all_refuses_too_many_words(reader: Reader) -> None:
    with pytest.raises(QueryError, match="more than 64"):
        search(reader, " ".join(f"mot{number}" for number in range(65)))


def test_as_many_words_as_allowed_need_no_notice(reader: Reader) -> None:
    typed = " ".join(f"mot{number}" for number in range(QUERY_LEAVES))
    assert search(reader, typed).notices == search(reader, typed, match="any").notices == ()
    assert search(reader, typed).total == 70 - QUERY_LEAVES + 1


def test_what_the_parser_repairs_is_told(reader: Reader) -> None:
    page = search(reader, "drones ET")
    assert page.notices == ("“ET” at character 8 has nothing to join: left out.",)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"limit": -1}, "not negative"),
        ({"offset": -1}, "not negative"),
        ({"limit": RESULT_WINDOW + 1}, "at hit 10,000 at most"),
        ({"limit": 1, "offset": RESULT_WINDOW}, "at hit 10,000 at most"),
        ({"match": "some"}, "match is one of all, any, not “some”"),
        ({"sort": "up"}, "sort is one of relevance, date, -date, not “up”"),
    ],
)
def test_arguments_out_of_bounds_are_refused(
    reader: Reader, arguments: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        search(reader, "drones", **arguments)


def test_the_last_page_that_is_allowed_is_answered(reader: Reader) -> None:
    page = search(reader, "drones", limit=0, offset=RESULT_WINDOW)
    assert (page.total, page.hits) == (2, ())


def test_words_that_are_never_near_are_counted_apart(reader: Reader) -> None:
    page = search(reader, "drones PRES/1 belgorod titre:belgorod")
    assert page.total == 0
    assert page.notices[1] == (
        "Articles with all but one part of it: 1 with “(drones NEAR/1 belgorod)” as words apart and "
        "0 without “title:belgorod”."
    )


def test_names_are_searched_by_their_other_spellings_and_it_is_told(reader: Reader) -> None:
    others = {"koursque": ("belgorod",)}
    page = search(reader, "koursque drones", variants=lambda form: others.get(form, ()))
    assert ids(page) == ["1"]
    assert page.notices == ("also searched: Belgorod",)
    assert page.parsed == "koursque AND drones"
    (hit,) = page.hits
    assert [hit.title[start:end] for start, end in hit.title_spans] == ["Drones", "Belgorod"]
    assert search(reader, "koursque drones").relaxed


def test_what_nobody_wrote_is_answered_by_what_may_have_been_meant(reader: Reader) -> None:
    page = search(
        reader, "drnoes =koursque", variants=lambda form: ("belgorod",) if form == "koursque" else ()
    )
    assert [(each.word, each.instead[0]) for each in page.suggestions] == [
        ("drnoes", "drones"),
        ("koursque", "Belgorod"),
    ]
    assert "“koursque”: did you mean Belgorod?" in page.notices


def test_a_name_one_slip_away_is_offered_where_more_articles_have_it_than_the_spellings_that_were_searched(
    tmp_path: Path,
) -> None:
    engine = load(DEFAULT_ENGINE)
    engine.create(str(tmp_path))
    writer = engine.open_writer(str(tmp_path))
    for number in range(9):
        writer.add(Article(f"m{number}", "", "La chancelière Merkel parle."))
    writer.add(Article("k", "", "La duchesse Markle parle."))
    writer.commit({})
    reader = engine.open_reader(str(tmp_path))

    def others(given: str) -> Page:
        return search(reader, "merkle", variants=lambda form: (given,) if form == "merkle" else ())

    assert [each.instead for each in others("markle").suggestions] == [("Merkel",)]
    assert others("merkel").suggestions == ()
    reader.close()


def test_an_excluded_word_that_nobody_wrote_is_told(reader: Reader) -> None:
    page = search(reader, "drones -xyzzy")
    assert page.total == 2
    assert page.notices == ("“xyzzy” stands in no article: it excludes nothing.",)
    assert search(reader, "drones -belgorod").notices == ()


def test_any_tells_that_quotes_bind_nothing(reader: Reader) -> None:
    page = search(reader, '"légion liberté" scrutin', match="any")
    assert set(ids(page)) == {"2", "3"}
    assert page.notices == ("With --any, words in quotes are looked for one by one.",)
    assert search(reader, "légion liberté", match="any").notices == ()
