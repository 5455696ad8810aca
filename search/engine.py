"""The contract between newsearch and what keeps the articles, and which engines are installed.

An engine is a module with five functions (`Engine`). It keeps articles and, with them, named
attachments: a commit makes both appear together, or neither, and that is all that its callers
need for bookkeeping of their own.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, cast

from .article import Article
from .deadline import NEVER, Deadline
from .errors import (
    DamagedIndexError,
    IndexVersionError,
    NoIndexError,
    SystemFailureError,
    system_reason,
)
from .expansion import Frequency
from .french.groups import Group
from .messages import Message
from .query.tree import Field, Node, Term, Word

Sort = Literal["relevance", "date", "-date"]
DateMatch = Literal["certain", "possible"]

INDEX_MARK: Final = "newsearch.json"
"""The file that makes a folder an index and names its engine; it never changes."""

DEFAULT_ENGINE: Final = "whoosh"
_MODULES: Final = {
    "whoosh": ".engines.whoosh.columnar.engine",
    "whoosh-stock": ".engines.whoosh.stock",
}


@dataclass(frozen=True, slots=True)
class Match:
    """An article that meets a query: its id, its score (relative, >= 0), and, for a query with dates,
    whether its own date makes that certain or only possible."""

    id: str
    score: float
    date_match: DateMatch | None


@dataclass(frozen=True, slots=True)
class Matches:
    """The matches of one page, in order, and the exact number of all; None where it was not asked for."""

    total: int | None
    top: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an engine says of itself: `size` in bytes, and names and versions by what they are of."""

    size: int
    segments: int
    generation: int
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an index holds: how many articles, without a date among them, from when to when, and how
    many of each source that is known."""

    articles: int
    undated: int
    first: dt.date | None
    last: dt.date | None
    sources: Mapping[str, int]


class Reader(Protocol):
    """One state of an index, which later commits do not change. Every method may raise
    DamagedIndexError.

    `notice` says that this is not the last commit, because that is damaged.
    """

    notice: Message | None

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
        """The matches from `offset` on. Order: the sort, then the id; unknown dates come last.

        Where the total is not `counted`, articles that cannot come on the page need not be looked at. After
        the deadline, which is `cut` then, there are those that were found by then: each does match.
        """

    def frequency(self, word: Word) -> int:
        """In how many articles a word stands."""

    def group(self, term: Term) -> Group:
        """The forms of the archive that a term stands for, with their weights, in the term's field."""

    def tokens(self) -> int:
        """How many words the titles and bodies have."""

    def frequent_beginning_with(self, folded: str, limit: int, field: Field | None = None) -> list[Frequency]:
        """The most frequent forms whose folding begins so, in titles and bodies or in a field of names, where
        forms are folded."""

    def spelled_like(self, folded: str, distance: int) -> list[Frequency]:
        """The forms of titles and bodies whose folding is at most so many edits away (see `distance.py`),
        the most frequent first."""

    def names_sounding(self, key: str) -> list[Frequency]:
        """The forms of titles and bodies with this key (see `french/sounds.py`) that stand there with a
        capital more often than not, the most frequent first; only those whose folding is three letters of a
        to z or more."""

    def articles_with(self, form: str) -> int:
        """In how many articles this very form stands in the title or the body."""

    def article(self, id: str) -> Article | None:
        """The article of this id."""

    def ids(self, beginning: str = "") -> Iterator[str]:
        """The ids that begin so, in order."""

    def articles(self) -> Iterator[Article]:
        """All articles, in no particular order."""

    def attachment(self, name: str) -> bytes | None:
        """What the last commit attached under this name."""

    def holdings(self) -> Holdings:
        """What the articles are, in dates and sources."""

    def statistics(self) -> Statistics:
        """Size and versions."""

    def close(self) -> None:
        """Give back files; the reader is of no use afterwards."""


class Writer(Protocol):
    """Changes to one index, of which nothing is seen before `commit`. One writer at a time: the caller
    holds a lock."""

    def add(self, article: Article) -> None:
        """Add an article, in place of the one with its id. Not twice the same id in one commit."""

    def delete(self, id: str) -> None:
        """Delete the article with this id, if there is one, as the last commit left it."""

    def commit(self, attachments: Mapping[str, bytes], *, compact: bool = False) -> None:
        """Make the changes last, all or none, with new attachments in place of all that were.

        `compact` merges all segments and drops what was deleted, physically. The writer ends.
        """

    def rollback(self) -> None:
        """Forget the changes. The writer ends."""


class Remains(Protocol):
    """What can still be read of a damaged index."""

    def articles(self) -> Iterator[Article]:
        """The articles, as the last commit had them first: an id may come more than once."""

    def attachments(self, name: str) -> Iterator[bytes]:
        """What the last commits attached under this name, the newest first."""


class Engine(Protocol):
    """What a module under `engines/` offers. `path` is the folder of the index."""

    def create(self, path: str) -> None:
        """Make an empty index in an empty folder."""

    def open_reader(self, path: str, *, any_version: bool = False) -> Reader:
        """Read the last commit. Raises DamagedIndexError, or IndexVersionError unless any_version."""

    def open_writer(self, path: str, *, afresh: bool = False) -> Writer:
        """Write to the index; `afresh` begins with no articles, in the current version's format."""

    def salvage(self, path: str) -> Remains:
        """What can still be read of a damaged index."""

    def check(self, path: str, *, clean: bool = False) -> list[str]:
        """A sentence for each damaged file and each one that no commit names; `clean` removes those."""


def engine_at(path: str) -> Engine:
    """The engine of the index in this folder. Raises NoIndexError, or another sentence for exit 3."""
    try:
        with open(os.path.join(path, INDEX_MARK), encoding="utf-8") as mark:
            name = json.load(mark)["engine"]
    except (FileNotFoundError, NotADirectoryError) as error:
        if _has_commits(path):
            raise _damaged_mark(path) from error
        raise NoIndexError(
            Message("There is no index in {path}. `newsearch index FOLDER` makes one.", path=path)
        ) from error
    except OSError as error:
        raise SystemFailureError(
            Message(
                "{path} cannot be read: {reason}.",
                path=os.path.join(path, INDEX_MARK),
                reason=system_reason(error),
            )
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged_mark(path) from error
    if not isinstance(name, str) or name not in _MODULES:
        raise IndexVersionError(
            Message(
                "{path} asks for the engine “{engine}”, which is not installed. "
                "If that is damage: it should hold {content}",
                path=os.path.join(path, INDEX_MARK),
                engine=str(name),
                content=mark_text(DEFAULT_ENGINE),
            )
        )
    return load(name)


def mark_problems(path: str) -> list[str]:
    """A sentence if the file that marks an index is not as it was written, though it can be read."""
    mark = os.path.join(path, INDEX_MARK)
    with open(mark, encoding="utf-8", newline="") as file:
        text = file.read()
    if any(text == mark_text(name) for name in _MODULES):
        return []
    return [_damaged_mark(path).message]


def _has_commits(path: str) -> bool:
    """Whether there are files of an index in the folder, whatever its mark says."""
    return os.path.isdir(path) and any(name.startswith("newsearch-") for name in os.listdir(path))


def _damaged_mark(path: str) -> DamagedIndexError:
    return DamagedIndexError(
        Message(
            "{path} is damaged: it should hold {content}",
            path=os.path.join(path, INDEX_MARK),
            content=mark_text(DEFAULT_ENGINE),
        )
    )


def load(name: str) -> Engine:
    """The engine of this name, imported now: importing newsearch imports none."""
    return cast(Engine, importlib.import_module(_MODULES[name], __package__))


def mark_text(engine: str) -> str:
    """The content of the file INDEX_MARK."""
    return json.dumps({"engine": engine})
