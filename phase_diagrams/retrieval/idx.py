"""IDX files: the format in which MNIST and its relatives are published.

A file is a big-endian header, then the entries as unsigned bytes in row-major order:

========  ==========  =====================================================
images    0x00000803  number of images, rows, columns: three 32-bit integers
labels    0x00000801  number of labels: one 32-bit integer
========  ==========  =====================================================

raw or compressed with gzip (Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of
handwritten digits*).  The files come from elsewhere, so nothing in them is believed: no
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
from pathlib import Path
from typing import BinaryIO

import numpy as np

from hebbian import domain

__all__ = ["MAX_BYTES", "load", "read_images", "read_labels"]

#: Largest payload read, in bytes; the largest file of EMNIST has half of it.
MAX_BYTES = 1 << 30

#: The last byte of a magic number is the number of dimensions.
_MAGIC = {"images": 0x00000803, "labels": 0x00000801}
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
        IDX file of magic 0x00000801, raw or gzip.
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
    beyond = np.flatnonzero(labels >= n_classes)
    if beyond.size:
        first = beyond[0]
        raise ValueError(
            f"{path}: label {labels[first]} of item {first} is outside [0, {n_classes - 1}]"
        )
    return labels


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
    magic = _MAGIC[kind]
    n_dims = magic & 0xFF
    length = 4 * (1 + n_dims)
    header = _at_most(stream, length)
    found = header[:4].hex()
    if len(header) >= 4 and found != f"{magic:08x}":
        raise ValueError(f"{path}: magic number 0x{found}, an IDX file of {kind} has 0x{magic:08x}")
    if len(header) < length:
        raise ValueError(
            f"{path}: the header of an IDX file of {kind} has {length} bytes, "
            f"the file ends after {len(header)}"
        )
    shape = struct.unpack(f">{n_dims}I", header[4:])
    size = math.prod(shape)
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
    return np.frombuffer(payload, np.uint8).reshape(shape)


def _at_most(stream: BinaryIO | gzip.GzipFile, size: int) -> bytearray:
    """Read up to `size` bytes, in pieces: memory grows with what is there."""
    content = bytearray()
    while piece := stream.read(min(_CHUNK, size - len(content))):
        content += piece
    return content
