"""A corpus and a seed -> queries of each class, in words as people type them."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from search.french.analysis import is_stop_word, stem
from search.french.tokens import forms

from .corpus import records
from .peer import Asked

_SAMPLE = 10_000
"""Articles that the frequencies are counted in."""

_PAIR = re.compile(r"\b([^\W\d_]{4,}) (?=([^\W\d_]{4,})\b)")
_LEAST_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """Queries by class, and strings as typed into a search box."""

    classes: dict[str, list[Asked]]
    typed: list[str]


@dataclass(frozen=True, slots=True)
class _Frequencies:
    """Of the stems of content words: the share of articles each is in, and its most frequent form."""

    share: dict[str, float]
    form: dict[str, str]

    def between(self, least: float, most: float, stems: Iterable[str] | None = None) -> list[str]:
        """The forms whose stem is as frequent as that, in a fixed order."""
        among = self.share if stems is None else set(stems)
        return sorted(self.form[each] for each in among if least <= self.share.get(each, 0.0) <= most)


def draw(corpus: Path, articles: int, count: int, seed: int) -> Drawn:
    """Draw queries from the first articles of a corpus."""
    random_ = random.Random(seed)
    texts = list(itertools.islice(records(corpus), min(articles, _SAMPLE)))
    frequencies = _counted(f"{text['title']}\n{text['body']}" for text in texts)
    stems = [[stem(form) for form in forms(text["body"])] for text in random_.choices(texts, k=count * 20)]
    common = _varied(random_, frequencies.between(0.05, 0.3), count)
    first = min(text["date"] for text in texts)
    last = max(text["date"] for text in texts)

    def several(*bands: tuple[int, float, float]) -> Callable[[list[str]], tuple[str, ...] | None]:
        def pick(article: list[str]) -> tuple[str, ...] | None:
            words: list[str] = []
            for number, least, most in bands:
                found = [w for w in frequencies.between(least, most, article) if w not in words]
                if len(found) < number:
                    return None
                words += random_.sample(found, number)
            return tuple(words)

        return pick

    def first_of(pick: Callable[[list[str]], tuple[str, ...] | None]) -> list[tuple[str, ...]]:
        return list(itertools.islice(filter(None, map(pick, stems)), count))

    pairs = (
        (match[1].lower(), match[2].lower())
        for text in random_.sample(texts, len(texts))
        if (matches := list(_PAIR.finditer(text["body"])))
        for match in [random_.choice(matches)]
        if all(frequencies.share.get(stem(word), 0) > 0.01 for word in (match[1].lower(), match[2].lower()))
    )
    and2 = several((1, 0.03, 0.25), (1, 0.005, 0.05))
    or5 = several((2, 0.05, 0.3), (2, 0.005, 0.05), (1, 0.0002, 0.005))
    middling = _varied(random_, frequencies.between(0.001, 0.01), count)
    classes = {
        "term_common": [Asked("word", (word,)) for word in common],
        "term_mid": [Asked("word", (word,)) for word in middling],
        "and2": [Asked("and", words) for words in first_of(and2)],
        "or5": [Asked("or", words) for words in first_of(or5)],
        "phrase": [Asked("phrase", pair) for pair in itertools.islice(pairs, count)],
        "date_term": [
            Asked("dated", (word,), *_interval(random_, first, last))
            for word in _varied(random_, common, count)
        ],
        "prefix": [
            Asked("prefix", (word[: random_.randint(3, 5)],))
            for word in _prefixable(frequencies, random_, count)
        ],
    }
    return Drawn(classes, _typed(texts, random_, count))


def _counted(texts: Iterable[str]) -> _Frequencies:
    articles: Counter[str] = Counter()
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    total = 0
    for text in texts:
        total += 1
        here = {form: stem(form) for form in set(forms(text)) if _is_content(form)}
        articles.update(set(here.values()))
        for form, stemmed in here.items():
            written[stemmed][form] += 1
    share = {stemmed: count / total for stemmed, count in articles.items()}
    return _Frequencies(share, {stemmed: max(sorted(f), key=f.__getitem__) for stemmed, f in written.items()})


def _is_content(form: str) -> bool:
    return form.isalpha() and len(form) >= _LEAST_LETTERS and not is_stop_word(form)


def _varied(random_: random.Random, words: list[str], count: int) -> list[str]:
    return random_.sample(words, min(count, len(words)))


def _interval(random_: random.Random, first: str, last: str) -> tuple[str, str]:
    years = random_.randint(1, 5)
    earliest, latest = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    room = max(0, (latest - earliest).days - 365 * years)
    start = earliest + dt.timedelta(random_.randint(0, room))
    return start.isoformat(), (start + dt.timedelta(365 * years)).isoformat()


def _prefixable(frequencies: _Frequencies, random_: random.Random, count: int) -> list[str]:
    """Words whose beginning is the same with and without accents."""
    words = [word for word in frequencies.between(0.002, 0.1) if word.isascii() and len(word) > 5]
    return _varied(random_, words, count)


def _typed(texts: list[dict[str, str]], random_: random.Random, count: int) -> list[str]:
    """One to three words of a title each."""
    found: list[str] = []
    for text in random_.sample(texts, len(texts)):
        words = [word for word in re.findall(r"[^\W_]+", text["title"]) if _is_content(word.lower())]
        number = random_.randint(1, 3)
        if len(words) >= number and len(found) < count:
            start = random_.randint(0, len(words) - number)
            found.append(" ".join(words[start : start + number]))
    return found
