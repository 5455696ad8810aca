"""The speed of newsearch against its peers, in one run: indexing, queries by class, a user's whole query.

    python tests/bench/speed.py COLLECTION --work DIR [--articles N] [--peers a,b] [--json OUT]

COLLECTION is JSON Lines (.xz or not) with id, date, title and body. With more --articles than it has,
perturbed copies are added. Prints Markdown: first the ratios newsearch / peer, then what they are of.
It measures on Linux, from /proc.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from speed.cold import cold
from speed.contest import US, Contest, Entrant
from speed.corpus import corpus, part
from speed.growth import LONG, SIZES, growth
from speed.processes import PeerFailedError
from speed.queries import Drawn, draw
from speed.report import page

PEERS = ("tantivy", "fts5", "bm25s", "xapian", "lucene", "stock")
SLOW = {"stock": ("whoosh",), "oracle": ("newsearch", "whoosh-stock")}
"""Whoosh itself, and newsearch's exhaustive engine: the peers' modules, and what these are told."""
STOCK_ARTICLES = 20_000
STOCK_QUERIES = 16
"""The slow ones look at every posting in Python: they are measured on less."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="where the corpus and the indexes are kept")
    parser.add_argument("--articles", type=int)
    parser.add_argument("--peers", default=",".join(PEERS), help=f"some of {','.join(PEERS)},oracle")
    parser.add_argument("--engine", default="", help="of newsearch, in place of its own")
    parser.add_argument("--before", type=Path, help="a checkout of newsearch, as one more peer")
    parser.add_argument("--zlib", action="store_true", help="newsearch as if zstandard were not installed")
    parser.add_argument("--queries", type=int, default=40, help="queries a class")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--peak", action="store_true", help="also the peak of memory, indexing a stream")
    parser.add_argument("--growth", action="store_true", help="also synthetic archives of ever more articles")
    parser.add_argument("--long", action="store_true", help="with --growth, one of three million, too")
    parser.add_argument("--cold", action="store_true", help="also the start of the command line")
    parser.add_argument("--json", type=Path, help="where every single measurement goes")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    contests = measure(options)
    standings = [contest.standings for contest in contests]
    print("\n".join(page(standings, options.seed)), flush=True)
    if options.json:
        options.json.write_text(json.dumps([each.record() for each in standings], indent=1), encoding="utf-8")
    sections: list[Iterator[str]] = []
    if options.cold:
        sections.append(cold(contests[0].folder(US), options.engine, options.work))
    if options.growth:
        sizes = (*SIZES, LONG) if options.long else SIZES
        sections.append(growth(options.work, sizes, options.seed))
    for section in sections:
        try:
            print()
            for line in section:
                print(line, flush=True)
        except (PeerFailedError, RuntimeError) as error:
            print(f"could not be measured: {error}")


def measure(options: argparse.Namespace) -> list[Contest]:
    """The contests, as far as they went before an interruption."""
    names = [name for name in options.peers.split(",") if name]
    us = newsearch(options.engine, "zlib" if options.zlib else "")
    whole = corpus(options.collection, options.work, options.articles, options.seed)
    drawn = draw(whole.path, whole.articles, options.queries, options.seed)
    peers = [entrant(name, options.work) for name in names if name not in SLOW]
    if options.before:
        peers.append(replace(us, name="before", checkout=options.before.resolve()))
    slow = [entrant(name, options.work) for name in names if name in SLOW]
    contests = [Contest([us, *peers], whole, options.work, options.seed)]
    with suppress(KeyboardInterrupt):
        contests[0].run(drawn)
        if options.peak:
            contests[0].peak(us)
        if slow:
            less = part(whole.path, min(whole.articles, STOCK_ARTICLES))
            contests.append(Contest([us, *slow], less, options.work, options.seed))
            contests[1].run(fewer(drawn, STOCK_QUERIES))
    return contests


def newsearch(engine: str, method: str = "") -> Entrant:
    """newsearch, by its engine and its way to compress texts."""
    return Entrant(US, "newsearch", (engine, method) if method else (engine,))


def entrant(name: str, work: Path) -> Entrant:
    """A peer by its name."""
    if name in SLOW:
        module, *arguments = SLOW[name]
        return Entrant(name, module, tuple(arguments))
    return Entrant(name, name, (str(work.resolve() / "lucene"),) if name == "lucene" else ())


def fewer(drawn: Drawn, queries: int) -> Drawn:
    """The first queries of each class."""
    classes = {name: asked[:queries] for name, asked in drawn.classes.items()}
    return replace(drawn, classes=classes, typed=drawn.typed[:queries])


if __name__ == "__main__":
    main()
