"""Relevance on French collections: nDCG@10, Recall@100 and MRR@10 of `--any`.

As typed, bare (without accents), and with the other apostrophe.

    python tests/bench/relevance.py COLLECTIONS [NAME ...] [--work DIR] [--typings typed bare apostrophe]

COLLECTIONS holds a folder a collection in BEIR's layout (corpus.jsonl, queries.jsonl, qrels.tsv). The indexes
and the runs stay in DIR, if it is given, and are used again. The measures are those of ir_measures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ir_measures
from ir_measures import RR, R, nDCG

from search import Article, Index, create_index, open_index
from search.french.analysis import fold

MEASURES = (nDCG @ 10, R @ 100, RR @ 10)
TYPINGS: dict[str, Callable[[str], str]] = {
    "typed": str,
    "bare": lambda text: "".join(letter if letter.isascii() else fold(letter) for letter in text),
    "apostrophe": lambda text: text.translate(str.maketrans("'’", "’'")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("collections", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--no-variants", action="store_true", help="names by their own spelling alone")
    parser.add_argument("--typings", nargs="*", default=list(TYPINGS), choices=list(TYPINGS))
    options = parser.parse_args()
    names = options.names or sorted(path.name for path in options.collections.iterdir())
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        for name in names:
            for typing in options.typings:
                scores = measure(
                    options.collections / name, work / name, typing, variants=not options.no_variants
                )
                print(f"{name:<24} {typing:<10}", *(f"{m}={v:.4f}" for m, v in scores.items()), flush=True)


def measure(collection: Path, index: Path, typing: str, *, variants: bool = True) -> dict[str, float]:
    """The means of the measures over a collection's queries, typed in one way."""
    if not (index / "newsearch.json").exists():
        began = time.process_time()
        with create_index(str(index)) as made:
            made.add(articles(collection))
        print(f"{collection.name}: indexed in {time.process_time() - began:.0f} s CPU", file=sys.stderr)
    queries = [json.loads(line) for line in (collection / "queries.jsonl").open(encoding="utf-8")]
    qrels = [
        ir_measures.Qrel(query, document, int(relevance))
        for line in (collection / "qrels.tsv").open(encoding="utf-8").readlines()[1:]
        for query, document, relevance in [line.rstrip("\n").split("\t")]
    ]
    with open_index(str(index)) as opened:
        run = list(runs(opened, [(q["_id"], TYPINGS[typing](q["text"])) for q in queries], variants))
    (index.parent / f"{collection.name}-{typing}.run").write_text(
        "".join(f"{r.query_id}\t{r.doc_id}\t{r.score}\n" for r in run), encoding="utf-8"
    )
    found = ir_measures.calc_aggregate(MEASURES, qrels, run)
    return {str(measure): found[measure] for measure in MEASURES}


def articles(collection: Path) -> Iterator[Article]:
    for line in (collection / "corpus.jsonl").open(encoding="utf-8"):
        record = json.loads(line)
        if record["title"].strip() or record["text"].strip():
            yield Article(record["_id"], record["title"], record["text"])


def runs(index: Index, queries: list[tuple[str, str]], variants: bool) -> Iterator[ir_measures.ScoredDoc]:
    for id, text in queries:
        page = index.search(text, match="any", limit=100, snippets=False, variants=variants)
        for hit in page.hits:
            yield ir_measures.ScoredDoc(id, hit.id, hit.score)


if __name__ == "__main__":
    main()
