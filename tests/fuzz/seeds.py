"""What a fuzzer begins with, as files in a folder of their own."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable
from pathlib import Path


def corpus(name: str, seeds: Iterable[bytes]) -> str:
    """A new folder with a file for each seed, to which the fuzzer adds what it learns."""
    folder = Path(tempfile.mkdtemp(prefix=f"newsearch-fuzz-{name}-"))
    for seed in seeds:
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    return str(folder)
