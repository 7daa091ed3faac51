r"""Couplings of one's own: any real symmetric matrix.

.. math:: H(s) = -\sum_{i<j} J_{ij} s_i s_j

for a given J, or one that is drawn for every disorder sample: ``"sherrington-kirkpatrick"`` has
independent normal :math:`J_{ij}` of variance 1/N (D. Sherrington, S. Kirkpatrick, Phys. Rev. Lett.
35, 1792 (1975), doi:10.1103/PhysRevLett.35.1792), whose spin glass begins at T = 1.

The archetype is the configuration of all +1, so that m is the magnetization; `from_couplings`
gives it others.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import numpy as np

from . import domain
from .calling import checked
from .datasets import Dataset, from_examples
from .layout import Layout
from .memory import COUPLING_BITS, Memory
from .model import Model
from .packed import Packed

__all__ = ["Couplings", "from_couplings"]

#: Names of couplings that are drawn.
DRAWN = ("sherrington-kirkpatrick",)

#: Matrices of this process by their digest.
_MATRICES: WeakValueDictionary[str, np.ndarray] = WeakValueDictionary()


@checked
@dataclass(frozen=True, kw_only=True)
class Couplings(Model):
    """Network of given couplings.

    Parameters
    ----------
    couplings : array_like or str
        Shape (n_spins, n_spins), real and symmetric; the path of a ``.npy`` file of it, which
        other processes find too; or ``"sherrington-kirkpatrick"``.  The diagonal is for
        ``dynamics="parallel-diagonal"`` alone.
    digest : str, optional
        Of the matrix: left to the model itself.
    rule : Storing

    Raises
    ------
    ValueError
        If the couplings are not a finite, symmetric matrix, or there is no such file or name.

    Examples
    --------
    >>> import montecarlo
    >>> ferromagnet = Couplings(np.ones((100, 100)) / 100)
    >>> run = montecarlo.simulate(ferromagnet, T=0.5, n_samples=1, start="pattern")
    >>> bool(abs(run.m.mean - 0.957) < 0.02)
    True
    """

    couplings: Any = field(default="sherrington-kirkpatrick", kw_only=False)
    digest: str = ""

    entries: ClassVar[str] = "signs"
    natural_start: ClassVar[str] = "random"
    extensive: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rule.has_examples:
            raise ValueError(f"rule = {self.rule!r}: given couplings are not learnt from examples")
        if isinstance(self.couplings, str) and self.couplings in DRAWN:
            if self.digest:
                raise ValueError(f"digest = {domain.shown(self.digest)}: drawn couplings have none")
            return
        matrix = self._find()
        digest = hashlib.sha256(np.ascontiguousarray(matrix).data).hexdigest()[:16]
        if self.digest not in ("", digest):
            raise ValueError(
                f"couplings = {self.couplings!r} are others than they were: they have the digest "
                f"{digest}, not {self.digest}"
            )
        text = self.couplings if isinstance(self.couplings, str) else f"array {digest}"
        object.__setattr__(self, "couplings", text)
        object.__setattr__(self, "digest", digest)
        object.__setattr__(self, "_matrix", _MATRICES.setdefault(digest, matrix))

    def _find(self) -> np.ndarray:
        """Return the matrix that is given, that of a file, or one that this process has seen."""
        given = self.couplings
        if isinstance(given, str):
            if given.startswith("array ") and given[6:] in _MATRICES:
                return _MATRICES[given[6:]]
            if not given.endswith(".npy"):
                known = (*DRAWN, "the path of a .npy file")
                domain.choice("couplings", given, known)
            try:
                given = np.load(Path(given), allow_pickle=False)
            except (OSError, ValueError, EOFError) as error:
                reason = " ".join(str(error).split())
                raise ValueError(
                    f"couplings = {self.couplings!r} cannot be read: {reason}"
                ) from None
        matrix = domain.real_array("couplings", given, "(-inf, inf)")
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
            raise ValueError(
                f"couplings: shape {matrix.shape}, but (n_spins, n_spins) with n_spins from 2 "
                "is needed"
            )
        if np.array_equal(matrix, matrix.T):
            return matrix
        apart = np.abs(matrix - matrix.T)
        if apart.max() > 1e-12 * np.abs(matrix).max():
            i, j = np.unravel_index(apart.argmax(), apart.shape)
            raise ValueError(
                f"couplings: J[{i}, {j}] = {matrix[i, j]:g} and J[{j}, {i}] = {matrix[j, i]:g}: "
                "asymmetric couplings have no energy; (J + J.T)/2 is symmetric"
            )
        return np.asarray((matrix + matrix.T) / 2)

    def __repr__(self) -> str:
        return f"Couplings({self.couplings!r})"

    @property
    def size(self) -> int | None:
        """Number of spins of given couplings; None where they are drawn."""
        return None if self.couplings in DRAWN else len(self._given)

    @property
    def learns(self) -> bool:
        """False: archetypes observe alone."""
        return False

    @property
    def _given(self) -> np.ndarray:
        matrix: np.ndarray = self.__dict__["_matrix"]
        return matrix

    def check_portable(self) -> None:
        """Refuse a matrix that only this process has; see `Model.check_portable`."""
        if self.couplings.startswith("array "):
            raise ValueError(
                "couplings: an array is of this process alone; numpy.save it and give the path of "
                "the .npy file"
            )

    def stream_key(self) -> dict[str, Any]:
        """Return what the dynamics is keyed by: the matrix, not its place."""
        key = self.describe()
        return key if self.couplings in DRAWN else key | {"couplings": "given"}

    @property
    def polynomial(self) -> bool:
        """False: kernels see couplings."""
        return False

    @property
    def self_coupled(self) -> bool:
        """Whether given couplings have a diagonal."""
        return self.size is not None and bool(np.diagonal(self._given).any())

    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return 1; there is no load, and `alpha` must be None."""
        if alpha is not None:
            raise ValueError(f"alpha = {alpha} is not a parameter of Couplings")
        return 1

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> np.ndarray:
        """Return configurations of all +1."""
        return np.ones((n_patterns, n_spins), np.int8)

    def layout(self, n_patterns: int, n_spins: int) -> Layout:
        """Return what is known of the couplings; rows are the archetypes."""
        return super().layout(n_patterns, n_spins)._replace(coupling_bits=COUPLING_BITS)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to given couplings; drawn ones are those of the root seed 0."""
        from . import streams

        return self.lower_sample(rows, streams.key(0, "wiring", sample=0))

    def lower_sample(self, rows: np.ndarray | Packed, key: np.ndarray) -> Memory:
        """Lower to the couplings, given or drawn from the key."""
        n = rows.shape[1]
        if self.couplings not in DRAWN:
            return Memory(rows=rows, couplings=self._given, weight=1.0)
        words = int(key[0]) | int(key[1]) << 32
        drawn = np.random.Generator(np.random.Philox(key=words))
        upper = np.triu(drawn.normal(0, n**-0.5, (n, n)), 1)
        return Memory(rows=rows, couplings=upper + upper.T, weight=1.0)

    def example_overlap_scale(self) -> float:
        """Return 1: n = m."""
        return 1.0


@checked
def from_couplings(couplings: Any, archetypes: np.ndarray) -> Dataset:
    """Return the network of given couplings, observed by overlaps with given archetypes.

    Parameters
    ----------
    couplings : array_like, str or Couplings
        As of `Couplings`.
    archetypes : array_like
        Shape (n_patterns, n_spins), entries +-1: the couplings do not depend on them.

    Raises
    ------
    ValueError
        If the shapes or entries do not fit.

    Examples
    --------
    >>> xi = np.random.default_rng(0).choice([-1, 1], (3, 60))
    >>> data = from_couplings(xi.T @ xi / 60, xi)
    >>> data.n_patterns, round(data.memory.energy(data.archetypes[0]) / 60, 1)
    (3, -0.5)
    """
    model = couplings if isinstance(couplings, Couplings) else Couplings(couplings)
    return from_examples(model, archetypes)
