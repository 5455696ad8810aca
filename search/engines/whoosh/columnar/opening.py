"""A folder -> one generation, open: the newest, or the one before where that is damaged."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from ....errors import DamagedIndexError, NewsearchError
from ....french.analysis import ANALYSIS
from ....messages import Message
from ..generations import (
    NOT_AS_COMMITTED,
    OTHER_SIZE,
    Generations,
    Manifest,
    damaged,
    record,
    toc_name,
    version_error,
)
from .segment import SUFFIX, Segment

FORMAT: Final = "columnar-1"
"""The layout of the folder and of its files; a change of either is a new name."""


@dataclass(frozen=True, slots=True)
class OpenGeneration:
    """A generation whose files are open, so that a later commit takes nothing of it away.

    `notice` says that it is not the newest one, which is damaged.
    """

    manifest: Manifest
    segments: Sequence[Segment]
    attachments: Mapping[str, BinaryIO]
    notice: Message | None = None

    def close(self) -> None:
        """Give back files; segments go with the last view of them."""
        for file in self.attachments.values():
            file.close()


def open_newest(folder: Generations, *, any_version: bool = False) -> OpenGeneration:
    """The newest generation. Raises DamagedIndexError, and IndexVersionError unless `any_version`."""
    return folder.opened(lambda generation: open_generation(folder, generation, any_version))


def open_newest_or_before(folder: Generations, *, any_version: bool = False) -> OpenGeneration:
    """The newest generation, or where that is damaged the one before, with a notice. Raises the same."""
    try:
        return open_newest(folder, any_version=any_version)
    except DamagedIndexError as damage:
        before = folder.previous()
        if before < 0:
            raise
        notice = Message(
            "The last commit cannot be read; the one before answers in its place. {damage}",
            damage=damage.message,
        )
        try:
            return open_generation(folder, before, any_version, notice)
        except (NewsearchError, OSError):
            raise damage from None


def open_generation(
    folder: Generations, generation: int, any_version: bool, notice: Message | None = None
) -> OpenGeneration:
    """One generation. Raises DamagedIndexError, IndexVersionError, and OSError where a file has gone."""
    manifest = folder.manifest(generation)
    if not any_version and (manifest.format, manifest.analysis) != (FORMAT, ANALYSIS):
        raise version_error(folder.path, manifest, FORMAT)
    toc = toc_name(generation)
    if record(folder.toc_path(generation)) != manifest.files.get(toc):
        raise damaged(folder.path_of(toc), NOT_AS_COMMITTED)
    for name, told in manifest.files.items():
        if name != toc and os.path.getsize(folder.path_of(name)) != told["size"]:
            raise damaged(folder.path_of(name), OTHER_SIZE)
    with contextlib.ExitStack() as opened:
        attachments: dict[str, BinaryIO] = {
            name: opened.enter_context(open(folder.path_of(name), "rb"))
            for name in manifest.files
            if name.startswith("newsearch-")
        }
        segments = [
            open_segment(folder, told["name"], told["deletions"])
            for told in manifest.contents.get("segments", ())
        ]
        opened.pop_all()
    return OpenGeneration(manifest, segments, attachments, notice)


def open_segment(folder: Generations, name: str, deletions: str | None) -> Segment:
    """A segment, with the file of what was deleted of it. Raises DamagedIndexError or OSError."""
    return Segment(folder.path_of(name + SUFFIX), folder.path_of(deletions) if deletions else None)
