"""One generation of an index, open for reading: the contract of `engine.py` over columnar segments."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np

from ....article import Article
from ....deadline import NEVER, Deadline
from ....engine import Holdings, Match, Matches, Sort, Statistics
from ....errors import DamagedIndexError
from ....expansion import Frequency
from ....french.groups import Group
from ....query.tree import Dated, Field, Node, Term, Word, leaves
from ..generations import NOT_AS_COMMITTED, Generations, attachment_name, damaged, record_of, unreadable
from .arrays import MISREAD, NONSENSE
from .executor import Executor
from .opening import OpenGeneration
from .segment import NO_DATE, Segment

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _understood(
    method: Callable[Concatenate[ColumnarReader, _P], _R],
) -> Callable[Concatenate[ColumnarReader, _P], _R]:
    """What reads the files: nonsense in them is a DamagedIndexError too."""

    @wraps(method)
    def read(self: ColumnarReader, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(self, *args, **kwargs)
        except MISREAD as error:
            raise self._nonsense() from error

    return read


class ColumnarReader:
    """One committed state."""

    def __init__(self, folder: Generations, opened: OpenGeneration) -> None:
        self._folder = folder
        self._opened = opened
        self._manifest = opened.manifest
        self._segments: Sequence[Segment] = opened.segments
        self.notice = opened.notice

    @cached_property
    def _executor(self) -> Executor:
        return Executor(self._segments)

    @_understood
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
        wanted = offset + limit if limit else 0
        total, found = self._executor.search(tree, wanted, sort, counted, deadline)
        dated = any(isinstance(leaf, Dated) for leaf in leaves(tree))
        return Matches(
            total,
            tuple(
                Match(
                    each.id,
                    each.score,
                    ("certain" if each.certain else "possible") if dated else None,
                )
                for each in found[offset:]
            ),
        )

    @_understood
    def frequency(self, word: Word) -> int:
        """In how many articles a word stands."""
        return self._executor.frequency(word)

    @_understood
    def group(self, term: Term) -> Group:
        """The forms of the archive that a term stands for."""
        return self._executor.group(term)

    def forget_groups(self) -> None:
        """Forget the groups that were expanded, for measuring."""
        self._executor.forget_groups()

    @_understood
    def tokens(self) -> int:
        """How many words the titles and bodies have."""
        return self._executor.tokens

    @_understood
    def frequent_beginning_with(self, folded: str, limit: int, field: Field | None = None) -> list[Frequency]:
        """The most frequent forms whose folding begins so, in titles and bodies or in a field of names."""
        return self._executor.dictionary(field).beginning_with(folded, limit)

    @_understood
    def spelled_like(self, folded: str, distance: int) -> list[Frequency]:
        """The forms of titles and bodies whose folding is at most so many edits away."""
        return self._executor.dictionary(None).within(folded, distance)

    @_understood
    def names_sounding(self, key: str) -> list[Frequency]:
        """The names of titles and bodies with this key of sounds, the most frequent first."""
        return self._executor.names_sounding(key)

    @_understood
    def articles_with(self, form: str) -> int:
        """In how many articles this very form stands."""
        return self._executor.articles_with(form)

    @_understood
    def article(self, id: str) -> Article | None:
        """The article of this id."""
        for segment in self._segments:
            doc = segment.doc_of(id)
            if doc is not None:
                return segment.article(doc)
        return None

    @_understood
    def ids(self, beginning: str = "") -> Iterator[str]:
        """The ids that begin so, in order."""
        return iter(sorted(id for segment in self._segments for id, _ in segment.ids(beginning)))

    def articles(self) -> Iterator[Article]:
        """All articles, in no particular order."""
        for segment in self._segments:
            try:
                for doc in segment.live_docs().tolist():
                    yield segment.article(doc)
            except MISREAD as error:
                raise damaged(segment.file.path, NONSENSE) from error

    def attachment(self, name: str) -> bytes | None:
        """What the last commit attached under this name."""
        file_name = attachment_name(name, self._manifest.generation)
        if file_name not in self._opened.attachments:
            return None
        # Opened with the reader: a later commit takes the name away, not the file.
        file = self._opened.attachments[file_name]
        try:
            file.seek(0)
            data = file.read()
        except OSError as error:
            raise unreadable(self._folder.path_of(file_name), error) from error
        if record_of(data) != self._manifest.files[file_name]:
            raise damaged(self._folder.path_of(file_name), NOT_AS_COMMITTED)
        return data

    @_understood
    def holdings(self) -> Holdings:
        """What the articles are, in dates and sources."""
        undated = 0
        first: list[int] = []
        last: list[int] = []
        sources: Counter[str] = Counter()
        for segment in self._segments:
            docs = segment.live_docs()
            starts, ends = (dates[docs] for dates in segment.dates)
            known = starts != NO_DATE
            undated += int(np.count_nonzero(~known))
            if known.any():
                first.append(int(starts[known].min()))
                last.append(int(ends[known].max()))
            names = segment.names("source")
            if names.exist:
                for number, count in enumerate(np.bincount(names.numbers[docs]).tolist()):
                    name = names.name(number)
                    if name and count:
                        sources[name] += count
        return Holdings(
            articles=sum(segment.live_count for segment in self._segments),
            undated=undated,
            first=dt.date.fromordinal(min(first)) if first else None,
            last=dt.date.fromordinal(max(last)) if last else None,
            sources=dict(sources),
        )

    def statistics(self) -> Statistics:
        """Size and versions."""
        import whoosh

        return Statistics(
            size=sum(told["size"] for told in self._manifest.files.values()),
            segments=len(self._segments),
            generation=self._manifest.generation,
            versions={
                "format": self._manifest.format,
                "analysis": self._manifest.analysis,
                "whoosh": whoosh.versionstring(),
                "numpy": np.__version__,
            },
        )

    def _nonsense(self) -> DamagedIndexError:
        """The error for what cannot be understood: it names the file, where there is one alone."""
        paths = [segment.file.path for segment in self._segments]
        return damaged(paths[0] if len(paths) == 1 else self._folder.path, NONSENSE)

    def close(self) -> None:
        """Give back files; segments go with the last view of them."""
        self._opened.close()
        self._segments = ()
        executor = self.__dict__.pop("_executor", None)
        if executor:
            executor.close()
