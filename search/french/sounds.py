"""A name in any romanisation -> keys of how it sounds, and how likely two names are one.

Koursk, Kursk and Kurszk are one name in French, English and Hungarian letters; Zelensky, Zelenskyy and
Selenskyj are. A folded name is read as sounds first: `sch`, `sz` and `sh` are one, `ou` and `oo` are one, `y`
is `i`, and a letter that is doubled is one. What a romanisation leaves open stays open: `ch` is heard as in
Chirac, in Karachi or in Bach, `c` as in Cuba, in Cicero or, in Slavic names, as `ts`.

`keys` are for finding: the classes of the consonants, as Metaphone has them (Philips, Hanging on the
Metaphone, Computer Language 7 (12), 1990; The Double Metaphone search algorithm, C/C++ Users Journal 18 (6),
2000), which are cut to a length too. Double Metaphone's second key is what a foreign name is in English; ours
are a name read as the French and the English write (`j` as in Jean, `w` as in Kuwait, `ch` as in Chirac) and
as the Germans and the Slavs do (`j` as in Jalta, `w` as in Wladimir, `ch` as in Bach, `c` as in Donec).

`likeness` decides: the logarithm of how much likelier two names stand side by side as spellings of one place
than by chance, the sum over the best alignment of their sounds (Ristad & Yianilos, Learning string-edit
distance, IEEE PAMI 20, 1998; log odds as of Henikoff & Henikoff, Amino acid substitution matrices, PNAS 89,
1992). So k for q costs little, m for k much, and names that share six consonants are more surely one than
those that share two. What the sounds are worth is counted, in names of half of the places of GeoNames
(`data/make_sounds.py`). They show what the systems differ in: BGN/PCGN's `zh kh ts yy` are ISO 9's `ž h c yj`
and the `j kh ts y` of French papers.
"""

from __future__ import annotations

import os
from functools import cache, lru_cache
from itertools import accumulate
from math import inf
from typing import Final, NamedTuple

SOUNDS: Final = "1"
"""The version of the keys: an index that keeps keys of another does not use them."""

SHORTEST_NAME: Final = 3
"""Letters of a to z that a folded form has at least, to have keys in an archive."""

KEY_LETTERS: Final = 8
"""Consonants that a key has at most."""

SURE: Final = 10.5
"""The likeness from which on two names are spellings of one.

Of 36,398 articles in French, with 50,000 names, it takes one or more for a spelling of every fifth name of a
place that they lack."""

_READINGS: Final = """
    schtsch>SC chtch>SC shch>SC szcz>SC stsch>SC stch>SC schch>SC sjtsj>SC
    tsch>C tch>C tsj>C tsh>C cz>C tx>C dsch>J dzh>J dj>J dz>D
    sch>S sh>S sz>S sj>S ch>X zh>Z gh>G kh>H ph>f th>t dh>d bh>b jh>J rh>r wh>w
    ts>T tz>T ks>x ng>N mb>nb mp>np
    eau>o ou>u oo>u ee>i ae>e oe>O
    ce>Qe ci>Qi cy>Qi ge>Ye gi>Yi gy>Yi gue>ge gui>gi que>ke qui>ki qi>ci y>i
""".split()  # noqa: SIM905  pairs are easier to review so
"""What letters are read as, in this order: a small letter as itself, and
C tch, D dz, G gh, H kh, J dj, N ng, O oe, Q c before e and i, S sh, T ts, X ch, Y g before e and i, Z zh."""

LETTERS: Final = "abcdefghijklmnopqrstuvwxzCDGHJNOQSTXYZ"
"""The sounds, each a letter."""

_RULES: Final = [(old.encode(), new.encode()) for old, _, new in (each.partition(">") for each in _READINGS)]
_DOUBLED: Final = [(each.encode() * 2, each.encode()) for each in LETTERS]

VOWELS: Final = frozenset("aeiouO")


def _classes(**letters: str) -> bytes:
    """A table from sounds to the classes of a key; `v` is a vowel, or silent."""
    table = bytearray(b"v" * 256)
    table[ord("\n")] = ord("\n")
    for name, members in letters.items():
        for letter in members:
            table[ord(letter)] = ord(name)
    return bytes(table)


_WESTERN: Final = _classes(
    S="szSZCJTDXjQ", K="kcgqHGY", T="td", P="bp", F="fv", M="m", N="n", L="l", R="r", x="x", g="N"
)
_EASTERN: Final = _classes(S="szSZCJTDQYxc", K="kgqXG", T="td", P="bp", F="fvw", M="m", N="nN", L="l", R="r")
_AS_TWO: Final = ((b"x", b"KS"), (b"g", b"NK"))
"""The only sounds that are two of a key, where the table has one letter for them."""

_CLASSES: Final = [each.encode() for each in "AFKLMNPRST"]


@lru_cache(maxsize=1 << 12)
def heard(folded: str) -> str:
    """A folded word as sounds, a letter each: `zelenskyy` -> `zelenski`."""
    read = _read(_bytes(folded))
    for old, new in _DOUBLED:
        read = read.replace(old, new)
    return read.decode()


def keys(folded: str) -> tuple[str, ...]:
    """The keys of a folded name, one or two: `kharkow` -> `KRK`, `ARKF`. None, where it has no letter."""
    read = b"\n" + _read(_bytes(folded)) + b"\n"
    one, other = (_key_lines(read, table).strip(b"\n")[:KEY_LETTERS].decode() for table in _TABLES)
    return tuple([each for each in dict.fromkeys((one, other)) if each])


def keys_of_lines(lines: bytes) -> tuple[list[bytes], list[bytes]]:
    """The first and the second key of many folded names, a line each, with a line's end behind the last; they
    are not cut, and may be equal or empty."""
    read = b"\n" + _read(lines)
    one, other = (_key_lines(read, table)[1:].split(b"\n")[:-1] for table in _TABLES)
    return one, other


_TABLES: Final = (_WESTERN, _EASTERN)
_NO_SOUNDS: Final = bytes(set(range(256)) - set(b"abcdefghijklmnopqrstuvwxyz\n"))


def _bytes(folded: str) -> bytes:
    return folded.encode("ascii", "ignore").replace(b"\n", b"")


def _read(text: bytes) -> bytes:
    text = text.translate(None, _NO_SOUNDS)
    for old, new in _RULES:
        text = text.replace(old, new)
    return text


def _key_lines(read: bytes, table: bytes) -> bytes:
    """Classes of consonants, and A where a name begins with a vowel; of neighbours of one class the first."""
    text = read.translate(table)
    for old, new in _AS_TWO:
        text = text.replace(old, new)
    text = text.replace(b"\nv", b"\nA").replace(b"v", b"")
    for each in _CLASSES:
        while each * 2 in text:
            text = text.replace(each * 2, each)
    return text


class _Worth(NamedTuple):
    """What an alignment is worth: two sounds side by side, and a sound that stands opposite nothing."""

    pairs: dict[str, dict[str, float]]
    gaps: dict[str, float]
    most: dict[str, float]


_OTHER_PAIR: Final = -5.0
_OTHER_GAP: Final = -5.0
"""What is worth no more is not in the data."""

_WIDEST: Final = 4
"""Sounds that one name may have more than the other up to any place: more of them leave nothing alike."""


def likeness(one: str, other: str, least: float = -inf) -> float:
    """How surely two folded names are spellings of one: the natural logarithm of the odds, against chance.

    Where it is less than `least`, it may be told as minus infinity.
    """
    a, b = heard(one), heard(other)
    if abs(len(a) - len(b)) > _WIDEST or not a or not b:
        return -inf
    pairs = _worth().pairs
    bounds = _bounds(a)
    if bounds[0] < least or _bounds(b)[0] < least:
        return -inf
    gaps_a, gaps_b = _gaps(a), _gaps(b)
    width = len(b)
    last = [0.0]
    for gap in gaps_b:
        last.append(last[-1] + gap)
    for i, sound in enumerate(a):
        worth, gap = pairs[sound], gaps_a[i]
        first, end = max(0, i - _WIDEST), min(width, i + _WIDEST + 1)
        row = [-inf] * (width + 1)
        best = row[first] = last[first] + gap
        for j in range(first, end):
            # Nothing is opposite the sound of the first, or of the other, or both are side by side.
            best += gaps_b[j]
            found = last[j] + worth.get(b[j], _OTHER_PAIR)
            if found > best:
                best = found
            found = last[j + 1] + gap
            if found > best:
                best = found
            row[j + 1] = best
        if max(row) + bounds[i + 1] < least:
            return -inf
        last = row
    return last[width]


def is_variant(one: str, other: str) -> bool:
    """Whether two folded names are spellings of one, as far as sounds tell."""
    return likeness(one, other, SURE) >= SURE


def place(sounds: str, at: int) -> str:
    """Where a sound stands, as gaps are told apart, with the sound: I at the beginning, F at the end, else B
    between vowels, V beside one, C among consonants."""
    if at == 0:
        return "I" + sounds[at]
    if at == len(sounds) - 1:
        return "F" + sounds[at]
    open_sounds = (sounds[at - 1] in _OPEN) + (sounds[at + 1] in _OPEN)
    return "CVB"[open_sounds] + sounds[at]


_OPEN: Final = VOWELS | {"j", "w"}


@lru_cache(maxsize=1 << 12)
def _gaps(sounds: str) -> tuple[float, ...]:
    gaps = _worth().gaps
    return tuple([gaps.get(place(sounds, at), _OTHER_GAP) for at in range(len(sounds))])


@lru_cache(maxsize=1 << 12)
def _bounds(sounds: str) -> tuple[float, ...]:
    """What the rest of a name can be worth at most, from each place on; a short name is never sure."""
    most = _worth().most
    return (*accumulate([most[each] for each in reversed(sounds)], initial=0.0),)[::-1]


@cache
def _worth() -> _Worth:
    """The packaged data, read at the first call (under a millisecond)."""
    pairs: dict[str, dict[str, float]] = {letter: {letter: 2.0} for letter in LETTERS}
    gaps: dict[str, float] = {}
    path = os.path.join(os.path.dirname(__file__), "data", "sounds.txt")
    with open(path, encoding="ascii") as lines:
        for line in lines:
            kind, *entries = line.split()
            for entry in entries:
                sound, _, worth = entry.partition(":")
                if kind in pairs:
                    pairs[kind][sound] = float(worth)
                else:
                    gaps[kind[0] + sound] = float(worth)
    return _Worth(pairs, gaps, {each: max(pairs[each].values()) for each in LETTERS})
