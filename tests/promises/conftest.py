"""Each promise as a test that counts, and the table of what was counted.

`pytest tests/promises` prints the table for a tenth of the cases, `--promises=full` for all of them,
`--seed N` draws others. `--mutants` plants each bug of mutants/ in a copy and sees that its row turns red.
"""

from __future__ import annotations

import importlib.util
import math
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

ROWS: Final = {
    "R1": "kill -9 at random moments of indexing",
    "R1b": "kill -9 at every call by which a commit changes the disk",
    "R2": "power cut: any part of what was not synced is lost",
    "R3": "the n-th call to the system fails, for every n",
    "R4": "a disk that is full, a little later each time",
    "R5": "damage: a byte changed, cut, deleted, swapped",
    "R6": "readers that open while commits come",
    "R7": "two writers, and eight",
    "R8": "the next writer after each kill",
    "R9": "a thousand commits and a hundred kills: space and descriptors",
    "R10": "indexes of past formats",
    "R11": "the same articles in any order and any number of commits",
    "R12": "an oracle of a hundred lines",
    "R13": "memory while indexing",
    "R14": "Ctrl-C",
    "C1": "hostile files",
    "C2": "any bytes as a file",
    "S1": "planted pickles",
    "S2": "hostile queries",
    "S6": "hostile titles on a terminal",
}
TABLE: Final = pytest.StashKey[dict[str, list[str]]]()


@dataclass
class Promise:
    """A row of the table, while it is counted."""

    row: str
    is_full: bool
    seed: int
    told: list[str] = field(default_factory=list)

    @property
    def random(self) -> random.Random:
        """A generator that the seed alone decides, anew at each call."""
        return random.Random(f"{self.row} {self.seed}")

    def cases(self, number: int) -> int:
        """How many cases to try of those that the long form tries."""
        return number if self.is_full else math.ceil(number / 10)

    def holds(self, kept: int, of: int, what: str) -> None:
        """Enter a count in the table. Raises AssertionError unless the promise was kept each time."""
        self.told.append(f"{kept:,}/{of:,} {what}")
        assert kept == of > 0, f"{self.row}: {self.told[-1]} (--seed {self.seed})"

    def never(self, times: int, what: str) -> None:
        """Enter how often something happened that must not. Raises AssertionError if it did."""
        self.told.append(f"{times:,} {what}")
        assert times == 0, f"{self.row}: {self.told[-1]} (--seed {self.seed})"

    def notes(self, what: str) -> None:
        """Enter a figure that decides nothing."""
        self.told.append(what)


@pytest.fixture
def promise(request: pytest.FixtureRequest) -> Iterator[Promise]:
    """The row that the test's mark names: `@pytest.mark.row("R1")`."""
    mark = request.node.get_closest_marker("row")
    assert mark and mark.args[0] in ROWS, "the test belongs to a row of the table"
    made = Promise(
        mark.args[0],
        request.config.getoption("--promises") == "full",
        request.config.getoption("--seed"),
    )
    yield made
    request.config.stash.setdefault(TABLE, {}).setdefault(made.row, []).extend(made.told)


@pytest.fixture(scope="session")
def beside() -> Callable[[str], ModuleType]:
    """Imports a module of this folder, or `../engines/oracle`, by its path: tests are no packages."""
    known: dict[str, ModuleType] = {}

    def load(name: str) -> ModuleType:
        if name not in known:
            path = Path(__file__).parent / f"{name}.py"
            spec = importlib.util.spec_from_file_location(f"promises_{path.stem}", path)
            assert spec and spec.loader
            known[name] = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = known[name]  # where dataclasses look for it
            spec.loader.exec_module(known[name])
        return known[name]

    return load


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The mutants run when they are asked for, and alone."""
    mutants = [item for item in items if item.path.name == "test_mutants.py"]
    row = config.getoption("--row")
    if config.getoption("--mutants"):
        items[:] = [item for item in mutants if not row or f"[{row}-" in item.name]
        return
    items[:] = [
        item
        for item in items
        if item not in mutants
        and (not row or ((mark := item.get_closest_marker("row")) and mark.args == (row,)))
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    table = config.stash.get(TABLE, {})
    if not table:
        return
    form = "all cases" if config.getoption("--promises") == "full" else "a tenth of the cases"
    terminalreporter.section(f"promises, {form}, seed {config.getoption('--seed')}")
    for row, title in ROWS.items():
        if row in table:
            terminalreporter.write_line(f"{row:4} {title}")
            for told in table[row]:
                terminalreporter.write_line(f"     {told}")
