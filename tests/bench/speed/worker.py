"""Requests on stdin, a JSON object a line -> what one peer answers, a line each on stdout."""

from __future__ import annotations

import gc
import importlib
import itertools
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from .peer import Asked, Peer, UnsupportedError


def main() -> None:
    """Answer until stdin ends. What the peer's library prints goes to stderr."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    module, *arguments = sys.argv[1:]
    session: Session | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            session = session or Session(importlib.import_module(module, __package__).open_peer(*arguments))
            answer = getattr(session, request.pop("do"))(**request)
        except UnsupportedError as error:
            answer = {"unsupported": str(error)}
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a peer that fails is a line of the report
            answer = {"failed": f"{type(error).__name__}: {error}"}
        channel.write(json.dumps(answer) + "\n")
        channel.flush()


class Session:
    """The requests, a method each."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def describe(self) -> dict[str, Any]:
        """Who it is."""
        return {"version": self._peer.version, "note": self._peer.note}

    def load(self, corpus: str, articles: int) -> dict[str, Any]:
        """Parse the articles before the clock starts. The collector shall not count them as garbage."""
        loaded = self._peer.load(_records(corpus, articles))
        gc.collect()
        gc.freeze()
        return {"articles": loaded}

    def build(self, index: str) -> dict[str, Any]:
        """Index what was loaded."""
        self._peer.build(index)
        gc.unfreeze()
        return {}

    def stream(self, corpus: str, articles: int, index: str) -> dict[str, Any]:
        """Index straight from the file, so that no list of articles is in memory."""
        self._peer.index(map(self._peer.prepared, _records(corpus, articles)), index)
        return {}

    def open(self, index: str) -> dict[str, Any]:
        """Open an index."""
        self._peer.open(index)
        return {}

    def search(self, asked: dict[str, Any], warm: dict[str, Any], counted: bool, repeat: int) -> Any:
        """Time a query."""
        return self._peer.time_search(Asked.of(asked), Asked.of(warm), counted, repeat)._asdict()

    def whole(self, asked: str, warm: str, repeat: int) -> Any:
        """Time a typed query, from the string to the snippets."""
        return self._peer.time_whole(asked, warm, repeat)._asdict()


def _records(corpus: str, articles: int) -> Iterator[dict[str, str]]:
    with open(corpus, encoding="utf-8") as lines:
        yield from map(json.loads, itertools.islice(lines, articles))


if __name__ == "__main__":
    main()
