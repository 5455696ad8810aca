"""Dicollecte's spelling dictionary (Debian's hunspell-fr-comprehensive) -> lexicon.txt.gz.

    apt-get download hunspell-fr-comprehensive && dpkg-deb -x hunspell-fr-comprehensive_*.deb unpacked
    python search/french/data/make_lexicon.py unpacked/usr/share/hunspell

A class is a lemma with a part of speech: N (noun or adjective), V (verb), P (proper name), O (the
rest); its forms are the inflections that the affix file makes of the dictionary's entries. The output
is the same at every run: text in members of gzip, one behind the other, so that `zcat` prints it all and
a look-up unpacks only what it needs. The first member has a line a paradigm (part of speech, whether the
first ending makes the lemma, the endings), a line `=`, a line a folded ending, a line `=`, and a line a
block: its first folded beginning, the number of its first class, its length in bytes. Each other member
is a block: a line a class with what its forms have in common, in the order of the folded beginnings
(`folded|beginning` where they differ), a line `=`, and a line a class with the number of its paradigm.
Beginnings that fold alike are in one block.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from search.french.analysis import fold
from search.french.tokens import normal_form

Class = tuple[str, str]
"""Lemma and part of speech."""

_VERB = re.compile(r"po:(?:v\d|infi|ppas|ppre|ipre|ipsi|iimp|ifut|cond|spre|simp|impe)")
_NOUN = re.compile(r"po:(?:nom|adj)")

_UNIT_FLAGS = {"Um", "Ui", "U."}
"""Units of measure, whose prefixes (kilo-, milli- ...) the affix file lists as prefixes of the word."""

BLOCK = 256
"""Classes that a look-up unpacks together: 40 µs, where all of them would be 20 ms."""

IRREGULAR: tuple[tuple[tuple[str, ...], Class], ...] = (
    (("yeux",), ("oeil", "N")),
    (("tout", "tous", "toute", "toutes"), ("tout", "N")),
    (("mesdames",), ("madame", "N")),
    (("messieurs",), ("monsieur", "N")),
    (("mesdemoiselles",), ("mademoiselle", "N")),
    (("au", "aux"), ("au", "O")),
)
"""Forms that the dictionary keeps apart from their lemma."""

NOT_MERGED = {"sur", "mur", "du", "jeune", "cru", "fut", "jeuner", "recru", "mure"}
"""Pairs that differ as spellings before and after 1990 do, and are two words (sur/sûr, jeune/jeûne)."""


@dataclass(frozen=True)
class Suffix:
    """A rule of the affix file: take `strip` off where `condition` holds, put `add` on."""

    strip: str
    add: str
    condition: re.Pattern[str] | None
    morphology: str
    flags: str


def main() -> None:
    """Write the lexicon and print its size."""
    folder = Path(sys.argv[1])
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "lexicon.txt.gz"
    suffixes, prefixes = read_affixes(folder / "fr.aff")
    classes = merged_spellings(read_classes(folder / "fr.dic", suffixes, prefixes))
    out.write_bytes(written(classes))
    forms = len(set().union(*classes.values()))
    print(f"{forms:,} forms in {len(classes):,} classes, {out.stat().st_size:,} bytes")


def read_affixes(path: Path) -> tuple[dict[str, list[Suffix]], dict[str, list[str]]]:
    """The suffix rules and the prefixes, by flag; elided articles are no prefixes."""
    suffixes: dict[str, list[Suffix]] = defaultdict(list)
    prefixes: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        part = line.split()
        if len(part) < 5 or part[2] in ("Y", "N"):
            continue
        if part[0] == "SFX":
            add, _, flags = part[3].partition("/")
            suffixes[part[1]].append(
                Suffix(
                    "" if part[2] == "0" else part[2],
                    "" if add == "0" else add,
                    None if part[4] == "." else re.compile(f"(?:{part[4]})$"),
                    " ".join(part[5:]),
                    flags,
                )
            )
        elif part[0] == "PFX" and "'" not in part[3] and "’" not in part[3]:
            prefixes[part[1]].append(part[3].split("/")[0])
    return suffixes, prefixes


def read_classes(
    path: Path, suffixes: dict[str, list[Suffix]], prefixes: dict[str, list[str]]
) -> dict[Class, set[str]]:
    """The forms of each class."""
    entries = list(read_entries(path))
    classes: dict[Class, set[str]] = defaultdict(set)
    for word, flags, morphology in entries:
        stated = re.search(r"st:(\S+)", morphology)
        lemma = normal(stated[1] if stated else word)
        for form, told in expand(word, flags, morphology, suffixes):
            if " " not in form:
                classes[lemma, part_of_speech(word, told)].add(normal(form))
    known = set().union(*classes.values())
    for word, flags, morphology in entries:
        for prefix in sorted(prefixes_of(flags, suffixes, prefixes)):
            if _UNIT_FLAGS & set(flags):
                forms = [word, word if word.endswith("s") else f"{word}s"]
            else:
                forms = [form for form, _ in expand(word, flags, morphology, suffixes)]
            for form in map(normal, (prefix + form for form in forms)):
                if " " not in form and form not in known:
                    classes[normal(prefix + word), "N"].add(form)
    for irregular, key in IRREGULAR:
        classes[key].update(irregular)
    return classes


def read_entries(path: Path) -> Iterator[tuple[str, list[str], str]]:
    """Word, flags and morphology of each entry."""
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        head, _, morphology = line.partition(" ")
        word, _, flags = head.partition("/")
        if word:
            yield word, flag_list(flags), morphology


def flag_list(flags: str) -> list[str]:
    """The affix file declares flags of two characters."""
    return [flags[at : at + 2] for at in range(0, len(flags), 2)]


def expand(
    word: str, flags: list[str], morphology: str, suffixes: dict[str, list[Suffix]]
) -> Iterator[tuple[str, str]]:
    """The forms of an entry, each with what is said of it; `()` marks a stem that is no form itself."""
    if "()" not in flags:
        yield word, morphology
    for flag in flags:
        for rule in suffixes.get(flag, ()):
            if (rule.condition is None or rule.condition.search(word)) and word.endswith(rule.strip):
                stem = word[: len(word) - len(rule.strip)]
                yield stem + rule.add, f"{morphology} {rule.morphology}"


def prefixes_of(
    flags: list[str], suffixes: dict[str, list[Suffix]], prefixes: dict[str, list[str]]
) -> set[str]:
    """The prefixes of an entry: its own, and those that its suffixes go on with.

    Short ones are symbols; `0` is none, and gives a unit of measure its own plural.
    """
    own = {prefix for flag in flags for prefix in prefixes.get(flag, ())}
    later = {
        prefix
        for flag in flags
        for rule in suffixes.get(flag, ())
        for next_flag in flag_list(rule.flags)
        for prefix in prefixes.get(next_flag, ())
    }
    return {prefix.replace("0", "") for prefix in own | later if len(prefix) >= 4 or prefix == "0"}


def part_of_speech(word: str, morphology: str) -> str:
    """N, V, P or O, by what the dictionary says of a form."""
    if word[:1].isupper():
        return "P"
    if _VERB.search(morphology):
        return "V"
    return "N" if _NOUN.search(morphology) else "O"


def merged_spellings(classes: dict[Class, set[str]]) -> dict[Class, set[str]]:
    """One class for the spellings before and after 1990: î/i, û/u, é/è in the lemma."""
    alike: dict[Class, set[str]] = defaultdict(set)
    for lemma, group in classes:
        if group != "P":
            alike[re.sub("é", "è", lemma.replace("î", "i").replace("û", "u")), group].add(lemma)
    merged: dict[Class, set[str]] = defaultdict(set)
    name = {
        (lemma, group): min(lemmas)
        for (plain, group), lemmas in alike.items()
        for lemma in lemmas
        if len(lemmas) > 1 and plain.replace("è", "e") not in NOT_MERGED
    }
    for (lemma, group), forms in classes.items():
        merged[name.get((lemma, group), lemma), group] |= forms
    return merged


def written(classes: dict[Class, set[str]]) -> bytes:
    """The lexicon as members of gzip; the lemma is the first of its forms where it is one."""
    lines = []
    for (lemma, group), forms in classes.items():
        ordered = [lemma] * (lemma in forms) + sorted(forms - {lemma})
        common = os.path.commonprefix(ordered)  # noqa: RUF071  of words, not of paths
        paradigm = ",".join((group, str(int(lemma in forms)), *(form[len(common) :] for form in ordered)))
        lines.append((common, paradigm))
    counted = Counter(paradigm for _, paradigm in lines)
    ranked = sorted(counted, key=lambda paradigm: (-counted[paradigm], paradigm))
    number = {paradigm: rank for rank, paradigm in enumerate(ranked)}
    lines.sort(key=lambda line: (fold(line[0]), line))
    endings = sorted({fold(ending) for paradigm in ranked for ending in paradigm.split(",")[2:]})
    directory, members, first = [], [], 0
    for block in blocks(lines):
        beginnings = [common if common.isascii() else f"{fold(common)}|{common}" for common, _ in block]
        numbers = [str(number[paradigm]) for _, paradigm in block]
        members.append(packed([*beginnings, "=", *numbers]))
        directory.append(f"{fold(block[0][0])},{first},{len(members[-1])}")
        first += len(block)
    return packed([*ranked, "=", *endings, "=", *directory]) + b"".join(members)


def blocks(lines: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """The lines in parts of BLOCK or a few more, so that those that fold alike stay together."""
    block: list[tuple[str, str]] = []
    for line in lines:
        if len(block) >= BLOCK and fold(line[0]) != fold(block[-1][0]):
            yield block
            block = []
        block.append(line)
    yield block


def packed(lines: list[str]) -> bytes:
    """A member of gzip that holds these lines."""
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def normal(word: str) -> str:
    """A word as the tokens of a text are written, which are looked up."""
    return normal_form(unicodedata.normalize("NFC", word))


if __name__ == "__main__":
    main()
