"""A damaged index -> the articles and attachments that can still be read of its last two generations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ....article import Article
from ....errors import DamagedIndexError
from ..generations import FileRecord, Generations, Manifest, attachment_name, record_of
from .opening import open_segment
from .segment import Segment


class ColumnarRemains:
    """The manifests that can be read are believed; of everything else what is as it was committed."""

    def __init__(self, folder: Generations) -> None:
        self._folder = folder
        self._manifests: list[Manifest] = []
        for generation in sorted({*folder.numbers(), folder.newest(), folder.previous()}, reverse=True):
            with contextlib.suppress(DamagedIndexError):
                manifest = folder.manifest(generation)
                if manifest.format == folder.format:  # what another version wrote is not damaged
                    self._manifests.append(manifest)

    def articles(self) -> Iterator[Article]:
        """The articles, those of the newest generation first: an id may come more than once."""
        for segment in self._segments():
            docs: list[int] = []
            with contextlib.suppress(DamagedIndexError):
                docs = segment.live_docs().tolist()
            for doc in docs:
                with contextlib.suppress(DamagedIndexError):
                    yield segment.article(doc)

    def attachments(self, name: str) -> Iterator[bytes]:
        """What the generations attached under this name, the newest first."""
        for manifest in self._manifests:
            file_name = attachment_name(name, manifest.generation)
            data = self._read(file_name, manifest.files.get(file_name))
            if data is not None:
                yield data

    def _segments(self) -> Iterator[Segment]:
        seen = set()
        for manifest in self._manifests:
            for told in manifest.contents.get("segments", ()):
                key = (told["name"], told["deletions"])
                if key in seen:
                    continue
                seen.add(key)
                with contextlib.suppress(DamagedIndexError, OSError):
                    yield open_segment(self._folder, *key)

    def _read(self, name: str, told: FileRecord | None) -> bytes | None:
        with contextlib.suppress(OSError), open(self._folder.path_of(name), "rb") as file:
            data = file.read()
            if record_of(data) == told:
                return data
        return None
