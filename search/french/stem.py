"""A folded form -> its light stem: the endings of number, gender and common derivation taken off.

The rules are those of J. Savoy's light stemmer for French ("A stemming procedure and stopword list
for general French corpora", JASIS 50(10), 1999; the rule set published with it, 2006), over forms
that are already without accents. A rule is an ending, the shortest word that it applies to, and
what takes the ending's place; the first that fits is the only one, but for the rules marked as
going on to the next.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class _Rule(NamedTuple):
    ending: str
    longer_than: int
    replacement: str
    goes_on: bool = False


_RULES: Final = (
    _Rule("issement", 9, "ir"),
    _Rule("issant", 8, "ir"),
    _Rule("ivement", 6, "if"),
    _Rule("ement", 6, "e"),
    _Rule("ficatrice", 11, "fier"),
    _Rule("ficateur", 10, "fier"),
    _Rule("isateur", 9, ""),
    _Rule("catrice", 9, "quer"),
    _Rule("cateur", 8, "quer"),
    _Rule("atrice", 8, "er"),
    _Rule("ateur", 7, "er"),
    _Rule("trice", 6, "teur", goes_on=True),
    _Rule("ieme", 5, ""),
    _Rule("teuse", 7, "ter"),
    _Rule("teur", 6, "ter"),
    _Rule("euse", 5, "eu"),
    _Rule("ere", 8, "er"),
    _Rule("ive", 7, "if"),
    _Rule("folle", 4, "fou"),
    _Rule("molle", 4, "mou"),
    _Rule("nnelle", 9, "n"),
    _Rule("nnel", 9, "n"),
    _Rule("ete", 4, "et", goes_on=True),
    _Rule("ique", 8, "", goes_on=True),
    _Rule("esse", 8, "e"),
    _Rule("inage", 7, "in"),
    _Rule("ualisation", 12, "uel"),
    _Rule("isation", 9, ""),
    _Rule("ation", 8, ""),
    _Rule("ition", 8, ""),
)


def light_stem(folded: str) -> str:
    """The stem of a form in lower case without accents; a form with an apostrophe is its own stem."""
    if "'" in folded:
        return folded
    stem = _without_derivation(_without_plural(folded))
    if len(stem) > 4:
        stem = _without_doubles(stem)
    if len(stem) > 4 and stem.endswith("ie"):
        stem = stem[:-2]
    if len(stem) > 4:
        for ending in ("r", "e", "e"):
            stem = stem.removesuffix(ending)
        if len(stem) > 1 and stem[-1] == stem[-2] and stem[-1].isalpha():
            stem = stem[:-1]
    return stem


def _without_plural(word: str) -> str:
    if len(word) > 5 and word.endswith("aux") and word[-4] != "e":
        return word[:-2] + "l"
    if len(word) > 3 and word.endswith("x"):
        word = word[:-1]
    if len(word) > 3 and word.endswith("s"):
        word = word[:-1]
    return word


def _without_derivation(word: str) -> str:
    for rule in _RULES:
        if len(word) > rule.longer_than and word.endswith(rule.ending):
            word = word[: -len(rule.ending)] + rule.replacement
            if not rule.goes_on:
                break
    return word


def _without_doubles(word: str) -> str:
    kept = [word[0]]
    for letter in word[1:]:
        if letter != kept[-1] or not letter.isalpha():
            kept.append(letter)
    return "".join(kept)
