"""Ever more tiny articles -> how the time of a top 10 grows with them: pruning shows in the ratios."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from .contest import Entrant, tell
from .folders import emptied
from .peer import Asked
from .processes import Worker

SIZES = (100_000, 300_000, 1_000_000)
LONG = 3_000_000

_SHARES = {"zorbalak": 0.15, "krimudov": 0.08, "plunixat": 0.02, "vokstarg": 0.01, "jaquimel": 0.001}
"""Words in no lexicon, and the share of articles that each is in."""
_OTHERS = 20_000
_COMMON = Asked("word", ("krimudov",))
_OR5 = Asked("or", tuple(_SHARES))
_WARM = Asked("word", ("plunixat",))
_REPEAT = 15
_ROUNDS = 3


def growth(entrant: Entrant, work: Path, sizes: Sequence[int], seed: int) -> Iterator[str]:
    """A table of the times for each size, and of their ratios to the first."""
    yield "## Growth: CPU of a top 10 without the total (ms), and over that of the first size"
    yield ""
    yield "| articles | a word in 8 % | ratio | OR of 5 words | ratio |"
    yield "|---:|---:|---:|---:|---:|"
    first: list[float] = []
    for size in sizes:
        tell(f"growth: {size:,} articles")
        now = _times(entrant, work, size, seed)
        first = first or now
        ratios = [f"{new / old:.2f}" for new, old in zip(now, first, strict=True)]
        cells = [cell for time, ratio in zip(now, ratios, strict=True) for cell in (f"{time:.3g}", ratio)]
        yield f"| {size:,} | {' | '.join(cells)} |"


def _times(entrant: Entrant, work: Path, size: int, seed: int) -> list[float]:
    path = work / f"growth-{size}-{seed}.jsonl"
    if not path.exists():
        begun = path.with_suffix(".part")
        with begun.open("w", encoding="utf-8") as out:
            out.writelines(_lines(size, seed))
        begun.rename(path)
    index = str(emptied(work / f"index-growth-{size}"))
    log = work / f"growth-{size}.log"
    with Worker(entrant.module, *entrant.arguments, log=log) as worker:
        worker.ask("stream", corpus=str(path), articles=size, index=index)
    with Worker(entrant.module, *entrant.arguments, log=log) as worker:
        worker.ask("open", index=index)
        options = {"warm": asdict(_WARM), "counted": False, "repeat": _REPEAT}
        return [
            statistics.median(
                worker.ask("search", asked=asdict(query), **options)["cpu"] for _ in range(_ROUNDS)
            )
            for query in (_COMMON, _OR5)
        ]


def _lines(size: int, seed: int) -> Iterator[str]:
    """Articles of 4 to 12 words, 8 on average."""
    draw = random.Random(seed)
    letters = "bdfgklmnprstvz"
    others = ["".join(draw.choice(letters) + draw.choice("aiou") for _ in range(4)) for _ in range(_OTHERS)]
    weights = [1 / rank for rank in range(10, _OTHERS + 10)]
    cumulated = [sum(weights[:1])]
    for weight in weights[1:]:
        cumulated.append(cumulated[-1] + weight)
    for number in range(size):
        words = draw.choices(others, cum_weights=cumulated, k=draw.randint(4, 12))
        for word, share in _SHARES.items():
            if draw.random() < share:
                words[draw.randrange(len(words))] = word
        day = f"{draw.randint(2000, 2024)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        article = {"id": f"g{number}", "date": day, "title": words[0], "body": " ".join(words[1:])}
        yield json.dumps(article) + "\n"
