"""A hostile folder: each file is accepted or refused with a reason, and the rest is indexed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., "subprocess.CompletedProcess[str]"]

ACCEPTED = {
    "seeds/000_7290ecef3eefe9f3.txt",
    "seeds/latin.txt",
    "seeds/lines.jsonl",
    "seeds/new\nline.txt",
    "seeds/byte\ufffd.txt",
    "seeds/absurd.txt",
    "seeds/absurd.json",
    "seeds/matter.md",
}
REFUSED = {
    "seeds/broken.json: it is not JSON",
    "seeds/deep.json: it is not JSON that can be read",
    "seeds/empty.txt: it is empty",
    "seeds/fifo.txt: it is not a regular file",
    "seeds/lines.jsonl, line 2: it is not JSON",
    "seeds/lines.jsonl, line 4: its id 1 is already that of seeds/lines.jsonl, line 1",
    "seeds/lines.jsonl, line 5: it has neither a title nor a text",
    "seeds/lines.jsonl, line 6: it is not a JSON object",
    "seeds/loop/loop.txt: it is a link in a loop of links",
    "seeds/nowhere.txt: it is a link to nothing",
    "seeds/nul.txt: it holds NUL bytes",
    "seeds/out.txt: it is a link that leads out of the folder",
    "seeds/photo.jpg: no format reads “.jpg” files",
    "seeds/spaces.txt: it is empty",
}


def make(seeds: Path, outside: Path) -> None:
    (seeds / "empty.txt").touch()
    (seeds / "spaces.txt").write_text(" \n\n\t\n")
    (seeds / "nul.txt").write_bytes(b"Titre\n\nTexte \0 texte\n")
    (seeds / "latin.txt").write_bytes("Un été\n\nL\x92hiver à Orléans\n".encode("latin-1"))
    (seeds / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (seeds / "loop").mkdir()
    (seeds / "loop" / "loop.txt").symlink_to("loop.txt")
    (seeds / "loop" / "up").symlink_to("..")
    (seeds / "nowhere.txt").symlink_to("nothing")
    outside.write_text("Un secret\n\nhors du dossier\n")
    (seeds / "out.txt").symlink_to(outside)
    os.mkfifo(seeds / "fifo.txt")
    lines = [
        json.dumps({"id": 1, "title": "Première ligne"}),
        '{"id": 2, "title": "Deux',
        json.dumps({"id": 3, "title": "Troisième ligne"}),
        json.dumps({"id": 1, "title": "Encore un"}),
        "{}",
        "[]",
    ]
    (seeds / "lines.jsonl").write_text("\n".join(lines))
    (seeds / "broken.json").write_text('{"title": ')
    (seeds / "deep.json").write_text("[" * 100_000)
    (seeds / "matter.md").write_text('---\ntitle: "sans fin\n---\nTexte\n')
    (seeds / "absurd.txt").write_text("date 2024-13-45 Une date absurde\n\nTexte\n")
    (seeds / "absurd.json").write_text(json.dumps({"title": "Une autre", "date": "le 45 brumaire 9999"}))
    (seeds / "new\nline.txt").write_text("Un retour\n\nà la ligne\n")
    Path(os.fsdecode(os.fsencode(seeds) + b"/byte\xff.txt")).write_text("Un octet\n\ndans le nom\n")
    (seeds / ".hidden.txt").write_text("Caché\n\nrien\n")


def test_each_file_is_accepted_or_refused_with_a_reason(newsearch: Run, workplace: Path) -> None:
    make(workplace / "seeds", workplace / "outside.txt")
    done = newsearch("index")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    refused = [line.removeprefix("refused: ") for line in done.stderr.splitlines() if "refused: " in line]
    for reason in REFUSED:
        assert sum(line.startswith(reason) for line in refused) == 1, (reason, refused)
    assert len(refused) == len(REFUSED)
    everything = json.loads(newsearch("query", "chemin:seeds", "-n", "100", "--json").stdout)
    assert {hit["path"] for hit in everything["hits"]} == ACCEPTED
    assert everything["total"] == len(ACCEPTED) + 1
    notes = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
    assert notes == [
        "note: seeds/absurd.json: its date “le 45 brumaire 9999” cannot be read: indexed without a date",
        "note: seeds/absurd.txt: its date “2024-13-45” does not exist: indexed without a date",
        "note: seeds/latin.txt: read as windows-1252",
        "note: seeds/matter.md: its front matter is not YAML (line 3): read line by line",
    ]
    assert newsearch("query", "secret").returncode == 1
    assert newsearch("query", "l'hiver Orleans").returncode == 0


def test_a_second_run_says_the_same_of_the_bad_files(newsearch: Run, workplace: Path) -> None:
    make(workplace / "seeds", workplace / "outside.txt")
    first = sorted(line for line in newsearch("index").stderr.splitlines() if "refused" in line)
    again = newsearch("index")
    assert sorted(line for line in again.stderr.splitlines() if "refused" in line) == first
    assert again.stdout.startswith("0 new, 0 changed, 0 removed; 9 unchanged")
