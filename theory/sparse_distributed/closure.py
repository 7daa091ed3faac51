"""What the theory knows of sparse distributed memory at exponential load."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

import numpy as np

from hebbian import SparseDistributed, domain
from theory.closure import Closure, closure, known_rule
from theory.exponential import binary
from theory.exponential.reading import kernel_capacity
from theory.lines import UNDER_LOAD, Line
from theory.solution import Solution

from .exponent import reach, share_exponent

__all__ = ["SparseDistributedClosure"]


class SparseDistributedClosure(Closure):
    """Reading at T = 0, by infinitely many neurons.

    Parameters
    ----------
    memory : SparseDistributed
    """

    starts: ClassVar[tuple[str, ...]] = ("retrieval",)
    has_load: ClassVar[bool] = True
    lines: ClassVar[tuple[Line, ...]] = tuple(
        line for line in UNDER_LOAD if line.name == "critical_load"
    )

    def __init__(self, memory: SparseDistributed) -> None:
        self.memory = memory

    def controls(self, alpha: Any, **arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the controls; what is not derived is refused."""
        if alpha is not None:
            alpha = domain.real_array("alpha", alpha, "[0, inf)")
            for load in alpha[alpha > binary.largest][:1]:
                raise ValueError(
                    f"alpha = {load:g} is outside the allowed range [0, {binary.largest_text}] of "
                    "the theory: there are no more configurations"
                )
        for T in arrays["T"][arrays["T"] > 0][:1]:
            raise ValueError(
                f"T = {T:g}: the theory of {type(self.memory).__name__} is of T = 0 alone, reading "
                "with thermal noise is not derived"
            )
        if self.memory.n_neurons is not None:
            self.lacks("equation of state")
        return super().controls(alpha, **arrays)

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Return what is read from the start: retrieval for the pattern, else its overlap."""
        overlap = "nan" if isinstance(start, str) else str(float(start))
        return self.starts if start == "pattern" else (overlap,)

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Return whether the pattern is read: m = n = q = 1, or nothing that is derived.

        From the pattern itself, or from overlaps with it.  NaN from the capacity on, at T > 0 and
        for a finite number of neurons.  There is no extensive energy.
        """
        if isinstance(start, str):
            overlap = np.full(alpha.shape, 1.0 if start == "retrieval" else float(start))
        else:
            overlap = np.broadcast_to(start, np.broadcast_shapes(start.shape, alpha.shape))
        capacity = np.full(overlap.shape, np.nan)
        known = np.isfinite(overlap) & (self.memory.n_neurons is None)
        capacity[known] = self._capacity(overlap[known])
        read = (alpha < capacity) & (T == 0)
        one, none = np.where(read, 1.0, np.nan), np.full(read.shape, np.nan)
        return Solution(
            m=one, n=one.copy(), q=one.copy(), free_energy=none, energy=none.copy(),
            replicon=none.copy(), converged=read, residual=np.where(read, 0.0, np.nan),
            n_iter=np.zeros(read.shape, int),
        )  # fmt: skip

    def reading_capacity(self, start_overlap: np.ndarray, dynamics: str) -> np.ndarray:
        """Return that of the query, with the site that is updated or without."""
        if self.memory.n_neurons is not None:
            self.lacks("reading capacity")
        if dynamics != "parallel" and self.memory.parallel_only:
            raise ValueError(
                f"dynamics = {dynamics!r}: {self.memory!r} is read by dynamics = 'parallel'"
            )
        return self._capacity(start_overlap)

    def critical_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the capacity of reading at T = 0 from the pattern itself; NaN above."""
        if self.memory.n_neurons is not None:
            return np.full(T.shape, np.nan)
        return np.where(T == 0, self._capacity(np.ones(1)), np.nan)

    def lacks(self, what: str) -> NoReturn:
        """Raise a ValueError, which names a finite number of neurons."""
        if self.memory.n_neurons is not None:
            raise ValueError(
                f"n_neurons = {self.memory.n_neurons}: at exponential load the theory is of "
                f"infinitely many neurons; there is no {what}"
            )
        super().lacks(what)

    def _capacity(self, overlap: np.ndarray) -> np.ndarray:
        radius = self.memory.radius
        return np.asarray(
            kernel_capacity(
                lambda m: share_exponent(m, radius=radius),
                start_overlap=overlap,
                own_site=self.memory.own_site,
                domain=(reach(radius), 1.0),
            )
        )


@closure.register
def _(model: SparseDistributed, law: str = "binomial") -> SparseDistributedClosure:
    known_rule(model)
    return SparseDistributedClosure(model)
