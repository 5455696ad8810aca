"""Known-item search: index a real archive, type article titles as queries, look for the article again.

    python tests/bench/known_item.py ARTICLES.jsonl.xz [--titles 200] [--seed 2026] [--index DIR]

ARTICLES is JSON Lines, xz or not; the index goes to DIR, and is used again if it is there, else to a
temporary folder.
Prints how long indexing took (CPU and wall seconds), the size of the index against the text, for how many
titles the article or a near-copy (same title, or same first 200 characters) stands in the first three of
`--any`, and the time of a query.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from search import create_index, open_index


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--titles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--index", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "articles.jsonl"
        opener = lzma.open if options.articles.suffix == ".xz" else open
        with opener(options.articles, "rb") as packed, source.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
        folder = options.index or Path(work) / "index"
        if not (folder / "newsearch.json").exists():
            build(source, folder)
        look_up(source, folder, options.titles, options.seed)


def build(source: Path, folder: Path) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    with create_index(str(folder)) as index:
        report = index.sync(str(source))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    print(f"indexed            {report.added:,} articles, {len(report.refused)} refused")
    print(
        f"indexing           {cpu:.0f} s CPU, {wall:.0f} s, {report.added / cpu:.0f} articles per CPU second"
    )
    print(f"peak memory        {peak:,.0f} MB")
    print(f"index              {size / 1e6:.0f} MB, {size / source.stat().st_size:.2f} of the file")


def look_up(source: Path, folder: Path, titles: int, seed: int) -> None:
    with source.open(encoding="utf-8") as lines:
        beginnings = {
            (article := json.loads(line))["id"]: (article["title"], article["body"][:200]) for line in lines
        }
    found, times = 0, []
    with open_index(str(folder)) as index:
        for wanted in random.Random(seed).sample(sorted(beginnings), titles):
            title, beginning = beginnings[wanted]
            cpu = time.process_time()
            hits = index.search(title, match="any", limit=3).hits
            times.append(time.process_time() - cpu)
            found += any(
                hit.id == wanted or hit.title == title or beginnings[hit.id][1] == beginning for hit in hits
            )
    print(f"in the first three {found}/{titles} (seed {seed}), {found / titles:.1%}")
    print(f"a query            {statistics.median(times) * 1000:.0f} ms CPU, median")


if __name__ == "__main__":
    main()
