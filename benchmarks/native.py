"""The hand-written kernels of ``yardsticks.c``, built where a C compiler is present."""

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

__all__ = ["Dense4", "Hopfield", "HopfieldFields", "available"]

COMPILER = os.environ.get("CC", "cc")


def available() -> bool:
    """Whether there is a C compiler."""
    return shutil.which(COMPILER) is not None


@cache
def library() -> ctypes.CDLL:
    """Compile the yardsticks for this processor and load them."""
    source = Path(__file__).with_name("yardsticks.c")
    target = Path(tempfile.mkdtemp()) / "yardsticks.so"
    flags = ["-O3", "-march=native", "-shared", "-fPIC", "-lm"]
    subprocess.run([COMPILER, str(source), "-o", str(target), *flags], check=True)
    loaded = ctypes.CDLL(str(target))
    for name in ("hopfield", "hopfield_fields", "dense4"):
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
