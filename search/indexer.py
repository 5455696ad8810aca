"""Folders against an index: what is new, changed, moved or gone is read, committed and reported.

The survey says what to do; here the files are read one after another, with a checkpoint now and
then, and the last commit removes what has gone. At each commit the ledger names every article of
the index: an article that is to go stays in it until the commit that takes it away.
"""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from .article import Article
from .engine import Engine, Writer
from .errors import ArticleError, system_failures
from .ledger import LEDGER, NO_STAT, FileEntry, Ledger
from .limits import BYTES_PER_CHARACTER, CHECKPOINT_ARTICLES, CHECKPOINT_SECONDS
from .messages import Message
from .report import Progress, Report
from .sources.draft import Draft, Refusal
from .sources.reading import candidate_ids, content_of, drafts, opened, printable
from .sources.walk import SeenFile, reason_of
from .survey import survey

_log = logging.getLogger(__name__)

_Seen = str | tuple[str, str, str]
"""Where an article was met: a file, or a file and the template and number of a place in it. There is one
for each article of a run, and a Message would take six times the memory."""


class _TakenError(ArticleError):
    """Another article has the id. `by_file` is the path of the file it came from, if it came from one."""

    def __init__(self, message: str, id: str, by_file: str | None) -> None:
        super().__init__(message)
        self.id = id
        self.by_file = by_file


class Sync:
    """One run over some folders. Construct, then `run` once."""

    def __init__(
        self,
        engine: Engine,
        index_path: str,
        ledger: Ledger,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._engine = engine
        self._index_path = index_path
        self._ledger = ledger
        self._progress = progress
        self._writer: Writer | None = None
        self._dirty = False
        self._pending = self._pending_characters = 0
        self._last_commit = time.monotonic()
        self._bytes_read = self._bytes_total = 0
        self._written = self._committed = 0
        self._seen: dict[str, _Seen] = {}  # of what this run has met, by id
        self._new: dict[str, str] = {}  # id -> content hash, of what was not there
        self._dropped: dict[str, str] = {}  # the same, of what its file no longer has
        self._unread: set[str] = set()  # files that are still to be read
        self._leaving: set[str] = set()  # files that are gone
        self._settled: list[FileEntry] = []  # entries as they are once the dropped are deleted
        self._deferred: list[tuple[Draft, FileEntry]] = []
        self._counts: Counter[str] = Counter()
        self._refused: list[tuple[str, str]] = []
        self._stale: list[tuple[str, str]] = []
        self._notes: list[tuple[str, str]] = []

    def run(self, paths: Sequence[str], *, prune: bool = False, rescan: bool = False) -> Report:
        """Bring the index up to date with the folders.

        Raises SyncRefusedError or UsageError with nothing changed; after any other error, or an
        interrupt, the last checkpoint stands.
        """
        plan = survey(paths, self._ledger, prune=prune, rescan=rescan)
        self._refused.extend((printable(shown), reason) for shown, reason in plan.refused)
        for entry in plan.kept:
            self._keep(entry)
        for entry, reason in plan.stale:
            self._keep_stale(entry, reason)
        self._leaving = {entry.path for entry in plan.gone}
        self._unread = {file.path for file, _ in plan.to_read}
        self._bytes_total = sum(file.size for file, _ in plan.to_read)
        try:
            began = _moment_after(file for file, _ in plan.to_read)
            for file, root in plan.to_read:
                self._read(file, root, began)
            self._take_deferred()
            self._remove(plan.gone)
            if self._dirty:
                self._commit()
        except BaseException:
            if self._writer:
                self._writer.rollback()
            raise
        return Report(
            **self._counts,
            refused=tuple(self._refused),
            stale=tuple(self._stale),
            notes=tuple(self._notes),
        )

    def _keep(self, entry: FileEntry) -> None:
        """Count a file that is as it was, and say again what was wrong with it."""
        self._counts["unchanged"] += len(entry.articles)
        self._seen.update(dict.fromkeys(entry.articles, entry.shown))
        (self._stale if entry.stale else self._refused).extend(_places(entry))

    def _keep_stale(self, entry: FileEntry, reason: str) -> None:
        self._counts["unchanged"] += len(entry.articles)
        self._seen.update(dict.fromkeys(entry.articles, entry.shown))
        self._stale.append((entry.shown, reason))

    def _read(self, file: SeenFile, root: str, began: int) -> None:
        """Read a file, write its articles, enter it in the ledger."""
        self._unread.discard(file.path)
        old = self._ledger.files.get(file.path)
        entry = FileEntry(
            path=file.path,
            shown=old.shown if old else printable(file.shown),
            root=old.root if old else root,
            relative=old.relative if old else file.relative,
        )
        before = self._bytes_read
        try:
            with opened(file.path) as stream:
                status = os.fstat(stream.fileno())
                whole = True
                for item in drafts(file.path, stream):
                    if isinstance(item, Refusal):
                        entry.refusals.append((item.place, item.reason))
                        whole = whole and not item.passing
                    else:
                        self._take(item, entry)
                    self._bytes_read = before + stream.tell()
                    self._tell()
        except OSError as error:
            if old and old.articles:
                self._keep_stale(old, reason_of(error))
            else:
                self._refused.append((entry.shown, reason_of(error)))
            return
        if whole:
            entry.size, entry.mtime_ns, entry.inode = status.st_size, status.st_mtime_ns, status.st_ino
            entry.read_ns = began
        self._bytes_read = before + file.size
        _log.info("read %s: %d articles", entry.shown, len(entry.articles))
        self._enter(entry, old)

    def _enter(self, entry: FileEntry, old: FileEntry | None) -> None:
        """Put a file that was read into the ledger, and find what it no longer has.

        What cannot be told from an article that has become unreadable is kept, as stale: whatever is
        missing, if there are refusals that were not there before, or was stale already.
        """
        before = old or FileEntry(entry.path, entry.shown, entry.root, entry.relative)
        missing = {id: told for id, told in before.articles.items() if id not in entry.articles}
        reasons = Counter(reason for _, reason in entry.refusals) - Counter(entry.conflicts.values())
        if reasons - Counter(reason for _, reason in before.refusals):
            entry.stale = sorted(missing)
        elif reasons:
            entry.stale = sorted(missing.keys() & set(before.stale))
        for id in entry.stale:
            entry.articles[id] = missing.pop(id)
            self._counts["unchanged"] += 1
            self._seen[id] = entry.shown
        (self._stale if entry.stale else self._refused).extend(_places(entry))
        self._dropped.update(missing)
        if missing or any(waiting is entry for _, waiting in self._deferred):
            # Not whole before the last commit; until then it is to be read again.
            self._settled.append(entry)
            entry = replace(entry, articles={**entry.articles, **missing}, size=NO_STAT)
        self._ledger.put(entry)
        self._dirty = True

    def _take(self, draft: Draft, entry: FileEntry) -> None:
        """Write a draft's article, if it is not there already, and enter it with its file."""
        try:
            content = content_of(draft)
            told = content.content_hash()
            id = self._id(draft, content, entry)
        except _TakenError as error:
            if error.by_file in self._unread:
                self._deferred.append((draft, entry))
            else:
                entry.conflicts[error.id] = error.message
                entry.refusals.append((draft.place, error.message))
            return
        except ArticleError as error:
            entry.refusals.append((draft.place, error.message))
            return
        self._notes.extend((_place(entry.shown, draft.place), note) for note in draft.notes)
        if self._ledger.is_forgotten(id, told):
            self._counts["forgotten"] += 1
            return
        known, owner = self._ledger.hash_of(id), self._ledger.owner(id)
        self._seen[id] = _seen(entry.shown, draft.place)
        entry.articles[id] = told
        if owner == entry.path and known == told:
            self._counts["unchanged"] += 1
            return
        if known is None:
            self._counts["added"] += 1
            self._new[id] = told
        elif owner == entry.path or known != told:
            self._counts["changed"] += 1
        else:
            self._counts["moved"] += 1
        if owner != entry.path:
            self._dropped.pop(id, None)
            self._ledger.release(id)
            if owner in self._ledger.files:
                # Should the file come back as it was, it must not pass for one that was read.
                self._ledger.files[owner].size = NO_STAT
        self._write(replace(content, id=id, path=entry.shown), entry)

    def _take_deferred(self) -> None:
        """Take the articles whose id belonged to a file that was read only after theirs."""
        for draft, entry in self._deferred:
            refusals = len(entry.refusals)
            self._take(draft, entry)
            self._refused.extend(_places(entry)[refusals:])
            self._enter_unfinished(entry)

    def _id(self, draft: Draft, content: Article, entry: FileEntry) -> str:
        """The id of a draft's article. Raises _TakenError where it is another's already."""
        candidates = candidate_ids(draft, content, entry.root, entry.relative)
        known = self._ledger.files.get(entry.path)
        candidates.sort(key=lambda id: id not in (known.articles if known else ()))
        for id in candidates:
            taken = self._taken(id, content if draft.id is None else None, entry)
            if taken is None:
                return id
            if id in entry.articles:
                break  # the file says the same twice
        assert taken is not None, "each candidate is another's"
        if draft.id is not None:
            reason = Message("its id {id} is already that of {owner}", id=id, owner=taken)
        else:
            reason = Message("its text is already that of {owner}", owner=taken)
        raise _TakenError(reason, id, self._ledger.owner(id))

    def _taken(self, id: str, content: Article | None, entry: FileEntry) -> str | None:
        """Where the article with this id stands, if it is another's and not about to go.

        With `content` the id is a derived one: then an article that has gone from where it was is the
        same only if it says the same, for another root may have another article at the same place.
        """
        if id in self._seen:
            return _place_of(self._seen[id])
        if id in self._ledger.added:
            return Message("an article that a program added")
        _, erased_from = self._ledger.forgotten.get(id, ("", entry.path))
        if content and erased_from != entry.path and os.path.lexists(erased_from):
            return Message("an article that was erased")
        owner = self._ledger.owner(id)
        if owner is None or owner == entry.path:
            return None
        going = owner in self._leaving or id in self._dropped or not os.path.lexists(owner)
        if going and (content is None or content.content_hash() == self._ledger.hash_of(id)):
            return None
        return self._ledger.files[owner].shown

    def _write(self, article: Article, entry: FileEntry) -> None:
        self._pending_characters += len(article.title) + len(article.body)
        writer = self._open_writer()
        with system_failures(self._index_path, self._needed()):
            writer.add(article)
        self._dirty = True
        self._pending += 1
        self._written += 1
        late = time.monotonic() - self._last_commit >= CHECKPOINT_SECONDS
        if self._pending >= CHECKPOINT_ARTICLES or late:
            self._enter_unfinished(entry)
            self._commit()

    def _enter_unfinished(self, entry: FileEntry) -> None:
        """Put a file into the ledger with what it had and has, to be read again after a crash."""
        known = self._ledger.files.get(entry.path)
        articles = {**(known.articles if known else {}), **entry.articles}
        self._ledger.put(replace(entry, articles=articles, size=NO_STAT))

    def _remove(self, gone: list[FileEntry]) -> None:
        """Delete what has gone with its file or from it; what is met elsewhere by its text has moved."""
        for entry in gone:
            self._dropped.update(entry.articles)
            self._ledger.drop(entry.path)
            self._dirty = True
        for entry in self._settled:
            self._ledger.put(entry)
        moved = sum((Counter(self._new.values()) & Counter(self._dropped.values())).values())
        self._counts["moved"] += moved
        self._counts["added"] -= moved
        self._counts["removed"] += len(self._dropped) - moved
        for id in self._dropped:
            self._open_writer().delete(id)

    def _open_writer(self) -> Writer:
        if self._writer is None:
            with system_failures(self._index_path, self._needed()):
                self._writer = self._engine.open_writer(self._index_path)
        return self._writer

    def _commit(self) -> None:
        writer = self._open_writer()
        with system_failures(self._index_path, self._needed()):
            writer.commit({LEDGER: self._ledger.dump()})
        self._writer = None
        self._pending = self._pending_characters = 0
        self._last_commit = time.monotonic()
        self._committed = self._written
        self._tell()

    def _needed(self) -> int:
        return self._pending_characters * BYTES_PER_CHARACTER

    def _tell(self) -> None:
        if self._progress:
            self._progress(Progress(self._written, self._bytes_read, self._bytes_total, self._committed))


def _places(entry: FileEntry) -> list[tuple[str, str]]:
    return [(_place(entry.shown, place), reason) for place, reason in entry.refusals]


def _place(shown: str, place: str) -> str:
    return Message("{file}, {place}", file=shown, place=place) if place else shown


def _seen(shown: str, place: str) -> _Seen:
    if isinstance(place, Message) and place.values.keys() == {"number"}:
        return shown, place.template, str(place.values["number"])
    return _place(shown, place)


def _place_of(seen: _Seen) -> str:
    """Where an article was met."""
    if isinstance(seen, str):
        return seen
    shown, template, number = seen
    return _place(shown, Message(template, number=number))


def _moment_after(files: Iterable[SeenFile]) -> int:
    """The time, in ns since 1970, from which on any change of these files shows in their mtime.

    File systems stamp files by the kernel's clock of ticks; so does this, and waits for the next
    tick where a file was written just now.
    """
    newest = max((file.mtime_ns for file in files), default=0)
    while True:
        now = (
            time.clock_gettime_ns(time.CLOCK_REALTIME_COARSE)
            if hasattr(time, "CLOCK_REALTIME_COARSE")
            else time.time_ns()
        )
        if not now <= newest < now + 20_000_000:
            return now
        time.sleep(0.002)
