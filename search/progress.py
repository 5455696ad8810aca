"""The progress of a long run -> a bar on a terminal, a line for each checkpoint; Ctrl-C -> its end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

from .messages import Language, Message, translated
from .report import Progress

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED: Final = 130
"""The exit code, as shells have it: 128 and the number of the signal."""


class Interrupted(BaseException):
    """Ctrl-C: a run goes back to its last commit. Of a KeyboardInterrupt Typer would have a word to say."""


class Interrupts:
    """What Ctrl-C does to the console script: it ends in one line, which says what is safe, with code 130.

    The process ends on the spot: an index survives that at any moment, and nothing that would unwind, such
    as an import, can make another error of it. Only a run that tells its progress ends at the next word of
    it, so that no commit is cut off and what was begun is removed. A second Ctrl-C does not wait for that.
    """

    def __init__(self) -> None:
        self.phase: Literal["before", "run", "stopping", "ending", "over"] = "before"
        self.has_bar = False
        self._sentence = _COMMITTED
        self._language: Callable[[], Language] = lambda: "en"

    def listen(self, language: Callable[[], Language]) -> None:
        """Take over from Python, unless whoever started the process has it ignore interrupts."""
        self._language = language
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._met)

    def begin_index(self) -> None:
        """Be told that the command is the one that indexes."""
        self._sentence = _NOTHING_YET

    def meet(self, progress: Progress) -> None:
        """Be told how far a run is, and end it here where that is wanted. Raises Interrupted."""
        if progress.committed:
            self._sentence = Message(
                "interrupted; {count} article of this run is safe, run it again to go on.",
                "interrupted; {count} articles of this run are safe, run it again to go on.",
                count=progress.committed,
            )
        if self.phase == "before":
            self.phase = "run"
        is_whole = progress.committed == progress.articles and progress.bytes_read >= progress.bytes_total
        if self.phase == "stopping" and not is_whole:
            self.phase = "ending"
            raise Interrupted

    def end_run(self) -> None:
        """Be told that a run has come to its end, whether or not it was to stop."""
        self.phase = "before"
        self.has_bar = False

    def tell(self) -> int:
        """Say how it ended, and give the exit code."""
        self.phase = "over"
        sys.stderr.write(translated(self._sentence, self._language()) + "\n")
        return INTERRUPTED

    def close(self) -> None:
        """Be deaf from now on: Python, at its end, would let an interrupt kill the process."""
        self.phase = "over"
        if signal.getsignal(signal.SIGINT) == self._met:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _met(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # as Python calls it
        if self.phase == "run":
            self.phase = "stopping"
        elif self.phase != "over":
            # Between a commit and the word of it, there may be more than was told.
            in_commit = self.phase == "stopping" and self._sentence is _NOTHING_YET
            self.phase = "over"  # one more may come right now
            told = translated(_COMMITTED if in_commit else self._sentence, self._language())
            without_bar = "\r\x1b[2K\x1b[?25h" if self.has_bar else ""
            # Not by sys.stderr, in the middle of whose work this may be.
            os.write(2, f"{without_bar}{told}\n".encode())
            os._exit(INTERRUPTED)


_COMMITTED: Final = Message("interrupted; what was committed is safe.")
_NOTHING_YET: Final = Message("interrupted; no article was indexed yet.")

interrupts: Final = Interrupts()
"""Those of this process, of which there is one."""


@contextmanager
def told_progress(language: Language, say: Callable[[str], None]) -> Iterator[Callable[[Progress], None]]:
    """What takes the progress of a run: a bar on a terminal, and a line by `say` for each checkpoint.

    It raises Interrupted where the run is to end.
    """
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
        interrupts.meet(progress)

    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield checkpoint
        interrupts.end_run()
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
    interrupts.has_bar = True
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
    interrupts.end_run()
