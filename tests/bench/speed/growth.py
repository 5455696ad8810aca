"""Ever longer lists of postings -> how the time of a top 10 grows with them: pruning shows in the ratios.

The lists are synthetic, as is the rest of the articles: bodies of 150 to 400 tokens, five words that no
lexicon has, each in a fixed share of the articles and there as often as a geometric law says.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from search.engine import Reader
from search.engines.whoosh.columnar import engine
from search.engines.whoosh.columnar.codec import toc_bytes
from search.engines.whoosh.columnar.postings import Postings
from search.engines.whoosh.columnar.rows import Compression
from search.engines.whoosh.columnar.segment import Columns, Dictionary, Segment, write_segment
from search.engines.whoosh.dictionary import form_term
from search.engines.whoosh.generations import Generations
from search.query.tree import And, Node, Or, Word

from .contest import tell
from .folders import emptied

SIZES = (100_000, 300_000, 1_000_000)
LONG = 3_000_000

_SHARES: Final = {"zorbalak": 0.15, "krimudov": 0.08, "plunixat": 0.02, "vokstarg": 0.01, "jaquimel": 0.001}
_QUERIES: Final[dict[str, Node]] = {
    "a word in 8 %": Word("krimudov"),
    "AND of words in 15 and 2 %": And((Word("zorbalak"), Word("plunixat"))),
    "OR of all five": Or(tuple(map(Word, _SHARES))),
}
_REPEAT = 31


def growth(work: Path, sizes: Sequence[int], seed: int) -> Iterator[str]:
    """A table of the times for each size, and of their ratios to the first."""
    yield "## Growth: CPU of a top 10 without the total (ms, median), and over that of the first size"
    yield ""
    yield f"| articles | {' | '.join(f'{name} | ratio' for name in _QUERIES)} |"
    yield f"|---:|{'---:|---:|' * len(_QUERIES)}"
    first: list[float] = []
    for size in sizes:
        tell(f"growth: {size:,} articles")
        path = emptied(work / f"index-growth-{size}")
        _write(str(path), size, seed)
        reader = engine.open_reader(str(path))
        now = [_time(reader, query) for query in _QUERIES.values()]
        first = first or now
        cells = [f"{new:.3g} | {new / old:.2f}" for new, old in zip(now, first, strict=True)]
        yield f"| {size:,} | {' | '.join(cells)} |"


def _time(reader: Reader, query: Node) -> float:
    def run() -> None:
        reader.search(query, limit=10, counted=False)

    run()
    return statistics.median(_milliseconds(run) for _ in range(_REPEAT))


def _milliseconds(run: Callable[[], None]) -> float:
    began = time.process_time_ns()
    run()
    return (time.process_time_ns() - began) / 1e6


def _write(path: str, size: int, seed: int) -> None:
    """An index of so many articles in one segment."""
    draw = np.random.default_rng(seed)
    words = sorted(_SHARES, key=form_term)
    docs = [np.flatnonzero(draw.random(size) < _SHARES[word]) for word in words]
    counts = np.array([len(each) for each in docs])
    times = np.minimum(draw.geometric(0.55, int(counts.sum())), 40)
    places = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    days = np.full(size, 738_000)
    columns = Columns(
        [f"g{number:08}" for number in range(size)],
        np.zeros(size, np.int64),
        draw.integers(150, 400, size),
        days,
        days,
        {},
    )
    name = "MAIN_growth"
    folder = Generations(path, engine.FORMAT)
    write_segment(
        folder.path_of(f"{name}.nsa"),
        columns,
        Dictionary([form_term(word).encode() for word in words], np.zeros(len(words), np.int64)),
        [Postings(counts, np.concatenate(docs), np.zeros(len(times), np.int64), times, places)],
        (b"" for _ in range(size)),
        Compression("zlib", b""),
    )
    segment = Segment(folder.path_of(f"{name}.nsa"))
    contents = {"segments": [{"name": name, "deletions": None}]}
    folder.commit(0, [f"{name}.nsa"], {}, toc_bytes([segment], 0), contents)
