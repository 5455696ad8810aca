"""One index on disk: made, opened, searched, brought up to date, checked."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Final

from . import searcher
from .article import Article, canonical, canonical_line
from .engine import (
    DEFAULT_ENGINE,
    INDEX_MARK,
    Engine,
    Holdings,
    Reader,
    Sort,
    Statistics,
    engine_at,
    load,
    mark_problems,
    mark_text,
)
from .errors import (
    ArticleError,
    DamagedIndexError,
    NoIndexError,
    UnknownArticleError,
    UsageError,
    system_failures,
)
from .french import tokens
from .french.groups import Group
from .hits import Page
from .limits import BYTES_PER_CHARACTER, LOCK_BYTES
from .messages import Message
from .naming import Variants
from .query.parser import parse
from .query.tree import Word
from .report import Progress, Rebuilt, Report
from .searcher import Words
from .snippets import Marker, Marks

if TYPE_CHECKING:
    # What a search does without is imported where it is used.
    from .ledger import Ledger
    from .lock import WriterLock


@dataclass(frozen=True, slots=True)
class Info:
    """What an index holds and what it is made of."""

    path: str
    holdings: Holdings
    statistics: Statistics


class Index:
    """An open index: what it answers comes from one commit, until this object itself writes.

    Use it as a context manager, or `close` it.
    """

    def __init__(self, path: str, engine: Engine, lock: WriterLock | None) -> None:
        self.path = path
        self._engine = engine
        self._lock = lock
        self._reader: Reader | None = None

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back files and the right to write."""
        self._forget_reader()
        if self._lock:
            self._lock.release()
            self._lock = None

    # Reading

    @property
    def notice(self) -> Message | None:
        """What must be told beside an answer: that it is of the commit before the last, which is damaged."""
        return self._read().notice

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        offset: int = 0,
        match: Words = "all",
        sort: Sort = "relevance",
        snippets: bool = True,
        variants: bool = True,
        explain: bool = False,
    ) -> Page:
        """A page of the articles that meet a query.

        `match="all"` requires every word; where no article has them all, the page is the ranking of
        `any`, with `relaxed` set. Names are searched by their other spellings too, unless `variants` is
        False. With `explain`, the page says how the query was read and each hit why it meets it. Raises
        QueryError for a query that cannot be read.
        """
        return searcher.search(
            self._read(),
            query,
            limit=limit,
            offset=offset,
            match=match,
            sort=sort,
            snippets=snippets,
            variants=self._variants if variants else None,
            explain=explain,
        )

    @cached_property
    def _variants(self) -> Variants:
        """The other spellings of a name in this archive."""
        from .french.aliases import of_index
        from .gazetteer import Installed
        from .variants import variants

        aliases = of_index(self.path)
        places = Installed()
        return lambda form: variants(form, self._read(), aliases, places)

    def completions(self, typed: str, *, limit: int = 10) -> tuple[str, ...]:
        """The beginning of a query with its last word completed by words of the archive, the most frequent
        first."""
        from .spelling import completions

        return completions(typed, self._read(), limit)

    def forms(self, word: str) -> tuple[Group, dict[str, int]]:
        """What a word stands for in this archive: its group, and in how many articles each form stands.

        Raises UsageError for what is not one word.
        """
        found = tokens.forms(word)
        if len(found) != 1:
            raise UsageError(Message("“{word}” is not one word.", word=word))
        group = self._read().group(Word(found[0]))
        return group, {member.form: self._read().articles_with(member.form) for member in group.members}

    def marks(self, article: Article, query: str) -> tuple[Marks, Marks]:
        """The words of an article's title and body that a query matches. Raises QueryError."""
        marker = Marker(parse(query).tree, self._read().group)
        return (
            marker.spans(article.title, "title", article.language),
            marker.spans(article.body, "body", article.language),
        )

    def article(self, name: str) -> Article:
        """The article with this id, an id that begins so, or this path. Raises UnknownArticleError."""
        return self._article(self._read(), name)

    def articles(self) -> Iterator[Article]:
        """Every article, in no particular order."""
        return self._read().articles()

    def info(self) -> Info:
        """What the index holds and what it is made of."""
        reader = self._read()
        return Info(self.path, reader.holdings(), reader.statistics())

    def check(self, *, clean: bool = False) -> list[str]:
        """A sentence for everything that is wrong; `clean` removes files that belong to no commit.

        `clean` needs an index open for writing.
        """
        if clean:
            self._must_write()
        problems = [*mark_problems(self.path), *self._engine.check(self.path, clean=clean)]
        if not problems:
            reader = self._read()
            told, held = set(_ledger(reader).ids()), set(reader.ids())
            problems += [
                Message("The article {id} is in the ledger, but not in the index.", id=id)
                for id in told - held
            ]
            problems += [
                Message("The article {id} is in the index, but not in the ledger.", id=id)
                for id in held - told
            ]
        return sorted(problems)

    # Writing

    def sync(
        self,
        *paths: str,
        prune: bool = False,
        rescan: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> Report:
        """Bring the index up to date with folders or files; only what changed is read.

        `prune` allows to remove a missing folder's articles, or more than half of a folder's;
        `rescan` reads everything and compares contents. Raises SyncRefusedError, UsageError,
        SystemFailureError.
        """
        from . import indexer

        self._must_write()
        ledger = _ledger(self._to_be_changed())
        self._forget_reader()
        try:
            run = indexer.Sync(self._engine, self.path, ledger, progress).run
            return run(paths, prune=prune, rescan=rescan)
        finally:
            # The progress callback may have read what a checkpoint left.
            self._forget_reader()

    def add(self, articles: Iterable[Article]) -> Report:
        """Add articles, or replace those of the same ids, in one commit: all, or none at an error.

        A sync never removes them. Raises ArticleError for an article without text, with an id that
        cannot be one, or with an id that two of them share.
        """
        from .ledger import LEDGER

        self._must_write()
        ledger = _ledger(self._to_be_changed())
        added = changed = unchanged = 0
        seen: set[str] = set()
        characters = 0
        with system_failures(self.path):
            writer = self._engine.open_writer(self.path)
        try:
            for given in articles:
                article = _checked(given, seen)
                told, known = article.content_hash(), ledger.hash_of(article.id)
                if ledger.owner(article.id) is None and known == told:
                    unchanged += 1
                    continue
                added += known is None
                changed += known is not None
                ledger.release(article.id)
                ledger.forgotten.pop(article.id, None)
                ledger.added[article.id] = told
                characters += len(article.title) + len(article.body)
                with system_failures(self.path, characters * BYTES_PER_CHARACTER):
                    writer.add(article)
            with system_failures(self.path, characters * BYTES_PER_CHARACTER):
                writer.commit({LEDGER: ledger.dump()})
        except BaseException:
            writer.rollback()
            raise
        finally:
            self._forget_reader()
        return Report(added=added, changed=changed, unchanged=unchanged)

    def forget(self, name: str) -> Article:
        """Erase an article from the disk, by id, beginning of an id, or path, and return it.

        A sync that meets it again does not take it; only `add` does. Raises UnknownArticleError.
        """
        self._must_write()
        article = self.article(name)
        ledger = _ledger(self._to_be_changed())
        ledger.forget(article.id)
        self._rewrite(ledger, delete=article.id)
        return article

    def compact(self) -> None:
        """Merge all segments and drop deleted text from the disk."""
        self._must_write()
        self._rewrite(_ledger(self._to_be_changed()))

    def rebuild(self, progress: Callable[[Progress], None] | None = None) -> Rebuilt:
        """Make the index anew, with this version's engine and format, from the text that it keeps.

        Of a damaged index all that can be read is taken; the next sync reads the files of the rest
        again. The old one stands until the new one is complete. Raises DamagedIndexError where too much
        is lost to tell what there was.
        """
        from .rebuilding import rebuilt

        self._must_write()
        self._forget_reader()
        if self._engine is not load(DEFAULT_ENGINE):
            # Should this run be cut off, the index asks for another rebuild, which reads the old format too.
            with system_failures(self.path):
                _write_mark(self.path, DEFAULT_ENGINE)
            self._engine = load(DEFAULT_ENGINE)
        return rebuilt(self._engine, self.path, progress)

    def _rewrite(self, ledger: Ledger, delete: str | None = None) -> None:
        from .ledger import LEDGER

        try:
            with system_failures(self.path, self._read().statistics().size):
                writer = self._engine.open_writer(self.path)
                try:
                    if delete:
                        writer.delete(delete)
                    writer.commit({LEDGER: ledger.dump()}, compact=True)
                except BaseException:
                    writer.rollback()
                    raise
        finally:
            self._forget_reader()

    def _read(self) -> Reader:
        if self._reader is None:
            self._reader = self._engine.open_reader(self.path)
        return self._reader

    def _to_be_changed(self) -> Reader:
        """The last commit. Raises DamagedIndexError where only the one before can be read."""
        reader = self._read()
        if reader.notice:
            self._forget_reader()  # another time it may be read
            raise DamagedIndexError(reader.notice)
        return reader

    def _forget_reader(self) -> None:
        if self._reader:
            self._reader.close()
            self._reader = None

    def _must_write(self) -> None:
        if self._lock is None:
            raise UsageError(Message("The index is open for reading; open it with write=True."))

    @staticmethod
    def _article(reader: Reader, name: str) -> Article:
        found = reader.article(name)
        if found:
            return found
        ids = list(reader.ids(name)) if name else []
        if not ids:
            ids = list(_ids_of_path(_ledger(reader), name))
        if len(ids) == 1 and (found := reader.article(ids[0])):
            return found
        if not ids:
            raise UnknownArticleError(Message("No article has the id or the path “{name}”.", name=name))
        shown = ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
        raise UnknownArticleError(
            Message("{number} articles go by “{name}”: {ids}.", number=len(ids), name=name, ids=shown)
        )


_NEW_MARK: Final = f"{INDEX_MARK}.new"


def create_index(path: str, *, wait: float = 0.0, engine: str = DEFAULT_ENGINE) -> Index:
    """Make an empty index in a folder that is empty or not there yet, open for writing.

    `wait` is how many seconds to wait for another writer. Raises UsageError where there is an index,
    or anything else, already; BusyError.
    """
    from .lock import WriterLock, is_lock_file

    module = load(engine)
    with system_failures(path):
        os.makedirs(path, mode=0o700, exist_ok=True)
        others = {name for name in os.listdir(path) if not is_lock_file(name)} - {_NEW_MARK}
        if others and INDEX_MARK not in others:
            raise UsageError(
                Message("{path} is not empty and holds no index. Choose another folder.", path=path)
            )
        lock = WriterLock(path, wait)
    try:
        if INDEX_MARK in os.listdir(path) and not _is_unfinished(path):
            raise UsageError(Message("{path} holds an index already; open it with write=True.", path=path))
        with system_failures(path):
            _write_mark(path, engine)
            module.create(path)
    except BaseException:
        lock.release()
        raise
    return Index(path, module, lock)


def _write_mark(path: str, engine: str) -> None:
    with open(os.path.join(path, _NEW_MARK), "w", encoding="utf-8") as mark:
        mark.write(mark_text(engine))
        mark.flush()
        os.fsync(mark.fileno())
    os.replace(os.path.join(path, _NEW_MARK), os.path.join(path, INDEX_MARK))


def open_index(path: str, *, write: bool = False, wait: float = 0.0) -> Index:
    """Open an index, for reading, or for writing too.

    `wait` is how many seconds to wait for another writer. Raises NoIndexError, DamagedIndexError,
    IndexVersionError (at the first use, so that `rebuild` can still be called), BusyError.
    """
    engine = engine_at(path)
    if not write:
        return Index(path, engine, None)
    from .lock import WriterLock

    with system_failures(path, LOCK_BYTES):
        lock = WriterLock(path, wait)
    if _is_unfinished(path):
        lock.release()
        return create_index(path, wait=wait)
    return Index(path, engine, lock)


def _is_unfinished(path: str) -> bool:
    """Whether the making of this index was cut off before its first commit."""
    try:
        engine_at(path).open_reader(path, any_version=True).close()
    except NoIndexError:
        return True
    except DamagedIndexError:
        pass
    return False


def _ledger(reader: Reader) -> Ledger:
    from .ledger import LEDGER, Ledger

    try:
        return Ledger.load(reader.attachment(LEDGER))
    except (zlib.error, ValueError, LookupError, TypeError) as error:
        raise DamagedIndexError(
            Message(
                "{path} is damaged ({reason}). `newsearch check` lists all damage; "
                "`newsearch rebuild` saves what can be read.",
                path=LEDGER,
                reason=str(error),
            )
        ) from error


def _ids_of_path(ledger: Ledger, path: str) -> Iterable[str]:
    absolute = os.path.realpath(path)
    for entry in ledger.files.values():
        if path == entry.shown or absolute == entry.path:
            yield from entry.articles


def _checked(given: Article, seen: set[str]) -> Article:
    """An article from a program in canonical form. Raises ArticleError."""
    from .sources.draft import optional_line, own_id

    article = Article(
        id=own_id(given.id),
        title=canonical_line(given.title),
        body=canonical(given.body),
        date=given.date,
        path=optional_line(given.path),
        source=optional_line(given.source),
        url=optional_line(given.url),
        author=optional_line(given.author),
        section=optional_line(given.section),
        language=optional_line(given.language),
    )
    if not article.title and not article.body:
        raise ArticleError(Message("The article {id} has neither a title nor a text.", id=article.id))
    if article.id in seen:
        raise ArticleError(Message("Two articles have the id {id}.", id=article.id))
    seen.add(article.id)
    return article
