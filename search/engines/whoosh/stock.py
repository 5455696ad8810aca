"""The engine over Whoosh's own codec and matchers: slow and plain, the oracle for a faster one."""

from __future__ import annotations

import contextlib
import datetime as dt
import heapq
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, BinaryIO

import whoosh
from whoosh.reading import IndexReader, SegmentReader
from whoosh.writing import SegmentWriter

from ...article import Article
from ...deadline import NEVER, Deadline
from ...engine import Holdings, Match, Matches, Sort, Statistics
from ...errors import DamagedIndexError
from ...expansion import Frequency
from ...french.analysis import ANALYSIS
from ...french.groups import Group
from ...messages import Message
from ...query.tree import Dated, Field, Node, Term, Word, leaves
from .executor import Executor, Found
from .generations import (
    COMMIT_BETWEEN,
    NOT_AS_COMMITTED,
    OTHER_SIZE,
    Manifest,
    attachment_name,
    belongs_to_none,
    damaged,
    never_finished,
    record,
    record_of,
    segment_of,
    toc_name,
    version_error,
)
from .schema import NO_DATE, article_of, document, schema
from .storage import FORMAT, CommittedStorage, naming_damage

_WRITER_MEGABYTES = 64
"""What Whoosh's posting pool holds in memory before it spills a run to the disk."""

_MOST_SEGMENTS = 8
"""More segments than this are merged, the smallest ones, so that a query reads few."""


def create(path: str) -> None:
    """Make an empty index in an empty folder."""
    CommittedStorage(path).create_index(schema())


def open_reader(path: str, *, any_version: bool = False) -> StockReader:
    """Read the last commit. Raises DamagedIndexError, or IndexVersionError unless any_version."""
    storage = CommittedStorage(path)
    return storage.generations.opened(lambda generation: _open(storage, generation, any_version))


def open_writer(path: str, *, afresh: bool = False) -> StockWriter:
    """Write to the index; `afresh` begins with no articles, in the current version's format."""
    return StockWriter(CommittedStorage(path), afresh)


def salvage(path: str) -> StockRemains:
    """What can still be read of a damaged index: all of it, or DamagedIndexError."""
    return StockRemains(open_reader(path, any_version=True))


def check(path: str, *, clean: bool = False) -> list[str]:
    """A sentence for each damaged file and each one that no commit names; `clean` removes those."""
    storage = CommittedStorage(path)
    try:
        manifest = storage.generations.manifest(storage.generations.newest())
    except DamagedIndexError as error:
        return [error.message]
    problems = _altered(storage, manifest)
    if problems:
        return problems
    with _open(storage, manifest.generation, any_version=True) as reader:
        for article, told in reader.articles_and_hashes():
            if article.content_hash() != told:
                problems.append(Message("The article {id} is not what was indexed.", id=article.id))
        garbage = storage.generations.garbage([manifest], reader.segments)
    if clean:
        storage.generations.remove(garbage)
    else:
        problems.extend(belongs_to_none(storage.generations.path_of(name)) for name in garbage)
    return problems


class StockReader:
    """One committed state."""

    notice: Message | None = None

    def __init__(
        self,
        storage: CommittedStorage,
        manifest: Manifest,
        reader: IndexReader,
        attachments: Mapping[str, BinaryIO],
    ) -> None:
        self._storage = storage
        self._manifest = manifest
        self._reader = reader
        self._attachments = attachments
        self.segments = {
            leaf.segment().segment_id()
            for leaf, _ in reader.leaf_readers()
            if isinstance(leaf, SegmentReader)
        }

    def __enter__(self) -> StockReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _executor(self) -> Executor:
        return Executor(self._reader)

    def search(
        self,
        tree: Node,
        *,
        limit: int,
        offset: int = 0,
        sort: Sort = "relevance",
        counted: bool = True,
        deadline: Deadline = NEVER,
    ) -> Matches:
        """The matches from `offset` on. Order: the sort, then the id; unknown dates come last."""
        with naming_damage(self._storage.folder):
            found = self._executor.found(tree, deadline)
            dated = any(isinstance(leaf, Dated) for leaf in leaves(tree))
            page = self._ordered(found, offset + limit, sort)[offset:]
            return Matches(
                len(found.scores) if counted else None,
                tuple(
                    Match(
                        id,
                        found.scores[number],
                        ("possible" if number in found.possible else "certain") if dated else None,
                    )
                    for number, id in page
                ),
            )

    def frequency(self, word: Word) -> int:
        """In how many articles a word stands."""
        with naming_damage(self._storage.folder):
            return self._executor.frequency(word)

    def group(self, term: Term) -> Group:
        """The forms of the archive that a term stands for, with their weights, in the term's field."""
        with naming_damage(self._storage.folder):
            return self._executor.group(term)

    def tokens(self) -> int:
        """How many words the titles and bodies have."""
        with naming_damage(self._storage.folder):
            return self._executor.tokens

    def frequent_beginning_with(self, folded: str, limit: int, field: Field | None = None) -> list[Frequency]:
        """The most frequent forms whose folding begins so, in titles and bodies or in a field of names."""
        with naming_damage(self._storage.folder):
            return self._executor.dictionary(field).beginning_with(folded, limit)

    def spelled_like(self, folded: str, distance: int) -> list[Frequency]:
        """The forms of titles and bodies whose folding is at most so many edits away."""
        with naming_damage(self._storage.folder):
            return self._executor.dictionary(None).within(folded, distance)

    def names_sounding(self, key: str) -> list[Frequency]:
        """The names of titles and bodies with this key of sounds, the most frequent first."""
        with naming_damage(self._storage.folder):
            return self._executor.names_sounding(key)

    def articles_with(self, form: str) -> int:
        """In how many articles this very form stands."""
        with naming_damage(self._storage.folder):
            return self._executor.articles_with(form)

    def article(self, id: str) -> Article | None:
        """The article of this id."""
        with naming_damage(self._storage.folder):
            number = document_number(self._reader, id)
            return None if number is None else article_of(self._reader.stored_fields(number))

    def ids(self, beginning: str = "") -> Iterator[str]:
        """The ids that begin so, in order."""
        with naming_damage(self._storage.folder):
            terms = self._reader.expand_prefix("id", beginning) if self.segments else ()
            found = [term.decode() for term in terms]
            return iter([id for id in found if document_number(self._reader, id) is not None])

    def articles(self) -> Iterator[Article]:
        """All articles, in no particular order."""
        return (article for article, _ in self.articles_and_hashes())

    def articles_and_hashes(self) -> Iterator[tuple[Article, str]]:
        """All articles, each with the content hash that it was indexed with."""
        with naming_damage(self._storage.folder):
            for stored in self._reader.all_stored_fields():
                yield article_of(stored), stored["hash"]

    def attachment(self, name: str) -> bytes | None:
        """What the last commit attached under this name."""
        file_name = attachment_name(name, self._manifest.generation)
        if file_name not in self._manifest.files:
            file_name = f"{name}-{self._manifest.generation}"  # as it was called at first
        told = self._manifest.files.get(file_name)
        if told is None:
            return None
        # Opened with the reader: a later commit takes the name away, not the file.
        file = self._attachments[file_name]
        file.seek(0)
        data = file.read()
        if record_of(data) != told:
            raise damaged(self._storage.generations.path_of(file_name), NOT_AS_COMMITTED)
        return data

    def holdings(self) -> Holdings:
        """What the articles are, in dates and sources."""
        with naming_damage(self._storage.folder):
            column, live = self._executor.column, self._executor.live
            starts, ends, sources = column("date_start"), column("date_end"), column("source")
            dated = [number for number in live if starts[number] != NO_DATE]
            return Holdings(
                articles=len(live),
                undated=len(live) - len(dated),
                first=dt.date.fromordinal(min(starts[number] for number in dated)) if dated else None,
                last=dt.date.fromordinal(max(ends[number] for number in dated)) if dated else None,
                sources=dict(Counter(sources[number] for number in live if sources[number])),
            )

    def statistics(self) -> Statistics:
        """Size and versions."""
        return Statistics(
            size=sum(
                told["size"]
                for name, told in self._manifest.files.items()
                if segment_of(name) is None or segment_of(name) in self.segments
            ),
            segments=len(self.segments),
            generation=self._manifest.generation,
            versions={
                "format": self._manifest.format,
                "analysis": self._manifest.analysis,
                "whoosh": whoosh.versionstring(),
            },
        )

    def close(self) -> None:
        """Give back files."""
        for file in self._attachments.values():
            file.close()
        if self.segments:
            self._reader.close()

    def _ordered(self, found: Found, count: int, sort: Sort) -> list[tuple[int, str]]:
        """The first `count` documents in order, as (number, id)."""
        if count == 0 or not found.scores:
            return []
        if sort == "relevance":
            key = {number: -score for number, score in found.scores.items()}
        else:
            starts = self._executor.column("date_start")
            way = 1 if sort == "date" else -1
            key = {
                number: way * starts[number] if starts[number] != NO_DATE else float("inf")
                for number in found.scores
            }
        worst = heapq.nsmallest(count, key.values())[-1]
        ids = {number: self._executor.id_of(number) for number, value in key.items() if value <= worst}
        return sorted(ids.items(), key=lambda item: (key[item[0]], item[1]))[:count]


class StockRemains:
    """An index of which newsearch has no second copy."""

    def __init__(self, reader: StockReader) -> None:
        self._reader = reader

    def articles(self) -> Iterator[Article]:
        """The articles."""
        return self._reader.articles()

    def attachments(self, name: str) -> Iterator[bytes]:
        """What the last commit attached under this name."""
        found = self._reader.attachment(name)
        return iter(() if found is None else (found,))


class StockWriter:
    """Changes on top of the last commit."""

    def __init__(self, storage: CommittedStorage, afresh: bool) -> None:
        self._storage = storage
        self._afresh = afresh
        self._index = storage.open_index(schema=schema())
        self._reader = self._index.reader()
        self._new: set[str] = set()
        self._writer: SegmentWriter = self._index.writer(limitmb=_WRITER_MEGABYTES)

    def add(self, article: Article) -> None:
        """Add an article, in place of the one with its id. Not twice the same id in one commit."""
        assert article.id not in self._new, f"{article.id} was added twice to one commit"
        self.delete(article.id)
        self._writer.add_document(**document(article))
        self._new.add(article.id)

    def delete(self, id: str) -> None:
        """Delete the article with this id, if there is one, as the last commit left it."""
        if not self._afresh:
            with naming_damage(self._storage.folder, OSError):
                number = document_number(self._reader, id)
            if number is not None and not self._writer.is_deleted(number):
                self._writer.delete_document(number)

    def commit(self, attachments: Mapping[str, bytes], *, compact: bool = False) -> None:
        """Make the changes last, all or none, with new attachments in place of all that were."""
        self._storage.attachments = attachments
        policy = _none_before if self._afresh else _all_merged if compact else _smallest_merged
        with naming_damage(self._storage.folder, OSError):
            self._writer.commit(mergetype=policy)
        self._close()

    def rollback(self) -> None:
        """Forget the changes."""
        if not self._writer.is_closed:
            try:
                self._writer.cancel()
            except (OSError, ValueError):
                # On a full disk even the closing of a file fails; the files are garbage, the lock is not.
                self._writer.is_closed = True
                self._writer.writelock.release()
        self._close()

    def _close(self) -> None:
        for leaf, _ in self._reader.leaf_readers():
            if isinstance(leaf, SegmentReader) and not leaf.is_closed:
                leaf.close()
        # What cannot be removed now does no harm: the next commit, or `check --clean`, tries again.
        with contextlib.suppress(OSError, DamagedIndexError):
            manifest = self._storage.generations.manifest(self._storage.generations.newest())
            segments = {segment.segment_id() for segment in self._index._segments()}
            self._storage.generations.remove(self._storage.generations.garbage([manifest], segments))


def document_number(reader: IndexReader, id: str) -> int | None:
    """The number of the live document with this id."""
    for leaf, base in reader.leaf_readers():
        if ("id", id) in leaf:
            matcher = leaf.postings("id", id)
            if matcher.is_active():
                return int(base + matcher.id())
    return None


def _open(storage: CommittedStorage, generation: int, any_version: bool) -> StockReader:
    if storage.generations.is_unfinished():
        raise never_finished(storage.folder)
    manifest = storage.generations.manifest(generation)
    if not any_version and (manifest.format, manifest.analysis) != (FORMAT, ANALYSIS):
        raise version_error(storage.folder, manifest, FORMAT)
    toc = toc_name(generation)
    if record(storage.generations.path_of(toc)) != manifest.files.get(toc):
        raise damaged(storage.generations.path_of(toc), NOT_AS_COMMITTED)
    with contextlib.ExitStack() as opened, naming_damage(storage.folder):
        index = storage.open_index(schema=schema())
        live = {segment.segment_id() for segment in index._segments()}
        for name, told in manifest.files.items():
            if (
                segment_of(name) in live
                and os.path.getsize(storage.generations.path_of(name)) != told["size"]
            ):
                raise damaged(storage.generations.path_of(name), OTHER_SIZE)
        attachments: dict[str, BinaryIO] = {
            name: opened.enter_context(open(storage.generations.path_of(name), "rb"))
            for name in manifest.files
            if segment_of(name) is None and name != toc
        }
        reader = index.reader()
        if live:
            opened.callback(reader.close)
        if storage.generations.newest() != generation:
            raise damaged(storage.folder, COMMIT_BETWEEN)
        opened.pop_all()
    return StockReader(storage, manifest, reader, attachments)


def _altered(storage: CommittedStorage, manifest: Manifest) -> list[str]:
    """A sentence for each file of the manifest that is missing or not as it was committed."""
    problems: list[str] = []
    for name, told in manifest.files.items():
        path = storage.generations.path_of(name)
        if not os.path.exists(path):
            if segment_of(name) is None or _is_live(storage, name):
                problems.append(Message("{path} is missing.", path=path))
        elif record(path) != told:
            problems.append(Message("{path} is not as it was committed.", path=path))
    return problems


def _is_live(storage: CommittedStorage, name: str) -> bool:
    with naming_damage(storage.folder):
        segments = storage.open_index(schema=schema())._segments()
    return segment_of(name) in {segment.segment_id() for segment in segments}


def _none_before(*_: Any) -> list[Any]:
    return []


def _all_merged(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    for segment in (segment for segment in segments if segment.doc_count()):
        with SegmentReader(writer.storage, writer.schema, segment) as reader:
            writer.add_reader(reader)
    return []


def _smallest_merged(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    alive = [segment for segment in segments if segment.doc_count()]
    if len(alive) < _MOST_SEGMENTS:
        return alive
    by_size = sorted(alive, key=lambda segment: segment.doc_count())
    _all_merged(writer, by_size[: len(alive) // 2])
    return by_size[len(alive) // 2 :]
