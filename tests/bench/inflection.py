"""Inflection and typing, judged on the forms of a real archive.

    python tests/bench/inflection.py FOLDER [--tokens 20000] [--seed 2026]

FOLDER holds vocab_judged.tsv.xz (form, articles, occurrences, in lower case, classes by Lefff ...) and
queries-dev.tsv (typed, without accents, the other forms that are relevant). Prints recall and precision of
what a word matches, the mean over the typed words, typed and bare; and for how many tokens each of eight
typings finds at least what the token itself finds.
"""

from __future__ import annotations

import argparse
import lzma
import random
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from search.french.analysis import fold, stem
from search.french.groups import group
from search.french.tokens import forms, normal_form


def bare(text: str) -> str:
    return "".join(letter if letter.isascii() else fold(letter) for letter in text)


TYPINGS: dict[str, Callable[[str], str]] = {
    "no accents": bare,
    "capitals": str.upper,
    "capitals, no accents": lambda token: bare(token).upper(),
    "NFD": lambda token: unicodedata.normalize("NFC", unicodedata.normalize("NFD", token)),
    "’ for '": lambda token: token.replace("'", "’"),
    "œ for oe": lambda token: token.replace("oe", "œ"),
    "an elided article": lambda token: f"l’{token}",
    "a hyphen": lambda token: f"{token}-",
}


class Vocabulary:
    """The dictionary of an archive, from the table of its forms."""

    def __init__(self, table: Path) -> None:
        self.counts: dict[str, tuple[int, int]] = {}
        self.judged: dict[str, set[str]] = {}
        self.by_stem: dict[str, list[str]] = defaultdict(list)
        with lzma.open(table, "rt", encoding="utf-8") as lines:
            for line in list(lines)[1:]:
                written, _, occurrences, lower, lefff, *_ = line.rstrip("\n").split("\t")
                form = normal_form(written)
                if form not in self.counts:
                    self.by_stem[stem(form)].append(form)
                all_told, capitals = self.counts.get(form, (0, 0))
                capital = int(occurrences) - int(lower)
                self.counts[form] = (all_told + int(occurrences), capitals + capital)
                self.judged.setdefault(form, set()).update(lefff.split())

    def forms_of_stem(self, wanted: str) -> list[str]:
        return self.by_stem.get(wanted, [])

    def occurrences(self, form: str) -> tuple[int, int]:
        return self.counts.get(form, (0, 0))


def inflections(vocabulary: Vocabulary, queries: Path, column: int) -> tuple[float, float]:
    """Recall and precision; column 0 is as typed, 1 without accents."""
    by_class: dict[str, set[str]] = defaultdict(set)
    by_fold: dict[str, set[str]] = defaultdict(set)
    for form, classes in vocabulary.judged.items():
        by_fold[fold(form)].add(form)
        for each in classes:
            by_class[each].add(form)
    recalls, precisions = [], []
    for line in queries.read_text(encoding="utf-8").splitlines()[1:]:
        row = line.split("\t")
        typed = normal_form(row[column])
        wanted = {normal_form(each.rsplit("(", 1)[0]) for each in row[2].split()}
        matching = group(typed, vocabulary).matching
        readings = set(vocabulary.judged.get(typed, ()))
        if typed == fold(typed):
            readings.update(*(vocabulary.judged[form] for form in by_fold[typed]))
        right = wanted.union(*(by_class[each] for each in readings)) | {normal_form(row[0])}
        told = {form for form in matching if fold(form) != fold(typed) and vocabulary.judged[form]}
        if wanted:
            recalls.append(len(wanted & matching) / len(wanted))
        if told:
            precisions.append(len(told & right) / len(told))
    return sum(recalls) / len(recalls), sum(precisions) / len(precisions)


def typings(vocabulary: Vocabulary, tokens: int, seed: int) -> dict[str, tuple[int, int, int]]:
    """For each typing, of how many tokens: what the token matches is matched, the token itself is, all."""
    chosen = sorted(vocabulary.counts)
    random.Random(seed).shuffle(chosen)
    chosen = chosen[:tokens]
    found: dict[str, tuple[int, int, int]] = {}
    for name, typing in TYPINGS.items():
        whole = itself = 0
        for token in chosen:
            typed = forms(typing(token))
            matching = group(typed[0], vocabulary).matching if len(typed) == 1 else frozenset()
            whole += group(token, vocabulary).matching <= matching
            itself += token in matching
        found[name] = (whole, itself, len(chosen))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    vocabulary = Vocabulary(options.folder / "vocab_judged.tsv.xz")
    for column, name in enumerate(("typed", "bare")):
        recall, precision = inflections(vocabulary, options.folder / "queries-dev.tsv", column)
        print(f"inflection, {name:<6} recall {recall:.4f}  precision {precision:.4f}")
    for name, (whole, itself, all_told) in typings(vocabulary, options.tokens, options.seed).items():
        print(f"{name:<22} all that the token finds {whole}/{all_told}, the token {itself}/{all_told}")


if __name__ == "__main__":
    main()
