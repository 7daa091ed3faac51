"""Files from elsewhere, raw or compressed: opened by what they contain, read within bounds.

Nothing in them is believed.  Compression is recognised by the first bytes, whatever the suffix;
no more is read, or unpacked, than a header announces and one byte; and what a header announces
is bounded.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import math
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

import numpy as np

from phase_diagrams.stores.signatures import HEAD, kind_of

__all__ = ["MAX_BYTES", "Content", "Readable", "at_most", "entries", "misfit", "opened"]

#: Largest payload read, in bytes; the largest file of EMNIST has half of it.
MAX_BYTES = 1 << 30

_CHUNK = 1 << 20  # a header that announces more than there is costs no memory
_XZ_MEMORY = 1 << 28  # bytes; four times what xz -9 takes, a header may ask for 16 times as much


class Readable(Protocol):
    """What gives bytes in their order."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


class Content:
    """What a file contains once unpacked: the first bytes, and the others when asked for.

    Parameters
    ----------
    path : Path
    raw : file
        As it lies on the disk.
    packed : str
        How it is compressed, empty if it is not.
    stream : Readable
        Its content.
    """

    def __init__(self, path: Path, raw: BinaryIO, packed: str, stream: Readable) -> None:
        self.path = path
        self.head = bytes(at_most(stream, HEAD))
        self._raw, self._packed, self._stream, self._place = raw, packed, stream, 0

    @property
    def kind(self) -> str:
        """What it is if nothing that is read here; empty for what is not known."""
        found = kind_of(self.head)
        return f"{found}, compressed with {self._packed}" if found and self._packed else found

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes from where the last call ended."""
        begun = self.head[self._place : self._place + size]
        self._place += len(begun)
        return begun + at_most(self._stream, size - len(begun))

    def file(self) -> IO[bytes]:
        """Return it as a file in which one may go back: itself, or what it unpacks to.

        Raises
        ------
        ValueError
            If it unpacks to more than `MAX_BYTES`.
        """
        if not self._packed and self._raw.seekable():
            self._raw.seek(0)
            return self._raw
        whole = self.read(MAX_BYTES + 1)
        if len(whole) > MAX_BYTES:
            raise ValueError(f"{self.path}: more than {MAX_BYTES} bytes")
        return io.BytesIO(whole)


@contextmanager
def opened(path: Path) -> Iterator[Content]:
    """Open a file, unpacked if it is compressed with gzip, xz or bzip2.

    Raises
    ------
    ValueError
        If it is a device, or what it is compressed with says that it is damaged or cut.
    OSError
        If it cannot be opened or read.
    """
    # Without waiting: a pipe that nobody writes to is empty.
    with open(path, "rb", opener=lambda p, how: os.open(p, how | os.O_NONBLOCK)) as raw:
        mode = os.fstat(raw.fileno()).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise ValueError(f"{path} is a device, not a file")
        os.set_blocking(raw.fileno(), True)
        first = raw.peek(_LONGEST_START)
        found = next((how for start, how in _PACKED.items() if first.startswith(start)), None)
        if found is None:
            yield Content(path, raw, "", raw)
            return
        name, unpack = found
        try:
            yield Content(path, raw, name, unpack(raw))
        except (EOFError, zlib.error, lzma.LZMAError) as error:
            raise ValueError(f"{path}: damaged {name} file, or cut short: {error}") from None
        except OSError as error:
            if error.errno is not None:  # the disk's own
                raise
            raise ValueError(f"{path}: damaged {name} file: {error}") from None


class _Xz:
    """What xz unpacks to, in memory that the file does not choose."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._decoder = self._new()

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def read(self, size: int = -1, /) -> bytes:
        piece = b""
        while size and not piece:
            if self._decoder.eof:  # another stream may follow, after zeros
                rest = self._decoder.unused_data.lstrip(b"\0") or self._raw.read(_CHUNK)
                if not rest.strip(b"\0"):
                    return b""
                self._decoder = self._new()
            else:
                rest = self._raw.read(_CHUNK) if self._decoder.needs_input else b""
                if self._decoder.needs_input and not rest:
                    raise EOFError("it ends before its end is marked")
            piece = self._decoder.decompress(rest, size)
        return piece


_PACKED: dict[bytes, tuple[str, Callable[[Any], Readable]]] = {
    b"\x1f\x8b": ("gzip", lambda raw: gzip.GzipFile(fileobj=raw)),
    b"\xfd7zXZ\0": ("xz", _Xz),
    b"BZh": ("bzip2", bz2.BZ2File),
}
_LONGEST_START = max(map(len, _PACKED))


def at_most(stream: Readable, size: int) -> bytearray:
    """Read up to `size` bytes, in pieces: memory grows with what is there."""
    content = bytearray()
    while piece := stream.read(min(_CHUNK, size - len(content))):
        content += piece
    return content


def misfit(kind: str, shape: tuple[int, ...], where: object) -> str:
    """Say in one line why an array of this shape is not of a kind; empty if it may be.

    Examples
    --------
    >>> misfit("images", (10000,), "t10k-labels-idx1-ubyte.gz")
    't10k-labels-idx1-ubyte.gz holds labels, not images'
    """
    alone = len(shape) == 2 and shape[1] == 1
    if kind == "images" and (len(shape) == 1 or alone):
        return f"{where} holds labels, not images"
    if kind == "labels" and len(shape) > 2:
        return f"{where} holds images, not labels"
    if kind == "labels" and len(shape) == 2 and not alone:
        return f"{where} holds {shape[1]} columns, not labels: they are one column"
    return "" if shape else f"{where} holds a single entry, not {kind}"


def entries(
    stream: Readable, dtype: np.dtype, shape: tuple[int, ...], kind: str, where: object
) -> np.ndarray:
    """Read the entries that a header announced, up to the end of the stream.

    Returns
    -------
    numpy.ndarray
        Flat, in the byte order of this machine.

    Raises
    ------
    ValueError
        If they are none, too many, or not as many as announced.
    """
    size = math.prod(shape) * dtype.itemsize
    announced = " x ".join(str(n) for n in shape)
    if size == 0:
        raise ValueError(f"{where}: the header announces {announced} {kind}: nothing to read")
    announced += f" = {size} bytes"
    if size > MAX_BYTES:
        raise ValueError(f"{where}: the header announces {announced}, more than {MAX_BYTES}")
    payload = at_most(stream, size + 1)
    if len(payload) < size:
        missing = size - len(payload)
        raise ValueError(
            f"{where}: truncated: the header announces {announced}, "
            f"the file has {len(payload)}: {missing} {'is' if missing == 1 else 'are'} missing"
        )
    if len(payload) > size:
        raise ValueError(f"{where}: more than the {announced} the header announces")
    return np.frombuffer(payload, dtype).astype(dtype.newbyteorder("="), copy=False)
