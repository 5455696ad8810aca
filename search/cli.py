"""The command line: says what was typed, calls one function a command, turns errors into exit codes.

0   found, or done                       74   the system failed
1   no article meets the query as typed  75   another writer is busy
2   a usage or query error              130   interrupted
3   no index, or damaged, or of another version
4   with --strict: some files were refused
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar, cast

import typer
from typer.core import TyperGroup

from .errors import NewsearchError, NoIndexError, QueryError, UsageError
from .manual import put_into_words, typed_language, usage_error
from .messages import LANGUAGES, Language, Message, preferred_language, translated
from .progress import Interrupted, interrupts, told_progress
from .render import one_line, visible

if TYPE_CHECKING:
    from .hits import Page
    from .index import Index
    from .render import Line
    from .report import Report

_P = ParamSpec("_P")
_R = TypeVar("_R")

app = typer.Typer(
    name="newsearch",
    help="Full-text search for news archives, in French first.",
    subcommand_metavar="COMMAND [ARGS]...",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

IndexOption = Annotated[
    str,
    typer.Option("--index", envvar="NEWSEARCH_INDEX", help="The folder of the index.", metavar="DIR"),
]
WaitOption = Annotated[
    float,
    typer.Option("--wait", help="Seconds to wait while another process is writing.", metavar="SECONDS"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DEFAULT_INDEX = "indexes/default"


def _command(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make a function a command whose errors are a line on stderr and an exit code."""

    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except NewsearchError as error:
            _print_error(error)
            raise typer.Exit(error.exit_code) from None
        except BrokenPipeError:
            # Whoever read has had enough: end quietly, and let nothing be flushed into the closed pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        finally:
            if interrupts.phase == "before":
                interrupts.phase = "over"  # what was to be done is done and told

    return cast(Callable[_P, _R], app.command()(run))


@_command
def index(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Folders or files of articles.", metavar="PATH")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles even where a folder lost most of them.")
    ] = False,
    rescan: Annotated[
        bool, typer.Option("--rescan", help="Read every file again and compare contents.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 4 where a file was refused.")] = False,
    wait: WaitOption = 0.0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every file to stderr.")] = False,
) -> None:
    """Index folders of articles, or what changed in them.

    Without a PATH, the folder seeds.
    """
    from .index import create_index, open_index
    from .render import remark_lines, report_lines

    interrupts.begin_index()
    if verbose:
        _log_to_stderr()
    try:
        opened = open_index(index, write=True, wait=wait)
    except NoIndexError:
        missing = next((path for path in paths or ["seeds"] if not os.path.exists(path)), None)
        if missing is not None:
            raise UsageError(Message("{path} does not exist; no index was made.", path=missing)) from None
        opened = create_index(index, wait=wait)
    with opened as target, told_progress(_language(), _say) as tell:
        report: Report = target.sync(*(paths or ["seeds"]), prune=prune, rescan=rescan, progress=tell)
    _print(remark_lines(report), error=True)
    _print(report_lines(report))
    if strict and report.refused:
        raise typer.Exit(4)


def _complete_words(context: typer.Context, incomplete: str) -> list[str]:
    """What the shell offers behind `newsearch query`: nothing at all where there is no index to ask."""
    from .index import open_index

    try:
        with open_index(
            context.params.get("index") or os.environ.get("NEWSEARCH_INDEX") or DEFAULT_INDEX
        ) as source:
            return list(source.completions(incomplete))
    except NewsearchError:
        return []


@_command
def query(
    words: Annotated[
        list[str],
        typer.Argument(
            help="The query.", metavar="QUERY", show_default=False, autocompletion=_complete_words
        ),
    ],
    index: IndexOption = DEFAULT_INDEX,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="Hits to show.", metavar="NUMBER")] = 10,
    offset: Annotated[
        int, typer.Option("--offset", min=0, help="Hits to pass over first.", metavar="NUMBER")
    ] = 0,
    sort: Annotated[
        str, typer.Option("--sort", metavar="relevance|date|-date", help="The order.")
    ] = "relevance",
    any_word: Annotated[
        bool, typer.Option("--any", help="Rank by any of the words: for questions and pasted text.")
    ] = False,
    variants: Annotated[
        bool,
        typer.Option("--variants/--no-variants", help="Search names by their other spellings too."),
    ] = True,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say how the query was read and why each hit meets it.")
    ] = False,
    format: Annotated[
        str, typer.Option("--format", metavar="text|json|jsonl|csv", help="The output.")
    ] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Find articles.

    Words, all required: drones Belgorod. Phrases: "Légion Liberté", with up to 3 words more: "a b"~3.
    This very form: =mot. Beginnings and patterns: Élys*, Belg?rod. Almost so: Koursc~. Often: mot>2.
    Operators, in capitals: a OU b, a SAUF b, -mot, a PRES/5 b, a ADJ/5 b. Fields: titre: texte: source:
    auteur: chemin:. Dates: date:2024-03, date:2024-03..2024-06, date:"14 mars 2024", date:hier, date:3m..,
    depuis:2023, avant:2024-04.

    A query that begins with a minus sign goes after two: newsearch query -- "-Poutine drones".
    """
    from .index import open_index
    from .render import page_lines, sentence_line
    from .serialization import page_csv, page_json, page_jsonl

    chosen = "json" if as_json else format
    _check_choice("--format", chosen, ("text", "json", "jsonl", "csv"))
    _check_choice("--sort", sort, ("relevance", "date", "-date"))
    with open_index(index) as source:
        page: Page = source.search(
            " ".join(words),
            limit=limit,
            offset=offset,
            match="any" if any_word else "all",
            sort=sort,  # type: ignore[arg-type]  # checked above
            variants=variants,
            explain=explain,
        )
    _print(map(sentence_line, page.notices if chosen != "json" else ()), error=True)
    if chosen == "text":
        _print(page_lines(page))
    elif chosen == "jsonl":
        # Without separators: a program may read it.
        _say(Message("{total} in all", total=str(page.total)))
        _write(page_jsonl(page))
    else:
        _write(page_json(page) if chosen == "json" else page_csv(page))
    if not page.total or page.relaxed:
        raise typer.Exit(1)


@contextlib.contextmanager
def _reading(path: str) -> Iterator[Index]:
    """An index open for reading; whoever reads is told where it is not the last commit."""
    from .index import open_index

    with open_index(path) as source:
        yield source
        if source.notice:
            _say(source.notice)


@_command
def complete(
    words: Annotated[
        list[str], typer.Argument(help="The beginning of a query.", metavar="QUERY", show_default=False)
    ],
    index: IndexOption = DEFAULT_INDEX,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Completions to print.", metavar="NUMBER")
    ] = 10,
    as_json: JsonOption = False,
) -> None:
    """Complete a query by words of the archive.

    Its last word is completed, by the most frequent words first.
    """
    from .render import sentence_line
    from .serialization import completions_json

    with _reading(index) as source:
        found = source.completions(" ".join(words), limit=limit)
    if as_json:
        _write(completions_json(found))
    else:
        _print(map(sentence_line, found))
    if not found:
        raise typer.Exit(1)


@_command
def show(
    article: Annotated[str, typer.Argument(help="An id, its beginning, or a path.", metavar="ID")],
    query: Annotated[
        str | None,
        typer.Option("--query", "-q", help="Mark the words that this query matches.", metavar="QUERY"),
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Print an article."""
    from .render import article_lines
    from .serialization import article_json

    with _reading(index) as source:
        found = source.article(article)
        title_spans, body_spans = source.marks(found, query) if query else ((), ())
    if as_json:
        _write(article_json(found))
    else:
        _print(article_lines(found, title_spans, body_spans))


@_command
def forms(
    word: Annotated[str, typer.Argument(help="A word, with or without accents.", metavar="WORD")],
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Say what a word stands for: its classes, its forms in the archive, their weights.

    A form that matches satisfies a query for the word and is marked in passages; one that does not shares
    a stem or a doubtful reading, and counts in the ranking only.
    """
    from .render import forms_lines
    from .serialization import forms_json

    with _reading(index) as source:
        group, articles = source.forms(word)
    if as_json:
        _write(forms_json(group, articles))
    else:
        _print(forms_lines(group, articles))
    if not group.members:
        raise typer.Exit(1)


@_command
def info(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """Say what the index holds, and its size and versions."""
    from .render import info_lines
    from .serialization import info_json

    with _reading(index) as source:
        found = source.info()
    if as_json:
        _write(info_json(found))
    else:
        _print(info_lines(found))


@_command
def check(
    index: IndexOption = DEFAULT_INDEX,
    clean: Annotated[bool, typer.Option("--clean", help="Remove files that belong to no commit.")] = False,
    wait: WaitOption = 0.0,
) -> None:
    """Verify every file and every article of the index."""
    from .index import open_index
    from .render import sentence_line

    with open_index(index, write=clean, wait=wait) as source:
        problems = source.check(clean=clean)
    _print(map(sentence_line, problems))
    if problems:
        raise typer.Exit(3)
    _write(Message("The index is sound."))


@_command
def rebuild(index: IndexOption = DEFAULT_INDEX, wait: WaitOption = 0.0) -> None:
    """Make the index anew from its own text, after an upgrade or damage."""
    from .index import open_index
    from .render import rebuilt_lines

    with open_index(index, write=True, wait=wait) as target, told_progress(_language(), _say) as tell:
        made = target.rebuild(tell)
    _print(rebuilt_lines(made))


@_command
def forget(
    article: Annotated[str, typer.Argument(help="An id, its beginning, or a path.", metavar="ID")],
    index: IndexOption = DEFAULT_INDEX,
    wait: WaitOption = 0.0,
) -> None:
    """Erase an article from the disk, for good.

    A later index run does not take it again, even where the file still holds it.
    """
    from .index import open_index

    with open_index(index, write=True, wait=wait) as target:
        erased = target.forget(article)
    _write(Message("erased {article}: {title}", article=erased.id, title=one_line(erased.title)))


@_command
def compact(index: IndexOption = DEFAULT_INDEX, wait: WaitOption = 0.0) -> None:
    """Merge segments and drop deleted text from the disk."""
    from .index import open_index

    with open_index(index, write=True, wait=wait) as target:
        before = target.info().statistics
        target.compact()
        after = target.info().statistics
    _write(
        Message(
            "{size} MB in {count} segment before, {new_size} MB in {new_count} now",
            "{size} MB in {count} segments before, {new_size} MB in {new_count} now",
            size=round(before.size / 1e6, 1),
            count=before.segments,
            new_size=round(after.size / 1e6, 1),
            new_count=after.segments,
        )
    )


def _check_choice(option: str, typed: str, choices: tuple[str, ...]) -> None:
    if typed not in choices:
        raise typer.BadParameter(f"{typed!r} is not one of {', '.join(choices)}.", param_hint=option)


def _check_language(typed: str | None) -> str | None:
    # What it says was looked for before the line was read; here it is only refused where it says nothing.
    _check_choice("--lang", typed or "en", LANGUAGES)
    return typed


def _show_help(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        _write(context.get_help())
        raise typer.Exit(0)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    _lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="|".join(LANGUAGES),
            help="The language of help and messages; else that of NEWSEARCH_LANG, else of the locale.",
            callback=_check_language,
            expose_value=False,
        ),
    ] = None,
    _help: Annotated[
        bool,
        typer.Option(
            "--help",
            help="Show this page.",
            callback=_show_help,
            expose_value=False,
            is_eager=True,
        ),
    ] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        _write(f"newsearch {installed('newsearch')}")
        raise typer.Exit(0)
    if context.invoked_subcommand is None:
        sys.stderr.write(context.get_help() + "\n")
        raise typer.Exit(2)


def program(language: Language) -> TyperGroup:
    """The commands as Typer reads them, with help in a language."""
    made = cast(TyperGroup, typer.main.get_command(app))
    shared = [parameter for parameter in made.params if parameter.name in ("_lang", "_help")]
    # --help stands last on every page.
    made.params = [parameter for parameter in made.params if parameter not in shared] + shared
    for command in made.commands.values():
        command.params.extend(shared)
    put_into_words(made, language)
    return made


def main() -> None:
    """The console script."""
    interrupts.listen(_language)
    # NumPy is used without linear algebra, whose library would start threads that wait by spinning.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        cast(Any, stream).reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = program(_language()).main(standalone_mode=False)
    except Interrupted:
        code = interrupts.tell()
    except typer.Abort:
        _say(Message("Aborted!"))
        code = 1
    except Exception as error:
        # Typer's errors have no public class in all of its versions, but they all know how they read.
        if not hasattr(error, "format_message"):
            raise
        _say(usage_error(error, _language()))
        code = getattr(error, "exit_code", 2)
    interrupts.close()
    sys.exit(code or 0)


@functools.cache
def _language() -> Language:
    """The language of this run: that of --lang, of NEWSEARCH_LANG, or of the locale."""
    return preferred_language(typed_language(sys.argv[1:]))


def _log_to_stderr() -> None:
    """Let every file be told on stderr."""
    import logging

    class InWords(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            said = record.msg if isinstance(record.msg, Message) else record.getMessage()
            return one_line(translated(said, _language()))

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(InWords())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _print_error(error: NewsearchError) -> None:
    from .render import error_line, query_error_lines

    _print(query_error_lines(error) if isinstance(error, QueryError) else [error_line(error)], error=True)


def _print(lines: Iterable[Line], *, error: bool = False) -> None:
    from .render import write_lines

    write_lines(lines, language=_language(), error=error)
    (sys.stderr if error else sys.stdout).flush()


def _say(sentence: str) -> None:
    sys.stderr.write(visible(translated(sentence, _language())) + "\n")


def _write(text: str) -> None:
    if text:
        sys.stdout.write(translated(text, _language()) + "\n")
        sys.stdout.flush()
