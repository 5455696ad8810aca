"""R6: readers that open an index while commits come; R7: writers that want the same index."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.sharedctypes import SynchronizedArray
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from search import Article, BusyError, create_index, open_index

READERS = 4
WRITERS = 8
_ENTITLED = re.compile(r"(\w+) de (\d+)")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes of these tests are forked")


def _letters(number: int) -> str:
    """A word for a number that is no other number's inflection."""
    return "zk" + "".join("bcdfghjlmn"[int(digit)] for digit in str(number)) + "q"


def _write_generation(source: Path, number: int, chosen: random.Random) -> None:
    """One file of articles, each of which says which generation it is of, and how many that one has."""
    count = chosen.randint(3, 12)
    marker = _letters(number)
    with source.open("w", encoding="utf-8") as out:
        for each in range(count):
            body = f"Un permanent drone. {marker} de {count}. " + "Belgorod et Koursk. " * chosen.randint(
                1, 30
            )
            article = {"id": f"g{(number + each) % 16}", "title": f"{marker} de {count}", "body": body}
            out.write(json.dumps(article) + "\n")


def _is_whole(path: str, asked: random.Random) -> bool:
    """Whether all that one opened index answers is of one generation."""
    with open_index(path) as index:
        if index.notice is not None:
            return False  # nothing is damaged: no older generation may answer for a newer one
        page = index.search("permanent", limit=50, sort=asked.choice(("relevance", "date")))
        told = {tuple(_ENTITLED.findall(hit.title)) for hit in page.hits}
        if len(told) != 1:
            return False
        marker, count = next(iter(told))[0]
        again = index.search(marker, limit=50)
        texts = [index.article(hit.id).body for hit in page.hits]
        return (
            page.total == again.total == len(page.hits) == int(count)
            and {hit.id for hit in again.hits} == {hit.id for hit in page.hits}
            and all(f"{marker} de {count}" in text for text in texts)
        )


def _read_on(
    path: str, number: int, seed: int, opens: SynchronizedArray[int], stop: Event, log: Path
) -> None:
    asked = random.Random(f"{seed} {number}")
    with log.open("w") as errors:
        while not stop.is_set():
            try:
                if not _is_whole(path, asked):
                    errors.write("an answer of two generations\n")
            except Exception:  # noqa: BLE001  # whatever a reader meets is what this counts
                errors.write(traceback.format_exc().replace("\n", " | ") + "\n")
            errors.flush()
            opens[number] += 1


@pytest.mark.row("R6")
def test_who_opens_while_commits_come_sees_one_whole_generation(promise: Any, tmp_path: Path) -> None:
    chosen = promise.random
    path, source = str(tmp_path / "index"), tmp_path / "generation.jsonl"
    context = multiprocessing.get_context("fork")
    opens, stop = context.Array("q", READERS), context.Event()
    logs = [tmp_path / f"reader-{number}" for number in range(READERS)]
    with create_index(path) as index:
        index.add(Article(f"f{number}", "Fonds", f"Un article du fonds, {number}.") for number in range(100))
        _write_generation(source, 0, chosen)
        index.sync(str(source))
        readers = [
            context.Process(target=_read_on, args=(path, number, promise.seed, opens, stop, logs[number]))
            for number in range(READERS)
        ]
        for reader in readers:
            reader.start()
        commits, least, end = 0, promise.cases(2_000), time.monotonic() + (60 if promise.is_full else 0)
        try:
            while commits < promise.cases(200) or sum(opens) < least or time.monotonic() < end:
                assert all(reader.is_alive() for reader in readers), "a reader ended by itself"
                commits += 1
                _write_generation(source, commits, chosen)
                index.sync(str(source), prune=True)
                if chosen.random() < 0.2:
                    body = "Belgorod. " * chosen.randint(1, 50)
                    index.add([Article(f"f{chosen.randrange(200)}", "Fonds", body)])
                    commits += 1
                if chosen.random() < 0.05:
                    index.compact()
                    commits += 1
        finally:
            stop.set()
            for reader in readers:
                reader.join(60)
    errors = [line for log in logs for line in log.read_text().splitlines()]
    assert all(reader.exitcode == 0 for reader in readers)
    opened = sum(opens)
    assert opened >= least
    promise.notes(f"{commits:,} commits while {READERS} processes opened, read and closed")
    if errors:
        promise.notes(errors[0][-300:])
    promise.holds(opened - len(errors), opened, "opens answered from one whole generation")


COMMANDS = (
    ("index", "seeds"),
    ("compact",),
    ("rebuild",),
    ("forget", "a"),
    ("check", "--clean"),
)


@pytest.mark.row("R7")
def test_a_second_writer_is_told_at_once_who_the_first_is(
    promise: Any, workplace: Path, newsearch: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    code = (
        "import sys; from search import *; index = create_index('index');"
        "index.add([Article('a', 'Un titre', 'Un drone')]); print(flush=True); sys.stdin.readline()"
    )
    first = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert first.stdin and first.stdout
    first.stdout.readline()
    told = 0
    try:
        for command in COMMANDS:
            refused = newsearch(*command, "--index", "index")
            sentence = refused.stderr.strip()
            # The first one holds it still: nobody waited for it.
            assert first.poll() is None
            told += (
                refused.returncode == 75
                and refused.stdout == ""
                and sentence.count("\n") == 0
                and re.search(rf"\b{first.pid}\b", sentence) is not None
                and socket.gethostname() in sentence
            )
        with pytest.raises(BusyError) as caught:
            open_index("index", write=True)
        told += (caught.value.pid, caught.value.host) == (first.pid, socket.gethostname())
        assert newsearch("query", "drone", "--index", "index").returncode == 0
    finally:
        first.communicate(b"\n")
    promise.holds(told, len(COMMANDS) + 1, "second writers refused with pid and host of the first (exit 75)")
    assert newsearch("compact", "--index", "index").returncode == 0


def _commit_often(path: str, writer: int, commits: int, log: Path) -> None:
    with log.open("w") as told:
        for commit in range(commits):
            with open_index(path, write=True, wait=600) as index:
                index.add([Article(f"w{writer}-{commit}", "Un titre", f"Un drone de {_letters(writer)}.")])
            told.write(f"w{writer}-{commit}\n")


@pytest.mark.row("R7")
def test_what_eight_processes_commit_in_turn_is_all_there(promise: Any, tmp_path: Path) -> None:
    path, commits = str(tmp_path / "index"), promise.cases(50)
    create_index(path).close()
    context = multiprocessing.get_context("fork")
    logs = [tmp_path / f"writer-{number}" for number in range(WRITERS)]
    writers = [
        context.Process(target=_commit_often, args=(path, number, commits, logs[number]))
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    acknowledged = {id for log in logs for id in log.read_text().split()}
    with open_index(path) as index:
        held = {article.id for article in index.articles()}
        assert index.check() == []
        assert index.search("drone").total == len(held)
    wanted = {f"w{writer}-{commit}" for writer in range(WRITERS) for commit in range(commits)}
    promise.holds(
        len(held & acknowledged & wanted), len(wanted), f"articles of {WRITERS} writers that wait there"
    )
    assert held == wanted
