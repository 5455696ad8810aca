"""Named arrays <-> one immutable file, mapped into memory, whose pages are verified when first touched.

    8 bytes   the mark of the format
    arrays    each from a multiple of 64 bytes on, little-endian
    JSON      the directory: name -> [offset, dtype, count], values, the CRC-32 of each page of 64 KB
    20 bytes  offset and length of the directory (uint64 each), its CRC-32 (uint32)

There is no pickle in it, and nothing is believed that was not verified: an altered byte is a
DamagedIndexError as soon as its page is read. A file that is truncated while it is mapped is not survived
(the system ends the process): files are checked when opened, written once and never altered.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import re
import struct
import zlib
from collections.abc import Mapping
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from ....messages import Message
from ..generations import damaged

Array = NDArray[Any]

PAGE_BITS: Final = 16
PAGE: Final = 1 << PAGE_BITS
_MARK: Final = b"nsarray1"
_TAIL: Final = struct.Struct("<QQI")
_ALIGNMENT: Final = 64
_DTYPE: Final = re.compile(r"[<|][uif][1248]")
"""Numbers, and nothing that another machine, or a pickle, would have to make sense of."""

_UNSIGNED: Final = (np.uint8, np.uint16, np.uint32, np.uint64)
_KEPT: Final = 31 << 20
"""Not more than glibc's greatest threshold for mapping, 32 MB; it is never touched, only reserved."""

_COPIED_AT_ONCE: Final = 1 << 22


MISREAD: Final = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
    *(struct.error, zlib.error),
)
"""What it raises to read a file that has right checksums and makes no sense."""

NONSENSE: Final = Message("what it says makes no sense, though its checksums are right")


def smallest(values: Array) -> Array:
    """Counts or numbers of 0 or more as the smallest unsigned type that holds them."""
    top = int(values.max()) if len(values) else 0
    return values.astype(next(kind for kind in _UNSIGNED if top <= np.iinfo(kind).max))


def keep_freed_memory() -> None:
    """Have the C library keep what arrays give back for the next ones, up to 64 MB.

    glibc takes its thresholds for mapping and trimming from the largest mapped block that was freed; with
    the ones that it starts with, a query of some hundred kB of arrays gives them back to the system and
    takes them again from it page by page, which costs three times as much as the query. Elsewhere this
    does nothing.
    """
    np.empty(_KEPT, np.uint8)  # freed at once


class ArrayFileWriter:
    """Writes one file; `close` makes it whole and synced. Arrays that come in parts are kept in files of
    their own beside it until then."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: IO[bytes] = open(path, "wb")  # noqa: SIM115  # closed by close or abandon
        self._file.write(_MARK)
        self._directory: dict[str, tuple[int, str, int]] = {}
        # One file in the place of another is damage, too.
        self._values: dict[str, Any] = {"name": os.path.basename(path)}
        self._parts: dict[str, tuple[IO[bytes], str]] = {}

    def add(self, name: str, array: Array) -> None:
        """A whole array."""
        array = np.ascontiguousarray(array)
        self._enter(name, array.dtype.str, len(array))
        self._file.write(array.data.cast("B") if len(array) else b"")

    def append(self, name: str, array: Array) -> None:
        """A part of an array, after the parts before it; all have one type."""
        if name not in self._parts:
            self._parts[name] = (open(self._part_path(name), "w+b"), array.dtype.str)  # noqa: SIM115
        self._parts[name][0].write(np.ascontiguousarray(array).data.cast("B") if len(array) else b"")

    def value(self, name: str, value: object) -> None:
        """Something small that JSON can hold."""
        self._values[name] = value

    def close(self) -> None:
        """Write the rest, then have the system put the file on the disk."""
        for name, (part, dtype) in list(self._parts.items()):
            size = part.tell()
            self._enter(name, dtype, size // np.dtype(dtype).itemsize)
            part.seek(0)
            while data := part.read(_COPIED_AT_ONCE):
                self._file.write(data)
            self._drop_part(name)
        self._file.flush()
        end = self._file.tell()
        directory = {"arrays": self._directory, "values": self._values, "pages": _page_sums(self._path)}
        text = json.dumps(directory).encode()
        self._file.write(text)
        self._file.write(_TAIL.pack(end, len(text), zlib.crc32(text)))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Close what is open and remove it all."""
        for name in list(self._parts):
            self._drop_part(name)
        with contextlib.suppress(OSError):  # what a full disk did not take need not be written
            self._file.close()
        os.unlink(self._path)

    def _enter(self, name: str, dtype: str, count: int) -> None:
        self._file.write(b"\0" * (-self._file.tell() % _ALIGNMENT))
        self._directory[name] = (self._file.tell(), dtype, count)

    def _part_path(self, name: str) -> str:
        return f"{self._path}.{name}"

    def _drop_part(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self._parts.pop(name)[0].close()
        os.unlink(self._part_path(name))


def _page_sums(path: str) -> list[int]:
    with open(path, "rb") as file:
        return [zlib.crc32(page) for page in iter(lambda: file.read(PAGE), b"")]


class ArrayFile:
    """An open file of arrays. Raises DamagedIndexError, now or when an altered page is first touched."""

    def __init__(self, path: str) -> None:
        self.path = path
        with open(path, "rb") as file:
            self.size = os.fstat(file.fileno()).st_size
            if self.size < len(_MARK) + _TAIL.size:
                raise damaged(path, Message("it is cut short"))
            self.content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        end, length, checksum = _TAIL.unpack(self.content[-_TAIL.size :])
        text = self.content[end : end + length]
        if end + length + _TAIL.size != self.size or zlib.crc32(text) != checksum:
            raise damaged(path, Message("its directory is not as it was written"))
        self._end = end
        try:
            directory = json.loads(text)
            self.values: Mapping[str, Any] = directory["values"]
            self._directory: Mapping[str, tuple[int, str, int]] = directory["arrays"]
            self._sums: list[int] = directory["pages"]
            # The first files did not know their names.
            name = self.values.get("name", os.path.basename(path))
            self._check_directory()
        except MISREAD as error:
            raise damaged(path, NONSENSE) from error
        if name != os.path.basename(path):
            raise damaged(path, Message("it is another file, {name}", name=str(name)))
        self.verified = bytearray(len(self._sums))

    def _check_directory(self) -> None:
        """Raise an error of any kind unless every array lies in the file, every page has a checksum."""
        if len(self._sums) != -(-self._end >> PAGE_BITS):
            raise ValueError("not a checksum a page")
        for offset, dtype, count in self._directory.values():
            size = np.dtype(dtype).itemsize if _DTYPE.fullmatch(dtype) else 0
            is_inside = min(offset, count) >= 0 and offset + size * count <= self._end
            if not (size and is_inside and isinstance(offset + count, int)):
                raise ValueError("an array beyond the file")

    def __contains__(self, name: str) -> bool:
        return name in self._directory

    def column(self, name: str) -> Column:
        """The array of this name, not read yet."""
        return Column(self, *self._directory[name])

    def array(self, name: str) -> Array:
        """The whole array, verified."""
        return self.column(name)[:]

    def verify(self, start: int, stop: int) -> None:
        """Verify the pages of these bytes, if they were not yet."""
        page, last = start >> PAGE_BITS, (stop - 1) >> PAGE_BITS
        while (page := self.verified.find(0, page, last + 1)) >= 0:
            if self._sum(page) != self._sums[page]:
                reason = Message("its page {page} is not as it was written", page=str(page))
                raise damaged(self.path, reason)
            self.verified[page] = 1

    def damaged_pages(self) -> list[int]:
        """The numbers of all pages that are not as they were written."""
        return [page for page, told in enumerate(self._sums) if self._sum(page) != told]

    def _sum(self, page: int) -> int:
        return zlib.crc32(memoryview(self.content)[page * PAGE : min((page + 1) * PAGE, self._end)])


class Column:
    """One array of a file: a slice of it is a verified, read-only view."""

    __slots__ = ("_file", "_itemsize", "_map", "_offset", "_verified", "_view", "count")

    def __init__(self, file: ArrayFile, offset: int, dtype: str, count: int) -> None:
        self._file = file
        self._map, self._verified = file.content, file.verified
        self._offset = offset
        self.count = count
        self._view = np.frombuffer(file.content, np.dtype(dtype), count, offset)
        self._itemsize = self._view.itemsize

    def __getitem__(self, part: slice) -> Array:
        start, stop = part.start or 0, self.count if part.stop is None else part.stop
        if start < stop:
            self._verify(self._offset + start * self._itemsize, self._offset + stop * self._itemsize)
        return self._view[start:stop]

    def item(self, index: int) -> int:
        """One number."""
        at = self._offset + index * self._itemsize
        self._verify(at, at + self._itemsize)
        return int(self._view[index])

    def bytes(self, start: int, stop: int) -> bytes:
        """A part of an array of bytes."""
        if start >= stop:
            return b""
        start, stop = self._offset + start, self._offset + stop
        self._verify(start, stop)
        return self._map[start:stop]

    def _verify(self, start: int, stop: int) -> None:
        page = start >> PAGE_BITS
        # Most parts lie in one page, which was seen before.
        if page != (stop - 1) >> PAGE_BITS or not self._verified[page]:
            self._file.verify(start, stop)
