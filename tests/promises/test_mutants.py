"""Each bug of mutants/, planted in a copy of the checkout, turns its row red: ROW-what-it-does.patch."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MUTANTS = sorted(Path(__file__).with_name("mutants").glob("*.patch"))
_TAKEN = ("search", "tests", "seeds", "pyproject.toml")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.stem)
def test_a_planted_bug_turns_its_row_red(mutant: Path, tmp_path: Path) -> None:
    row = mutant.stem.partition("-")[0]
    for name in _TAKEN:
        taken = ROOT / name
        if taken.is_dir():
            shutil.copytree(taken, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(taken, tmp_path / name)
    subprocess.run(["git", "apply", str(mutant)], cwd=tmp_path, check=True)
    files = [
        str(path)
        for path in sorted((tmp_path / "tests" / "promises").glob("test_*.py"))
        if f'row("{row}")' in path.read_text(encoding="utf-8")
    ]
    assert files, f"no test counts the row {row}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-x", "--row", row, *files],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    said = done.stdout[-4000:] + done.stderr[-2000:]
    assert done.returncode == 1, f"the row {row} stays green, or cannot run:\n{said}"
    assert re.search(r"^(FAILED|E  +\w*Error)", done.stdout, re.MULTILINE), said
