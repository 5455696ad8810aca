"""The command line: says what was typed, calls one function a command, turns errors into exit codes.

0   found, or done                       74   the system failed
1   no article meets the query as typed  75   another writer is busy
2   a usage or query error              130   interrupted
3   no index, or damaged, or of another version
4   with --strict: some files were refused
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar, cast

import typer

from .errors import NewsearchError, NoIndexError, QueryError

if TYPE_CHECKING:
    from .hits import Page
    from .render import Line
    from .report import Progress, Report

_P = ParamSpec("_P")
_R = TypeVar("_R")

app = typer.Typer(
    name="newsearch",
    help="Full-text search for news archives, in French first.",
    no_args_is_help=True,
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
        except KeyboardInterrupt:
            _say("interrupted; what was committed is safe.")
            raise typer.Exit(130) from None
        except BrokenPipeError:
            # Whoever read has had enough: end quietly, and let nothing be flushed into the closed pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None

    return cast(Callable[_P, _R], app.command()(run))


@_command
def index(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Folders or files of articles.", metavar="[PATH]...")
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

    if verbose:
        import logging

        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    try:
        opened = open_index(index, write=True, wait=wait)
    except NoIndexError:
        missing = next((path for path in paths or ["seeds"] if not os.path.exists(path)), None)
        if missing is not None:
            _say(f"error: {missing} does not exist; no index was made.")
            raise typer.Exit(2) from None
        opened = create_index(index, wait=wait)
    with opened as target, _progress() as tell:
        report: Report = target.sync(*(paths or ["seeds"]), prune=prune, rescan=rescan, progress=tell)
    _print(remark_lines(report), error=True)
    _print(report_lines(report))
    if strict and report.refused:
        raise typer.Exit(4)


@_command
def query(
    words: Annotated[list[str], typer.Argument(help="The query.", metavar="QUERY", show_default=False)],
    index: IndexOption = DEFAULT_INDEX,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="Hits to show.")] = 10,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Hits to pass over first.")] = 0,
    sort: Annotated[
        str, typer.Option("--sort", metavar="relevance|date|-date", help="The order.")
    ] = "relevance",
    any_word: Annotated[
        bool, typer.Option("--any", help="Rank by any of the words: for questions and pasted text.")
    ] = False,
    format: Annotated[
        str, typer.Option("--format", metavar="text|json|jsonl|csv", help="The output.")
    ] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Find articles.

    Words, all required: drones Belgorod. Phrases: "Légion Liberté". Operators, in capitals: a OU b,
    a SAUF b, -mot. Fields: titre: texte: source: auteur: chemin:. Dates: date:2024-03,
    date:2024-03-01..2024-06, depuis:2023, avant:2024-04.

    A query that begins with a minus sign goes after two: newsearch query -- "-Poutine drones".
    """
    from .index import open_index
    from .render import page_csv, page_json, page_jsonl, page_lines

    chosen = "json" if as_json else format
    if chosen not in ("text", "json", "jsonl", "csv"):
        raise typer.BadParameter(f"{chosen!r} is not one of text, json, jsonl, csv.", param_hint="--format")
    if sort not in ("relevance", "date", "-date"):
        raise typer.BadParameter(f"{sort!r} is not one of relevance, date, -date.", param_hint="--sort")
    with open_index(index) as source:
        page: Page = source.search(
            " ".join(words),
            limit=limit,
            offset=offset,
            match="any" if any_word else "all",
            sort=sort,  # type: ignore[arg-type]  # checked above
        )
    for notice in page.notices if chosen != "json" else ():
        _say(notice)
    if chosen == "text":
        _print(page_lines(page))
    elif chosen == "jsonl":
        _say(f"{page.total} in all")
        _write(page_jsonl(page))
    else:
        _write(page_json(page) if chosen == "json" else page_csv(page))
    if not page.total or page.relaxed:
        raise typer.Exit(1)


@_command
def show(
    article: Annotated[str, typer.Argument(help="An id, its beginning, or a path.", metavar="ID")],
    query: Annotated[
        str | None, typer.Option("--query", "-q", help="Mark the words that this query matches.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Print an article."""
    from .index import open_index
    from .render import article_json, article_lines

    with open_index(index) as source:
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
    from .index import open_index
    from .render import forms_json, forms_lines

    with open_index(index) as source:
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
    from .index import open_index
    from .render import info_json, info_lines

    with open_index(index) as source:
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

    with open_index(index, write=clean, wait=wait) as source:
        problems = source.check(clean=clean)
    for problem in problems:
        _write(problem)
    if problems:
        raise typer.Exit(3)
    _write("The index is sound.")


@_command
def rebuild(index: IndexOption = DEFAULT_INDEX, wait: WaitOption = 0.0) -> None:
    """Make the index anew from its own text, after an upgrade."""
    from .index import open_index

    with open_index(index, write=True, wait=wait) as target, _progress() as tell:
        articles = target.rebuild(tell)
    _write(f"{articles:,} articles rebuilt")


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
    from .render import one_line

    with open_index(index, write=True, wait=wait) as target:
        erased = target.forget(article)
    _write(f"erased {erased.id}: {one_line(erased.title)}")


@_command
def compact(index: IndexOption = DEFAULT_INDEX, wait: WaitOption = 0.0) -> None:
    """Merge segments and drop deleted text from the disk."""
    from .index import open_index

    with open_index(index, write=True, wait=wait) as target:
        before = target.info().statistics
        target.compact()
        after = target.info().statistics
    _write(
        f"{before.size / 1e6:,.1f} MB in {before.segments} segments before, "
        f"{after.size / 1e6:,.1f} MB in {after.segments} now"
    )


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        _write(f"newsearch {installed('newsearch')}")
        raise typer.Exit(0)


def main() -> None:
    """The console script."""
    # NumPy is used without linear algebra, whose library would start threads that wait by spinning.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        cast(Any, stream).reconfigure(encoding="utf-8", errors="backslashreplace")
    app()


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None]]:
    """What a run tells about itself: a bar on a terminal, and a line for each checkpoint."""
    committed = 0

    def checkpoint(progress: Progress) -> None:
        nonlocal committed
        if progress.committed != committed and progress.bytes_read < progress.bytes_total:
            committed = progress.committed
            _say(f"checkpoint: {committed:,} articles are safe")

    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield checkpoint
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("indexing"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[articles]:,} articles, {task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("index", total=None, articles=0, rate=0.0)

        def tell(progress: Progress) -> None:
            elapsed = bar.tasks[task].elapsed or 0.0
            bar.update(
                task,
                completed=progress.bytes_read,
                total=progress.bytes_total or None,
                articles=progress.articles,
                rate=progress.articles / elapsed if elapsed else 0.0,
            )
            checkpoint(progress)

        yield tell


def _print_error(error: NewsearchError) -> None:
    from .render import one_line, query_error_lines

    if isinstance(error, QueryError):
        _print(query_error_lines(error), error=True)
    else:
        _say(f"error: {one_line(str(error))}")


def _print(lines: Iterator[Line], *, error: bool = False) -> None:
    from .render import write_lines

    write_lines(lines, error=error)
    (sys.stderr if error else sys.stdout).flush()


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _write(text: str) -> None:
    if text:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
