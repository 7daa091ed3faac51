"""What a solver returns: arrays of order parameters and how far to trust them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

__all__ = ["Solution"]


@dataclass(frozen=True, kw_only=True)
class Solution:
    """Order parameters of one branch, broadcast over the control parameters.

    Parameters
    ----------
    m, n, q : numpy.ndarray
        Mattis magnetization, example overlap and replica overlap; for `Multitasking`
        `m` and `n` have a last axis of length K, sorted by size.
    free_energy : numpy.ndarray
        f = -(T/N) E ln Z per spin; the energy at T = 0.
    energy : numpy.ndarray
        H/N per spin.
    replicon : numpy.ndarray
        Replica symmetry is stable where positive.
    converged : numpy.ndarray of bool
        Where False the other numbers are not a solution and are NaN.
    residual : numpy.ndarray
        Largest violation of the self-consistency equations.
    n_iter : numpy.ndarray of int
        Iterations spent.
    """

    m: np.ndarray
    n: np.ndarray
    q: np.ndarray
    free_energy: np.ndarray
    energy: np.ndarray
    replicon: np.ndarray
    converged: np.ndarray
    residual: np.ndarray
    n_iter: np.ndarray

    @property
    def broken(self) -> np.ndarray:
        """Whether replica symmetry is broken, so that the numbers are an approximation."""
        return np.asarray(self.replicon < 0)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} over grid of shape {self.converged.shape}"]
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                with np.printoptions(precision=8, threshold=8, edgeitems=2):
                    lines.append(f"  {field.name} = {value}")
        return "\n".join(lines)
