"""The progress of a long run -> a bar on a terminal, and a line for each checkpoint."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .messages import Language, Message, translated
from .report import Progress


@contextmanager
def told_progress(language: Language, say: Callable[[str], None]) -> Iterator[Callable[[Progress], None]]:
    """What takes the progress of a run: a bar on a terminal, and a line by `say` for each checkpoint."""
    committed = 0

    def checkpoint(progress: Progress) -> None:
        nonlocal committed
        if progress.committed != committed and progress.bytes_read < progress.bytes_total:
            committed = progress.committed
            say(
                Message(
                    "checkpoint: {count} article is safe",
                    "checkpoint: {count} articles are safe",
                    count=committed,
                )
            )

    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield checkpoint
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn(translated(Message("indexing"), language)),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}\u202f%"),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("index", total=None, told="")

        def tell(progress: Progress) -> None:
            elapsed = bar.tasks[task].elapsed or 0.0
            told = Message(
                "{count} article, {rate}/s",
                "{count} articles, {rate}/s",
                count=progress.articles,
                rate=round(progress.articles / elapsed) if elapsed else 0,
            )
            bar.update(
                task,
                completed=progress.bytes_read,
                total=progress.bytes_total or None,
                told=translated(told, language),
            )
            checkpoint(progress)

        yield tell
