"""Texts of articles <-> compressed rows, each by itself, with a dictionary that all share.

Rows are compressed by Zstandard where the package zstandard is installed, else by zlib. A dictionary is
drawn from the first thousand rows and goes with every segment; later writers take it over.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ....errors import IndexUnavailableError
from ....messages import Message

Row = tuple[str, str | None, str]
"""A title, an address and a body."""

LEAST_FOR_DICTIONARY: Final = 1_000
_ZSTD_LEVEL: Final = 6
_ZSTD_DICTIONARY: Final = 1 << 18
"""Takes 2 % off the rows against the 110 kB that the library proposes, at the same speed."""
_ZLIB_LEVEL: Final = 6
_ZLIB_DICTIONARY: Final = 16_384
"""Each row's compressor reads all of it: 32 kB, the most that zlib can use, costs half as much again."""

_SAMPLES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Compression:
    """How rows are compressed: `method` is "zstd" or "zlib"; the dictionary may be empty."""

    method: str
    dictionary: bytes


def installed_method() -> str:
    """The best method that this machine has."""
    return "zstd" if _zstandard() else "zlib"


def encoded(row: Row) -> bytes:
    """A row as it is before compression: a line of JSON with all but the body, then the body."""
    title, url, body = row
    return f"{json.dumps([title, url], ensure_ascii=False)}\n{body}".encode()


def decoded(data: bytes) -> Row:
    """The row of such bytes."""
    head, _, body = data.decode().partition("\n")
    title, url = json.loads(head)
    return title, url, body


def trained(method: str, rows: Sequence[bytes]) -> Compression:
    """A compression whose dictionary is drawn from these rows, if they are enough."""
    if len(rows) < LEAST_FOR_DICTIONARY:
        return Compression(method, b"")
    step = -(-len(rows) // _SAMPLES)
    samples = rows[::step]
    if method == "zstd":
        return Compression(method, _zstandard().train_dictionary(_ZSTD_DICTIONARY, samples).as_bytes())
    # zlib refers to any text that it was given: some rows from everywhere serve.
    size = sum(map(len, samples)) // len(samples)
    chosen = samples[:: max(1, len(samples) * size // _ZLIB_DICTIONARY)]
    return Compression(method, b"".join(chosen)[-_ZLIB_DICTIONARY:])


def compressor(how: Compression) -> Callable[[bytes], bytes]:
    """A function that compresses one row; it lets other threads run."""
    if how.method == "zstd":
        library = _zstandard()
        shared = library.ZstdCompressionDict(how.dictionary) if how.dictionary else None
        if shared:
            shared.precompute_compress(level=_ZSTD_LEVEL)
        compress: Callable[[bytes], bytes] = library.ZstdCompressor(
            level=_ZSTD_LEVEL, dict_data=shared, write_checksum=False
        ).compress
        return compress

    def compress_zlib(data: bytes) -> bytes:
        stream = (
            zlib.compressobj(_ZLIB_LEVEL, zdict=how.dictionary)
            if how.dictionary
            else zlib.compressobj(_ZLIB_LEVEL)
        )
        return stream.compress(data) + stream.flush()

    return compress_zlib


def decompressor(how: Compression) -> Callable[[bytes], bytes]:
    """A function that gives back one row. Raises IndexUnavailableError where zstandard is missing."""
    if how.method == "zstd":
        library = _zstandard()
        if not library:
            raise IndexUnavailableError(
                Message(
                    "The texts of this index are compressed by Zstandard, which is not installed here: "
                    "pip install 'newsearch[zstd]'"
                )
            )
        shared = library.ZstdCompressionDict(how.dictionary) if how.dictionary else None
        decompress: Callable[[bytes], bytes] = library.ZstdDecompressor(dict_data=shared).decompress
        return decompress

    def decompress_zlib(data: bytes) -> bytes:
        stream = zlib.decompressobj(zdict=how.dictionary) if how.dictionary else zlib.decompressobj()
        return stream.decompress(data) + stream.flush()

    return decompress_zlib


def _zstandard() -> Any:
    """The module zstandard, or None."""
    try:
        import zstandard
    except ImportError:
        return None
    return zstandard
