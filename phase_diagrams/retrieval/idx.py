"""IDX files: the format in which MNIST and its relatives are published.

A file is a big-endian header, then the entries in row-major order.  The header has two zeros,
the type of the entries, the number of dimensions, and the length of each in 32 bits:

=================  ==========  ==============================================
images             0x00000803  bytes: number of images, rows, columns
labels             0x00000801  bytes: number of labels
labels, other type 0x00000C01  short, whole or floating-point numbers likewise
labels of QMNIST   0x00000C02  32 bits: number of labels, 8: first is the class
=================  ==========  ==============================================

raw or compressed with gzip (Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of
handwritten digits*).  Letters of EMNIST have labels 1 to 26, hence ``n_classes=27``, and its
pictures are transposed.  The files come from elsewhere, so nothing in them is believed: no
more is read, or unpacked, than the header announces and one byte, and what a file
announces is bounded.  Whatever its bytes, a file is read or refused with a `ValueError`
of one line that names it.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from hebbian import domain
from phase_diagrams.stores.signatures import HEAD, kind_of

__all__ = ["MAX_BYTES", "load", "read_images", "read_labels"]

#: Largest payload read, in bytes; the largest file of EMNIST has half of it.
MAX_BYTES = 1 << 30

#: Types of entries, by the third byte of the magic number.
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAGIC = {"images": b"\0\0\x08\3", "labels": b"\0\0\x08\1"}
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20  # a header that announces more than there is costs no memory


def read_images(path: str | os.PathLike[str]) -> np.ndarray:
    """Read a file of images.

    Parameters
    ----------
    path : path-like
        IDX file of magic 0x00000803, raw or gzip.

    Returns
    -------
    numpy.ndarray
        Shape (n_images, rows, columns), uint8, grey levels in [0, 255].

    Raises
    ------
    ValueError
        If the content is not such a file; one line that names the file.
    OSError
        If the file cannot be opened or read.

    Examples
    --------
    >>> import struct, tempfile
    >>> file = tempfile.NamedTemporaryFile()
    >>> _ = file.write(struct.pack(">4I", 0x803, 2, 1, 3) + bytes([0, 9, 255, 1, 2, 3]))
    >>> file.flush()
    >>> read_images(file.name)[0].tolist()
    [[0, 9, 255]]
    """
    return _read(Path(path), "images")


def read_labels(path: str | os.PathLike[str], n_classes: int = 10) -> np.ndarray:
    """Read a file of labels.

    Parameters
    ----------
    path : path-like
        IDX file of labels, raw or gzip.
    n_classes : int
        In [1, 256]; labels are 0 to n_classes - 1.

    Returns
    -------
    numpy.ndarray
        Shape (n_labels,), uint8.

    Raises
    ------
    ValueError
        If the content is not such a file, or a label is out of range.
    OSError
        If the file cannot be opened or read.
    """
    n_classes = domain.integer("n_classes", n_classes, "[1, 256]")
    path = Path(path)
    labels = _read(path, "labels")
    labels = labels[:, 0] if labels.ndim == 2 else labels
    beyond = np.flatnonzero(~(np.isin(labels, np.arange(n_classes))))
    if beyond.size:
        first, largest = beyond[0], labels.max()
        words = f"{path}: label {labels[first]} of item {first} is outside [0, {n_classes - 1}]"
        if labels.min() >= 0 and n_classes <= largest < 256:
            words += f": give n_classes = {int(largest) + 1} or more"
        raise ValueError(words)
    return labels.astype(np.uint8)


def load(
    images: str | os.PathLike[str], labels: str | os.PathLike[str], n_classes: int = 10
) -> tuple[np.ndarray, np.ndarray]:
    """Read images and the labels that belong to them.

    Returns
    -------
    images : numpy.ndarray
        Shape (n_images, rows, columns), uint8.
    labels : numpy.ndarray
        Shape (n_images,), uint8.

    Raises
    ------
    ValueError
        As `read_images` and `read_labels`, and if the numbers of items differ.
    OSError
        If a file cannot be opened or read.
    """
    names = read_labels(labels, n_classes)
    pixels = read_images(images)
    if len(pixels) != len(names):
        raise ValueError(f"{labels}: {len(names)} labels for the {len(pixels)} images of {images}")
    return pixels, names


def _read(path: Path, kind: str) -> np.ndarray:
    with path.open("rb") as raw:
        packed = raw.peek(len(_GZIP))[: len(_GZIP)] == _GZIP
        if not packed:
            return _parse(path, raw, kind)
        try:
            with gzip.GzipFile(fileobj=raw) as stream:
                return _parse(path, stream, kind)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ValueError(f"{path}: damaged gzip file: {error}") from None


def _parse(path: Path, stream: BinaryIO | gzip.GzipFile, kind: str) -> np.ndarray:
    """Check the header, then read exactly what it announces."""
    head = bytes(_at_most(stream, 4))
    _check(path, kind, head, lambda: head + bytes(_at_most(stream, HEAD)))
    dtype, n_dims = np.dtype(_TYPES[head[2]]), head[3]
    sizes = _at_most(stream, 4 * n_dims)
    if len(sizes) < 4 * n_dims:
        raise ValueError(
            f"{path}: the header of such an IDX file has {4 + 4 * n_dims} bytes, "
            f"the file ends after {4 + len(sizes)}"
        )
    shape = struct.unpack(f">{n_dims}I", sizes)
    size = math.prod(shape) * dtype.itemsize
    announced = " x ".join(str(n) for n in shape)
    if size == 0:
        raise ValueError(f"{path}: the header announces {announced} {kind}: nothing to read")
    if size > MAX_BYTES:
        raise ValueError(
            f"{path}: the header announces {announced} = {size} bytes, more than {MAX_BYTES}"
        )
    payload = _at_most(stream, size + 1)
    if len(payload) < size:
        raise ValueError(
            f"{path}: truncated: the header announces {announced} = {size} bytes, "
            f"the file has {len(payload)}"
        )
    if len(payload) > size:
        raise ValueError(f"{path}: more than the {announced} = {size} bytes the header announces")
    return np.frombuffer(payload, dtype).reshape(shape)


def _check(path: Path, kind: str, head: bytes, more: Callable[[], bytes]) -> None:
    """Refuse what does not begin like an IDX file of a kind, and say what it is."""
    expected = _MAGIC[kind]
    if head == expected or (kind == "labels" and _holds_labels(head)):
        return
    if not head:
        raise ValueError(f"{path} is empty, not an IDX file of {kind}")
    found = kind_of(more())
    if found:
        raise ValueError(f"{path} is {found}, not an IDX file of {kind}")
    if len(head) < 4:
        raise ValueError(f"{path} is no IDX file of {kind}: it ends after {len(head)} bytes")
    what = "unknown"
    if head[2:] == b"\0\0":
        what = "its bytes are in the wrong order"
    elif head[:2] == b"\0\0" and head[2] in _TYPES:
        other = next((name for name, magic in _MAGIC.items() if magic == head), "")
        entries = np.dtype(_TYPES[head[2]]).newbyteorder("=")
        what = f"a file of {other}" if other else f"{entries} in {head[3]} dimensions"
    right = f"an IDX file of {kind} has 0x{expected.hex()}"
    raise ValueError(f"{path}: magic number 0x{head.hex()} ({what}), {right}")


def _holds_labels(head: bytes) -> bool:
    known = len(head) == 4 and head[:2] == b"\0\0" and head[2] in _TYPES
    return known and (head[3] == 1 or head[2:] == b"\x0c\2")


def _at_most(stream: BinaryIO | gzip.GzipFile, size: int) -> bytearray:
    """Read up to `size` bytes, in pieces: memory grows with what is there."""
    content = bytearray()
    while piece := stream.read(min(_CHUNK, size - len(content))):
        content += piece
    return content
