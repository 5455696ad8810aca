"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_the_first_two_commands_are_one_line_each() -> None:
    commands = [text for language, text in BLOCKS if language == "sh"][:2]
    assert all(command.count("\n") == 1 for command in commands)
    assert commands[0].rstrip().endswith('newsearch query "drones Belgorod"')
    assert commands[1].rstrip().endswith("pytest")


def test_the_first_command_prints_what_the_readme_shows(newsearch: Run) -> None:
    shown = next(text for language, text in BLOCKS if language == "text")
    done = [newsearch("index"), newsearch("query", "drones Belgorod")]
    assert "".join(each.stdout for each in done) == shown
    assert [each.returncode for each in done] == [0, 0]


def test_every_other_example_prints_what_the_readme_shows(newsearch: Run) -> None:
    newsearch("index")
    sessions = [text for language, text in BLOCKS if language == "console"]
    assert sessions
    for session in sessions:
        for command, shown in re.findall(r"^\$ newsearch (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE):
            done = newsearch(*shlex.split(command))
            printed = re.sub(r'"took_ms": [\d.]+', '"took_ms": 0.7', done.stdout + done.stderr)
            assert printed == shown, command


def test_the_number_of_tests_is_true(request: pytest.FixtureRequest) -> None:
    told = re.search(r"`(\d+) passed, (\d+) skipped`", README)
    assert told
    if request.config.args != request.config.getini("testpaths") or request.config.option.keyword:
        pytest.skip("only a run of the whole suite can count it")
    assert request.session.testscollected == int(told[1]) + int(told[2])


def test_the_examples_in_python_run(newsearch: Run, workplace: Path) -> None:
    newsearch("index")
    examples = [text for language, text in BLOCKS if language == "python"]
    assert len(examples) == 2
    for example in examples:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", example],
            cwd=workplace,
            capture_output=True,
            encoding="utf-8",
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "Koursk" in done.stdout


def test_no_figure_is_still_to_come() -> None:
    assert not re.search(r"\b(PENDING|TODO|TBD|XXX)\b", README)
