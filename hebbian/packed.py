"""Binary rows kept as bits, an eighth of their int8 matrix."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

__all__ = ["Kept", "Packed", "PackedSums", "Rows", "pack", "take", "unpack"]

_BLOCK_BYTES = 1 << 24  # bounds the scratch memory of packing


def unpack(bits: np.ndarray, n_patterns: int) -> np.ndarray:
    """Expand packed patterns to an int8 array of shape (n_patterns, n_spins), +-1."""
    flat = np.unpackbits(bits.view(np.uint8), axis=1, count=n_patterns, bitorder="little")
    return np.ascontiguousarray((2 * flat.view(np.int8) - 1).T)


def pack(rows: np.ndarray | Packed) -> np.ndarray:
    """Pack +-1 rows of shape (n_rows, n_spins); the inverse of `unpack`.

    Returns
    -------
    numpy.ndarray
        Shape (n_spins, ceil(n_rows / 64)), uint64; bits past the last row are 0.
    """
    if isinstance(rows, Packed):
        return rows.bits
    n_rows, n_spins = rows.shape
    bits = np.zeros((n_spins, -(-n_rows // 64) * 8), np.uint8)
    step = 8 * max(1, _BLOCK_BYTES // (8 * n_spins))
    for first in range(0, n_rows, step):
        packed = np.packbits(rows[first : first + step].T > 0, axis=1, bitorder="little")
        bits[:, first // 8 : first // 8 + packed.shape[1]] = packed
    return bits.view(np.uint64)


class Packed:
    """Rows of +1 and -1 as bits, any of which can be taken out.

    Parameters
    ----------
    bits : numpy.ndarray
        Shape (n_spins, ceil(n_rows / 64)), uint64.  Bit b of word w of spin i is set where
        row 64 w + b is +1 on spin i; bits past the last row are 0.
    n_rows : int

    Examples
    --------
    >>> rows = np.array([[1, -1, 1], [-1, -1, 1]], np.int8)
    >>> packed = Packed(pack(rows), 2)
    >>> packed.shape, packed.take([1])
    ((2, 3), array([[-1, -1,  1]], dtype=int8))
    """

    def __init__(self, bits: np.ndarray, n_rows: int) -> None:
        self.bits = bits
        self.shape = (n_rows, bits.shape[0])

    def __len__(self) -> int:
        return self.shape[0]

    def columns(self, first: int, stop: int) -> np.ndarray:
        """Return rows from `first`, a multiple of 8, as 1 and 0: shape (n_spins, n_rows), uint8."""
        octets = self.bits.view(np.uint8)[:, first // 8 : -(-stop // 8)]
        count = min(stop, len(self)) - first
        return np.unpackbits(octets, axis=1, count=count, bitorder="little")

    def take(self, rows: Any) -> np.ndarray:
        """Return some rows: shape (number of rows, n_spins), int8."""
        if isinstance(rows, slice) and rows.step in (None, 1):
            first, stop, _ = rows.indices(len(self))
            octets = self.bits.view(np.uint8)[:, first // 8 : -(-stop // 8)]
            return unpack(octets, max(first, stop) - first // 8 * 8)[first % 8 :]
        rows = _numbers(len(self), rows)
        words = self.bits[:, rows // 64] >> (rows % 64).astype(np.uint64)
        return np.ascontiguousarray((2 * (words & np.uint64(1)).astype(np.int8) - 1).T)

    def unpack(self) -> np.ndarray:
        """Return all rows: shape (n_rows, n_spins), int8."""
        return unpack(self.bits, len(self))


def _numbers(n: int, which: Any) -> np.ndarray:
    """The numbers, of 0..n-1, that an index means; an array of all n would exceed the rows."""
    if isinstance(which, slice):
        return np.arange(*which.indices(n))
    which = np.asarray(which)
    if which.dtype == bool:
        return np.flatnonzero(which)
    if which.size and not (-n <= which.min() and which.max() < n):
        raise IndexError(f"rows are numbered from 0 to {n - 1}")
    return np.where(which < 0, which + n, which)


class PackedSums:
    """Sums over consecutive groups of packed rows, made when asked for.

    Parameters
    ----------
    rows : Packed
        Row g M + a is member a of group g.
    size : int
        Members M of a group.
    """

    def __init__(self, rows: Packed, size: int) -> None:
        self._rows, self._size = rows, size
        self.shape = (len(rows) // size, rows.shape[1])

    def take(self, groups: Any) -> np.ndarray:
        """Return some sums: shape (number of groups, n_spins), int32."""
        groups = _numbers(self.shape[0], groups)
        members = groups[:, None] * self._size + np.arange(self._size)
        taken = self._rows.take(members.ravel()).reshape(*members.shape, -1)
        return taken.sum(axis=1, dtype=np.int32)

    def unpack(self) -> np.ndarray:
        """Return all sums: shape (n_groups, n_spins), int32."""
        return self.take(slice(None))


Kept: TypeAlias = np.ndarray | Packed | PackedSums


def take(rows: Kept, which: Any) -> np.ndarray:
    """Return rows[which], whatever keeps them."""
    return rows[which] if isinstance(rows, np.ndarray) else rows.take(which)


class Rows:
    """Attribute of a dataclass: an array, or rows kept as bits until it is read as one."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._kept, self._unpacked = "_" + name, "_unpacked_" + name

    def __set__(self, instance: Any, value: Kept) -> None:
        instance.__dict__[self._kept] = value

    def __get__(self, instance: Any, owner: type) -> np.ndarray:
        if instance is None:
            raise AttributeError(self._kept)
        kept = instance.__dict__[self._kept]
        if isinstance(kept, np.ndarray):
            return kept
        unpacked = instance.__dict__.get(self._unpacked)
        if unpacked is None:
            unpacked = kept.unpack()
            if unpacked.nbytes <= _BLOCK_BYTES:  # a large one would stay unnoticed
                instance.__dict__[self._unpacked] = unpacked
        return unpacked
