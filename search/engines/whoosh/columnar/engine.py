"""The engine's functions (see `search/engine.py`), over columnar segments."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ....engine import Reader
from ....errors import DamagedIndexError
from ....messages import Message
from ..generations import (
    Generations,
    Manifest,
    belongs_to_none,
    never_finished,
    unreadable,
)
from .arrays import ArrayFile
from .opening import FORMAT, open_newest_or_before
from .reader import ColumnarReader

if TYPE_CHECKING:
    from ....engine import Remains
    from .writer import ColumnarWriter

_STOCK: Final = "whoosh-stock-"


def create(path: str) -> None:
    """Make an empty index in an empty folder."""
    from .codec import toc_bytes

    Generations(path, FORMAT).commit(0, [], {}, toc_bytes([], 0), {"segments": []})


def open_reader(path: str, *, any_version: bool = False) -> Reader:
    """Read the last commit, or the one before where that is damaged. Raises DamagedIndexError, or
    IndexVersionError unless any_version."""
    folder = Generations(path, FORMAT)
    try:
        if folder.is_unfinished():
            raise never_finished(path)
    except OSError as error:
        raise unreadable(path, error) from error
    if any_version and _is_stock(folder):
        # Written by the engine that came before this one: a rebuild reads it so, once.
        from .. import stock

        return stock.open_reader(path, any_version=True)
    return ColumnarReader(folder, open_newest_or_before(folder, any_version=any_version))


def open_writer(path: str, *, afresh: bool = False) -> ColumnarWriter:
    """Write to the index; `afresh` begins with no articles, in the current version's format."""
    # A search does without all that writing needs.
    from .writer import ColumnarWriter

    return ColumnarWriter(Generations(path, FORMAT), afresh)


def salvage(path: str) -> Remains:
    """What can still be read of a damaged index."""
    from .salvage import ColumnarRemains

    return ColumnarRemains(Generations(path, FORMAT))


def check(path: str, *, clean: bool = False) -> list[str]:
    """A sentence for each damaged file and each one that no commit names; `clean` removes those, and what is
    kept of the commit before where that is damaged."""
    folder = Generations(path, FORMAT)
    try:
        manifest = folder.manifest(folder.newest())
    except DamagedIndexError as error:
        return [error.message]
    problems = folder.altered(manifest)
    if problems:
        return [*problems, *_altered_pages(folder, manifest)]
    kept = [manifest]
    before = folder.previous()
    if before >= 0:
        lost = _lost_of(folder, before, manifest)
        if not lost:
            kept.append(folder.manifest(before))
        elif not clean:
            return lost
    garbage = folder.garbage(kept)
    if clean:
        folder.remove(garbage)
        return []
    return [belongs_to_none(folder.path_of(name)) for name in garbage]


def _is_stock(folder: Generations) -> bool:
    try:
        return folder.manifest(folder.newest()).format.startswith(_STOCK)
    except DamagedIndexError:
        return False


def _lost_of(folder: Generations, before: int, newest: Manifest) -> list[str]:
    """A sentence for each damaged file that only the generation before has."""
    try:
        manifest = folder.manifest(before)
    except DamagedIndexError as error:
        problems = [error.message]
    else:
        own = {name: told for name, told in manifest.files.items() if name not in newest.files}
        problems = folder.altered(
            Manifest(manifest.generation, manifest.format, manifest.analysis, own, manifest.contents)
        )
    return [
        Message(
            "{problem} Only the commit before the last one had it: "
            "`newsearch check --clean` removes what is kept of that commit.",
            problem=problem,
        )
        for problem in problems
    ]


def _altered_pages(folder: Generations, manifest: Manifest) -> Iterator[str]:
    """A sentence for each file of arrays with altered pages: what is on the others is whole."""
    for path in (folder.path_of(name) for name in manifest.files if name.startswith("MAIN_")):
        with contextlib.suppress(DamagedIndexError, OSError):
            pages = ArrayFile(path).damaged_pages()
            if pages:
                numbers = tuple(map(str, pages))
                yield Message(
                    "{path}: of its pages of 64 KB, these are altered: {pages}.", path=path, pages=numbers
                )
