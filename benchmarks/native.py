"""The hand-written kernels of `yardsticks.c` and `lanes.c`, built where a C compiler is present."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from copy import copy
from functools import cache
from pathlib import Path

import numpy as np

from hebbian.packed import pack

__all__ = ["Dense4", "Hopfield", "HopfieldFields", "Lanes", "available"]

COMPILER = os.environ.get("CC", "cc")
CHAINS = 32  # of `Lanes`


def available() -> bool:
    """Whether there is a C compiler."""
    return shutil.which(COMPILER) is not None


@cache
def library() -> ctypes.CDLL:
    """Compile the yardsticks for this processor and load them."""
    sources = [str(Path(__file__).with_name(name)) for name in ("yardsticks.c", "lanes.c")]
    target = Path(tempfile.mkdtemp()) / "yardsticks.so"
    flags = ["-O3", "-march=native", "-shared", "-fPIC", "-lm"]
    subprocess.run([COMPILER, *sources, "-o", str(target), *flags], check=True)
    loaded = ctypes.CDLL(str(target))
    parts = ("lanes_random", "lanes_fields", "lanes_acceptance")
    for name in ("hopfield", "hopfield_fields", "dense4", "lanes", *parts):
        getattr(loaded, name).restype = ctypes.c_int64
    return loaded


def _call(name, *arguments):
    kinds = {int: ctypes.c_int64, float: ctypes.c_double}
    converted = [
        kinds[type(x)](x) if type(x) in kinds else ctypes.c_void_p(x.ctypes.data) for x in arguments
    ]
    return getattr(library(), name)(*converted)


class _Chain:
    """A network and the state of one chain on it."""

    def again(self):
        """Return a chain on the same network that starts afresh."""
        other = copy(self)
        for name in ("spins", "overlaps", "fields", "values"):
            if hasattr(self, name):
                setattr(other, name, getattr(self, name).copy())
        return other


class Hopfield(_Chain):
    """Overlap form of a stored Hopfield network, started from archetype 0."""

    def __init__(self, archetypes, T):
        self.k, self.n = archetypes.shape
        self.T = float(T)
        self.rows = np.ascontiguousarray(archetypes.T)
        self.spins = archetypes[0].copy()
        self.overlaps = (archetypes.astype(np.int64) @ self.spins).astype(np.int32)

    def sweep(self, n_sweeps):
        """Do sweeps and return the number of flips."""
        return _call(
            "hopfield", self.rows, self.spins, self.overlaps, self.n, self.k, self.T, n_sweeps
        )


class HopfieldFields(_Chain):
    """The same network with couplings and maintained local fields."""

    def __init__(self, archetypes, T):
        self.n, self.T = archetypes.shape[1], float(T)
        xi = archetypes.astype(np.float32)
        self.couplings = xi.T @ xi
        np.fill_diagonal(self.couplings, 0)
        self.spins = archetypes[0].copy()
        self.fields = self.couplings @ self.spins.astype(np.float32)

    def sweep(self, n_sweeps):
        """Do sweeps and return the number of flips."""
        return _call(
            "hopfield_fields", self.couplings, self.spins, self.fields, self.n, self.T, n_sweeps
        )


class Dense4(_Chain):
    """P = 4, distinct sites, packed rows, started from archetype 0."""

    def __init__(self, archetypes, T, weight):
        self.k, self.n = archetypes.shape
        self.T, self.weight = float(T), float(weight)
        self.bits = pack(archetypes)
        self.spins = archetypes[0].copy()
        padded = 64 * self.bits.shape[1]
        self.overlaps = np.zeros(padded, np.int16)
        self.overlaps[: self.k] = archetypes.astype(np.int16) @ self.spins.astype(np.int16)
        self.values = np.zeros(padded, np.int32)

    def sweep(self, n_sweeps):
        """Do sweeps and return the number of flips."""
        return _call(
            "dense4", self.bits, self.spins, self.overlaps, self.values,
            self.n, self.k, self.weight, self.T, n_sweeps,
        )  # fmt: skip


def _aligned(array):
    """Return a copy that starts where a vector register may be loaded from at once."""
    space = np.empty(array.nbytes + 64, np.uint8)
    start = -space.ctypes.data % 64
    copied = space[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copied[...] = array
    return copied


class Lanes:
    """Chains of one network of rows 1, 0 and -1 and two bodies, a chain a lane.

    Parameters
    ----------
    archetypes : (K, N) int8
        K below 2**16, N below 2**15.
    T : (32,) floats
    keys : (32, 2) uint32
    spins : (32, N) int8
    """

    def __init__(self, archetypes, T, keys, spins):
        self.k, self.n = archetypes.shape
        self.binary = int(np.all(archetypes != 0))
        # Plus before minus.
        listed = [
            np.concatenate([np.flatnonzero(column == s) for s in (1, -1)])
            for column in archetypes.T
        ]
        self.rows = np.concatenate(listed).astype(np.uint16)
        self.starts = np.cumsum([0, *map(len, listed)])
        self.plus = np.count_nonzero(archetypes == 1, axis=0)
        self.slope = _aligned(np.float32(-2 / (np.log(2) * self.n * np.asarray(T, float))))
        self.keys = np.ascontiguousarray(keys, np.uint32)
        self.spins = _aligned(spins.T)
        self.summed = (archetypes == 1) if self.binary else archetypes
        self.most = np.iinfo(np.int16).max // int(np.abs(self.summed).sum(axis=1).max())
        overlaps, sites = self.sums()
        self.overlaps = _aligned(overlaps.astype(np.int16))
        self.totals = _aligned(np.stack([overlaps.sum(axis=0), sites]).astype(np.int32))
        self.sweeps = 0

    def sums(self):
        """Return overlaps and sums over sites of the present spins."""
        spins = self.spins.astype(np.int32)
        return self.summed.astype(np.int32) @ spins, spins.sum(axis=0)

    def again(self):
        """Return chains on the same network that start afresh."""
        other = copy(self)
        for name in ("spins", "overlaps", "totals"):
            setattr(other, name, _aligned(getattr(self, name)))
        return other

    def sweep(self, n_sweeps):
        """Do sweeps and return the number of flips of all chains."""
        first, self.sweeps = self.sweeps, self.sweeps + n_sweeps
        return _call(
            "lanes", self.n, self.most, self.binary, self.starts, self.plus, self.rows, self.keys,
            self.slope, self.spins, self.overlaps, self.totals, first, self.sweeps,
        )  # fmt: skip

    def random(self, n_sweeps):
        """Make the random words of sweeps and nothing else."""
        _call("lanes_random", self.n, self.keys, n_sweeps)

    def fields(self, n_sweeps):
        """Sum the fields of sweeps in the present state and nothing else."""
        _call(
            "lanes_fields", self.n, self.most, self.binary, self.starts, self.plus, self.rows,
            self.overlaps, self.totals, n_sweeps,
        )  # fmt: skip

    def acceptance(self, n_sweeps):
        """Choose the spins of sweeps, from fields and words that are there, and nothing else."""
        few = 64  # sites, whose fields and words stay in the first cache
        fields = np.random.default_rng(1).integers(-self.n, self.n, (few, CHAINS), np.int32)
        words = np.random.default_rng(2).integers(0, 2**32, (few, CHAINS), np.uint32)
        _call(
            "lanes_acceptance", few, self.slope, self.spins, _aligned(fields), _aligned(words),
            n_sweeps * self.n // few,
        )  # fmt: skip
