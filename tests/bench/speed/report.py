"""What was measured -> a page of Markdown: the machine, ratios, absolute values, remarks."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from .contest import US, Standings


def machine() -> str:
    """The processor, its cores, the load, Python."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores (load {load}), "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def page(standings: Sequence[Standings], seed: int) -> Iterator[str]:
    """The report, line by line. The first standings are over the whole corpus."""
    yield f"{machine()}. Seed {seed}; of searches, CPU of a median of 5 repetitions."
    for each in standings:
        names = ", ".join(name for name in each.versions if name not in each.absent)
        size = f"{each.corpus.articles:,} articles, {each.corpus.bytes / 1e6:.1f} MB of text"
        yield f"- {size}, {each.queries} queries a class: {names}"
    yield ""
    yield "## newsearch / peer (below 1: newsearch is faster, or smaller)"
    yield ""
    yield from _table(standings, _ratio, ours=False)
    yield ""
    yield "## Absolute"
    yield ""
    yield from _table(standings, _value, ours=True)
    yield ""
    yield from dict.fromkeys(line for each in standings for line in _remarks(each))


def _remarks(standings: Standings) -> Iterator[str]:
    for name, version in standings.versions.items():
        note = standings.notes[name]
        yield f"- {name}: {version}{f' ({note})' if note else ''}"
    for name, reason in standings.absent.items():
        yield f"- {name} could not be had: {_line(reason)}"
    for name, gaps in standings.gaps.items():
        yield from (f"- {name} ({standings.corpus.articles:,}) has no {_line(gap)}" for gap in gaps)


def _table(
    standings: Sequence[Standings], cell: Callable[[Standings, str, str], str], *, ours: bool
) -> Iterator[str]:
    columns = [(each, name) for each in standings for name in each.versions if ours or name != US]
    columns.sort(key=lambda column: (standings.index(column[0]), column[1] != US))
    if not columns:
        return
    measures = dict.fromkeys(measure for each in standings for measure in each.values)
    heads = [name if each is standings[0] else f"{name} ({each.corpus.articles:,})" for each, name in columns]
    yield f"| measure | {' | '.join(heads)} |"
    yield f"|---|{'---:|' * len(heads)}"
    for measure in measures:
        yield f"| {measure} | {' | '.join(cell(each, measure, name) for each, name in columns)} |"


def _line(text: str) -> str:
    return " ".join(text.split())[:200]


def _value(standings: Standings, measure: str, name: str) -> str:
    value = standings.values[measure].get(name) if measure in standings.values else None
    return "" if value is None else f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _ratio(standings: Standings, measure: str, name: str) -> str:
    values = standings.values.get(measure, {})
    if not values.get(name) or US not in values:
        return ""
    ratio = values[US] / values[name]
    return f"{ratio:.2f}" if ratio > 0.1 else f"{ratio:.2g}"
