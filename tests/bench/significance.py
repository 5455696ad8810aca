"""Is the ranking better than a chain like Lucene's for French? A paired randomisation test over all queries.

    python tests/bench/significance.py COLLECTIONS WORK [NAME ...] [--rounds 10000] [--seed 2026]

COLLECTIONS is as for relevance.py, WORK the folder where it left its runs (`NAME-typed.run`). The chain:
elision, lower case, Snowball's stop words, Savoy's light stem without accents, BM25 as Lucene has it (k1 1.2,
b .75, by bm25s) over title and text. Prints nDCG@10 of both, and the two-sided p of the pooled mean
difference (Smucker, Allan, Carterette, A Comparison of Statistical Significance Tests for Information
Retrieval Evaluation, CIKM 2007).
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import bm25s
import ir_measures
from ir_measures import nDCG

from search.french.analysis import stem
from search.french.stopwords import STOP_WORDS
from search.french.tokens import forms

MEASURE = nDCG @ 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("collections", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    differences: list[float] = []
    names = options.names or [
        path.name.removesuffix("-typed.run") for path in options.work.glob("*-typed.run")
    ]
    for name in sorted(names):
        ours = ndcg(options.collections / name, read_run(options.work / f"{name}-typed.run"))
        theirs = ndcg(options.collections / name, chain(options.collections / name))
        differences += [ours[query] - theirs[query] for query in ours]
        print(
            f"{name:<24} newsearch {mean(list(ours.values())):.4f}  chain {mean(list(theirs.values())):.4f}"
        )
    p = randomisation(differences, options.rounds, options.seed)
    print(f"pooled over {len(differences):,} queries: {mean(differences):+.4f}, p = {p:.5f}")


def analyse(text: str) -> list[str]:
    return [stem(form) for form in forms(text) if form not in STOP_WORDS]


def chain(collection: Path) -> list[ir_measures.ScoredDoc]:
    """The run of the chain."""
    records = [json.loads(line) for line in (collection / "corpus.jsonl").open(encoding="utf-8")]
    queries = [json.loads(line) for line in (collection / "queries.jsonl").open(encoding="utf-8")]
    numbers: dict[str, int] = {}

    def known(text: str) -> list[int]:
        return [numbers.setdefault(term, len(numbers)) for term in analyse(text)]

    documents = [known(f"{record['title']}\n{record['text']}") for record in records]
    asked = [[numbers[term] for term in analyse(query["text"]) if term in numbers] for query in queries]
    engine = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    engine.index((documents, numbers), show_progress=False)
    run = []
    for query, terms in zip(queries, asked, strict=True):
        if terms:
            found, scores = engine.retrieve([terms], k=min(10, len(records)), show_progress=False)
            run += [
                ir_measures.ScoredDoc(query["_id"], records[number]["_id"], float(score))
                for number, score in zip(found[0], scores[0], strict=True)
            ]
    return run


def read_run(path: Path) -> list[ir_measures.ScoredDoc]:
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [ir_measures.ScoredDoc(query, document, float(score)) for query, document, score in rows]


def ndcg(collection: Path, run: list[ir_measures.ScoredDoc]) -> dict[str, float]:
    """nDCG@10 of each query that has a relevant document; of one without an answer it is 0."""
    lines = (collection / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    qrels = [ir_measures.Qrel(q, d, int(r)) for q, d, r in (line.split("\t") for line in lines)]
    found = {qrel.query_id: 0.0 for qrel in qrels}
    found.update({each.query_id: each.value for each in ir_measures.iter_calc([MEASURE], qrels, run)})
    return found


def randomisation(differences: list[float], rounds: int, seed: int) -> float:
    """How often chance alone, a coin for the sign of each difference, gives a mean as far from 0."""
    chance = random.Random(seed)
    size = abs(mean(differences))
    signs = (1.0, -1.0)
    as_far = sum(
        abs(sum(d * chance.choice(signs) for d in differences)) / len(differences) >= size
        for _ in range(rounds)
    )
    return (as_far + 1) / (rounds + 1)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
