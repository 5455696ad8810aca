"""A collection -> a file of as many articles as are asked for, one a line, the text canonical.

Beyond the collection's own articles come perturbed copies of them: one word in ten is another word
of the collection, drawn by its frequency; the date is another day, the id a new one. A copy so has
the length, the repetitions and most of the vocabulary of an article, and is no duplicate.
"""

from __future__ import annotations

import datetime as dt
import json
import lzma
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from search.article import canonical, canonical_line

_REPLACED = 0.1
_POOL_ARTICLES = 2_000
"""How many articles the other words are drawn from: some 700,000 words."""
_MOST_DAYS = 3_000
_PARTS = re.compile(r"([^\W_]+)")

Record = dict[str, str]


class Corpus(NamedTuple):
    """A file of articles, how many they are, and how many bytes of UTF-8 their titles and bodies are."""

    path: Path
    articles: int
    bytes: int


def corpus(collection: Path, work: Path, articles: int | None, seed: int) -> Corpus:
    """The corpus of a collection, written once to `work`; all articles of it where no number is given."""
    path = work / f"articles-{articles or 'all'}-{seed}.jsonl"
    if not path.exists():
        begun = path.with_suffix(".part")
        with begun.open("w", encoding="utf-8") as out:
            for record in _extended(list(_read(collection, articles)), articles, seed):
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
        begun.rename(path)
    return part(path, articles)


def part(path: Path, articles: int | None) -> Corpus:
    """The first articles of a corpus that was written."""
    count = size = 0
    for record in records(path, articles):
        count += 1
        size += len(record["title"].encode()) + len(record["body"].encode())
    return Corpus(path, count, size)


def records(path: Path, articles: int | None = None) -> Iterator[Record]:
    """The articles of a corpus, from the first on."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number == articles:
                return
            yield json.loads(line)


def _read(collection: Path, articles: int | None) -> Iterator[Record]:
    opened = lzma.open if collection.suffix == ".xz" else open
    with opened(collection, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number == articles:
                return
            record = json.loads(line)
            title, body = canonical_line(record["title"]), canonical(record["body"])
            yield {"id": record["id"], "date": record["date"], "title": title, "body": body}


def _extended(originals: list[Record], articles: int | None, seed: int) -> Iterator[Record]:
    yield from originals
    pool = [word for record in originals[:_POOL_ARTICLES] for word in _PARTS.split(record["body"])[1::2]]
    for number in range(len(originals), articles or 0):
        copy, original = divmod(number, len(originals))
        draw = random.Random(f"{seed} {number}")  # of its own, so that a longer corpus begins like a shorter
        record = originals[original]
        day = dt.date.fromisoformat(record["date"]) - dt.timedelta(draw.randint(1, _MOST_DAYS))
        yield {
            "id": f"{record['id']}-{copy}",
            "date": day.isoformat(),
            "title": _perturbed(record["title"], pool, draw),
            "body": _perturbed(record["body"], pool, draw),
        }


def _perturbed(text: str, pool: list[str], draw: random.Random) -> str:
    parts = _PARTS.split(text)
    words = len(parts) // 2
    expected = words * _REPLACED
    replaced = int(expected) + (draw.random() < expected % 1)
    for place, word in zip(draw.sample(range(words), replaced), draw.choices(pool, k=replaced), strict=True):
        parts[2 * place + 1] = word
    return "".join(parts)
