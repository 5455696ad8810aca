"""R13: how much memory a run takes that indexes many articles."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ARTICLES = 100_000
WORDS = 350
_MOST_BYTES = 400_000_000


@pytest.mark.row("R13")
@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells what a process tree shares"
)
def test_indexing_many_articles_takes_little_memory(
    promise: Any, beside: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    count = promise.cases(ARTICLES)
    news = beside("news").News(promise.random, words=60_000)
    source = tmp_path / "articles.jsonl"
    with source.open("w", encoding="utf-8") as out:
        for number in range(count):
            article = news.article(f"a{number}", WORDS)
            record = {
                "id": article.id,
                "title": article.title,
                "body": article.body,
                "source": article.source,
            }
            out.write(json.dumps({**record, "date": str(article.date or "")}, ensure_ascii=False) + "\n")
    run = subprocess.Popen(
        [str(Path(sys.executable).with_name("newsearch")), "index", str(source), "--index", "index"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    weighed = beside("../bench/speed/processes").Peak(run.pid)
    weighed.start()
    said, errors = run.communicate()
    peak = weighed.stop()
    assert run.returncode == 0, errors[-2000:]
    assert f"{count:,} new" in said, said
    assert peak > 10_000_000, "a Python with NumPy takes more than that"
    promise.notes(f"{peak / 1e6:.0f} MB at the most, {source.stat().st_size / 1e6:.0f} MB read")
    promise.holds(int(peak <= _MOST_BYTES), 1, f"run of {count:,} articles within {_MOST_BYTES / 1e6:.0f} MB")
