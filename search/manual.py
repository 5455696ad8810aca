"""Typer's command tree -> help pages and usage errors in the language of whoever reads them.

Typer speaks English. Its commands get our texts in the other language put in place; a formatter
translates headings and remarks such as `[required]`; a usage error is recognised by a template, in
the wording of any Typer since 0.15, and said anew. A sentence that no template knows stays English.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from typing import Any, Final

import typer
from typer.core import TyperGroup

from .messages import LANGUAGES, Language, Message, translated

SENTENCES: Final = (
    # What stands around the texts of a help page.
    "Arguments",
    "Options",
    "Commands",
    "default: {default}",
    "env var: {variable}",
    "required",
    # Usage errors. Those that hold another sentence come first, for it might take their end for its own.
    "{sentence} (Possible options: {options})",
    "{sentence} (Did you mean one of: {options}?)",
    "{sentence} Did you mean {options}?",
    "No such option: {option}",
    "No such option {option}.",
    "No such command {command}.",
    "Missing argument {argument}.",
    "Option {option} requires an argument.",
    "Option {option} does not take a value.",
    "Got unexpected extra argument(s) ({arguments})",
    "Got unexpected extra argument ({arguments})",
    "Got unexpected extra arguments ({arguments})",
    "Invalid value for {option}: {problem}",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number",
    "Input should be greater than or equal to {least}",
    "Unable to parse input string as an integer, exceeded maximum size",
    "{value} is not a valid integer range.",
    "{value} is not a valid float.",
    "{value} is not in the range {range}.",
    "{value} is not one of {choices}.",
    # What the options for completion say.
    "{shell} completion installed in {path}",
    "Completion will take effect once you restart the terminal",
    "Shell {shell} not supported.",
    "Shell {shell} is not supported.",
)
"""What Typer says, and what our commands say in its manner."""

EXCLUDING: Final = 'newsearch query -- "-Poutine drones"'
_EXCLUDED: Final = re.compile(r"-[^\W\d_]{3,}|-.*\s")
"""What is no option but the beginning of a query."""

HOLD_SENTENCES: Final = ("sentence", "problem")
"""The fields that hold sentences themselves."""

_REMARKS: Final = r"(?s)(.*?)(?:  )?\\?\[([^][]+)\]"
"""What a help text ends with: `  [default: 10; x>=0]`; Typer 0.15 has a backslash before it."""

_OF_A_COMMAND: Final = ("help", "options_metavar", "subcommand_metavar")
_OF_A_PARAMETER: Final = ("help", "metavar")


def typed_language(arguments: Sequence[str]) -> Language | None:
    """What `--lang` says in a command line, wherever it stands before `--`; None where it says nothing known.

    The language must be known before the line is read, since reading it may fail.
    """
    typed: Language | None = None
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if name == "--lang":
            typed = next((known for known in LANGUAGES if known == (value if equals else following)), typed)
    return typed


def put_into_words(program: TyperGroup, language: Language) -> None:
    """Make a program and its commands speak a language."""
    for place, name, text in list(_texts(program)) if language != "en" else ():
        setattr(place, name, "\n\n".join(_said_whole(part, language) for part in _paragraphs(text)))
    context = _context_class(language)
    for command in (program, *program.commands.values()):
        command.context_class = context
        # Typer's own summary takes a narrow space for any other, and cuts long sentences.
        summary, end, _ = _paragraphs(command.help or "")[0].partition(". ")
        command.short_help = summary + end.rstrip()
    if language != "en":
        for parameter in program.params:
            if parameter.name in ("install_completion", "show_completion"):
                parameter.callback = _overheard(parameter.callback, language)


def help_texts(program: TyperGroup) -> Iterator[str]:
    """The texts of the help pages of a program, by paragraph, as they are looked up in the catalogue."""
    for _, _, text in _texts(program):
        yield from _paragraphs(text)


def usage_error(error: Exception, language: Language) -> str:
    """What is said of an error of Typer's: the usage, the way to the help, the problem."""
    said = ""
    context: typer.Context | None = getattr(error, "ctx", None)
    if context is not None:
        way = Message("Try '{command} --help' for help.", command=context.command_path)
        said = f"{context.get_usage()}\n{translated(way, language)}\n\n"
    problem = in_words(error.format_message(), language)  # type: ignore[attr-defined]  # it is Typer's
    said += translated(Message("Error: {problem}", problem=problem), language)
    if hasattr(error, "option_name") and any(map(_EXCLUDED.match, sys.argv[2:])):
        hint = Message(
            "To exclude a word, put two minus signs before the query: {example}", example=EXCLUDING
        )
        said += "\n" + translated(hint, language)
    return said


def in_words(sentence: str, language: Language) -> str:
    """A sentence of Typer's in a language, or as it is where we do not know it."""
    found = recognised(sentence) if language != "en" else None
    if found is None:
        return sentence
    template, values = found
    said = {
        name: in_words(value, language) if name in HOLD_SENTENCES else _quoted(value)
        for name, value in values.items()
    }
    return translated(Message(template, **said), language)


def recognised(sentence: str) -> tuple[str, dict[str, str]] | None:
    """The template of a sentence of Typer's, and what fills its fields; None where no template has it."""
    for template in SENTENCES:
        if found := _pattern(template).fullmatch(sentence):
            return template, found.groupdict()
    return None


def _texts(program: TyperGroup) -> Iterator[tuple[object, str, str]]:
    """Every text of a program that is ours to translate: whose it is, the attribute, the text."""
    commands = (program, *program.commands.values())
    # Commands share options, which must not be translated twice.
    parameters = {id(parameter): parameter for command in commands for parameter in command.params}
    places: list[tuple[object, tuple[str, ...]]] = [(command, _OF_A_COMMAND) for command in commands]
    places += [(parameter, _OF_A_PARAMETER) for parameter in parameters.values()]
    for place, names in places:
        for name in names:
            text = getattr(place, name, None)
            # A metavar in small letters, `text|json`, has values, which no language changes.
            if text and (name != "metavar" or text.isupper()):
                yield place, name, text


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of a docstring, each on one line: where its lines end is the source's affair."""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _said_whole(text: str, language: Language) -> str:
    return translated(Message(text), language)


def _quoted(value: str) -> str:
    """What Typer has between straight quotes, between guillemets."""
    return re.sub(r"""(['"])(.*?)\1""", "«\u202f\\2\u202f»", value)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """The sentences that a template stands for; one before another takes all that it can."""
    parts = re.split(r"\{(\w+)\}", template)
    for at in range(0, len(parts), 2):
        parts[at] = re.escape(parts[at])
    for at in range(1, len(parts), 2):
        parts[at] = f"(?P<{parts[at]}>{'.+' if parts[at] == 'sentence' else '.+?'})"
    return re.compile("(?s)" + "".join(parts))


def _overheard(callback: Callable[..., Any] | None, language: Language) -> Callable[..., Any] | None:
    """A callback of Typer's that prints and exits, its printed sentences in a language."""
    if callback is None:
        return None

    def run(*arguments: Any) -> Any:
        out, errors = StringIO(), StringIO()
        try:
            with redirect_stdout(out), redirect_stderr(errors):
                return callback(*arguments)
        finally:
            for said, stream in ((out, sys.stdout), (errors, sys.stderr)):
                lines = said.getvalue().splitlines()
                stream.writelines(f"{in_words(line, language)}\n" for line in lines)

    return run


def _context_class(language: Language) -> type[typer.Context]:
    """The contexts of Typer whose help is in a language."""

    class Context(typer.Context):
        def make_formatter(self) -> _Formatter:
            return _Formatter(language, self.terminal_width, self.max_content_width)

    return Context


class _Formatter(typer.Context.formatter_class):  # type: ignore[misc,valid-type]  # it has no public name
    """What lays out Typer's help pages, in a language and without the Python types of arguments."""

    def __init__(self, language: Language, width: int | None, max_width: int | None) -> None:
        super().__init__(width=width, max_width=max_width)
        self._language = language

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line of the usage."""
        super().write_usage(prog, args, prefix or f"{translated(Message('Usage:'), self._language)} ")

    def write_heading(self, heading: str) -> None:
        """The heading of a list."""
        said = Message("{heading}:", heading=in_words(heading, self._language))
        self.write(f"{'':>{self.current_indent}}{translated(said, self._language)}\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """The lines of a list: a name, and what it is."""
        said = [(name.partition(" <")[0], self._remarked(text)) for name, text in rows]
        super().write_dl(said, col_max, col_spacing)

    def _remarked(self, text: str) -> str:
        found = re.fullmatch(_REMARKS, text)
        if found is None:
            return text
        remark, *others = (in_words(each, self._language) for each in found[2].split("; "))
        for other in others:
            remark = translated(Message("{one}; {other}", one=remark, other=other), self._language)
        return f"{found[1]}  [{remark}]" if found[1] else f"[{remark}]"
