"""Whoosh's file storage, whose commits are whole generations (`generations.py`), for the stock engine.

Whoosh pickles: the list of segments in its TOC, stored fields, postings, positions, directories. Here
nothing of it can call anything: what is unpickled is plain data, or an error.
"""

from __future__ import annotations

import io
import os
import pickle
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Final

from whoosh import columns, externalsort, formats
from whoosh.codec import whoosh3
from whoosh.filedb import structfile
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from ...errors import NewsearchError
from .generations import FileRecord, Generations, damaged, generation_of, record, segment_of, sync

FORMAT: Final = "whoosh-stock-2"
"""The layout of the folder and the schema; a change of either is a new name."""

_PLAIN: Final = {
    # How protocol 2 writes bytes: those of a text in Latin-1, or none.
    ("_codecs", "encode"): str.encode,
    ("__builtin__", "bytes"): b"".lower,
}
"""The names that plain data is pickled with, and what is called in their place: nothing that a pickle could
alter, or have do anything else."""


class CommittedStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's file storage, with `attachments` that the next commit carries along."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        _have_whoosh_unpickle_plain_data()
        self.generations = Generations(path, FORMAT)
        self.attachments: Mapping[str, bytes] = {}

    def open_file(self, name: str, **kwargs: Any) -> StructFile:  # noqa: D102  # Whoosh's
        file = super().open_file(name, **kwargs)
        if generation_of(name) is not None:
            file.read_pickle = lambda: SegmentsUnpickler(file.file).segments()
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


class PlainUnpickler(pickle.Unpickler):
    """Reads numbers, texts, bytes and what contains them, and fails for anything else."""

    def find_class(self, module: str, name: str) -> Any:
        """What is called by this name in plain data."""
        found = _PLAIN.get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"{module}.{name} is no plain data")
        return found


class SegmentsUnpickler(PlainUnpickler):
    """Reads the list of segments of a TOC."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        # A pickle may alter a class that it names: these are of this one reading.
        self._segment = type("W3Segment", (), {})
        self._allowed = {
            ("whoosh.codec.whoosh3", "W3Segment"): self._segment,
            ("whoosh.codec.whoosh3", "W3Codec"): type("W3Codec", (), {}),
            ("collections", "defaultdict"): dict,
            ("builtins", "int"): (),
        }

    def find_class(self, module: str, name: str) -> Any:
        """What stands for a class of a segment while it is read."""
        return (
            self._allowed[module, name]
            if (module, name) in self._allowed
            else super().find_class(module, name)
        )

    def segments(self) -> list[Any]:
        """Whoosh's segments, made anew of what was read. Raises what a file altered by hand leads to."""
        return [self._made(vars(found)) for found in self.load() if type(found) is self._segment]

    @staticmethod
    def _made(told: Mapping[str, Any]) -> Any:
        if not re.fullmatch("MAIN [0-9a-z]+", f"{told['indexname']} {told['segid']}"):
            raise pickle.UnpicklingError("a segment has another name than Whoosh gives it")
        deleted = told["_deleted"]
        segment = whoosh3.W3Segment(
            whoosh3.W3Codec(),
            told["indexname"],
            int(told["_doccount"]),
            told["segid"],
            None if deleted is None else set(map(int, deleted)),
        )
        segment.compound = bool(told["compound"])
        segment._fieldlengths = {str(name): int(length) for name, length in told["_fieldlengths"].items()}
        return segment


def _loaded(file: IO[bytes]) -> Any:
    if generation_of(os.path.basename(str(getattr(file, "name", "")))) is not None:
        # Whoosh's own programs open an index: this storage reads no TOC so.
        return pickle.load(file)  # noqa: S301
    return PlainUnpickler(file).load()


def _loaded_from(data: bytes) -> Any:
    return PlainUnpickler(io.BytesIO(data)).load()


def _have_whoosh_unpickle_plain_data() -> None:
    """From the first index of this engine on, Whoosh reads no other pickle of a segment in this process.

    It offers no other way in than the names that its modules imported.
    """
    for module in (columns, externalsort, formats, structfile, whoosh3):
        for name, loaded in (("load", _loaded), ("load_pickle", _loaded), ("loads", _loaded_from)):
            if hasattr(module, name):
                setattr(module, name, loaded)


@contextmanager
def naming_damage(path: str, *passing: type[Exception]) -> Iterator[None]:
    """Turn what Whoosh raises over an altered file into a DamagedIndexError that names the index, but for
    errors of the kinds that are `passing`: OSError, where something is written too.

    Whoosh has no error of its own for that: of 15,400 single bytes altered, those that it noticed
    raised a dozen kinds, the bare Exception among them.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (NewsearchError, MemoryError, *passing)):
            raise
        raise damaged(path, f"{type(error).__name__}: {error}") from error
