"""Commits of the past -> the indexes that they wrote, one small archive each.

    python tests/promises/formats/make.py [NAME ...]

in a checkout with its history, by a Python that has what newsearch needs. For each layout that ever was, the
`search/` of a commit that wrote it runs on the same articles, in FOLDER: one run of `newsearch index`, an
article forgotten, another run after articles have come, changed and gone. The archives differ from run to run
only in what an index draws or reads from the clock: names of segments, and times.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[2]
FOLDER: Final = Path("/tmp/newsearch-formats")
"""Where the runs take place: an index tells where its articles came from."""


class Layout(NamedTuple):
    """A layout: the commit that wrote it, and how its engine was asked for and its rows compressed."""

    commit: str
    method: str = "zstd"
    engine: str | None = None


LAYOUTS: Final = {
    # The attachments and the manifest were called ledger-N and manifest-N.json.
    "whoosh-stock-1-first": Layout("6741bd4"),
    "whoosh-stock-1": Layout("a1c8774"),
    # Forms in place of stems: french-groups-1 in place of french-light-1.
    "whoosh-stock-2": Layout("03dd8c7"),
    # Before it was the default.
    "columnar-1-begun": Layout("f6d5b52", engine="whoosh"),
    # Segments did not know their names.
    "columnar-1-nameless": Layout("4f62244"),
    "columnar-1-nameless-zlib": Layout("4f62244", method="zlib"),
    # No keys of how names sound.
    "columnar-1-soundless": Layout("787f94c"),
    "columnar-1-soundless-zlib": Layout("787f94c", method="zlib"),
    "columnar-1": Layout("bba06be"),
    "columnar-1-zlib": Layout("bba06be", method="zlib"),
}

Record = dict[str, str]

FIRST: Final[tuple[Record, ...]] = (
    {"id": "a1", "title": "Drones sur Belgorod", "body": "Des drones ont frappé la région de Belgorod."},
    {"id": "a2", "title": "L’Élysée", "body": "Le président parle.", "date": "2024-03-14", "source": "AFP"},
    {"id": "a3", "title": "Koursk", "body": "Les habitants ont été évacués.", "date": "2024-03"},
    {"id": "a4", "title": "English", "body": "The drones of Belgorod.", "language": "en"},
    {"id": "a5", "title": "Kyiv", "body": "Le président de l’Ukraine à Kyiv.", "author": "Anne Îles"},
    {"id": "erased", "title": "Un article", "body": "Le drone qui fut oublié."},
)
THEN: Final[tuple[Record, ...]] = (
    FIRST[0],
    {**FIRST[1], "body": "Le président a parlé des drones à l’Élysée, puis à Kiev."},
    *FIRST[3:],
    {"id": "a6", "title": "", "body": "Poutine et les drones.\n\nUne seconde phrase.", "date": "2023"},
)


def write(folder: Path, articles: tuple[Record, ...]) -> None:
    """Write the file of articles."""
    lines = (json.dumps(article, ensure_ascii=False) + "\n" for article in articles)
    (folder / "presse.jsonl").write_text("".join(lines), encoding="utf-8")


def _newsearch(source: Path, method: str, *arguments: str) -> None:
    without = "import sys; sys.modules['zstandard'] = None; " if method == "zlib" else "import sys; "
    code = f"{without}sys.argv[0] = 'newsearch'; from search.cli import main; sys.exit(main())"
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=FOLDER,
        env={**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _make(name: str, layout: Layout) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(mode=0o700)
    shutil.copytree(ROOT / "seeds", FOLDER / "seeds")
    source = FOLDER / "past"
    source.mkdir()
    packed = subprocess.run(
        ["git", "archive", layout.commit, "search"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(source, filter="data")
    if layout.engine:
        code = f"from search import create_index; create_index('index', engine={layout.engine!r}).close()"
        env = {**os.environ, "PYTHONPATH": str(source)}
        subprocess.run([sys.executable, "-c", code], cwd=FOLDER, env=env, check=True)
    write(FOLDER, FIRST)
    _newsearch(source, layout.method, "index", "seeds", "presse.jsonl", "--index", "index")
    _newsearch(source, layout.method, "forget", "erased", "--index", "index")
    write(FOLDER, THEN)
    _newsearch(source, layout.method, "index", "seeds", "presse.jsonl", "--index", "index")
    with tarfile.open(HERE / f"{name}.tar.xz", "w:xz", preset=9) as archive:
        for path in sorted((FOLDER / "index").iterdir()):
            if path.stat().st_size:
                archive.add(path, path.name, filter=_plain)
    shutil.rmtree(FOLDER)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


if __name__ == "__main__":
    for chosen in sys.argv[1:] or LAYOUTS:
        _make(chosen, LAYOUTS[chosen])
