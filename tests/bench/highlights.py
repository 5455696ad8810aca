"""Highlights: every marked word is a form of its group, and every form of a group in a passage is marked.

    python tests/bench/highlights.py INDEX QUERIES.jsonl [--hits 2000]

INDEX is an index of newsearch, QUERIES a line of JSON each with `text`. The queries are put with `--any`,
and every token of each passage is held against the groups of the words that the query was read as.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from search import open_index
from search.french.tokens import tokens
from search.query.parser import parse
from search.query.tree import Word, leaves
from search.relaxation import ranking, unquoted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("queries", type=Path)
    parser.add_argument("--hits", type=int, default=2000)
    options = parser.parse_args()
    hits, wrong, missing = count(options.index, options.queries, options.hits)
    print(f"{hits} hits, {wrong} words marked that are no form of a group, {missing} forms not marked")


def count(path: str, queries: Path, wanted: int) -> tuple[int, int, int]:
    """Hits looked at, marked words that should not be, words that should be marked and are not."""
    hits = wrong = missing = 0
    with open_index(path) as index:
        reader = index._read()
        for line in queries.read_text(encoding="utf-8").splitlines():
            typed = json.loads(line)["text"]
            tree = ranking(unquoted(parse(typed, pasted=True).tree), reader, [])
            words = [leaf for leaf in leaves(tree, wanted_only=True) if isinstance(leaf, Word)]
            groups = [reader.group(word) for word in words]
            for hit in index.search(typed, match="any", limit=10).hits:
                hits += 1
                language = index.article(hit.id).language
                forms = {member.form for group in groups for member in group.in_language(language).members}
                for snippet in hit.snippets:
                    marked = set(snippet.spans)
                    for form, start, end in tokens(snippet.text):
                        wrong += (start, end) in marked and form not in forms
                        missing += (start, end) not in marked and form in forms
            if hits >= wanted:
                break
    return hits, wrong, missing


if __name__ == "__main__":
    main()
