"""What most tests need: the sample, a workplace that holds it, and the command as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "seeds" / "000_7290ecef3eefe9f3.txt"


def pytest_addoption(parser: pytest.Parser) -> None:
    promises = parser.getgroup("promises")
    promises.addoption(
        "--promises", choices=("short", "full"), default="short", help="how many cases tests/promises tries"
    )
    promises.addoption("--seed", type=int, default=2026, help="draws the cases of tests/promises")
    promises.addoption("--row", help="run the tests of this row of tests/promises alone")
    promises.addoption(
        "--mutants", action="store_true", help="plant the bugs of tests/promises/mutants, each in a copy"
    )


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEWSEARCH_INDEX", "NEWSEARCH_TODAY", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NEWSEARCH_LANG", "en")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the test runs in, with the sample in seeds/."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / SAMPLE.name).write_bytes(SAMPLE.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def newsearch(workplace: Path) -> Run:
    """The console script, as a process of its own in the workplace."""
    script = Path(sys.executable).parent / "newsearch"

    def run(
        *arguments: str, env: Mapping[str, str] | None = None, cwd: Path = workplace
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(script), *arguments],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )

    return run
