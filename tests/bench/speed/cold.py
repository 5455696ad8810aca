"""A query typed into a shell -> its CPU, over that of a program that only starts."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from search import engine

from .contest import tell

_RUNS = 25
_QUERY = "attaque drones"
_ROOT = Path(__file__).resolve().parents[3]


def cold(index: Path, name: str, work: Path) -> Iterator[str]:
    """A sentence about an index of one of newsearch's engines."""
    from search.cli import app

    tell("cold")
    (index / engine.INDEX_MARK).write_text(engine.mark_text(name or engine.DEFAULT_ENGINE), encoding="utf-8")
    commands = len(app.registered_commands)
    idle = work / "idle.py"
    idle.write_text(_program(commands), encoding="utf-8")
    query = [str(Path(sys.executable).with_name("newsearch")), "query", _QUERY, "--index", str(index)]
    ours, theirs = [], []
    for run in range(_RUNS + 1):
        pair = _cpu(query, work), _cpu([sys.executable, str(idle), "command0"], work)
        if run:  # the first one compiles
            ours.append(pair[0])
            theirs.append(pair[1])
    own, other = statistics.median(ours), statistics.median(theirs)
    yield f'## Cold: `newsearch query "{_QUERY}"` / a Typer app of {commands} commands that imports NumPy'
    yield ""
    yield f"{own * 1e3:.0f} ms / {other * 1e3:.0f} ms = {own / other:.2f} (medians of {_RUNS}, CPU)"


def _program(commands: int) -> str:
    lines = ["import numpy", "import typer", "app = typer.Typer(pretty_exceptions_enable=False)"]
    lines += [f"@app.command()\ndef command{number}() -> None: pass" for number in range(commands)]
    return "\n".join([*lines, "app()", ""])


def _cpu(arguments: list[str], work: Path) -> float:
    """User and system seconds of a command, whose modules are compiled once, as pip does."""
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(work / "bytecode")}
    process = subprocess.Popen(
        arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **bytecode, "PYTHONPATH": str(_ROOT)},
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: no article
        raise RuntimeError(f"it ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime
