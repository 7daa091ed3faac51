"""What solvers return: order parameters and how far to trust them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from html import escape
from typing import Self

import numpy as np

from hebbian import QUANTITIES
from hebbian.result import Result

__all__ = ["SignalToNoise", "Solution", "State"]


@dataclass(frozen=True, kw_only=True)
class Solution(Result):
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
        return self.replicon < 0

    def lower(self, other: Self) -> Self:
        """Return `other` where its free energy is lower, or where only it has converged."""
        take = other.converged & ~(other.free_energy >= self.free_energy)
        return type(self)(
            **{
                name: np.where(
                    take.reshape(take.shape + (1,) * (np.ndim(value) - take.ndim)),
                    getattr(other, name),
                    value,
                )
                for name, value in self.fields().items()
            }
        )

    def only(self, there: np.ndarray) -> Self:
        """Return what holds at some points alone, of the shape of `converged`; NaN elsewhere."""
        values = {
            name: np.where(there, value, np.nan) if value.dtype.kind == "f" else value
            for name, value in self.fields().items()
        }
        return type(self)(**values | {"converged": self.converged & there})

    def _rows(self) -> list[tuple[str, str]]:
        with np.printoptions(precision=8, threshold=8, edgeitems=2):
            return [
                (field.name, _shown(np.asarray(getattr(self, field.name))))
                for field in dataclasses.fields(self)
                if np.ndim(getattr(self, field.name)) or np.size(getattr(self, field.name)) == 1
            ]

    def _title(self) -> str:
        return f"{type(self).__name__} over grid of shape {np.shape(self.converged)}"

    def __repr__(self) -> str:
        return "\n".join([self._title(), *(f"  {name} = {text}" for name, text in self._rows())])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{name}</th><td><pre>{escape(text)}</pre></td><td>{_meaning(name)}</td></tr>"
            for name, text in self._rows()
        )
        return f"<table><caption>{escape(self._title())}</caption>{rows}</table>"


@dataclass(frozen=True, kw_only=True)
class State(Result):
    """A stable state, up to permutations and signs of the patterns.

    Parameters
    ----------
    label : str
        See `theory.many_patterns.labels`.
    m, n : numpy.ndarray
        Shape (K,), descending.
    q, free_energy, energy, min_eigenvalue : float
    example_eigenvalues : numpy.ndarray
        Shape (K,); see `theory.MultitaskingSolution`.
    """

    label: str
    m: np.ndarray
    n: np.ndarray
    q: float
    free_energy: float
    energy: float
    min_eigenvalue: float
    example_eigenvalues: np.ndarray


@dataclass(frozen=True, kw_only=True)
class SignalToNoise(Result):
    """One parallel step of the dynamics, broadcast over the control parameters.

    Parameters
    ----------
    m : numpy.ndarray
        Mattis overlap after the step; for `Multitasking` all of them, on a last axis of
        length K.
    field_mean, field_variance : numpy.ndarray
        Mean and variance over the sites of the field along the archetype, in units of the
        energy, for the law of the example mean that was asked for (the two laws share
        them); for `Multitasking` over the sites that the first pattern decides.
    """

    m: np.ndarray
    field_mean: np.ndarray
    field_variance: np.ndarray


def _shown(values: np.ndarray) -> str:
    return f"{values:.9g}" if values.ndim == 0 and values.dtype.kind == "f" else str(values)


def _meaning(name: str) -> str:
    return escape(QUANTITIES[name].long_name) if name in QUANTITIES else name.replace("_", " ")
