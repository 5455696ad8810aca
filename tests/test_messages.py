"""A sentence knows how it was made, so that it can be said in another language."""

from __future__ import annotations

import ast
import copy
import datetime as dt
import gettext
import json
import pickle
import re
from pathlib import Path

import pytest

from search import Span, errors, messages
from search.messages import Language, Message, Value, preferred_language, translated

FRENCH = {
    "The {thing} is gone.": ("L’objet « {thing} » a disparu.",),
    "the index": ("l’index",),
    "{count} file": ("{count} fichier", "{count} fichiers"),
    "{a} before {b}": ("{b} après {a}",),
}
THIN = "\u202f"
PACKAGE = Path(messages.__file__).parent
CALLS = [
    (path.relative_to(PACKAGE).as_posix(), node)
    for path in sorted(PACKAGE.rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
]
"""Every call of the package, with the file it stands in."""

MADE_OF_DATA = ("indexer.py", "ledger.py", "manual.py")
"""What puts messages together again that it took apart or read elsewhere."""

RAISED = {name for name in vars(errors) if name.endswith("Error")} | {"Refusal"}


class Catalogue(gettext.NullTranslations):
    """A few sentences, with the plurals of French: nothing is singular."""

    def gettext(self, message: str) -> str:
        return FRENCH.get(message, (message,))[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return FRENCH.get(msgid1, (msgid1, msgid2))[n > 1]


@pytest.fixture(autouse=True)
def a_tiny_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_catalogue", lambda _: Catalogue())


def said(value: Value, language: Language) -> str:
    return translated(Message("{value}", value=value), language)


def test_a_message_is_its_english_text() -> None:
    message = Message("The {thing} is gone.", thing="file")
    assert message == "The file is gone."
    assert (str(message), f"{message}", json.dumps(message)) == (*["The file is gone."] * 2, f'"{message}"')
    assert hash(message) == hash("The file is gone.")
    assert isinstance(message, str)


def test_a_message_is_said_in_the_language_and_in_its_order() -> None:
    assert translated(Message("The {thing} is gone.", thing="é"), "fr") == "L’objet « é » a disparu."
    assert translated(Message("{a} before {b}", a="un", b="deux"), "fr") == "deux après un"


def test_a_sentence_that_nobody_translated_stays_english() -> None:
    assert translated(Message("No {thing} here.", thing="index"), "fr") == "No index here."


def test_any_other_text_is_the_same_in_every_language() -> None:
    assert translated("The {thing} is gone.", "fr") == "The {thing} is gone."
    assert translated("", "fr") == translated(Message(""), "fr") == ""


def test_in_english_a_message_becomes_a_plain_text() -> None:
    assert type(translated(Message("the index"), "en")) is str


def test_a_message_in_a_message_is_said_in_the_same_language() -> None:
    message = Message("The {thing} is gone.", thing=Message("the index"))
    assert message == "The the index is gone."
    assert translated(message, "fr") == "L’objet « l’index » a disparu."


@pytest.mark.parametrize("text", ["{thing}", "{count}", "{0}", "{", "}", "%s", "\\1", "\\g<0>"])
def test_what_fills_a_sentence_is_never_taken_for_a_part_of_the_template(text: str) -> None:
    message = Message("The {thing} is gone.", thing=text)
    assert message == f"The {text} is gone."
    assert translated(message, "fr") == f"L’objet « {text} » a disparu."


def test_braces_around_no_name_stay() -> None:
    assert Message('it should hold {"a": {x}}', x=1) == 'it should hold {"a": 1}'


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [
        (0, "0 files", "0 fichier"),
        (1, "1 file", "1 fichier"),
        (2, "2 files", "2 fichiers"),
        (1_200, "1,200 files", f"1{THIN}200 fichiers"),
    ],
)
def test_each_language_has_its_own_plural(count: int, english: str, french: str) -> None:
    message = Message("{count} file", "{count} files", count=count)
    assert (message, translated(message, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1_234_567, "1,234,567", f"1{THIN}234{THIN}567"),
        (-1_234, "-1,234", f"-1{THIN}234"),
        (0.8, "0.8", "0,8"),
        (12_345.6, "12,345.6", f"12{THIN}345,6"),
    ],
)
def test_numbers_are_written_as_the_language_does(number: float, english: str, french: str) -> None:
    assert (said(number, "en"), said(number, "fr")) == (english, french)


def test_a_year_or_an_id_is_a_text_and_stays_as_it_is() -> None:
    assert said("2024", "en") == said("2024", "fr") == "2024"


def test_a_truth_value_is_refused() -> None:
    with pytest.raises(TypeError):
        Message("{value}", value=True)


@pytest.mark.parametrize(
    ("values", "english", "french"),
    [
        (("a",), "a", "a"),
        (("a", "b"), "a and b", "a et b"),
        (("a", 1_000, Message("the index")), "a, 1,000 and the index", f"a, 1{THIN}000 et l’index"),
    ],
)
def test_a_list_ends_in_and(values: tuple[Value, ...], english: str, french: str) -> None:
    assert (said(values, "en"), said(values, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("date", "english", "french"),
    [
        (dt.date(2024, 3, 14), "2024-03-14", "14 mars 2024"),
        (dt.date(2024, 8, 1), "2024-08-01", "1er août 2024"),
        (Span.of(2024, 12, 31), "2024-12-31", "31 décembre 2024"),
        (Span.of(2024, 2), "2024-02", "février 2024"),
        (Span.of(2024), "2024", "2024"),
    ],
)
def test_a_date_says_no_more_than_is_known(date: Value, english: str, french: str) -> None:
    assert (said(date, "en"), said(date, "fr")) == (english, french)


@pytest.mark.parametrize(
    "message",
    [
        Message("the index"),
        Message("The {thing} is gone.", thing=Message("the index")),
        Message("{count} file", "{count} files", count=3),
        Message("{value}", value=("a", 1, 2.5, dt.date(2024, 3, 14), Span.of(2024, 3))),
    ],
)
def test_a_copy_still_knows_how_it_was_made(message: Message) -> None:
    for again in (copy.copy(message), copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert isinstance(again, Message)
        assert again == message
        assert (again.template, again.plural, again.values) == (
            message.template,
            message.plural,
            message.values,
        )
        assert translated(again, "fr") == translated(message, "fr")


def test_every_message_is_a_literal_template_with_a_value_for_each_name() -> None:
    for place, call in CALLS:
        literal = all(isinstance(each, ast.Constant) for each in call.args)
        if ast.unparse(call.func) != "Message" or (place in MADE_OF_DATA and not literal):
            continue
        where = f"{place}:{call.lineno}"
        assert literal, where
        templates = [ast.literal_eval(each) for each in call.args]
        names = {name for template in templates for name in re.findall(r"\{(\w+)\}", template)}
        values = {keyword.arg for keyword in call.keywords}
        assert values - {"count"} <= names <= values, where
        assert len(templates) == 1 or "count" in values, where


def test_no_error_and_no_refusal_says_what_cannot_be_translated() -> None:
    for place, call in CALLS:
        if ast.unparse(call.func) in RAISED:
            for each in call.args[:2]:
                spelled_out = isinstance(each, ast.Constant) and " " in str(each.value)
                assert not spelled_out and not isinstance(each, ast.JoinedStr), f"{place}:{call.lineno}"


@pytest.fixture
def no_locale(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("NEWSEARCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("fr", "fr"),
        ("FR", "fr"),
        ("fr_FR.UTF-8", "fr"),
        ("fr-CA", "fr"),
        ("en", "en"),
        ("C.UTF-8", "en"),
        ("de_DE", "en"),
        ("fro", "en"),
        ("frr_DE", "en"),
        ("", "en"),
    ],
)
def test_a_language_that_is_not_spoken_here_is_english(
    name: str, language: Language, no_locale: pytest.MonkeyPatch
) -> None:
    assert preferred_language(name) == language
    no_locale.setenv("LANG", name)
    assert preferred_language() == language


def test_what_was_chosen_comes_before_newsearch_lang_and_that_before_the_locale(
    no_locale: pytest.MonkeyPatch,
) -> None:
    assert preferred_language() == "en"
    no_locale.setenv("LANG", "fr_FR.UTF-8")
    assert preferred_language() == "fr"
    no_locale.setenv("LC_MESSAGES", "en_GB.UTF-8")
    assert preferred_language() == "en"
    no_locale.setenv("LC_ALL", "fr_FR.UTF-8")
    assert preferred_language() == "fr"
    no_locale.setenv("NEWSEARCH_LANG", "en")
    assert preferred_language() == "en"
    assert preferred_language("fr") == "fr"
    no_locale.setenv("NEWSEARCH_LANG", "")
    assert preferred_language() == "fr"
