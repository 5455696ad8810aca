"""A file name -> the format that reads it. A module in `formats/` is a format; nothing else is needed."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import PurePath
from typing import cast

from . import formats as _formats
from .draft import Format


@cache
def formats() -> dict[str, Format]:
    """The format of each file name ending, in lower case with its dot."""
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(_formats.__path__):
        each = cast(Format, importlib.import_module(f"{_formats.__name__}.{module.name}"))
        for suffix in each.SUFFIXES:
            assert suffix not in found, f"two formats claim {suffix}"
            found[suffix] = each
    return found


def format_of(path: str) -> Format | None:
    """The format that reads a file of this name, or None."""
    return formats().get(PurePath(path).suffix.lower())
