"""S6: nothing that an archive or a query holds steers the terminal on which newsearch tells of it."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Promise

PAGE = 50
"""Hostile articles in one archive, all of them on one page."""

CONTROLS = (
    *(
        "\x1b[2J",
        "\x1b[H",
        "\x1b[31m",
        "\x1b[7m",
        "\x1b[?1049h",
        "\x1b[6n",
        "\x1b[21t",
        "\x1b[10;1H",
        "\x1bc",
        "\x1b",
    ),
    *(
        "\x1b]0;titre\x07",
        "\x1b]52;c;bWFs\x07",
        "\x1b]8;;http://mal.fr\x1b\\",
        "\x1b]2;x\x9c",
        "\x1b]1337;File=:x\x07",
    ),
    *(
        "\x1bP+q544e\x1b\\",
        "\x1b_Gf=100\x1b\\",
        "\x1b^pm\x1b\\",
        "\x1bXsos\x1b\\",
        "\x1b(0",
        "\x1b#8",
        "\x1b=",
        "\x1b%G",
    ),
    *("\x9b2J", "\x9b31m", "\x9d0;titre\x9c", "\x90q\x9c", "\x84", "\x85", "\x8d", "\x98", "\x9e", "\x9f"),
    *(
        "\x07",
        "\b\b\b",
        "\r",
        "\x0b",
        "\x0c",
        "\x0e",
        "\x0f",
        "\x7f",
        "\x05",
        "\x11",
        "\x13",
        "\x18",
        "\x1a",
        "\x1c",
    ),
    *(
        "\u202e",
        "\u202d",
        "\u202a",
        "\u2066",
        "\u2067",
        "\u2068",
        "\u2069",
        "\u200e",
        "\u200f",
        "\u061c",
        "\u206a",
    ),
    *("\u2028", "\u2029", "\ufeff", "\ufff9", "\U000e0041\U000e0042", "\U000e0001"),
)
"""What steers a terminal or misleads who reads it, in seven bits and in eight."""

HARMLESS = (
    "\u200d",
    "\u200c",
    "\u200b",
    "👩\u200d💻",
    "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "\ufe0f",
    "é",
    "[bold]",
    ":smile:",
    "\t",
)

SENT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb]"
    "|(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0000-\U000e007f]"
)
"""What must not be sent to a terminal."""

OURS = re.compile(r"\x1b\[(?:0|1|2|1;33)m|\r\n")
"""What newsearch sends to one: the end of a line, and a few styles."""

OF_THE_BAR = re.compile(r"\x1b\[(?:\?25[lh]|2K|1A|3[56]m|(?:1;)?38;(?:5;\d+|2;\d+;\d+;\d+)m)|\r")
"""What Rich sends for the progress bar."""

RUNNER = """
import json, os, pty, sys
import search.cli, search.indexer, search.render, search.serialization, search.progress
import rich.console, rich.padding, rich.progress, rich.text
import search.engines.whoosh.columnar.engine

def child(arguments):
    for stream, number in (("stdout", 1), ("stderr", 2)):
        setattr(sys, stream, open(number, "w", buffering=1))
    sys.argv = ["newsearch", *map(os.fsdecode, arguments)]
    code = 99
    try:
        search.cli.main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        import traceback
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

for line in sys.stdin:
    is_on_terminal, arguments = json.loads(line)
    arguments = [bytes.fromhex(each) for each in arguments]
    if is_on_terminal:
        pid, here = pty.fork()
    else:
        here, there = os.pipe()
        pid = os.fork()
    if not pid:
        if not is_on_terminal:
            os.dup2(there, 1)
            os.dup2(there, 2)
        child(arguments)
    if not is_on_terminal:
        os.close(there)
    said = b""
    while True:
        try:
            data = os.read(here, 65536)
        except OSError:
            break  # so ends a terminal on Linux
        if not data:
            break
        said += data
    os.close(here)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(json.dumps([code, said.hex()]), flush=True)
"""
"""Runs the command again and again, each time in a process of its own, on a terminal or in a pipe."""


@dataclass(frozen=True, slots=True)
class Said:
    """A command, whether it was on a terminal, and what it said there."""

    arguments: tuple[str, ...]
    is_on_terminal: bool
    code: int
    text: str

    @property
    def sent(self) -> list[str]:
        """The control characters that newsearch did not mean to send."""
        text = self.text
        if self.is_on_terminal:
            text = OURS.sub(
                "", OF_THE_BAR.sub("", text) if self.arguments[0] in ("index", "rebuild") else text
            )
        return SENT.findall(text)


def hostile(rng: random.Random, *words: str) -> str:
    """Some words with something hostile before, between or behind them."""
    parts = list(words)
    for _ in range(rng.randint(1, 3)):
        parts.insert(rng.randrange(len(parts) + 1), rng.choice((*CONTROLS, *CONTROLS, *HARMLESS)))
    return rng.choice(("", " ")).join(parts)


def make(seeds: Path, rng: random.Random, number: int) -> None:
    """Articles that are hostile in each of their fields, and files of which some are refused."""
    seeds.mkdir()
    for n in range(number):
        # Each control stands in a title, whatever was drawn.
        title = f"Titre{n} {CONTROLS[n % len(CONTROLS)]}{hostile(rng, 'drones', 'Belgorod')}"
        record = {
            "title": title,
            "body": "\n\n".join(hostile(rng, "Les", "drones", "de", "Koursk.") for _ in range(3)),
            "source": hostile(rng, "Journal"),
            "author": hostile(rng, "Zoé"),
            "url": hostile(rng, "http://exemple.fr/", "x"),
            "section": hostile(rng, "Monde"),
            "language": hostile(rng, "fr"),
            "date": rng.choice(("2024-03", hostile(rng, "2024"))),
        }
        if not n % 5:
            record["id"] = rng.choice((f"id{n}", hostile(rng, "id", str(n))))
        text = json.dumps(record, ensure_ascii=rng.random() < 0.5)
        if not n % 7:
            text = rng.choice(("", text[: len(text) // 2], f"[{json.dumps(hostile(rng, 'x'))}]"))
        suffix = rng.choice((".json", ".json", ".json", hostile(rng, ".x")))
        name = re.sub(r"[/\x00]", "", hostile(rng, f"f{n}") + suffix)
        data = os.fsencode(name)[:200]
        if not n % 3 and sys.platform == "linux":  # elsewhere names are UTF-8
            data = rng.choice((b"\x9b2J", b"\xff", b"\xed\xa0\x80")) + data
        Path(os.fsdecode(os.fsencode(seeds) + b"/" + data)).write_text(text)


def commands(seeds: Path, rng: random.Random) -> list[tuple[str, ...]]:
    """Every command whose output may carry what an archive, a query or a name holds."""
    names = sorted(os.listdir(seeds))
    queries = [
        hostile(rng, rng.choice(("drones", "drnes", "date:", "titre:", "foo:", '"drones', "(Koursk", "mo*")))
        for _ in range(6)
    ]
    made: list[tuple[str, ...]] = [
        ("index", "seeds"),
        ("index", "seeds", "-v", "--rescan"),
        ("query", "drones Belgorod", "--explain", "-n", "100"),
        ("query", "koursk", "-n", "100", "--sort", "date"),
        ("query", "--any", "koursk xyzzy", "-n", "100"),
        ("query", "koursk", "-n", "100", "--json", "--explain"),
        ("query", "koursk", "-n", "100", "--format", "jsonl"),
        ("info",),
        ("info", "--json"),
        ("check",),
        ("complete", "dro"),
        ("forms", "drones"),
    ]
    made += [("query", "--explain", "--", query) for query in queries]
    made += [("query", "--any", "--json", "--", query) for query in queries[:2]]
    made += [
        ("complete", "--", hostile(rng, "dro")),
        ("forms", "--", hostile(rng, "drone")),
        ("forms", hostile(rng, "a b")),
    ]
    for name in rng.sample(names, 4):
        made += [("show", f"seeds/{name}"), ("show", "-q", hostile(rng, "drones"), f"seeds/{name}")]
    made.append(("show", "--json", f"seeds/{rng.choice(names)}"))
    made += [
        ("show", "--", hostile(rng, "rien")),
        ("forget", "--", hostile(rng, "rien")),
        ("forget", f"seeds/{names[-1]}"),
    ]
    made += [
        (hostile(rng, "commande"),),
        *(("query", "x", f"--option{control}") for control in rng.sample(CONTROLS, 3)),
        ("index", hostile(rng, "nulle part")),
    ]
    made += [
        ("query", "x", option, hostile(rng, "y"))
        for option in ("--sort", "--format", "--limit", "--index", "--lang")
    ]
    made += [("info", hostile(rng, "trop")), ("rebuild",), ("compact",), ("index", "seeds", "--prune")]
    # An argument of a process holds no NUL, and one that is empty is another matter.
    return [tuple(argument.replace("\0", "") for argument in each) for each in made]


def said(folder: Path, given: list[tuple[str, ...]]) -> list[Said]:
    """What each command says on a terminal, and in a pipe."""
    asked = [(each, is_on_terminal) for is_on_terminal in (True, False) for each in given]
    lines = [
        json.dumps([is_on_terminal, [os.fsencode(argument).hex() for argument in each]])
        for each, is_on_terminal in asked
    ]
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input="\n".join(lines),
        cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        Said(each, is_on_terminal, code, bytes.fromhex(text).decode("utf-8"))
        for (each, is_on_terminal), (code, text) in zip(asked, answers, strict=True)
    ]


@pytest.mark.row("S6")
def test_nothing_hostile_reaches_the_terminal(promise: Promise, tmp_path: Path) -> None:
    rng = promise.random
    titles = promise.cases(500)
    sent: Counter[str] = Counter()
    runs = shown = escaped = bad_json = documents = crashes = 0
    for start in range(0, titles, PAGE):
        folder = tmp_path / str(start)
        folder.mkdir()
        make(folder / "seeds", rng, PAGE)
        for each in said(folder, commands(folder / "seeds", rng)):
            runs += 1
            crashes += "Traceback" in each.text or each.code not in (0, 1, 2, 3)
            is_json = "--json" in each.arguments or "jsonl" in each.arguments
            for character in each.sent:
                sent[f"{' '.join(each.arguments)[:60]!r}: {character!r}"] += 1
            escaped += len(re.findall(r"\\x[0-9a-f]{2,}", each.text))
            if "-n" in each.arguments and not is_json:
                shown += len(re.findall("Titre[0-9]+", each.text))
            if is_json and each.code == 0 and not each.is_on_terminal:
                documents += 1
                lines = each.text.splitlines() if "jsonl" in each.arguments else [each.text]
                bad_json += any(not is_read_as_json(line) for line in lines if line.startswith("{"))
    assert not crashes and not bad_json and documents
    assert shown > titles and escaped > titles, "too little that is hostile was shown to tell"
    promise.notes(
        f"{titles:,} hostile titles, shown {shown:,} times by {runs:,} commands, half of them on a terminal"
    )
    promise.notes(f"{escaped:,} characters made visible")
    assert not sent, sent.most_common(8)
    promise.never(sent.total(), "control characters sent that newsearch did not mean")


def is_read_as_json(text: str) -> bool:
    """Whether a text is JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
