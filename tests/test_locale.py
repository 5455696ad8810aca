"""The French of newsearch: complete, correctly set, and chosen as the user asks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from search.cli import program
from search.locale import make_catalogue
from search.manual import HOLD_SENTENCES, SENTENCES, in_words, recognised, typed_language
from search.messages import Language

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SCRIPT = Path(sys.executable).parent / "newsearch"

CATALOGUE = make_catalogue.read(make_catalogue.PO.read_bytes())
FRENCH = [
    (english, french)
    for message in CATALOGUE
    if message.id
    for english, french in zip(
        (message.id,) if isinstance(message.id, str) else message.id,
        (message.string,) if isinstance(message.string, str) else message.string,
        strict=True,
    )
]
"""Every sentence with its translation; of a plural, each form with its own."""

SAME = {
    "[OPTIONS]": "the French word is the same",
    "Options": "the French word is the same",
    "Arguments": "the French word is the same",
    "ID": "the abbreviation is the same",
    "articles": "the French word is the same",
    "dates": "the French word is the same",
    "format": "the French word is the same",
    "index": "the French word is the same",
    "sources": "the French word is the same",
    "{count} article": "the French word is the same",
    "{count} articles": "the French word is the same",
    "{date}": "a value alone",
    "{number}": "a value alone",
    "{forms}": "a value alone",
    "{form} ({weight}, {count} article)": "the French word is the same",
    "{form} ({weight}, {count} articles)": "the French word is the same",
    "{sentence}.": "a full stop is the same",
    "{one}, {other}": "a comma is the same",
    "{file}, {place}": "a comma is the same",
}
"""What is the same in both languages, and why."""

CODE = re.compile(
    r"""`[^`]*`                     # commands
    | "[^"]*"                       # queries
    | pip\ install\ '[^']*'
    | https?://\S+
    | \d+:\d+
    | \{\w+\}:(?=\u202f»)           # the name of a field
    | \b(?:titre|texte|source|auteur|chemin|date|depuis|avant):
    | \*(?:\ ou)?\ \?               # jokers
    | \w\?\w                       # a pattern
    """,
    re.VERBOSE,
)

COMMANDS = [(), *((name,) for name in program("en").commands)]

ERRORS: list[tuple[tuple[str, ...], set[str]]] = [
    (("query",), {"Missing argument {argument}."}),
    (("query", "x", "--nonsense"), {"No such option: {option}", "No such option {option}."}),
    (("query", "x", "-z"), {"No such option: {option}", "No such option {option}."}),
    (
        ("query", "x", "--limi", "3"),
        {
            "{sentence} (Possible options: {options})",
            "{sentence} (Did you mean one of: {options}?)",
            "{sentence} Did you mean {options}?",
        },
    ),
    (("nonsense",), {"No such command {command}."}),
    (("qury",), {"{sentence} Did you mean {options}?", "No such command {command}."}),
    (("query", "x", "--limit"), {"Option {option} requires an argument."}),
    (("info", "--json=yes"), {"Option {option} does not take a value."}),
    (
        ("info", "more"),
        {"Got unexpected extra argument(s) ({arguments})", "Got unexpected extra argument ({arguments})"},
    ),
    (
        ("info", "more", "and", "more"),
        {"Got unexpected extra argument(s) ({arguments})", "Got unexpected extra arguments ({arguments})"},
    ),
    (
        ("query", "x", "--limit", "ten"),
        {
            "Input should be a valid integer, unable to parse string as an integer",
            "{value} is not a valid integer range.",
        },
    ),
    (
        ("query", "x", "--limit", "9" * 5000),
        {
            "Unable to parse input string as an integer, exceeded maximum size",
            "{value} is not a valid integer range.",
        },
    ),
    (
        ("query", "x", "--limit", "-1"),
        {"Input should be greater than or equal to {least}", "{value} is not in the range {range}."},
    ),
    (
        ("check", "--wait", "soon"),
        {
            "Input should be a valid number, unable to parse string as a number",
            "{value} is not a valid float.",
        },
    ),
    (("query", "x", "--format", "xml"), {"{value} is not one of {choices}."}),
    (("query", "x", "--sort", "size"), {"{value} is not one of {choices}."}),
    (("info", "--lang", "de"), {"{value} is not one of {choices}."}),
]
"""Lines that cannot be carried out, and what a Typer of any version says of them in the end."""

IN_HELP = {
    "Arguments": "\nArguments:\n",
    "Options": "\nOptions:\n",
    "Commands": "\nCommands:\n",
    "default: {default}": "[default: 10; x>=0]",
    "env var: {variable}": "[env var:",
    "required": "[required]",
}
"""The sentences of help pages, and where they stand."""

ELSEWHERE = {
    "{shell} completion installed in {path}": "a test of its own",
    "Completion will take effect once you restart the terminal": "a test of its own",
    "Invalid value for {option}: {problem}": "it holds others",
    "Shell {shell} not supported.": "needs a process that no shell has started",
    "Shell {shell} is not supported.": "needs a process that no shell has started",
}
"""The sentences that no line of ERRORS and no help page brings about, and why."""


@pytest.fixture
def speaking(newsearch: Run) -> Run:
    """The command without a language of the tests' own."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        unset = dict.fromkeys(("NEWSEARCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"), "")
        return newsearch(*arguments, env={**unset, **settings})

    return run


def test_every_sentence_has_a_translation_with_the_same_fields() -> None:
    wrong = []
    for template in dict.fromkeys(template for template, _ in make_catalogue.collected()):
        message = CATALOGUE.get(template)
        if message is None or message.fuzzy or not make_catalogue.complete(message.string):
            wrong.append(template)
    assert not wrong
    for english, french in FRENCH:
        assert set(re.findall(r"\{\w+\}", french)) == set(re.findall(r"\{\w+\}", english)), english


def test_the_catalogue_holds_no_more_than_is_said() -> None:
    told = {
        template if isinstance(template, str) else template[0] for template, _ in make_catalogue.collected()
    }
    assert {
        message.id if isinstance(message.id, str) else message.id[0] for message in CATALOGUE if message.id
    } <= told


def test_every_translation_differs_from_the_english_but_where_that_is_right() -> None:
    assert {english for english, french in FRENCH if french == english} <= set(SAME)


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    assert make_catalogue.MO.read_bytes() == make_catalogue.compiled(CATALOGUE)


@pytest.mark.parametrize("french", [french for _, french in FRENCH])
def test_french_is_set_as_french_is(french: str) -> None:
    text = CODE.sub("", french)
    assert not re.search(r"(?<!\u202f)[;:!?»]", text), "a narrow no-break space stands before ; : ? ! and »"
    assert not re.search(r"«(?!\u202f)", text), "a narrow no-break space stands after «"
    assert not re.search(r"['“”]", text), "the apostrophe is ’, quotation marks are « and »"
    assert not re.search(r"  |\u00a0", french)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_french_help_of_a_command_has_no_english_line(command: tuple[str, ...]) -> None:
    english, french = (set(help_page(*command, language=language)) for language in ("en", "fr"))
    assert not {line for line in english & french if re.search(r"[a-z]{3}", line)}
    assert not any("<" in line for line in english | french), "the Python types of arguments are not shown"
    assert any(line.startswith("--lang en|fr") for line in french)


def test_the_list_of_commands_has_whole_sentences() -> None:
    page = help_page(language="fr")
    lines = [" ".join(line.split()) for line in page]
    assert "check Vérifier chaque fichier et chaque article de l’index." in lines
    assert not any("..." in line for line in help_page(language="en") if "COMMAND" not in line)


def test_the_help_in_english_is_what_typer_makes_of_the_texts() -> None:
    page = "\n".join(help_page("query", language="en"))
    assert page.startswith("Usage: newsearch query [OPTIONS]")
    assert "Arguments:\nQUERY  The query.  [required]\n" in page
    assert "[default: 10; x>=0]" in page
    assert page.endswith("--help                        Show this page.")


@pytest.mark.parametrize(("arguments", "wordings"), ERRORS, ids=lambda value: " ".join(value)[:40])
def test_every_usage_error_is_known_in_the_words_of_the_installed_typer(
    arguments: tuple[str, ...], wordings: set[str]
) -> None:
    error = error_of(*arguments)
    templates = list(templates_of(error.format_message()))
    assert wordings & set(templates)
    assert error.exit_code == 2


def test_every_sentence_of_the_table_is_said_somewhere() -> None:
    pages = "\n".join(line for command in COMMANDS for line in help_page(*command, language="en"))
    assert all(piece in pages for piece in IN_HELP.values())
    assert set(SENTENCES) == set(IN_HELP).union(ELSEWHERE, *(wordings for _, wordings in ERRORS))


@pytest.mark.parametrize(
    "arguments", [arguments for arguments, _ in ERRORS], ids=lambda value: " ".join(value)[:40]
)
def test_every_usage_error_is_said_in_french(speaking: Run, arguments: tuple[str, ...]) -> None:
    done = speaking(*arguments, NEWSEARCH_LANG="fr")
    assert (done.returncode, done.stdout) == (2, "")
    usage, _, error = done.stderr.rpartition("Erreur\u202f: ")
    english_usage, _, problem = speaking(*arguments).stderr.rpartition("Error: ")
    # Typer does not always know which command an error is of.
    if english_usage:
        assert re.match(
            r"Usage: newsearch .*\n(?s:.*)Try 'newsearch.* --help' for help\.\n\n$", english_usage
        )
        assert re.match(
            "Utilisation\u202f: newsearch .*\n(?s:.*)«\u202fnewsearch.* --help\u202f» affiche l’aide\\.\n\n$",
            usage,
        )
    assert error.replace("REQUÊTE", "QUERY") == in_words(problem.strip(), "fr") + "\n"
    assert error != problem


def test_what_was_typed_is_not_translated_in_an_error(speaking: Run) -> None:
    done = speaking("Options", NEWSEARCH_LANG="fr")
    assert done.stderr.splitlines()[-1] == "Erreur\u202f: Commande inconnue\u202f: «\u202fOptions\u202f»."


def test_a_sentence_that_no_template_knows_stays_as_it_is() -> None:
    assert in_words("The moon is in the way", "fr") == "The moon is in the way"


def test_newsearch_alone_shows_its_help_in_the_language(speaking: Run) -> None:
    for arguments in ((), ("--lang", "fr")):
        done = speaking(*arguments, NEWSEARCH_LANG="fr")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.rstrip() == speaking("--help", "--lang=fr").stdout.rstrip()


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["--lang", "fr", "--help"], "fr"),
        (["query", "--help", "--lang", "fr"], "fr"),
        (["query", "drones", "--lang=fr"], "fr"),
        (["--lang", "fr", "query", "x", "--lang", "en"], "en"),
        (["query", "--", "--lang", "fr"], None),
        (["query", "--lang", "de"], None),
        (["query", "--lang"], None),
        (["query", "--language", "fr"], None),
        ([], None),
    ],
)
def test_the_language_may_stand_anywhere_before_two_dashes(
    arguments: list[str], language: Language | None
) -> None:
    assert typed_language(arguments) == language


def test_the_flag_goes_before_the_variable_and_the_variable_before_the_locale(speaking: Run) -> None:
    def language(*arguments: str, **settings: str) -> str:
        return speaking("--help", *arguments, **settings).stdout.split()[0]

    french, english = "Utilisation", "Usage:"
    assert language("--lang", "fr", NEWSEARCH_LANG="en", LANG="en_US.UTF-8") == french
    assert language("--lang", "en", NEWSEARCH_LANG="fr", LANG="fr_FR.UTF-8") == english
    assert language(NEWSEARCH_LANG="fr", LANG="en_US.UTF-8") == french
    assert language(NEWSEARCH_LANG="en", LANG="fr_FR.UTF-8") == english
    assert language(LANG="fr_FR.UTF-8") == language(LC_ALL="fr_BE", LANG="en_US.UTF-8") == french
    assert language() == language(LANG="de_DE.UTF-8") == english


def test_a_language_that_is_not_spoken_is_refused_with_those_that_are(speaking: Run) -> None:
    for arguments in (("--lang", "de", "info"), ("info", "--lang=de")):
        done = speaking(*arguments)
        assert done.returncode == 2
        assert "'de' is not one of en, fr." in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "drones", "--json"),
        ("query", "drones xyzzy )", "--json"),
        ("query", "drones", "--format", "jsonl"),
        ("query", "drones", "--format", "csv"),
        ("query", "drones xyzzy )", "--format", "csv"),
        ("forms", "attaquées", "--json"),
        ("info", "--json"),
        ("show", "seeds/000_7290ecef3eefe9f3.txt", "--json"),
    ],
    ids=" ".join,
)
def test_what_a_program_reads_is_the_same_in_every_language(
    speaking: Run, arguments: tuple[str, ...]
) -> None:
    assert speaking("index").returncode == 0
    done = [speaking(*arguments, LANG=locale) for locale in ("C", "fr_FR.UTF-8", "en_US.UTF-8")]
    done.append(speaking(*arguments, "--lang", "fr"))
    said = {re.sub(r'"took_ms": [\d.]+', "", each.stdout) for each in done}
    assert len(said) == 1 and said != {""}
    assert len({each.returncode for each in done}) == 1


def test_a_session_in_french(speaking: Run, workplace: Path) -> None:
    (workplace / "seeds" / "vide.txt").touch()
    said = [
        speaking(*line.split(), "--lang", "fr")
        for line in (
            "index",
            "query drones",
            "query drones --format jsonl",
            "check",
            "rebuild",
            "compact",
            "info",
        )
    ]
    indexed, found, lines, checked, rebuilt, compacted, told = (each.stdout for each in said)
    assert said[0].stderr == "refusé\u202f: seeds/vide.txt\u202f: il est vide\n"
    assert indexed.startswith("1 nouveau, 0 modifié, 0 retiré")
    assert found.startswith("1 article\n") and "mars 2024" in found
    assert said[2].stderr == "1 au total\n" and json.loads(lines)
    assert checked == "L’index est en bon état.\n"
    assert rebuilt == "1 article réindexé\n"
    assert compacted.endswith("\u202fMo en 1 maintenant\n")
    assert "taille" in told
    refused = speaking("query", "drones x*", "--lang", "fr")
    assert refused.stderr.startswith("erreur\u202f: ")
    nowhere = speaking("index", "nulle-part", "--index", "autre", "--lang", "fr")
    assert nowhere.stderr == "erreur\u202f: nulle-part n’existe pas\u202f; aucun index n’a été créé.\n"
    assert [each.returncode for each in (*said, refused, nowhere)] == [0] * 7 + [2, 2]


def test_completion_works_and_speaks(speaking: Run, workplace: Path) -> None:
    asked = {"COMP_WORDS": "newsearch qu", "COMP_CWORD": "1", "_NEWSEARCH_COMPLETE": "complete_bash"}
    assert speaking(**asked).stdout == "query\n"
    told = {"_TYPER_COMPLETE_ARGS": "newsearch query --", "_NEWSEARCH_COMPLETE": "complete_zsh"}
    assert "--limit" in speaking(**told).stdout and "Hits to show." in speaking(**told).stdout
    assert "Articles à afficher." in speaking(**told, NEWSEARCH_LANG="fr").stdout


def test_installing_the_completion_tells_so_in_french(workplace: Path) -> None:
    # The shell above the process is found by Typer; `true` keeps bash from giving its place away.
    command = f"'{SCRIPT}' --show-completion; '{SCRIPT}' --install-completion; true"
    for language, last in (("fr", "La complétion prendra effet"), ("en", "Completion will take effect")):
        done = subprocess.run(
            ["bash", "-c", command],
            env={**os.environ, "HOME": str(workplace), "NEWSEARCH_LANG": language},
            capture_output=True,
            encoding="utf-8",
        )
        *script, installed, effect = done.stdout.splitlines()
        assert script[0] == "_newsearch_completion() {"
        assert installed.startswith("complétion pour bash" if language == "fr" else "bash completion")
        assert effect.startswith(last)
        assert done.stderr == ""


def test_the_version_is_the_same_in_every_language(speaking: Run) -> None:
    assert speaking("--version").stdout == speaking("--version", "--lang", "fr").stdout
    assert speaking("--version").stdout.startswith("newsearch ")


def help_page(*command: str, language: Language) -> list[str]:
    """The help of a command, its lines without their indent."""
    made = program(language)
    context = made.context_class(made, info_name="newsearch")
    if command:
        called = made.commands[command[0]]
        context = called.context_class(called, info_name=command[0], parent=context)
    with context:
        page = context.get_help()
    return [line.strip() for line in page.splitlines()]


def error_of(*arguments: str) -> Any:
    """What Typer raises of a line."""
    with pytest.raises(Exception) as raised:  # its class has no public name
        program("en").main(list(arguments), prog_name="newsearch", standalone_mode=False)
    return raised.value


def templates_of(sentence: str) -> Iterator[str]:
    """The templates that a sentence is made of."""
    found = recognised(sentence)
    assert found, f"no template of search/manual.py has: {sentence}"
    template, values = found
    yield template
    for name in HOLD_SENTENCES:
        if name in values:
            yield from templates_of(values[name])
