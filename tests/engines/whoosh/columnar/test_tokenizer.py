"""Texts read by arrays have the tokens that they have when read by themselves."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.engines.whoosh.columnar import tokenizer as module
from search.engines.whoosh.columnar.tokenizer import Tokenizer
from search.french.tokens import tokens

SHARED = Tokenizer()
"""Meets all runs of all tests: what it has met before must not change what it says."""


def read(tokenizer: Tokenizer, texts: list[str]) -> list[list[tuple[str, bool]]]:
    """The forms of each text, and whether each is written with a capital."""
    numbers, counts = tokenizer(texts)
    assert len(counts) == len(texts)
    assert int(counts.sum()) == len(numbers)
    every = iter(numbers.tolist())
    return [
        [(tokenizer.forms[each >> 1], bool(each & 1)) for each in itertools.islice(every, count)]
        for count in counts.tolist()
    ]


def expected(texts: list[str]) -> list[list[tuple[str, bool]]]:
    return [[(each.form, text[each.start].isupper()) for each in tokens(text)] for text in texts]


PIECES = (
    "l’", "L'", "qu’", "jusqu'", "Jusquʼ", "d′", "s‘", "C＇", "’", "'", "''", "aujourd’hui", "Quelqu’un",
    "presqu’", "presqu’île", "prud'hom", "Élysée", "œuvre", "Œ", "É", "e\u0301", "\u0301", "µ", "ſ", "K", "ß",
    "\u00ad", "\u200b", "\u200d", "\ufeff", "\u2060", "a", "B", "9", "drone", "-", "_", ".", "\0", "\n", "\t",
    " ", "  ", "   ", "    ", '"', "«", "“", "„", " «", "« ", "\u00a0", "\u202f", "\u2028", "😀", "𝐀", "𐐀",
    "東京", "ʼ", "ŉ", "\u0345", "İ", "ı", "ǅ", "²", "٣", "\x1c", "\x85", "\ud800", "\udc00",
)  # fmt: skip

COMPOSED = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
TEXTS = st.lists(COMPOSED | st.text(), max_size=6)


@given(texts=TEXTS)
@example(texts=[])
@example(texts=[""])
@example(texts=["", "", "a", ""])
@example(texts=["l’", "Europe"])
@example(texts=["l’ ", "« Europe"])
@example(texts=["l’ «Europe", "l’", "l’ .", "l’    Europe", "l’   Europe", 'L’"\u0301'])
@example(texts=["jusqu’", " ici", "jusqu’\0ici"])
@example(texts=["l’\u00adEurope", "l\u00ad’ Europe", "l’\u200b", "l’ \u200b"])
@example(texts=["l’😀Europe", "l’ 𝐀", "𝐀 l’", "Europe"])
@example(texts=["d'l' x", "chats’ x", "quelqu’ un", "aujourd’ hui"])
@example(texts=["a" * 250, "É" * 250 + "\u0301"])
@example(texts=["\ud800\udc00l’", "Europe"])
def test_any_texts_have_the_tokens_of_the_plain_reading(texts: list[str]) -> None:
    due = expected(texts)
    assert read(SHARED, texts) == due
    assert read(Tokenizer(), texts) == due
    assert read(SHARED, texts) == due


@pytest.mark.parametrize("elision", ["l’", "L'", "qu’", "Jusqu'", "puisquʼ", "d\u00ad’"])
@pytest.mark.parametrize("between", ["", " ", "  ", '"', " « ", "   ", "«“„"])
def test_an_elision_reaches_to_the_next_word_but_never_into_the_next_text(elision: str, between: str) -> None:
    together, apart = f"{elision}{between}Europe", [f"{elision}{between}", "Europe"]
    assert read(Tokenizer(), [together]) == [[("europe", True)]]
    letter = expected([elision])[0]
    assert letter, "alone it is a word"
    for tokenizer in (Tokenizer(), SHARED):
        assert read(tokenizer, apart) == [letter, [("europe", True)]]
        assert read(tokenizer, [together, *apart, together]) == expected([together, *apart, together])


def test_a_form_has_one_number_however_it_is_written() -> None:
    tokenizer = Tokenizer()
    numbers, _ = tokenizer(["Drone drone DRONE dro\u00adne", "drone"])
    assert tokenizer.forms == ["drone"]
    assert numbers.tolist() == [1, 0, 1, 0, 0]


@pytest.mark.parametrize("size", [module._CHARACTERS - 1, module._CHARACTERS + 1, 3 * module._CHARACTERS])
def test_one_long_text_is_read_as_any(size: int) -> None:
    text = ("L’Élysée n’a pas réagi, l’ «Europe» non plus. " * (size // 40))[:size]
    assert read(Tokenizer(), [text]) == expected([text])


def test_a_text_too_long_for_the_arrays_is_read_as_any() -> None:
    text = "Mot " * (module._MOST_CHARACTERS // 4 + 1)
    assert len(text) > module._MOST_CHARACTERS
    (found,) = read(Tokenizer(), [text])
    assert found == [("mot", True)] * (module._MOST_CHARACTERS // 4 + 1)
    assert read(Tokenizer(), ["l’", text, "un", text[:90]]) == expected(["l’", text, "un", text[:90]])


def test_many_texts_at_once_are_read_as_any() -> None:
    texts = [f"L’article {number}, d’ «un mot», 😀{'x' * (number % 50)}" for number in range(3_000)]
    texts[::7] = [""] * len(texts[::7])
    texts[::5] = [text.replace("😀", "l’") for text in texts[::5]]
    assert read(Tokenizer(), texts) == expected(texts)


def test_more_runs_than_the_first_tables_hold_are_told_apart() -> None:
    words = [f"{number:x}z" for number in range((1 << 16) + 3_000)]
    tokenizer = Tokenizer()
    numbers, counts = tokenizer([" ".join(words[start : start + 500]) for start in range(0, len(words), 500)])
    assert tokenizer.forms == words
    assert np.array_equal(numbers, 2 * np.arange(len(words)))
    assert int(counts.sum()) == len(words)
    again, _ = tokenizer([" ".join(words[:1000])])
    assert np.array_equal(again, numbers[:1000])


def test_runs_that_share_a_slot_of_the_table_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TABLE_BITS", 1)
    tokenizer = Tokenizer()
    texts = ["un deux trois quatre un deux", "quatre un Deux l’ «un» l’"]
    for _ in range(3):
        assert read(tokenizer, texts) == expected(texts)
