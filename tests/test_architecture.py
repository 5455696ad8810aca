"""The plan of the house, as search/README.md draws it, held against the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import search

PACKAGE = Path(search.__file__).parent
SCRIPTS = (PACKAGE / "french" / "data", PACKAGE / "locale")
"""Where data lie with the scripts that made them, which import the package as any program does."""

MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" and path.parent not in SCRIPTS
)

LAYERS = (
    ("article", "deadline", "errors", "limits", "messages", "months", "ranking"),
    ("distance", "engine", "expansion", "french", "gazetteer", "ledger", "lock", "query", "sources"),
    ("engines", "hits", "naming", "report", "snippets", "spelling", "variants"),
    ("explanation", "index", "indexer", "rebuilding", "relaxation", "searcher", "survey"),
    ("manual", "progress", "render", "serialization"),
    ("cli",),
)
"""From the lowest to the highest: what a module or folder may import stands in its layer or below."""

LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}

HOMES = {
    "whoosh": "engines/whoosh/",
    "numpy": "engines/whoosh/columnar/",
    "zstandard": "engines/whoosh/columnar/rows.py",
    "typer": ("cli.py", "manual.py"),
    "rich": ("progress.py", "render.py"),
    "filelock": "lock.py",
    "unidecode": "french/",
    "yaml": "sources/formats/",
    "markdown_it": "sources/formats/",
}
"""The only places that import these libraries."""


def room(path: Path) -> str:
    """The folder or module of the first level that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[str, bool]]:
    """What a module imports: (dotted name, whether it is of this package)."""
    here = path.relative_to(PACKAGE).parts[:-1]
    found: list[tuple[str, bool]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.extend((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append((node.module or "", False))
        elif isinstance(node, ast.ImportFrom):
            base = (*here[: len(here) - node.level + 1], *(node.module or "").split("."))
            if node.module:
                found.append((".".join(filter(None, base)), True))
            else:
                found.extend((".".join((*base[:-1], alias.name)).lstrip("."), True) for alias in node.names)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_down_only(path: Path) -> None:
    for name, ours in imports(path):
        if ours:
            target = name.split(".")[0]
            assert LAYER[target] <= LAYER[room(path)], f"{path.name} imports {target}, which is above it"


def test_rooms_of_one_layer_form_no_circle() -> None:
    arrows = {(room(path), name.split(".")[0]) for path in MODULES for name, ours in imports(path) if ours}
    arrows = {(a, b) for a, b in arrows if a != b}
    rooms = set(LAYER)
    while rooms:
        free = {name for name in rooms if not any(a == name and b in rooms for a, b in arrows)}
        assert free, f"a circle among {sorted(rooms)}"
        rooms -= free


def test_every_room_has_its_layer() -> None:
    assert {room(path) for path in MODULES} == set(LAYER)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_library_is_imported_in_its_home_only(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    for name, ours in imports(path):
        library = name.split(".")[0]
        if not ours:
            assert library != "search", "inside the package every import is relative"
            if LAYER[room(path)] == 0:
                assert library in sys.stdlib_module_names
            if library in HOMES:
                assert place.startswith(HOMES[library])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_one_thing_in_at_most_500_lines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 500
    assert ast.get_docstring(ast.parse(text))


def test_packages_hold_no_logic() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            assert isinstance(node, ast.Expr | ast.ImportFrom | ast.Assign), path


def test_all_is_what_the_public_door_imports() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    imported = {a.name for node in tree.body if isinstance(node, ast.ImportFrom) for a in node.names}
    assert set(search.__all__) == imported
    assert search.__all__ == sorted(search.__all__)


@pytest.mark.parametrize("statement", ["import search", "import search.cli"])
def test_importing_newsearch_imports_no_engine(statement: str) -> None:
    code = f"{statement}; import sys; print([m for m in sys.modules if 'whoosh' in m or m == 'yaml'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_search_imports_neither_whoosh_nor_what_only_writing_needs(tmp_path: Path) -> None:
    with search.create_index(str(tmp_path / "index")) as index:
        index.add([search.Article("a", "Drones", "Des drones sur l’Oural.")])
    code = (
        "import sys; from search import open_index\n"
        f"with open_index({str(tmp_path / 'index')!r}) as index: assert index.search('drone').total == 1\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('whoosh', 'filelock', 'yaml', 'typer')"
        " or m.endswith(('.writer', '.indexer', '.stock'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_architecture_page_names_every_module() -> None:
    page = (PACKAGE / "README.md").read_text(encoding="utf-8")
    for path in MODULES:
        assert path.name in page, f"search/README.md does not speak of {path.name}"
