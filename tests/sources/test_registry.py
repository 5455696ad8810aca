from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import search
from search.sources.registry import format_of, formats

PACKAGE = Path(search.__file__).parent


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("a.txt", "text"),
        ("a.text", "text"),
        ("A.TXT", "text"),
        ("dossier.d/a.md", "markdown"),
        ("a.markdown", "markdown"),
        ("a.json", "json"),
        ("a.jsonl", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.b.Json", "json"),
    ],
)
def test_a_file_name_ending_in_any_case_tells_its_format(path: str, module: str) -> None:
    assert format_of(path) is sys.modules[f"search.sources.formats.{module}"]


@pytest.mark.parametrize("path", ["", "a", "a.", "txt", "a.txt/b", "a.txt.gz", ".txt", "a.txt~", "a.exe"])
def test_any_other_ending_has_no_format(path: str) -> None:
    assert format_of(path) is None


def test_every_module_among_the_formats_is_one() -> None:
    modules = {path.stem for path in (PACKAGE / "sources" / "formats").glob("*.py")} - {"__init__"}
    assert {sys.modules[f"search.sources.formats.{module}"] for module in modules} == set(formats().values())


def test_endings_are_in_lower_case_with_their_dot() -> None:
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in formats())


NEW_FORMAT = """
from ..draft import Draft

SUFFIXES = (%r,)


def read(file):
    yield Draft(title=file.readline().decode().strip(), body=file.read().decode())
"""


def run_with_a_new_format(folder: Path, suffix: str) -> subprocess.CompletedProcess[str]:
    """Read a file with a copy of the package that has one module more."""
    shutil.copytree(PACKAGE, folder / "search", ignore=shutil.ignore_patterns("__pycache__"))
    new = folder / "search" / "sources" / "formats" / "depeche.py"
    new.write_text(NEW_FORMAT % suffix, encoding="utf-8")
    program = (
        "import io; from search.sources.reading import drafts;"
        f"print([draft.title for draft in drafts('a{suffix}', io.BytesIO(b'Titre\\nCorps'))])"
    )
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=60
    )


def test_a_new_format_is_one_new_file(tmp_path: Path) -> None:
    done = run_with_a_new_format(tmp_path, ".depeche")
    assert (done.stdout, done.stderr) == ("['Titre']\n", "")


def test_two_formats_that_claim_one_ending_are_a_mistake_that_shows(tmp_path: Path) -> None:
    done = run_with_a_new_format(tmp_path, ".txt")
    assert done.returncode != 0
    assert "two formats claim .txt" in done.stderr
