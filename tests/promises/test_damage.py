"""R5: whatever befalls the files of an index: the right answer, or an error that names the file."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from search import Article, IndexUnavailableError, Span, create_index, open_index
from search.engines.whoosh.generations import Generations, manifest_name

QUERIES = (
    "ville",
    '"la ville"',
    "vill*",
    "mairie~1",
    "date:2020",
    "ville PRES/5 mairie",
    "ville SAUF mairie",
)
LOCKS = {"MAIN_WRITELOCK", "writer.lock", "writer.json"}


def text(random_: random.Random) -> str:
    common = ("la", "ville", "mairie", "maire", "élu", "budget", "route", "école", "pont", "quartier")
    rare = (f"mot{random_.randrange(40_000)}" for _ in range(25))
    return " ".join([*random_.choices(common, k=30), *rare])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a folder and of a program's articles: three commits, one of which deletes."""
    random_ = random.Random(5)
    path, folder = tmp_path_factory.mktemp("whole") / "index", tmp_path_factory.mktemp("in")
    for number in range(120):
        (folder / f"{number}.txt").write_text(f" date 2020-03 Titre {number}\n\n{text(random_)}\n")
    with create_index(str(path)) as index:
        index.sync(str(folder))
        index.add(
            Article(f"p{n}", f"Titre p{n}", text(random_), date=Span.of(2020 + n % 3)) for n in range(400)
        )
        for number in range(0, 30, 3):
            (folder / f"{number}.txt").unlink()
        (folder / "new.txt").write_text(f"Un dernier\n\n{text(random_)}\n")
        index.sync(str(folder))
        assert index.check() == []
    return path


def everything(path: Path) -> tuple[str | None, dict[str, Any]]:
    """What is answered, and the notice before it. Every article is read, every query has its passages."""
    with open_index(str(path)) as index:
        pages = [index.search(query, limit=20) for query in QUERIES]
        said = [[(hit.id, hit.score, hit.title_spans, hit.snippets) for hit in page.hits] for page in pages]
        holdings = index.info().holdings
        return index.notice, {
            "pages": said,
            "totals": [page.total for page in pages],
            "articles": sorted((article.id, article.content_hash()) for article in index.articles()),
            "holdings": holdings,
            "ids": sorted(index._read().ids()),
        }


def files(path: Path) -> dict[str, bytes]:
    return {name: (path / name).read_bytes() for name in sorted(os.listdir(path)) if name not in LOCKS}


def write(path: Path, name: str, data: bytes | None) -> None:
    """Put another file in its place: what an earlier reader has mapped stays what it was."""
    (path / name).unlink(missing_ok=True)
    if data is not None:
        (path / name).write_bytes(data)


def damage(random_: random.Random, contents: dict[str, bytes]) -> dict[str, bytes | None]:
    """What a damage makes of which files."""
    name = random_.choice(sorted(contents))
    data = contents[name]
    kind = random_.choices(["byte", "cut", "deleted", "swapped", "longer"], [70, 12, 6, 8, 4])[0]
    if kind == "swapped":
        other = random_.choice([each for each in sorted(contents) if each != name])
        return {name: contents[other], other: data}
    if kind == "deleted":
        return {name: None}
    if kind == "cut":
        return {name: data[: random_.randrange(len(data))]}
    if kind == "longer":
        return {name: data + random_.randbytes(random_.randrange(1, 5_000))}
    at = random_.randrange(len(data))
    if random_.random() < 0.3:
        at = max(0, len(data) - 1 - random_.randrange(64))  # the end says what is where
    altered = bytearray(data)
    altered[at] ^= random_.randrange(1, 256)
    return {name: bytes(altered)}


@pytest.mark.row("R5")
def test_no_damage_passes_for_an_answer_and_each_is_named(whole: Path, tmp_path: Path, promise: Any) -> None:
    path = tmp_path / "index"
    shutil.copytree(whole, path)
    contents = files(path)
    newest, before = Generations(str(path), "").kept()
    only_newest = newest.names - before.names
    notice, due = everything(path)
    assert notice is None
    write(path, manifest_name(newest.generation), None)
    notice, due_before = everything(path)
    assert notice and due_before != due
    write(path, manifest_name(newest.generation), contents[manifest_name(newest.generation)])

    cases = promise.cases(1_000)
    random_ = promise.random
    outcomes: Counter[str] = Counter()
    named = wrong = saved = savable = 0
    for case in range(cases):
        changes = damage(random_, contents)
        for name, data in changes.items():
            write(path, name, data)
        label = (case, {name: data and len(data) for name, data in changes.items()})
        try:
            notice, said = everything(path)
            wrong += said != (due_before if notice else due)
            outcomes["answered by the commit before" if notice else "answered"] += 1
            assert not notice or any(name in notice for name in changes), label
            fell_back = bool(notice)
        except IndexUnavailableError as error:
            # Where it is not the file that is named it is the one that it was taken for.
            assert str(path) in str(error), label
            assert "newsearch rebuild" in str(error) or "should hold" in str(error), (label, str(error))
            outcomes["refused"] += 1
            fell_back = False
        # Of the last commit alone, and of a kind that opening it meets.
        if set(changes) <= only_newest and all(
            len(data or b"") != len(contents[n]) for n, data in changes.items()
        ):
            savable += 1
            saved += fell_back
        named += is_named(path, changes, before.generation)
        for name in changes:
            write(path, name, contents[name])
    promise.notes(", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.most_common()))
    promise.never(wrong, "wrong answers")
    promise.holds(named, cases, "damages are named by check")
    promise.holds(
        saved, savable, "of the last commit alone that opening meets: the one before answers, and says so"
    )
    assert outcomes["refused"] and outcomes["answered by the commit before"]


def is_named(path: Path, changes: dict[str, bytes | None], before: int) -> bool:
    """Whether check names one of the files."""
    # Without its TOC the spare generation is garbage, which is told by its other files.
    spare = {manifest_name(before)} if f"newsearch-previous-{before}.toc" in changes else set()
    try:
        with open_index(str(path)) as index:
            problems = index.check()
    except IndexUnavailableError as error:
        problems = [str(error)]
    return any(str(path / name) in problem for problem in problems for name in [*changes, *spare])


@pytest.mark.row("R5")
def test_a_bad_page_met_by_a_query_ends_it_without_hits(whole: Path, tmp_path: Path, promise: Any) -> None:
    random_ = promise.random
    cases = promise.cases(50)
    kept = rebuilt = 0
    for case in range(cases):
        path = tmp_path / str(case)
        shutil.copytree(whole, path)
        segment = max(path.glob("*.nsa"), key=lambda file: file.stat().st_size)
        content = bytearray(segment.read_bytes())
        rows = json.loads(content[content.rindex(b'{"arrays"') : -20])["arrays"]["rows"]
        content[rows[0] + random_.randrange(rows[2])] ^= 1
        write(path, segment.name, bytes(content))
        done = newsearch("query", "ville", "-n", "500", "--json", "--index", str(path))
        kept += done.returncode == 3 and not done.stdout and segment.name in done.stderr
        assert "Traceback" not in done.stderr
        done = newsearch("rebuild", "--index", str(path))
        rebuilt += done.returncode == 0 and newsearch("check", "--index", str(path)).returncode == 0
        shutil.rmtree(path)
    promise.holds(
        kept, cases, "queries that met a bad page ended with exit 3, its file named, no hit printed"
    )
    promise.holds(rebuilt, cases, "such indexes were made anew from what can be read")


def newsearch(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from search.cli import main; main()", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
