"""Articles and deletions -> the next generation of an index."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ....article import Article
from ....errors import BusyError, NewsearchError
from ....messages import Message
from ..generations import Generations, Manifest
from .building import Builder
from .deletions import deletions_of
from .merging import merge
from .opening import open_newest
from .rows import LEAST_FOR_DICTIONARY, Compression, encoded, installed_method, trained
from .segment import SUFFIX, Segment, write_deletions
from .tokenizer import Tokenizer

_SMALL: Final = 1_024
_MOST_SEGMENTS: Final = 8
"""So many segments may be small before they are merged: a query reads each of them."""

_MOST_GONE: Final = 0.2
"""The share of a segment's articles that may be gone before it is written anew: its text takes space."""

_MOST_TOKENS: Final = 1 << 31
"""The tokens of a segment are numbered in 32 bits; this is five million articles of 400 words."""


class ColumnarWriter:
    """Changes on top of the last commit."""

    def __init__(self, folder: Generations, afresh: bool) -> None:
        self._folder = folder
        self._lock = _whoosh_lock(folder.path)
        self._before: Manifest | None = None
        self._segments: Sequence[Segment] = ()
        try:
            if not afresh:
                opened = open_newest(folder)
                opened.close()
                self._before, self._segments = opened.manifest, opened.segments
        except BaseException:
            self._lock.release()
            raise
        self._kept: list[Manifest] = []
        self._gone: dict[str, set[int]] = {}
        self._new: set[str] = set()
        self._builder: Builder | None = None
        self._tokenizer: Tokenizer | None = None

    def add(self, article: Article) -> None:
        """Add an article, in place of the one with its id. Not twice the same id in one commit."""
        assert article.id not in self._new, f"{article.id} was added twice to one commit"
        self.delete(article.id)
        self._new.add(article.id)
        if self._builder is None:
            self._builder = Builder(self._new_path, self._tokens(), self._compression())
        self._builder.add(article)

    def delete(self, id: str) -> None:
        """Delete the article with this id, if there is one, as the last commit left it."""
        for segment in self._segments:
            doc = segment.doc_of(id)
            if doc is not None:
                self._gone.setdefault(segment.name, set()).add(doc)

    def commit(self, attachments: Mapping[str, bytes], *, compact: bool = False) -> None:
        """Make the changes last, all or none, with new attachments in place of all that were."""
        new = [Segment(path) for path in self._builder.finish()] if self._builder else []
        for segment in self._segments:
            if segment.name in self._gone:
                segment.delete(deletions_of(segment, self._gone[segment.name], self._tokens()))
        # What was needed to read texts makes room for what it takes to merge.
        self._builder = self._tokenizer = None
        old = [segment for segment in self._segments if segment.live_count]
        taken = old if compact else _taken_in(old, sum(segment.size for segment in new))
        kept = [segment for segment in old if segment not in taken]
        kept += [
            group[0] if len(group) == 1 and group[0].is_whole else self._merged(group)
            for group in _groups([*taken, *new])
        ]
        self._commit(kept, attachments, keep=not compact)
        self._end()

    def rollback(self) -> None:
        """Forget the changes."""
        if self._builder:
            self._builder.stop()
        self._end()

    def _commit(self, segments: Sequence[Segment], attachments: Mapping[str, bytes], *, keep: bool) -> None:
        """Commit these segments, and `keep` the generation before, unless it takes too much space."""
        from .codec import toc_bytes

        generation = self._folder.next()
        contents = []
        files = []
        for segment in segments:
            deletions = segment.deletions_name
            if segment.name in self._gone:
                deletions = f"{segment.name}.gone{generation}"
                assert segment.deletions is not None, "as just deleted"
                write_deletions(self._folder.path_of(deletions), segment.deletions)
            files += [segment.name + SUFFIX, *([deletions] if deletions else [])]
            contents.append({"name": segment.name, "deletions": deletions})
        toc = toc_bytes(segments, generation)
        before = self._before
        known = before.files if before else {}
        self._folder.commit(generation, files, attachments, toc, {"segments": contents}, known)
        with contextlib.suppress(OSError, NewsearchError):
            made = self._folder.manifest(generation)
            if before and keep and _is_worth_keeping(before, made):
                self._folder.retire(before)
                self._kept = [made, before]
            else:
                self._kept = [made]

    def _end(self) -> None:
        # What cannot be removed now does no harm: the next commit, or `check --clean`, tries again.
        with contextlib.suppress(OSError, NewsearchError):
            self._folder.remove(self._folder.garbage(self._kept or self._folder.kept()))
        if self._lock:
            with contextlib.suppress(OSError):  # the commit stands; the lock goes with its descriptor
                self._lock.release()
            self._lock = None

    def _merged(self, segments: Sequence[Segment]) -> Segment:
        path = self._new_path()
        merge(path, segments, self._merged_compression(segments))
        return Segment(path)

    def _new_path(self) -> str:
        return self._folder.path_of(f"MAIN_{secrets.token_hex(8)}{SUFFIX}")

    def _tokens(self) -> Tokenizer:
        if self._tokenizer is None:
            self._tokenizer = Tokenizer()
        return self._tokenizer

    def _compression(self) -> Compression:
        """That of the largest segment, if this machine has its method: then rows are merged as they are."""
        method = installed_method()
        found = max(self._segments, key=lambda segment: segment.size, default=None)
        if found and found.compression.method == method and found.compression.dictionary:
            return found.compression
        return Compression(method, b"")

    def _merged_compression(self, segments: Sequence[Segment]) -> Compression:
        method = installed_method()
        drawn = [
            each for each in segments if each.compression.dictionary and each.compression.method == method
        ]
        if drawn:
            return max(drawn, key=lambda segment: segment.size).compression
        known = self._compression()
        return known if known.dictionary else trained(method, _some_rows(segments))


def _is_worth_keeping(before: Manifest, made: Manifest) -> bool:
    """Whether a generation has articles, and takes no more space of its own than the newest in all."""
    own = sum(told["size"] for name, told in before.files.items() if name not in made.files)
    return bool(before.contents.get("segments")) and own <= sum(told["size"] for told in made.files.values())


def _some_rows(segments: Sequence[Segment]) -> list[bytes]:
    """Enough rows to draw a dictionary from, if there are so many."""
    rows = []
    for segment in segments:
        rows += [encoded(segment.row(doc)) for doc in segment.live_docs()[:LEAST_FOR_DICTIONARY].tolist()]
    return rows


def _taken_in(old: Sequence[Segment], new: int) -> list[Segment]:
    """The older segments that a commit of so many new articles merges with them.

    Each of which too many articles are gone, and each that is not larger than all that was taken
    before it: so an article is merged again only where its segment doubles, or where a fourth as many
    have gone, and segments stay few. Small ones wait until they are many.
    """
    taken = [segment for segment in old if segment.size - segment.live_count > _MOST_GONE * segment.size]
    size = new + sum(segment.live_count for segment in taken)
    if not size or (not taken and new < _SMALL and len(old) < _MOST_SEGMENTS):
        return taken
    for segment in sorted(old, key=lambda segment: segment.live_count):
        if segment not in taken and segment.live_count <= size:
            taken.append(segment)
            size += segment.live_count
    return taken


def _groups(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Segments that become one each: all, where that is not more than a segment can number."""
    groups: list[list[Segment]] = []
    tokens = 0
    for segment in segments:
        tokens += segment.tokens
        if not groups or tokens > _MOST_TOKENS:
            groups.append([])
            tokens = segment.tokens
        groups[-1].append(segment)
    return groups


def _whoosh_lock(path: str) -> Any:
    """Whoosh's own lock, which keeps other writers of Whoosh away. Raises BusyError."""
    from whoosh.filedb.filestore import FileStorage

    lock = FileStorage(path).lock("MAIN_WRITELOCK")
    if not lock.acquire(blocking=False):
        raise BusyError(Message("Another program writes to {path} through Whoosh.", path=path))
    return lock
