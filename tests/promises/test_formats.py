"""R10: indexes of past formats, as past versions wrote them (see formats/make.py), and of formats to come."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from search import Article, Index, IndexUnavailableError, IndexVersionError, create_index, open_index
from search.engines.whoosh.generations import Generations, manifest_text, record

FORMATS = Path(__file__).with_name("formats")
PAST = sorted(FORMATS.glob("*.tar.xz"))
QUERIES = (
    "drones Belgorod",
    "le président a parlé",
    '"région de Belgorod"',
    "=drone",
    "évac*",
    "Kyiv",
    "drones NEAR/6 Élysée",
    "president date:2024-03",
    "source:AFP",
    "drones -Belgorod",
    "titre:Élysée OU auteur:Îles",
    "Poutin~",
    "habitants évacués",
)

Newsearch = Callable[..., "subprocess.CompletedProcess[str]"]


def _answers(index: Index) -> tuple[object, ...]:
    """All that the index holds, and what it answers; of scores, nine digits."""
    pages = [index.search(query, sort=sort) for query in QUERIES for sort in ("relevance", "date")]
    hits = [
        (page.total, [(hit.id, round(hit.score, 9), hit.date_match, hit.snippets) for hit in page.hits])
        for page in pages
    ]
    return sorted(index.articles(), key=lambda article: article.id), hits


def _unpacked(archive: Path, folder: Path) -> str:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return str(folder)


def _of_today(make: ModuleType, workplace: Path, path: str) -> tuple[object, ...]:
    """What an index answers that today's version makes of the same articles."""
    with create_index(path) as index:
        make.write(workplace, make.FIRST)
        index.sync("seeds", "presse.jsonl")
        index.forget("erased")
        make.write(workplace, make.THEN)
        index.sync("seeds", "presse.jsonl")
        return _answers(index)


def _is_one_sentence(error: IndexUnavailableError) -> bool:
    return (
        isinstance(error, IndexVersionError)
        and "`newsearch rebuild`" in str(error)
        and "\n" not in str(error)
    )


@pytest.mark.row("R10")
def test_an_index_of_a_past_format_answers_or_says_how_to_rebuild_and_a_rebuild_loses_nothing(
    promise: Any, beside: Callable[[str], ModuleType], workplace: Path, newsearch: Newsearch
) -> None:
    make = beside("formats/make")
    assert {path.name for path in PAST} == {f"{name}.tar.xz" for name in make.LAYOUTS}
    today = _of_today(make, workplace, str(workplace / "today"))
    seed = f"seeds/{next((workplace / 'seeds').iterdir()).name}"
    opened = told = rebuilt = 0
    failed = []
    for archive in PAST:
        path = _unpacked(archive, workplace / archive.name.partition(".")[0])
        try:
            with open_index(path) as index:
                same = _answers(index) == today
            opened += same
            failed += [] if same else [f"{archive.name} answers otherwise"]
            says = ""
        except IndexUnavailableError as error:
            says = error.message
            told += _is_one_sentence(error)
            failed += [] if _is_one_sentence(error) else [f"{archive.name} says: {says[-150:]}"]
        if says:
            queried = newsearch("query", "drones", "--index", path)
            assert (queried.returncode, queried.stdout) == (3, "")
            assert "`newsearch rebuild`" in queried.stderr
            done = newsearch("rebuild", "--index", path)
            if done.returncode:
                failed.append(f"{archive.name} is not rebuilt: {done.stderr[-150:]}")
                continue
        else:
            with open_index(path, write=True) as index:
                index.rebuild()
        with open_index(path, write=True) as index:
            same = _answers(index) == today and index.check() == []
            if same:
                # The ledger has come along: a path is known, and what was erased stays so.
                same = index.article(seed).path == seed
                make.write(workplace, make.FIRST)
                index.sync("presse.jsonl")
                same &= "erased" not in {article.id for article in index.articles()}
                make.write(workplace, make.THEN)
        rebuilt += same
        failed += [] if same else [f"{archive.name} is another after its rebuild"]
    promise.notes(f"{len(PAST)} formats: {opened} answer like today's, {told} name `newsearch rebuild`")
    for what in failed:
        promise.notes(what)
    promise.holds(
        opened + told, len(PAST), "indexes of past formats answer like today's, or say how to rebuild"
    )
    promise.holds(rebuilt, len(PAST), "are rebuilt with all articles and the ledger")


def _named(path: str, **names: str) -> None:
    """Have the manifest name another format or analysis."""
    folder = Generations(path, "")
    manifest = Path(path, f"newsearch-manifest-{folder.newest()}.json")
    told = {name: value for name, value in json.loads(manifest.read_text()).items() if name != "digest"}
    files = {name: record(folder.path_of(name)) for name in told["files"]}
    manifest.write_text(manifest_text({**told, **names, "files": files}))


def _rewritten(path: str) -> None:
    """Segments that only a version to come can read."""
    for segment in Path(path).glob("MAIN_*"):
        segment.write_bytes(b"nsarray9" + segment.read_bytes()[:7:-1])
    _named(path, format="columnar-99")


TO_COME: dict[str, Callable[[str], None]] = {
    "columnar-99, like ours": lambda path: _named(path, format="columnar-99"),
    "columnar-99, not like ours": _rewritten,
    "whoosh-stock-99": lambda path: _named(path, format="whoosh-stock-99"),
    "columnar-1 cut short": lambda path: _named(path, format="colum"),
    "no format at all": lambda path: _named(path, format=""),
    "french-groups-99": lambda path: _named(path, analysis="french-groups-99"),
}


@pytest.mark.row("R10")
def test_an_index_of_a_format_to_come_is_told_and_never_harmed(
    promise: Any, workplace: Path, newsearch: Newsearch
) -> None:
    articles = [Article(f"a{n}", "Un drone", f"Le drone numéro {n} de Belgorod.") for n in range(5)]
    told, unharmed, failed = 0, 0, []
    for number, (name, made) in enumerate(TO_COME.items()):
        path = str(workplace / str(number))
        with create_index(path) as index:
            index.add(articles)
        made(path)
        before = {file.name: file.read_bytes() for file in Path(path).iterdir()}
        queried = newsearch("query", "drone", "--index", path)
        says = (queried.returncode, queried.stdout) == (3, "") and "`newsearch rebuild`" in queried.stderr
        says = says and "another version" in queried.stderr and queried.stderr.strip().count("\n") == 0
        told += says
        failed += [] if says else [f"{name}: {queried.stderr[-200:]}"]
        done = newsearch("rebuild", "--index", path)
        if done.returncode == 0:
            with open_index(path) as index:
                kept = sorted(article.id for article in index.articles()) == [each.id for each in articles]
        else:
            left = {file.name: file.read_bytes() for file in Path(path).iterdir() if file.name in before}
            kept = done.returncode == 3 and "Traceback" not in done.stderr and left == before
        unharmed += kept
        failed += [] if kept else [f"{name}, rebuilt: exit {done.returncode} {done.stderr[-200:]}"]
    for what in failed:
        promise.notes(what)
    promise.holds(told, len(TO_COME), "indexes of formats to come say in one sentence that they are")
    promise.holds(unharmed, len(TO_COME), "rebuilt with all articles, or refused and left as they were")
