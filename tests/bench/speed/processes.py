"""A peer's process: asked over a pipe, and weighed, with all its children, from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

_HERE = Path(__file__).resolve().parent
_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLE_SECONDS = 0.02


class PeerFailedError(Exception):
    """A peer did not do what it was asked to; the message says why."""


class PeerEndedError(PeerFailedError):
    """A peer's process has ended."""


class Worker:
    """A peer in a process of its own."""

    def __init__(self, module: str, *arguments: str, log: Path, checkout: Path | None = None) -> None:
        # This checkout is measured, or the given one, whatever is installed.
        root = checkout or _HERE.parents[2]
        with log.open("w") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "speed.worker", f".peers.{module}", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join([str(_HERE.parent), str(root)]),
                    "PYTHONSAFEPATH": "1",  # nor what lies in the folder that this was started in
                },
            )
        self._log = log

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process, whose children are weighed with it."""
        return self._process.pid

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """What the peer answers; {"unsupported": why} among it. Raises PeerFailedError or PeerEndedError."""
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps({"do": do, **request}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = ""
        if not line:
            raise PeerEndedError(f"it ended with {self._process.wait()}; see {self._log}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise PeerFailedError(str(answer["failed"]))
        return answer

    def close(self) -> None:
        """Let it end by itself, and wait for it."""
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.close()
            self._process.wait(60)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def cpu_seconds(pid: int) -> float:
    """CPU of a process and all its descendants, those that have ended too, to 10 ms."""
    total = 0
    for each in _tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime: proc(5)
    return total / _TICKS


class Peak(threading.Thread):
    """The most anonymous and shared memory that a process tree had, in bytes, by samples.

    A page that several processes share counts once (proportional set size).
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._pid = pid
        self._ended = threading.Event()

    def run(self) -> None:
        """Sample until `stop`."""
        while not self._ended.wait(_SAMPLE_SECONDS):
            tree = _tree(self._pid)
            # What is shared counts too often in `status`, and `smaps_rollup` takes long: 50 ms a GB.
            held = _memory(tree, "status", "Rss")
            if held > self.bytes and len(tree) > 1:
                held = _memory(tree, "smaps_rollup", "Pss_")
            self.bytes = max(self.bytes, held)

    def stop(self) -> int:
        """The peak."""
        self._ended.set()
        self.join()
        return self.bytes


def _memory(pids: list[int], file: str, kind: str) -> int:
    """The anonymous and shared memory that a file of /proc tells of."""
    kilobytes = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
        except OSError:
            continue
        told = (line.split()[1] for line in lines if line.startswith((f"{kind}Anon", f"{kind}Shmem")))
        kilobytes += sum(map(int, told))
    return kilobytes * 1024


def _tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found.extend(map(int, task.read_text().split()))
            except OSError:
                continue
    return found
