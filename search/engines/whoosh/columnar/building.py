"""Articles -> new segments of bounded size: batches of texts become tokens, and runs of batches a segment.

Two threads share the work: the caller's makes tokens; the other compresses texts, inverts and writes,
mostly in libraries that let both run at once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from ....article import Article
from ..dictionary import form_term
from .inversion import inverted, occurrences
from .names import NAME_FIELDS
from .rows import LEAST_FOR_DICTIONARY, Compression, compressor, encoded, trained
from .segment import NO_DATE, Columns, Dictionary, write_segment
from .tokenizer import Tokenizer, Tokens

_BATCH_CHARACTERS = 1 << 16
_SAMPLES = 2 * LEAST_FOR_DICTIONARY
_RUN_ARTICLES = 3 << 10
_RUN_TOKENS = 3 << 19
"""A run is inverted in memory: 1.5 million tokens take about 70 MB for a moment."""


class Builder:
    """Takes articles and writes segments at the paths that `new_path` gives; `finish` gives these paths."""

    def __init__(self, new_path: Callable[[], str], tokenizer: Tokenizer, compression: Compression) -> None:
        self._new_path = new_path
        self._tokenizer = tokenizer
        self._terms: list[bytes] = []  # by the number of the form
        self.compression = compression
        self._other = ThreadPoolExecutor(1)
        self._batch: list[Article] = []
        self._characters = 0
        self._run = _Run(compression.method)
        self._writing: Future[None] | None = None
        self.paths: list[str] = []

    def add(self, article: Article) -> None:
        """Take an article. Raises what the writing of the run before has raised."""
        self._batch.append(article)
        self._characters += len(article.title) + len(article.body)
        if self._characters >= _BATCH_CHARACTERS:
            self._end_batch()
            if len(self._run.articles) >= _RUN_ARTICLES or self._run.token_count >= _RUN_TOKENS:
                self._end_run(views=False)

    def finish(self) -> list[str]:
        """Write what was taken; the paths of all segments, in the order of the articles."""
        self._end_batch()
        self._end_run(views=not self.paths)
        if self._writing:
            self._writing.result()
        self._other.shutdown()
        return self.paths

    def stop(self) -> None:
        """Give up; what was written is for the caller to remove."""
        self._other.shutdown(cancel_futures=True)

    def _end_batch(self) -> None:
        batch, self._batch, self._characters = self._batch, [], 0
        if not batch:
            return
        texts = [text for article in batch for text in (article.title, article.body)]
        tokens = self._tokenizer(texts)
        forms = self._tokenizer.forms
        for number in range(len(self._terms), len(forms)):
            self._terms.append(form_term(forms[number]).encode())
        self._run.take(batch, tokens)
        rows = [encoded((article.title, article.url, article.body)) for article in batch]
        self._run.rows.append(self._other.submit(self._compressed, self._run, rows))

    def _compressed(self, run: _Run, rows: list[bytes]) -> None:
        """Compress rows, once there are enough to be worth a dictionary, or to draw it from."""
        if run.compress:
            run.done.extend(map(run.compress, rows))
            return
        run.waiting.extend(rows)
        if len(run.waiting) >= (LEAST_FOR_DICTIONARY if self.compression.dictionary else _SAMPLES):
            self._compress_waiting(run)

    def _compress_waiting(self, run: _Run) -> None:
        if len(run.waiting) >= LEAST_FOR_DICTIONARY:
            if not self.compression.dictionary:
                self.compression = trained(self.compression.method, run.waiting)
            run.compression = self.compression
        run.compress = compressor(run.compression)
        run.done.extend(map(run.compress, run.waiting))
        run.waiting.clear()

    def _end_run(self, *, views: bool) -> None:
        """Have the run written; what will be merged at once needs no views of its dictionary."""
        run, self._run = self._run, _Run(self.compression.method)
        if not run.articles:
            return
        if self._writing:
            # One run in the making and one in writing are all that may be in memory.
            self._writing.result()
        path = self._new_path()
        self.paths.append(path)
        self._writing = self._other.submit(self._write, run, path, views)

    def _write(self, run: _Run, path: str, views: bool) -> None:
        for batch in run.rows:
            batch.result()
        if run.waiting:
            self._compress_waiting(run)
        tokens = np.concatenate([each.numbers for each in run.tokens])
        counts = np.concatenate([each.counts for each in run.tokens])
        run.tokens.clear()
        present = np.flatnonzero(np.bincount(tokens >> 1, minlength=1))
        terms = self._terms
        order = sorted(present.tolist(), key=terms.__getitem__)
        ranks = np.zeros(int(present[-1]) + 1 if len(present) else 0, np.int64)
        ranks[order] = np.arange(len(order))
        ranked = ranks[tokens >> 1]
        capitals = occurrences(ranked, (tokens & 1).astype(bool), len(order))
        del tokens
        titles, bodies = counts[0::2], counts[1::2]
        write_segment(
            path,
            run.columns(titles, bodies),
            Dictionary([terms[number] for number in order], capitals),
            [inverted(ranked, titles, bodies)],
            run.done,
            run.compression,
            views=views,
        )


class _Run:
    """Articles on their way into one segment, without their texts."""

    def __init__(self, method: str) -> None:
        self.compression = Compression(method, b"")
        self.articles: list[tuple[str, int, int]] = []
        self.names: dict[str, list[str | None]] = {field: [] for field in NAME_FIELDS}
        self.tokens: list[Tokens] = []
        self.token_count = 0
        self.rows: list[Future[None]] = []
        self.waiting: list[bytes] = []
        self.done: list[bytes] = []
        self.compress: Callable[[bytes], bytes] | None = None

    def take(self, batch: list[Article], tokens: Tokens) -> None:
        for article in batch:
            date = article.date
            days = (date.start.toordinal(), date.end.toordinal()) if date else (NO_DATE, NO_DATE)
            self.articles.append((article.id, *days))
            for field, names in self.names.items():
                names.append(getattr(article, field))
        self.tokens.append(tokens)
        self.token_count += len(tokens.numbers)

    def columns(self, titles: np.ndarray, bodies: np.ndarray) -> Columns:
        ids, starts, ends = zip(*self.articles, strict=True)
        return Columns(ids, titles, bodies, np.array(starts), np.array(ends), self.names)
