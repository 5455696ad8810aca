"""Numbers drawn -> articles that look like news: frequent and rare words, names, dates, words never seen."""

from __future__ import annotations

import random
from itertools import accumulate
from typing import Final

from search import Article, Span

_ONSETS: Final = (
    "b",
    "c",
    "ch",
    "d",
    "f",
    "g",
    "gr",
    "j",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "qu",
    "r",
    "s",
    "t",
    "tr",
    "v",
    "",
)
_VOWELS: Final = ("a", "e", "i", "o", "u", "é", "è", "ai", "ou", "on", "an", "eu", "ê")
_ENDS: Final = ("", "", "s", "r", "nt", "es", "tion", "ment", "x")
_SHORT: Final = (
    "le",
    "la",
    "de",
    "des",
    "et",
    "à",
    "un",
    "une",
    "en",
    "dans",
    "pour",
    "qui",
    "sur",
    "est",
    "au",
)
_UNSEEN: Final = 0.01
"""The share of words that stand nowhere else, as names and slips do in an archive."""


class News:
    """A vocabulary, and texts that are drawn from it by Zipf's law."""

    def __init__(self, random_: random.Random, words: int = 20_000) -> None:
        self._random = random_
        made = list(_SHORT)
        made += sorted({self._word() for _ in range(words)}, key=lambda _: random_.random())
        self.words = [word.capitalize() if random_.random() < 0.1 else word for word in made]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self.words))))

    def article(self, id: str, words: int) -> Article:
        """An article of so many words, give or take a half."""
        chosen = self._random
        size = chosen.randint(words // 2, words + words // 2)
        date = Span.of(chosen.randint(2019, 2024), *self._month_and_day()) if chosen.random() < 0.9 else None
        paragraphs = (self.sentences(min(60, size - start)) for start in range(0, size, 60))
        return Article(
            id,
            self.sentences(8).rstrip("."),
            "\n\n".join(paragraphs),
            date,
            source=chosen.choice(("AFP", "Le Monde", None)),
            author=chosen.choice(("Anne Îles", "Jean-Luc Bo", None)),
        )

    def sentences(self, words: int) -> str:
        """Sentences of a dozen words."""
        chosen = self._random.choices(self.words, cum_weights=self._weights, k=words)
        for place in range(words):
            if self._random.random() < _UNSEEN:
                chosen[place] = self._word().capitalize() if self._random.random() < 0.5 else self._word()
        parts = (" ".join(chosen[start : start + 12]) for start in range(0, words, 12))
        return " ".join(f"{part[:1].upper()}{part[1:]}." for part in parts)

    def _word(self) -> str:
        pick = self._random.choice
        syllables = "".join(pick(_ONSETS) + pick(_VOWELS) for _ in range(self._random.randint(1, 4)))
        return f"{syllables}{pick(_ENDS)}".ljust(3, "l")[:12]

    def _month_and_day(self) -> tuple[int, ...]:
        month, day = self._random.randint(1, 12), self._random.randint(1, 28)
        return self._random.choice(((month, day), (month, day), (month,), ()))
