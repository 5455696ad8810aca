"""Passages that are true to the text: whole words, one paragraph, marks on what matches and no more."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.article import canonical
from search.french.analysis import stem
from search.french.groups import group
from search.french.tokens import tokens
from search.limits import SNIPPET_CHARACTERS, SNIPPETS_PER_HIT
from search.query.parser import parse
from search.query.tree import And, Node, Not, Or, Phrase, StopWord, Word
from search.snippets import Marker, Snippet


class Archive:
    """The dictionary of an archive that holds one text."""

    def __init__(self, text: str) -> None:
        self.tokens = [(token.form, text[token.start].isupper()) for token in tokens(text)]

    def forms_of_stem(self, wanted: str) -> set[str]:
        return {form for form, _ in self.tokens if stem(form) == wanted}

    def occurrences(self, wanted: str) -> tuple[int, int]:
        found = [capital for form, capital in self.tokens if form == wanted]
        return len(found), sum(found)


def marker_of(tree: Node, text: str) -> Marker:
    return Marker(tree, lambda form: group(form, Archive(text)))


def marked(query: str, text: str, field: str = "body") -> list[str]:
    """The words of a text that a query marks, as written."""
    return [text[start:end] for start, end in marker_of(parse(query).tree, text).spans(text, field)]


def shown(query: str, body: str) -> tuple[Snippet, ...]:
    return marker_of(parse(query).tree, body).snippets(body)


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
