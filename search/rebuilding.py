"""An index -> the same made anew from its own text; of a damaged one, what can be read of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from .article import Article
from .engine import Engine, Remains
from .errors import DamagedIndexError, system_failures
from .ledger import LEDGER, Ledger
from .report import Progress, Rebuilt

_Tell = Callable[[Progress], None] | None


def rebuilt(engine: Engine, path: str, tell: _Tell = None) -> Rebuilt:
    """Make the index in this folder anew; the old one stands until the new one is complete.

    Raises DamagedIndexError where no ledger is left to tell what there was.
    """
    try:
        reader = engine.open_reader(path, any_version=True)
        try:
            if reader.notice:
                raise DamagedIndexError(reader.notice)
            ledger = reader.attachment(LEDGER)
            attachments = {LEDGER: ledger} if ledger else {}
            return Rebuilt(_written(engine, path, reader.articles(), lambda: attachments, tell))
        finally:
            reader.close()
    except DamagedIndexError:
        remains = engine.salvage(path)
        known = next(remains.attachments(LEDGER), None)
        if known is None:
            raise
        return _salvaged(engine, path, remains, Ledger.load(known), tell)


def _salvaged(engine: Engine, path: str, remains: Remains, ledger: Ledger, tell: _Tell) -> Rebuilt:
    """Make it anew from what the ledger tells of, and of that what can be read."""
    taken: set[str] = set()
    lost: list[str] = []

    def readable() -> Iterator[Article]:
        for article in remains.articles():
            told, content = ledger.hash_of(article.id), article.content_hash()
            # What a program added after the ledger was written, no file can give back.
            is_new = told is None and article.path is None and article.id not in ledger.forgotten
            if article.id not in taken and (told == content or is_new):
                taken.add(article.id)
                if is_new:
                    ledger.added[article.id] = content
                yield article

    def attachments() -> dict[str, bytes]:
        lost.extend(sorted(set(ledger.ids()) - taken))
        for id in lost:
            ledger.lose(id)
        return {LEDGER: ledger.dump()}

    return Rebuilt(_written(engine, path, readable(), attachments, tell), tuple(lost))


def _written(
    engine: Engine,
    path: str,
    articles: Iterable[Article],
    attachments: Callable[[], dict[str, bytes]],
    tell: _Tell,
) -> int:
    """Commit these articles, and then these attachments, in place of all that there is."""
    written = 0
    with system_failures(path):
        total = sum(entry.stat().st_size for entry in os.scandir(path) if entry.is_file())
        writer = engine.open_writer(path, afresh=True)
    try:
        with system_failures(path, total):
            for written, article in enumerate(articles, 1):
                writer.add(article)
                if tell:
                    tell(Progress(written, 0, 0, 0))
            writer.commit(attachments())
    except BaseException:
        writer.rollback()
        raise
    return written
