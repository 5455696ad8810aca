"""Whoosh's file storage, whose commits are whole generations (`generations.py`), for the stock engine.

Whoosh keeps the list of segments in its TOC as a pickle. It is read by an unpickler that knows the few
names that such a list needs, and refuses all others.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from ...errors import NewsearchError
from .generations import FileRecord, Generations, damaged, generation_of, record, segment_of, sync

FORMAT: Final = "whoosh-stock-2"
"""The layout of the folder and the schema; a change of either is a new name."""

_ALLOWED: Final = frozenset(
    {
        ("whoosh.codec.whoosh3", "W3Segment"),
        ("whoosh.codec.whoosh3", "W3Codec"),
        ("collections", "defaultdict"),
        ("builtins", "int"),
        ("builtins", "set"),
        ("builtins", "object"),
        ("copyreg", "_reconstructor"),
        ("__builtin__", "long"),
        ("__builtin__", "set"),
        ("__builtin__", "object"),
        ("copy_reg", "_reconstructor"),
    }
)
"""All that Whoosh pickles for a list of segments, under their names in Python 3 and in protocol 2."""


class CommittedStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's file storage, with `attachments` that the next commit carries along."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.generations = Generations(path, FORMAT)
        self.attachments: Mapping[str, bytes] = {}

    def open_file(self, name: str, **kwargs: Any) -> StructFile:  # noqa: D102  # Whoosh's
        file = super().open_file(name, **kwargs)
        if generation_of(name) is not None:
            file.read_pickle = lambda: SegmentsUnpickler(file.file).load()
        return file

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename as Whoosh asks; where this is the commit, write first what belongs to it."""
        generation = generation_of(newname)
        if generation is None:
            super().rename_file(oldname, newname, safe)
            return
        path_of = self.generations.path_of
        known = self._known_files()
        for name in [name for name in self.list() if segment_of(name) and name not in known]:
            sync(path_of(name))
            known[name] = record(path_of(name))
        sync(path_of(oldname))
        self.generations.prepare(generation, known, self.attachments, record(path_of(oldname)), {})
        os.replace(path_of(oldname), path_of(newname))
        sync(self.folder)

    def _known_files(self) -> dict[str, FileRecord]:
        newest = self.generations.newest()
        if newest < 0:
            return {}
        present = set(self.list())
        files = self.generations.manifest(newest).files
        return {name: told for name, told in files.items() if segment_of(name) and name in present}


class SegmentsUnpickler(pickle.Unpickler):
    """Reads a pickled list of Whoosh's segments, and fails for anything else."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of this name, if it is one of a segment's."""
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is nothing that a list of segments holds")
        return super().find_class(module, name)


@contextmanager
def naming_damage(path: str) -> Iterator[None]:
    """Turn what Whoosh raises over an altered file into a DamagedIndexError that names the index.

    Whoosh has no error of its own for that: of 15,400 single bytes altered, those that it noticed
    raised a dozen kinds, the bare Exception among them.
    """
    try:
        yield
    except (NewsearchError, MemoryError):
        raise
    except Exception as error:
        raise damaged(path, f"{type(error).__name__}: {error}") from error
