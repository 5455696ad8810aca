"""A manifest -> its segments, open."""

from __future__ import annotations

import os

from ..generations import OTHER_SIZE, Generations, Manifest, damaged
from .segment import SUFFIX, Segment


def open_segments(folder: Generations, manifest: Manifest) -> list[Segment]:
    """The segments of a generation. Raises DamagedIndexError, and FileNotFoundError where a later commit took
    one away."""
    for name, told in manifest.files.items():
        if os.path.getsize(folder.path_of(name)) != told["size"]:
            raise damaged(folder.path_of(name), OTHER_SIZE)
    return [
        Segment(
            folder.path_of(told["name"] + SUFFIX),
            folder.path_of(told["deletions"]) if told["deletions"] else None,
        )
        for told in manifest.contents.get("segments", ())
    ]
