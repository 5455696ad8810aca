"""Spelling: give words of an archive one slip each, and look for them among the first three suggestions.

    python tests/bench/spelling.py INDEX [--words 1000] [--seed 2026]

INDEX is an index of newsearch. The words are drawn among its forms of 4 letters or more, all of them letters,
that stand in 3 articles or more: once each form is as likely as any other, once as often as it stands there.
A slip is a letter more, less or other (a to z), or two neighbours swapped, each as likely, at any place; one
that makes the word itself, accents aside, or another word of the archive is drawn again.
Prints how often the word, accents aside, is among the first three, by kind of slip and by length; the CPU
time of a suggestion in a warm process that has not met the word, and of the first one in a new process; the
same for completions, of one letter and more of the word behind another word, and how often the word is among
the first ten by its first four letters.
"""

from __future__ import annotations

import argparse
import random
import statistics
import string
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence

from search import open_index
from search.engine import Reader
from search.expansion import Frequency
from search.french.analysis import fold
from search.spelling import completions, suggestions

LETTERS, ARTICLES = 4, 3
PROCESSES = 5
FIRST = """
import sys, time
from search import open_index
from search.spelling import completions, suggestions
began = time.process_time()
with open_index(sys.argv[1]) as index:
    reader = index._read()
    opened = time.process_time()
    {0}(sys.argv[2], reader)
    print((time.process_time() - opened) * 1000, (time.process_time() - began) * 1000)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("--words", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    with open_index(options.index) as index:
        reader = index._read()
        every = [each for each in reader.frequent_beginning_with("", sys.maxsize) if is_word(each.form)]
        print(f"{reader.holdings().articles:,} articles, seed {options.seed}")
        for name, weights in (("any form", None), ("by occurrence", [each.occurrences for each in every])):
            chance = random.Random(f"{options.seed} {name}")
            words = drawn(every, weights, reader, chance, options.words)
            print(f"\n{name}: {len(words)} words")
            suggest(words, reader, chance)
            complete(words, reader, chance)
    print(f"\nthe first in a process, median of {PROCESSES}")
    for function, typed in (("suggestions", "presdient"), ("suggestions", "koursc"), ("completions", "Kour")):
        alone, opened = first(options.index, function, typed)
        print(f"  {function}({typed!r}) {alone:.1f} ms CPU, with the opening of the index {opened:.1f} ms")


def is_word(form: str) -> bool:
    return len(form) >= LETTERS and form.isalpha()


def drawn(
    every: Sequence[Frequency],
    weights: Sequence[int] | None,
    reader: Reader,
    chance: random.Random,
    count: int,
) -> list[str]:
    """Words that stand in enough articles."""
    found: list[str] = []
    while len(found) < count:
        word = chance.choices(every, weights)[0].form
        if reader.articles_with(word) >= ARTICLES:
            found.append(word)
    return found


def slip(word: str, reader: Reader, chance: random.Random) -> tuple[str, str, int]:
    """What was typed for the word, the kind of the slip, and how often another word had been typed."""
    others = 0
    while True:
        kind = chance.choice(("more", "less", "other", "swapped"))
        at = chance.randrange(len(word) + (kind == "more") - (kind == "swapped"))
        letter = chance.choice(string.ascii_lowercase)
        typed = {
            "more": word[:at] + letter + word[at:],
            "less": word[:at] + word[at + 1 :],
            "other": word[:at] + letter + word[at + 1 :],
            "swapped": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        }[kind]
        if fold(typed) != fold(word):
            if not reader.spelled_like(fold(typed), 0):
                return typed, kind, others
            others += 1


def suggest(words: Sequence[str], reader: Reader, chance: random.Random) -> None:
    asked, found, times, others = Counter[str](), Counter[str](), [], 0
    for word in words:
        typed, kind, again = slip(word, reader, chance)
        others += again
        given, ms = timed(lambda typed=typed: suggestions(typed, reader))
        times.append(ms)
        length = "4-5 letters" if len(word) < 6 else "6-8 letters" if len(word) < 9 else "9 letters or more"
        for part in ("all", kind, length):
            asked[part] += 1
            found[part] += is_among(word, given)
    for part in sorted(asked, key=lambda part: (part != "all", part)):
        share = found[part] / asked[part]
        print(f"  in the first three  {part:18} {found[part]:5}/{asked[part]:<5} {share:.1%}")
    print(f"  a suggestion        {quantiles(times)}; {others} slips that made another word were drawn again")


def complete(words: Sequence[str], reader: Reader, chance: random.Random) -> None:
    times = []
    found = 0
    for word in words:
        beginning = word[: chance.randrange(1, len(word))]
        _, ms = timed(lambda typed=f"drones {beginning}": completions(typed, reader))
        times.append(ms)
        found += is_among(word, completions(word[:LETTERS], reader))
    print(
        f"  a completion        {quantiles(times)}; {found / len(words):.1%} in the first ten by four letters"
    )


def is_among(word: str, given: Sequence[str]) -> bool:
    """Whether a word is one of those given, accents and capitals aside."""
    return fold(word) in [fold(each.lower()) for each in given]


def timed(work: Callable[[], tuple[str, ...]]) -> tuple[tuple[str, ...], float]:
    """What a call gives, and its CPU time in milliseconds."""
    began = time.process_time()
    given = work()
    return given, (time.process_time() - began) * 1000


def quantiles(times: Sequence[float]) -> str:
    cuts = statistics.quantiles(times, n=20)
    return f"p50 {statistics.median(times):.1f}, p95 {cuts[18]:.1f}, at most {max(times):.1f} ms CPU"


def first(index: str, function: str, typed: str) -> tuple[float, float]:
    """The CPU milliseconds of the first call in a process, without and with the opening of the index."""
    runs = []
    for _ in range(PROCESSES):
        code = [sys.executable, "-c", FIRST.format(function), index, typed]
        done = subprocess.run(code, capture_output=True, encoding="utf-8", check=True)
        runs.append([float(each) for each in done.stdout.split()])
    alone, opened = (statistics.median(each) for each in zip(*runs, strict=True))
    return alone, opened


if __name__ == "__main__":
    main()
