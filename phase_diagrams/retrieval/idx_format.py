"""The IDX format: a big-endian header, then the entries in row-major order.

The header has two zeros, the type of the entries, the number of dimensions, and the length of
each in 32 bits (Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of handwritten
digits*):

====  ==========================      ====  ===========================
0x08  unsigned byte                   0x0C  whole number of 32 bits
0x09  signed byte                     0x0D  floating-point, 32 bits
0x0B  whole number of 16 bits         0x0E  floating-point, 64 bits
====  ==========================      ====  ===========================

`QMNIST` names the columns of the labels in files of magic 0x00000C02.
"""

from __future__ import annotations

import struct

import numpy as np

from .packed import Content, entries, misfit

__all__ = ["QMNIST", "read"]

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_EXPECTED = {"images": "0x00000803", "labels": "0x00000801"}

#: Columns of QMNIST's extended labels (https://github.com/facebookresearch/qmnist, section 2.2).
QMNIST = (
    "character class",
    "NIST HSF series",
    "NIST writer ID",
    "digit index for this writer",
    "NIST class code",
    "global NIST digit index",
    "duplicate",
    "unused",
)


def read(content: Content, kind: str) -> np.ndarray:
    """Check the header, then read exactly what it announces.

    Parameters
    ----------
    content : Content
        From its beginning.
    kind : {"images", "labels"}
        Of QMNIST's extended labels the first column is read, the class.

    Raises
    ------
    ValueError
        If it is no such file; one line that names it.
    """
    path = content.path
    magic = bytes(content.read(4))
    _check(content, magic, kind)
    dtype, n_dims = np.dtype(_TYPES[magic[2]]), magic[3]
    sizes = content.read(4 * n_dims)
    if len(sizes) < 4 * n_dims:
        raise ValueError(
            f"{path}: the header of such an IDX file has {4 + 4 * n_dims} bytes, "
            f"the file ends after {4 + len(sizes)}"
        )
    shape = struct.unpack(f">{n_dims}I", sizes)
    extended = magic[2] == 0x0C and len(shape) == 2 and shape[1] == len(QMNIST)
    if extended and kind == "images":
        raise ValueError(f"{path} holds labels, not images: eight columns, as those of QMNIST")
    wrong = "" if extended else misfit(kind, shape, path)
    if wrong:
        raise ValueError(wrong)
    found = entries(content, dtype, shape, kind, path).reshape(shape)
    return found[:, 0] if extended else found


def _check(content: Content, magic: bytes, kind: str) -> None:
    """Refuse what does not begin like an IDX file, and say what it is."""
    path = content.path
    if len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in _TYPES and 0 < magic[3] <= 4:
        return
    if not magic:
        raise ValueError(f"{path} is empty, not a file of {kind}")
    if content.kind:
        raise ValueError(f"{path} is {content.kind}, not a file of {kind}")
    if len(magic) < 4:
        raise ValueError(f"{path} is no file of {kind}: it ends after {len(magic)} bytes")
    what = "its bytes are in the wrong order" if magic[2:] == b"\0\0" else "unknown"
    right = f"an IDX file of {kind} has {_EXPECTED[kind]}"
    raise ValueError(f"{path}: magic number 0x{magic.hex()} ({what}), {right}")
