"""The engine's four functions (see `search/engine.py`), over columnar segments."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Final

from ....engine import Reader
from ....errors import DamagedIndexError, system_reason
from ....french.analysis import ANALYSIS
from ....messages import Message
from ..generations import (
    COMMIT_BETWEEN,
    NOT_AS_COMMITTED,
    Generations,
    Manifest,
    belongs_to_none,
    damaged,
    never_finished,
    record,
    toc_name,
    version_error,
)
from .arrays import ArrayFile
from .opening import open_segments
from .reader import ColumnarReader

if TYPE_CHECKING:
    from .writer import ColumnarWriter

FORMAT: Final = "columnar-1"
"""The layout of the folder and of its files; a change of either is a new name."""

_STOCK: Final = "whoosh-stock-"

_OPENING_TRIES = 20
"""A commit that comes while an index is opened takes its files away: look again, so often."""


def create(path: str) -> None:
    """Make an empty index in an empty folder."""
    from .codec import toc_bytes

    Generations(path, FORMAT).commit(0, [], {}, toc_bytes([], 0), {"segments": []})


def open_reader(path: str, *, any_version: bool = False) -> Reader:
    """Read the last commit. Raises DamagedIndexError, or IndexVersionError unless any_version."""
    folder = Generations(path, FORMAT)
    for tries_left in reversed(range(_OPENING_TRIES)):
        generation = folder.newest()
        try:
            return _open(folder, generation, any_version)
        except (DamagedIndexError, OSError) as error:
            if folder.newest() == generation or not tries_left:
                if isinstance(error, OSError):
                    raise damaged(error.filename or path, system_reason(error)) from error
                raise
    raise AssertionError("the last try returns or raises")


def open_writer(path: str, *, afresh: bool = False) -> ColumnarWriter:
    """Write to the index; `afresh` begins with no articles, in the current version's format."""
    # A search does without all that writing needs.
    from .writer import ColumnarWriter

    return ColumnarWriter(Generations(path, FORMAT), afresh)


def check(path: str, *, clean: bool = False) -> list[str]:
    """A sentence for each damaged file and each one that no commit names; `clean` removes those."""
    folder = Generations(path, FORMAT)
    try:
        manifest = folder.manifest(folder.newest())
    except DamagedIndexError as error:
        return [error.message]
    problems = folder.altered(manifest)
    if problems:
        return [*problems, *_altered_pages(folder, manifest)]
    garbage = folder.garbage(manifest)
    if clean:
        folder.remove(garbage)
        return []
    return [belongs_to_none(folder.path_of(name)) for name in garbage]


def _open(folder: Generations, generation: int, any_version: bool) -> Reader:
    if folder.is_unfinished():
        raise never_finished(folder.path)
    manifest = folder.manifest(generation)
    if not any_version and (manifest.format, manifest.analysis) != (FORMAT, ANALYSIS):
        raise version_error(folder.path, manifest, FORMAT)
    if manifest.format.startswith(_STOCK):
        # Written by the engine that came before this one: a rebuild reads it so, once.
        from .. import stock

        return stock.open_reader(folder.path, any_version=True)
    toc = toc_name(generation)
    if record(folder.path_of(toc)) != manifest.files.get(toc):
        raise damaged(folder.path_of(toc), NOT_AS_COMMITTED)
    with contextlib.ExitStack() as opened:
        attachments: dict[str, BinaryIO] = {
            name: opened.enter_context(open(folder.path_of(name), "rb")) for name in _attachments(manifest)
        }
        segments = open_segments(folder, manifest)
        if folder.newest() != generation:
            raise damaged(folder.path, COMMIT_BETWEEN)
        opened.pop_all()
    return ColumnarReader(folder, manifest, segments, attachments)


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


def _attachments(manifest: Manifest) -> list[str]:
    return [name for name in manifest.files if os.path.basename(name).startswith("newsearch-")]
