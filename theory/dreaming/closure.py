"""What the theory knows of a network that has slept."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from hebbian import Dreaming, Storing
from theory.closure import Closure, closure
from theory.lines import UNDER_LOAD, Curve, Line
from theory.one_pattern.branches import ReplicaSolution
from theory.one_pattern.diagram import diagram
from theory.solution import SignalToNoise

from . import boundaries
from .branches import BRANCHES, solve_branch
from .first_step import first_step
from .spectrum import edge_temperature

__all__ = ["DreamingClosure"]


class DreamingClosure(Closure):
    """Replica-symmetric theory of stored patterns after a sleep.

    Parameters
    ----------
    sleep : float
        t; infinite for the projector onto the patterns.
    """

    starts: ClassVar[tuple[str, ...]] = tuple(BRANCHES)
    has_load: ClassVar[bool] = True
    lines: ClassVar[tuple[Line, ...]] = UNDER_LOAD
    steps: ClassVar[int] = 0

    def __init__(self, sleep: float) -> None:
        self.tau = sleep / (1 + sleep) if math.isfinite(sleep) else 1.0

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Return retrieval, the glass, the paramagnet: the last two from a random start."""
        return self.starts[1:] if start == "random" else self.starts

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> ReplicaSolution:
        r"""Solve one branch; an array `start` has the pairs (m, q) on its last axis.

        Energies are without the diagonal of the couplings.  The glass is that of largest noise.
        The paramagnet is there at every T > 0 if the network has slept at all; below its glass
        temperature (``replicon < 0``) it is a continuation without a meaning.
        """
        return solve_branch(self.tau, alpha, T, start)

    def signal_to_noise(
        self, alpha: np.ndarray, T: np.ndarray, start_overlap: np.ndarray
    ) -> SignalToNoise:
        """Let spins act on each other that have not answered yet."""
        return first_step(self.tau, alpha, T, start_overlap)

    def critical_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the spinodal, one load per temperature."""
        loads = boundaries.spinodal_loads(self.tau, T)
        return np.where(loads > 0, loads, np.nan)

    def spinodal_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return T_M."""
        return boundaries.spinodal_temperatures(self.tau, alpha)

    def transition_temperature(
        self, alpha: np.ndarray, rsb: int = 0, n_spins: int | None = None
    ) -> np.ndarray:
        """Return T_c against the better of paramagnet and glass."""
        self.infinite(n_spins)
        return boundaries.transition_temperatures(self.tau, alpha)

    def transition_load(
        self, T: np.ndarray, rsb: int = 0, n_spins: int | None = None
    ) -> np.ndarray:
        """Return the load up to which retrieval is the ground state."""
        self.infinite(n_spins)
        loads = boundaries.transition_loads(self.tau, T)
        return np.where(loads > 0, loads, np.nan)

    def glass_temperature(self, alpha: np.ndarray, kind: str = "static") -> np.ndarray:
        """Return T_g, at which the paramagnet becomes unstable; 0 for the projector."""
        return edge_temperature(self.tau, alpha)

    def replicon_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return the de Almeida-Thouless line."""
        return boundaries.replicon_temperatures(self.tau, alpha)

    def curves(self, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
        """Return the curves of `theory.one_pattern.diagram`."""
        self.infinite(n_spins)
        return diagram(self, n_points, rsb, n_spins)


@closure.register
def _(model: Dreaming, law: str = "binomial") -> DreamingClosure:
    if type(model.rule) is not Storing:
        raise ValueError(
            f"rule = {type(model.rule).__name__}: the theory of Dreaming is that of archetypes, "
            "rule = Storing; examples can be simulated"
        )
    return DreamingClosure(model.sleep)
