"""Lucene, through a small Java program that is compiled here and asked over a pipe."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..peer import Answer, Asked, Peer, Timing

_VERSION = "9.12.3"
_SOURCE = Path(__file__).with_name("Lucene.java")
_MODULES = ("lucene-core", "lucene-analysis-common", "lucene-highlighter")
_DEPENDENCY = (
    "<dependency><groupId>org.apache.lucene</groupId><artifactId>{}</artifactId>"
    "<version>{}</version></dependency>"
)
_POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>newsearch</groupId><artifactId>bench</artifactId><version>1</version>
<dependencies>{}</dependencies></project>"""


def open_peer(work: str) -> Peer:
    """Lucene from Maven Central, compiled into a folder, if there are a JDK and Maven."""
    return Lucene(Path(work))


class Lucene(Peer):
    """A process of Java; it takes the time of its queries itself, of the thread that answers."""

    note = (
        "2 threads, buffer of 300 MB; 2,000 queries before the first one that is timed; no query cache;"
        " queries: CPU of the answering thread, without compiler and collector"
    )

    def __init__(self, work: Path) -> None:
        missing = [program for program in ("java", "javac", "mvn") if not shutil.which(program)]
        if missing:
            raise FileNotFoundError(f"there is no {' and no '.join(missing)}")
        work.mkdir(parents=True, exist_ok=True)
        self._articles_file = work / "articles.tsv"
        jars, classes = work / "jars", work / "classes"
        if not jars.exists():
            dependencies = "".join(_DEPENDENCY.format(module, _VERSION) for module in _MODULES)
            (work / "pom.xml").write_text(_POM.format(dependencies), encoding="utf-8")
            _ran(
                "mvn", "-q", "-f", work / "pom.xml", "dependency:copy-dependencies", "-DoutputDirectory=jars"
            )
        _ran("javac", "-encoding", "UTF-8", "-cp", f"{jars}/*", "-d", classes, _SOURCE)
        self._process = subprocess.Popen(
            ["java", "-Xmx6g", "-cp", f"{jars}/*:{classes}", "Lucene"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    @property
    def version(self) -> str:
        java = subprocess.run(["java", "--version"], capture_output=True, text=True, check=True).stdout
        return f"Lucene {_VERSION}, {java.splitlines()[0]}"

    def load(self, records: Iterable[dict[str, str]]) -> int:
        with self._articles_file.open("w", encoding="utf-8") as out:
            for record in records:
                body = record["body"].replace("\t", " ").replace("\n", "\x01")
                fields = (record["id"], record["date"], record["title"].replace("\t", " "), body)
                out.write("\t".join(fields) + "\n")
        return int(self._ask("load", str(self._articles_file))[0])

    def build(self, index: str) -> None:
        self._ask("build", index)

    def index(self, articles: Iterable[Any], index: str) -> None:
        self.load(articles)
        self.build(index)

    def open(self, index: str) -> None:
        self._ask("open", index)

    def query(self, asked: Asked) -> list[str]:
        return [asked.kind, " ".join(asked.words), asked.start, asked.end]

    def search(self, query: Any, counted: bool) -> Answer:
        raise NotImplementedError("Java takes the time")

    def whole(self, typed: str) -> Sequence[Any]:
        raise NotImplementedError("Java takes the time")

    def time_search(self, asked: Asked, warm: Asked, counted: bool, repeat: int) -> Timing:
        flags = str(counted).lower(), str(repeat)
        return _timing(self._ask("search", *flags, *self.query(warm), *self.query(asked)))

    def time_whole(self, typed: str, warm: str, repeat: int) -> Timing:
        return _timing(self._ask("whole", str(repeat), warm, typed))

    def _ask(self, *fields: str) -> list[str]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\t".join(fields) + "\n")
        self._process.stdin.flush()
        outcome, *answer = self._process.stdout.readline().rstrip("\n").split("\t")
        if outcome != "ok":
            raise RuntimeError(" ".join(answer) or "Java ended")
        return answer


def _timing(answer: list[str]) -> Timing:
    cpu, wall, total = answer
    return Timing(float(cpu), float(wall), int(total) if total != "-1" else None)


def _ran(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {(done.stdout + done.stderr)[:500]}")
