"""Passages that are true to the text: whole words, one paragraph, marks on what matches and no more."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import canonical
from search.distance import distance
from search.expansion import Frequency, group_of, most_frequent
from search.french.analysis import fold, stem
from search.french.groups import group
from search.french.tokens import Token, tokens
from search.limits import SNIPPET_CHARACTERS, SNIPPETS_PER_HIT
from search.query.parser import parse
from search.query.tree import (
    And,
    Boost,
    Frequent,
    Fuzzy,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    StopWord,
    Wildcard,
    Word,
)
from search.snippets import _LEAD_IN, _PARAGRAPH, _SENTENCE_END, Marker, Snippet


class Archive:
    """The dictionary of an archive that holds one text."""

    def __init__(self, text: str) -> None:
        self.tokens = [(token.form, text[token.start].isupper()) for token in tokens(text)]

    def forms_of_stem(self, wanted: str) -> set[str]:
        return {form for form, _ in self.tokens if stem(form) == wanted}

    def occurrences(self, wanted: str) -> tuple[int, int]:
        found = [capital for form, capital in self.tokens if form == wanted]
        return len(found), sum(found)

    def beginning_with(
        self, folded: str, limit: int | None = None, pattern: re.Pattern[str] | None = None
    ) -> list[Frequency]:
        found = {form for form, _ in self.tokens if fold(form).startswith(folded)}
        return self.ranked({form for form in found if not pattern or pattern.fullmatch(fold(form))}, limit)

    def within(self, folded: str, edits: int, limit: int | None = None) -> list[Frequency]:
        return self.ranked({form for form, _ in self.tokens if distance(fold(form), folded) <= edits}, limit)

    def ranked(self, forms: set[str], limit: int | None) -> list[Frequency]:
        return most_frequent([Frequency(form, *self.occurrences(form)) for form in forms], limit)


def marker_of(tree: Node, text: str) -> Marker:
    return Marker(tree, lambda term: group_of(term, Archive(text)))


def marked(query: str, text: str, field: str = "body") -> list[str]:
    """The words of a text that a query marks, as written."""
    return [text[start:end] for start, end in marker_of(parse(query).tree, text).spans(text, field)]


def shown(query: str, body: str) -> tuple[Snippet, ...]:
    return marker_of(parse(query).tree, body).snippets(body)


def words_of(tree: Node, text: str) -> list[str]:
    """The words of a text that a tree marks, as written."""
    return [text[start:end] for start, end in marker_of(tree, text).spans(text, "body")]


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("porte", "A porter, portes, la porte", ["porte"]),
        ("resume", "His résumé, resumes, resume", ["résumé", "resume"]),
        ("résumé", "His résumé, resume", ["résumé"]),
        ("dron*", "drones, dronen", ["drones", "dronen"]),
        ('"porte close"', "portes close, porte close", ["porte", "close"]),
        ("porte NEAR/3 close", "portes closes x x x x porte close", ["porte", "close"]),
        ("title:porte attaques", "porte attaque attaques", ["attaques"]),
        ("porte", "portes", []),
    ],
)
def test_in_an_article_of_another_language_only_written_forms_are_marked(
    query: str, text: str, words: list[str]
) -> None:
    marker = marker_of(parse(query).tree, text)
    for language in ("en", "de-DE", "en"):
        assert [text[start:end] for start, end in marker.spans(text, "body", language)] == words
    assert {(start, end) for start, end in marker.spans(text, "body", "fr")} >= set(
        marker.spans(text, "body", "en")
    )
    assert marker.spans(text, "body", "fr") == marker.spans(text, "body")


def test_a_loose_word_and_a_frequent_one_are_written_forms_in_another_language() -> None:
    text = "évacuer, évacue, une évacuation, évacuer"
    for tree, words in ((Word("évacuer", loose=True), 4), (Frequent(Word("évacuer"), 2), 3)):
        marker = marker_of(tree, text)
        assert len(marker.spans(text, "body", "fr")) == words
        assert len(marker.spans(text, "body", "en")) == (2 if isinstance(tree, Word) else 0)


def test_a_passage_of_another_language_shows_what_is_marked_there() -> None:
    text = "portes\n\nporte"
    marker = marker_of(parse("porte").tree, text)
    assert [each.text for each in marker.snippets(text, "en")] == ["porte"]
    assert [each.text for each in marker.snippets(text, "fr")] == ["portes", "porte"]
    assert [each.spans for each in marker.snippets("portes", "en")] == [()]


LONG = "Rien à dire de ce côté-là, vraiment rien. " * 12


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("drone", "Des drones, un DRONE.", ["drones", "DRONE"]),
        ("elysee", "L’Élysée, à l’Elysée.", ["Élysée", "Elysée"]),
        ("élysée", "ELYSEE", ["ELYSEE"]),
        ("l’évacuation", "L'evacuation des civils", ["evacuation"]),
        ("oeuvre", "Des œuvres", ["œuvres"]),
        ("kiev", "Des pro-Kiev.", ["Kiev"]),
        ("aujourd'hui", "Aujourd’hui", ["Aujourd’hui"]),
        ("évacuation", "l’e\u0301vacua\u00adtion", ["e\u0301vacua\u00adtion"]),
        ("drones", "rien", []),
    ],
)
def test_a_word_is_marked_as_it_is_written_in_any_inflection(query: str, text: str, words: list[str]) -> None:
    assert marked(query, text) == words


def test_a_stop_word_is_marked_only_where_nothing_else_is_asked_for() -> None:
    assert marked("la garde", "La garde de la ville") == ["garde"]
    assert marked("la", "La garde de la ville") == ["La", "la"]


def test_an_excluded_word_is_never_marked() -> None:
    assert marked("drones -Poutine", "Poutine et ses drones") == ["drones"]
    assert marked('drones SAUF ("Vladimir Poutine" OU Kiev)', "Vladimir Poutine, drones, Kiev") == ["drones"]


def test_the_words_of_a_phrase_are_marked_only_where_it_stands() -> None:
    text = "Liberté, la Légion. Légion Liberté ! Liberté Légion."
    assert marked('"légion liberté"', text) == ["Légion", "Liberté"]
    at = text.index("Légion Liberté")
    assert marker_of(parse('"légion liberté"').tree, text).spans(text, "body")[0] == (at, at + 6)
    assert marked('"légion liberté"', "La Légion. Liberté ? La liberté.") == ["Légion", "Liberté"]


def test_a_phrase_marks_its_stop_words_where_it_stands() -> None:
    assert marked('"légion de la liberté"', "La Légion de la Liberté, la nuit.") == [
        "Légion",
        "de",
        "la",
        "Liberté",
    ]


def test_phrases_that_overlap_are_marked_once() -> None:
    assert marked('"a b a"', "a b a b a, b") == ["a", "b", "a", "b", "a"]


def test_a_compound_is_marked_as_a_phrase() -> None:
    assert marked("pro-Kiev", "Kiev, les pro-Kiev et les pro") == ["pro", "Kiev"]


def test_a_field_limits_the_marks_to_itself() -> None:
    assert marked("titre:drones", "drones", "body") == []
    assert marked("titre:drones", "drones", "title") == ["drones"]
    assert marked("source:drones date:2024 Kiev", "drones 2024 Kiev") == ["Kiev"]


def test_a_body_without_a_match_shows_its_beginning() -> None:
    assert shown("titre:drones", "Un début.\n\nUne suite.") == (Snippet("body", 0, "Un début.", ()),)
    (snippet,) = shown("absent", LONG)
    assert LONG.startswith(snippet.text)
    assert SNIPPET_CHARACTERS - 10 <= len(snippet.text) <= SNIPPET_CHARACTERS


@pytest.mark.parametrize("body", ["", "\n", " \n\n "])
def test_a_body_without_text_shows_nothing(body: str) -> None:
    assert shown("drones", body) == ()


def test_a_short_paragraph_is_shown_whole() -> None:
    body = "Le début.\n\nDes drones ont visé\nla ville.\n\nLa fin."
    assert [snippet.text for snippet in shown("drones", body)] == ["Des drones ont visé\nla ville."]


def test_a_passage_begins_with_its_sentence_where_that_leaves_room() -> None:
    (snippet,) = shown("drones", LONG + "Des drones enfin. " + LONG)
    assert snippet.text.startswith("Des drones enfin. Rien")


def test_a_passage_within_a_long_sentence_shows_some_text_before_its_first_mark() -> None:
    endless = LONG.replace(".", ",")
    (snippet,) = shown("drones", endless + "des drones enfin, " + endless)
    assert 20 <= snippet.spans[0][0] <= 80


def test_the_passage_with_most_parts_of_the_query_is_preferred() -> None:
    body = "drones drones drones drones\n\nautre chose\n\ndes drones sur Belgorod"
    assert shown("drones Belgorod", body)[0].text == "des drones sur Belgorod"


def test_a_second_passage_shows_what_the_first_does_not() -> None:
    body = f"Des drones.\n\n{LONG}\n\nÀ Belgorod.\n\n{LONG}\n\nDes drones."
    assert [snippet.text for snippet in shown("drones Belgorod", body)] == ["Des drones.", "À Belgorod."]


def test_passages_come_in_the_order_of_reading_and_few() -> None:
    body = "\n\n".join(["un"] * 3 + ["deux"] * 3 + ["trois"] * 3)
    found = shown("trois deux un", body)
    assert len(found) == SNIPPETS_PER_HIT
    assert [snippet.offset for snippet in found] == sorted(snippet.offset for snippet in found)


def test_a_word_longer_than_a_passage_is_cut() -> None:
    (snippet,) = shown("absent", "x" * 1000)
    assert snippet.text == "x" * SNIPPET_CHARACTERS


@pytest.mark.parametrize(
    ("tree", "text", "words"),
    [
        (Word("drone"), "drone DRONES", ["drone", "DRONES"]),
        (Word("drone", exact=True), "drone DRONES", ["drone"]),
        (Word("évacuer"), "évacuation", []),
        (Word("évacuer", loose=True), "évacuation", ["évacuation"]),
        (Prefix("dron"), "drone DRONES", ["drone", "DRONES"]),
        (Wildcard("dr*s"), "drone DRONES", ["DRONES"]),
        (Fuzzy("drome"), "drone DRONES", ["drone"]),
        (Boost(Word("drone"), 2.0), "drone", ["drone"]),
        (Phrase(("drone", "russe"), slop=1), "Un drone très russe.", ["drone", "russe"]),
        (Phrase(("drone", "russe"), slop=1), "Un drone pas très russe.", []),
        (Phrase(("drone", "russe"), exact=True), "drone russe, drones russes", ["drone", "russe"]),
        (Near(Word("drone"), Word("russe"), 2), "russe, le drone, le russe", ["russe", "drone", "russe"]),
        (Near(Word("drone"), Word("russe"), 1), "russe, le drone, le russe", []),
        (
            Near(Word("drone"), Word("russe"), 2, ordered=True),
            "russe, le drone, le russe",
            ["drone", "russe"],
        ),
        (Near(Word("a"), Word("a"), 1), "a b a a", ["a", "a"]),
        (Near(Word("drone", "title"), Prefix("rus"), 1), "Drones russes", ["Drones", "russes"]),
        (Near(Word("drone"), Word("russe"), 1, field="title"), "drone russe", []),
        (Frequent(Word("drone"), 2), "drone, drones", []),
        (Frequent(Word("drone", "title"), 1), "drone, drones", ["drone", "drones"]),
        (Or((Frequent(Word("drone"), 2), Word("drone", exact=True))), "drone, drones", ["drone"]),
    ],
)
def test_each_node_marks_what_meets_it(tree: Node, text: str, words: list[str]) -> None:
    assert words_of(tree, text) == words


def test_a_word_that_stands_a_number_of_times_is_counted_in_the_body() -> None:
    text = "drones, drones"
    assert marker_of(Frequent(Word("drone"), 1), text).spans(text, "title") == ()


def test_a_phrase_stands_across_a_dash_a_line_or_a_paragraph() -> None:
    assert marked('"légion liberté"', "La Légion « – – – – – – » \n\n — Liberté") == ["Légion", "Liberté"]


# Whatever the body and the query

VOCABULARY = (
    "drones", "Drone,", "l’Élysée", "(elysee)", "pro-Kiev", "kiev.", "repoussé", "repoussées", "de", "la", "—"
)  # fmt: skip
WORDS = st.sampled_from(VOCABULARY) | st.text("abcé-’.", min_size=1, max_size=50)
SPACES = st.sampled_from([" "] * 30 + ["\n", "\u00a0", "  ", "\n\n", "\n\n"])
BODIES = (
    st.lists(st.tuples(WORDS, SPACES), max_size=150)
    .map(lambda parts: canonical("".join(word + space for word, space in parts)))
    .filter(str.strip)
)
FORMS = st.sampled_from(["drone", "élysée", "kiev", "pro", "repoussé", "de", "la", "absent"])
LEAVES = st.builds(Word, FORMS) | st.builds(Phrase, st.lists(FORMS, min_size=1, max_size=3).map(tuple))


def paragraphs(body: str) -> list[tuple[int, int]]:
    """The (start, end) of a body's paragraphs, split at its blank lines."""
    bounds = [0, *(place for match in re.finditer("\n\n", body) for place in match.span()), len(body)]
    return list(zip(bounds[::2], bounds[1::2], strict=True))


def expected_spans(wanted: list[Node], body: str) -> set[tuple[int, int]]:
    """The places of the tokens that a leaf names or that belong to a phrase that stands there."""
    found = list(tokens(body))
    spans = set()
    for leaf in wanted:
        forms = leaf.forms if isinstance(leaf, Phrase) else (leaf.form,)  # type: ignore[union-attr]
        groups = [group(form, Archive(body)) for form in forms]
        phrase = [each.in_phrase if isinstance(leaf, Phrase) else each.matching for each in groups]
        for at in range(len(found) - len(phrase) + 1):
            if all(found[at + step].form in matching for step, matching in enumerate(phrase)):
                spans |= {(token.start, token.end) for token in found[at : at + len(phrase)]}
    return spans


@settings(max_examples=150, deadline=None)
@given(body=BODIES, wanted=st.lists(LEAVES, min_size=1, max_size=3), unwanted=LEAVES)
def test_every_passage_is_true_to_its_body(body: str, wanted: list[Node], unwanted: Node) -> None:
    tree = And((Or(tuple(wanted)), StopWord("de"), Not(unwanted)))
    spans = expected_spans(wanted, body)
    marker = marker_of(tree, body)
    assert set(marker.spans(body, "body")) == spans
    found = marker.snippets(body)
    assert 1 <= len(found) <= SNIPPETS_PER_HIT
    assert any(snippet.spans for snippet in found) == bool(spans)
    past = 0
    for snippet in found:
        start, end = snippet.offset, snippet.offset + len(snippet.text)
        assert snippet.text == body[start:end]
        assert past <= start < end
        past = end
        assert len(snippet.text) <= SNIPPET_CHARACTERS
        assert any(low <= start and end <= high for low, high in paragraphs(body))
        assert not snippet.text[0].isspace()
        assert not snippet.text[-1].isspace()
        assert start == 0 or body[start - 1].isspace()
        assert end == len(body) or body[end].isspace()
        inside = {(low - start, high - start) for low, high in spans if start <= low and high <= end}
        assert set(snippet.spans) == inside
        assert list(snippet.spans) == sorted(inside)


# The plain way: all tokens of the body, and each mark looked at from each other

TERMS = st.builds(Word, FORMS) | st.builds(Word, FORMS, loose=st.booleans()) | st.builds(Prefix, FORMS)
FIELDS = st.sampled_from([None, None, "title", "body"])
NODES = (
    st.builds(Word, FORMS, FIELDS)
    | st.builds(Phrase, st.lists(FORMS, min_size=1, max_size=3).map(tuple), FIELDS, slop=st.integers(0, 3))
    | st.builds(Near, TERMS, TERMS, st.integers(1, 4), st.booleans(), FIELDS)
    | st.builds(Frequent, TERMS, st.integers(0, 3))
)


def plain_marks(wanted: list[Node], body: str) -> list[tuple[Token, str]]:
    """The marks in a body, with the part of each: the first word, or else the last row, or a count."""
    archive, found = Archive(body), list(tokens(body))
    marks: dict[int, str] = {}
    counts = [leaf for leaf in wanted if isinstance(leaf, Frequent) and leaf.more_than]
    words = [leaf for leaf in wanted if isinstance(leaf, Word | Frequent) and leaf not in counts]
    for leaf in [*counts, *reversed(words)]:
        if getattr(leaf, "field", None) != "title":
            group = group_of(leaf if isinstance(leaf, Word) else leaf.term, archive)  # type: ignore[union-attr]
            ranks = [rank for rank, token in enumerate(found) if token.form in group.matching]
            if len(ranks) > getattr(leaf, "more_than", 0):
                new = dict.fromkeys(ranks, str(leaf))
                marks = new | marks if leaf in counts else marks | new
    for leaf in wanted:
        if isinstance(leaf, Phrase | Near) and leaf.field != "title":
            marks |= dict.fromkeys(plain_rows(leaf, found, archive), str(leaf))
    return [(found[rank], marks[rank]) for rank in sorted(marks)]


def plain_rows(leaf: Phrase | Near, found: list[Token], archive: Archive) -> set[int]:
    """The ranks of all tokens in any row that meets a phrase or a nearness."""
    if isinstance(leaf, Phrase):
        words = [group_of(Word(form), archive).in_phrase for form in leaf.forms]
        most = len(words) - 1 + leaf.slop
    else:
        words = [group_of(term, archive).matching for term in (leaf.left, leaf.right)]
        most = leaf.distance
    places = [[rank for rank, token in enumerate(found) if token.form in word] for word in words]
    rows = [(place,) for place in places[0]]
    for following in places[1:]:
        unordered = isinstance(leaf, Near) and not leaf.ordered
        rows = [
            (*row, place)
            for row in rows
            for place in following
            if (row[-1] < place or (unordered and row[-1] != place)) and abs(place - row[0]) <= most
        ]
    return {rank for row in rows for rank in row}


def plain_snippets(
    body: str, marked: list[tuple[Token, str]]
) -> list[tuple[int, str, list[tuple[int, int]]]]:
    """The passages, each window compared with every other."""
    windows = []
    for paragraph in _PARAGRAPH.finditer(body):
        low, high = paragraph.start(), paragraph.start() + len(paragraph[0].rstrip())
        within = [mark for mark in marked if low <= mark[0].start < high]
        for rank, (token, _) in enumerate(within):
            reach = max(token.start + SNIPPET_CHARACTERS - _LEAD_IN, token.end)
            inside = [mark for mark in within[rank:] if mark[0].end <= reach]
            start = plain_opening(body, token, inside[-1][0].end, low, high)
            end = high
            if start + SNIPPET_CHARACTERS < high:
                end = cut = start + SNIPPET_CHARACTERS
                while cut > start and not body[cut].isspace():
                    cut -= 1
                end = start + len(body[start:cut].rstrip()) if cut > start else end
            end = max(end, token.end)
            parts = [part for each, part in inside if each.end <= end]
            windows.append((len(parts), start, end, frozenset(parts)))
    chosen: list[tuple[int, int]] = []
    shown: set[str] = set()
    while windows and len(chosen) < SNIPPETS_PER_HIT:
        best = max(windows, key=lambda window: (len(window[3] - shown), window[0], -window[1]))
        if chosen and not best[3] - shown and len(best[3]) < len(shown):
            break
        chosen.append(best[1:3])
        shown |= best[3]
        windows = [each for each in windows if each[2] <= best[1] or each[1] >= best[2]]
    spans = [(token.start, token.end) for token, _ in marked]
    return [
        (start, body[start:end], [(a - start, b - start) for a, b in spans if start <= a and b <= end])
        for start, end in sorted(chosen)
    ]


def plain_opening(body: str, token: Token, needed: int, low: int, high: int) -> int:
    if high - low <= SNIPPET_CHARACTERS:
        return low
    sentence = max([low, *(match.end() for match in _SENTENCE_END.finditer(body, low, token.start))])
    if sentence + SNIPPET_CHARACTERS >= needed:
        return sentence
    word = token.start
    while word > low and not body[word - 1].isspace():
        word -= 1
    lead_in = min(_LEAD_IN, max(SNIPPET_CHARACTERS - (token.end - token.start), 0))
    start = max(low, min(token.start - lead_in, high - SNIPPET_CHARACTERS))
    if word < start and token.end - word <= SNIPPET_CHARACTERS:
        return word
    while start < word and start > low and not body[start - 1].isspace():
        start += 1
    while start < word and body[start].isspace():
        start += 1
    return start


@settings(max_examples=400, deadline=None)
@given(body=BODIES, wanted=st.lists(NODES, min_size=1, max_size=4, unique=True))
def test_marks_and_passages_are_those_of_the_plain_way(body: str, wanted: list[Node]) -> None:
    marker = marker_of(Or(tuple(wanted)), body)
    marked = plain_marks(wanted, body)
    assert marker.marks(body, "body") == marked
    found = [(each.offset, each.text, list(each.spans)) for each in marker.snippets(body)]
    if marked:
        assert found == plain_snippets(body, marked)
