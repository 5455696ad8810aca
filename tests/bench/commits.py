"""What the promises cost: a commit with and without the protocol, opening, verifying what a query touches.

    python tests/bench/commits.py COLLECTION [--copies 3] [--work DIR]

COLLECTION is JSON Lines of articles, packed or not. Each commit and each cold query runs in a process of
its own, forked after the imports, upon a copy of the index (its files are immutable: links will do); CPU
time, medians. Without the protocol means without syncs, digests, page sums and their verification.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from search import Article, create_index, open_index
from search.engines.whoosh import generations
from search.engines.whoosh.columnar import arrays, engine, writer  # noqa: F401  # imported before any clock

REPEATS: Final = 21
ADDED: Final = 100
QUERIES: Final = (
    "drones",
    "ministre",
    "grève",
    '"premier ministre"',
    "france",
    "élections 2022",
    "pari*",
    "date:2011",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("collection", type=Path)
    parser.add_argument("--copies", type=int, default=3, help="of each article in the large index")
    parser.add_argument("--work", type=Path, default=None)
    arguments = parser.parse_args()
    work = arguments.work or Path(tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    articles = list(read(arguments.collection))
    small = made(work / "small", articles)
    large = made(work / "large", copies(articles, arguments.copies))
    print(f"{len(articles):,} articles, {arguments.copies * len(articles):,} in the large index")
    commits(small, work, articles)
    opening(large)
    verification(large)


def read(path: Path) -> Iterator[Article]:
    """The articles of a collection."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            told = json.loads(line)
            yield Article(str(told.get("id", number)), told.get("title") or "", told.get("body") or "")


def copies(articles: list[Article], number: int) -> Iterator[Article]:
    """Each article so many times."""
    for copy in range(number):
        for article in articles:
            yield Article(f"{copy}-{article.id}", article.title, article.body)


def made(path: Path, articles: Any) -> Path:
    """An index of them, which is kept for another run."""
    if not path.exists():
        with create_index(str(path)) as index:
            index.add(articles)
    return path


def commits(path: Path, work: Path, articles: list[Article]) -> None:
    """A commit of a hundred new articles, and one that replaces a hundred."""
    kinds = {
        "100 new": [Article(f"new-{n}", each.title, each.body) for n, each in enumerate(articles[:ADDED])],
        "100 replaced": [
            Article(each.id, each.title, f"{each.body} Encore.")
            for each in articles[:: len(articles) // ADDED][:ADDED]
        ],
    }
    for kind, given in kinds.items():
        found: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
        for _, protocol in itertools.product(range(REPEATS), (True, False)):
            copy = work / "copy"
            shutil.copytree(path, copy, copy_function=os.link)
            found[protocol].append(forked(partial(committed, copy, given, protocol)))
            shutil.rmtree(copy)
        with_it, without = found[True], found[False]
        syncs = statistics.median(sync for each in with_it for sync in each["syncs"])
        count = max(len(each["syncs"]) for each in with_it)
        cpu = median(with_it, "cpu") / median(without, "cpu")
        wall = median(without, "wall") + 1.5 * count * syncs
        print(
            f"a commit of {kind}: {1e3 * median(with_it, 'cpu'):.0f} ms CPU, {cpu:.2f} times that without "
            f"the protocol (asked <= 1.15); {count} fsyncs (asked <= 6) of {1e3 * syncs:.2f} ms; "
            f"{1e3 * median(with_it, 'wall'):.0f} ms wall (asked <= {1e3 * wall:.0f})"
        )


def committed(path: Path, articles: list[Article], protocol: bool) -> dict[str, Any]:
    """Add articles to an index, and say what that took."""
    syncs: list[float] = []
    fsync = os.fsync

    def timed(descriptor: int) -> None:
        began = time.perf_counter()
        fsync(descriptor)
        syncs.append(time.perf_counter() - began)

    os.fsync = timed
    with open_index(str(path), write=True) as index:
        index._read().articles_with("le")  # both begin with what reading needs, and all is imported
        if not protocol:
            os.fsync = lambda _: None
            generations.record = lambda name: {"size": os.path.getsize(name), "digest": ""}
            generations.record_of = lambda data: {"size": len(data), "digest": ""}
            arrays._page_sums = lambda name: [0] * ((os.path.getsize(name) >> arrays.PAGE_BITS) + 1)
            arrays.ArrayFile.verify = lambda *_: None  # type: ignore[method-assign]
        began = time.process_time(), time.perf_counter()
        index.add(articles)
        cpu, wall = time.process_time() - began[0], time.perf_counter() - began[1]
    return {"cpu": cpu, "wall": wall, "syncs": syncs}


def opening(path: Path) -> None:
    """Opening an index, and making ready for its first query."""

    def opened() -> dict[str, float]:
        began = time.process_time()
        index = open_index(str(path))
        reader = index._read()
        at_open = time.process_time() - began
        reader._executor  # type: ignore[attr-defined]  # noqa: B018
        return {"open": at_open, "ready": time.process_time() - began}

    found = [forked(opened) for _ in range(REPEATS)]
    print(
        f"opening: {1e3 * median(found, 'open'):.1f} ms CPU beyond the imports (asked <= 10); ready for the "
        f"first query after {1e3 * median(found, 'ready'):.1f} ms"
    )


def verification(path: Path) -> None:
    """What a query spends on verifying pages, the first time and the second."""

    def asked(query: str) -> dict[str, float]:
        spent, pages = [0.0], [0]
        verify = arrays.ArrayFile.verify

        def timed(file: arrays.ArrayFile, start: int, stop: int) -> None:
            before = sum(file.verified)
            began = time.process_time()
            verify(file, start, stop)
            spent[0] += time.process_time() - began
            pages[0] += sum(file.verified) - before

        index = open_index(str(path))
        arrays.ArrayFile.verify = timed  # type: ignore[method-assign]
        index.search(query)
        cold = {"spent": spent[0], "pages": pages[0]}
        spent[0], pages[0] = 0.0, 0
        index.search(query)
        return {**cold, "again": pages[0]}

    found = [forked(partial(asked, query)) for query in QUERIES]
    most = max(each["spent"] for each in found)
    again = sum(each["again"] for each in found)
    print(
        f"verifying on a cold query: {1e3 * median(found, 'spent'):.1f} ms CPU at the median of "
        f"{len(QUERIES)}, {1e3 * most:.1f} ms at most (asked <= 5), {median(found, 'pages'):.0f} pages; "
        f"on a warm one {again:.0f} pages (asked 0)"
    )


def median(found: list[dict[str, Any]], key: str) -> float:
    return statistics.median(each[key] for each in found)


def forked(call: Callable[[], Any]) -> Any:
    """What the call gives, in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with open(writing, "w", encoding="utf-8") as out:
            json.dump(call(), out)
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as told:
        text = told.read()
    if os.waitpid(child, 0)[1]:
        sys.exit("a measurement failed")
    return json.loads(text)


if __name__ == "__main__":
    main()
