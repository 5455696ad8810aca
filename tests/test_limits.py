from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from search import limits

PACKAGE = Path(inspect.getfile(limits)).parent
BODY = ast.parse(inspect.getsource(limits)).body
CAPS = [
    node.target.id for node in BODY if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
]


def sentence(name: str) -> str:
    """The docstring that stands under a cap, or nothing."""
    for node, follower in zip(BODY, [*BODY[1:], ast.Pass()], strict=True):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name:
            return str(follower.value.value) if isinstance(follower, ast.Expr) else ""  # type: ignore[attr-defined]
    return ""


def imported() -> set[str]:
    """The names that any module of the package takes from the table."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level and node.module == "limits":
                found.update(alias.name for alias in node.names)
    return found


def test_the_table_holds_every_name_of_the_module() -> None:
    names = {name for name in vars(limits) if name.isupper()}
    assert names == set(CAPS)
    assert len(CAPS) == len(names)


@pytest.mark.parametrize("name", CAPS)
def test_every_cap_has_its_sentence(name: str) -> None:
    assert " " in sentence(name)
    assert sentence(name).endswith(".")


@pytest.mark.parametrize("name", CAPS)
def test_every_cap_is_a_number_above_none_or_a_range_of_them(name: str) -> None:
    value = getattr(limits, name)
    if isinstance(value, tuple):
        first, last = value
        assert 0 < first < last
    else:
        assert value > 0


@pytest.mark.parametrize("name", CAPS)
def test_every_cap_is_kept_by_some_module(name: str) -> None:
    assert name in imported()


def test_no_module_takes_a_cap_that_the_table_lacks() -> None:
    assert imported() <= set(CAPS)


@pytest.mark.parametrize(
    ("name", "value"),
    [("QUERY_LEAVES", 64), ("CHECKPOINT_ARTICLES", 16_384), ("CHECKPOINT_SECONDS", 60.0)],
)
def test_the_caps_of_the_contract_are_as_it_says(name: str, value: float) -> None:
    assert getattr(limits, name) == value
