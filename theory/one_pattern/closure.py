"""What the theory knows of a network that retrieves one pattern under a load."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from hebbian import Storing, domain
from theory.closure import Closure, closure
from theory.course import Course, Trajectory
from theory.lines import UNDER_LOAD, Curve, Line
from theory.solution import SignalToNoise

from . import thresholds
from .branches import BRANCHES, ReplicaSolution, solve_branch
from .broken.branches import BrokenSolution, solve_broken, spinodal_loads
from .broken.metastable import dynamic_temperature
from .crosstalk import noise
from .diagonal import diagonal_energy
from .diagram import diagram
from .dynamics.border import borders
from .dynamics.closed import closed
from .dynamics.sampled import sampled
from .first_step import first_step
from .ground_state import GroundState
from .inversion import largest_temperatures
from .nucleation import barriers
from .replica import MeanField
from .spin_glass import continuous_glass
from .stability import replicon_temperatures
from .transitions import Landscape, landscape, line

__all__ = ["ReplicaSymmetric"]

#: Starts of the dynamics that have a name, and their overlaps.
NAMED = {"pattern": 1.0, "random": 0.0}


class ReplicaSymmetric(Closure):
    """Replica-symmetric theory of a Hebbian network with a load.

    Parameters
    ----------
    field : MeanField
        Order, law of the retrieved class and crosstalk.
    """

    starts: ClassVar[tuple[str, ...]] = tuple(BRANCHES)
    has_load: ClassVar[bool] = True
    lines: ClassVar[tuple[Line, ...]] = UNDER_LOAD
    criteria: ClassVar[tuple[str, ...]] = thresholds.CRITERIA

    def __init__(self, field: MeanField) -> None:
        self.field = field

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Return retrieval, the glass, the paramagnet: the last two from a random start."""
        return self.starts[1:] if start == "random" else self.starts

    def breaks(self, start: str) -> bool:
        """Return whether there is a state with one step of breaking; no glass in a random field."""
        crosstalk = self.field.crosstalk
        if crosstalk.resummed:
            return start != "paramagnet"
        return start == "retrieval" or (start == "glass" and bool(crosstalk.rank.min() > 1))

    def diagonal_energy(self, alpha: np.ndarray, n_spins: int) -> np.ndarray:
        """Return the mean over all configurations, for ``indices="all"`` at even order >= 4."""
        return diagonal_energy(self.model, alpha, n_spins)

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> ReplicaSolution:
        """Solve one branch; an array `start` has the pairs (n, q) on its last axis."""
        return solve_branch(self.field, alpha, T, start)

    def solve_broken(
        self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray
    ) -> BrokenSolution:
        """Solve one of the named branches; order 3 at least."""
        return solve_broken(self.field, alpha, T, start)

    def signal_to_noise(
        self, alpha: np.ndarray, T: np.ndarray, start_overlap: np.ndarray
    ) -> SignalToNoise:
        """Let the crosstalk of q = 1 and no response act on the sites."""
        return first_step(self.field, alpha, T, start_overlap)

    def start_overlaps(self, start: Any) -> np.ndarray:
        """Return overlaps with the archetype in [-1, 1]: ``pattern`` is 1, ``random`` 0."""
        if isinstance(start, str):
            start = NAMED[domain.choice("start", start, NAMED)]
        return domain.real_array("start", start, "[-1, 1]")

    def trajectory(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
    ) -> Trajectory:
        """Sample the effective spin, or close its equations."""
        self._knows_diagonal(course)
        follow = closed if course.method == "neurodynamics" else sampled
        return follow(self.field, alpha, T, start, course)

    def basin(
        self,
        alpha: np.ndarray,
        T: np.ndarray,
        times: np.ndarray,
        threshold: float,
        course: Course,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Search for the start of which either of them retrieves."""
        self._knows_diagonal(course)
        return borders(self.field, alpha, T, times, threshold, course)

    def _knows_diagonal(self, course: Course) -> None:
        """Refuse fields with a diagonal where the couplings have none.

        Raises
        ------
        ValueError
            Naming the dynamics and the model.
        """
        order, indices = self.model.order, self.model.indices
        if course.dynamics == "parallel-diagonal" and (order, indices) != (2, "all"):
            raise ValueError(
                f"dynamics = {course.dynamics!r} is of order 2 with indices = 'all', "
                f"not of {self.model!r}"
            )

    def reading_capacity(self, start_overlap: np.ndarray, dynamics: str) -> np.ndarray:
        """Return 0: patterns are as many as a power of N."""
        return np.zeros(start_overlap.shape)[()]

    def nucleation_barrier(self, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return the barrier of the replica-symmetric potential."""
        return barriers(self.field, alpha, T)

    def noise_power(self) -> float:
        """Return G of `crosstalk` at q = 1 and no response."""
        return float(noise(self.field.crosstalk, 1.0, 0.0, 0.0)[0])

    def examples_needed(
        self, alpha: np.ndarray, T: np.ndarray, criterion: str, threshold: float
    ) -> np.ndarray:
        """Return a real number for one step, else the smallest whole one from which on."""
        stored = closure(dataclasses.replace(self.model, rule=Storing()))
        assert isinstance(stored, ReplicaSymmetric)
        return thresholds.examples_needed(
            self.model, self.law, stored.field.crosstalk, alpha, T, criterion, threshold
        )

    def curves(self, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
        """Return the curves of `theory.one_pattern.diagram`."""
        return diagram(self, n_points, rsb, n_spins)

    def landscape(self, rsb: int = 0) -> Landscape:
        """Return what the lines share; with the glass of broken symmetry where there is one."""
        return landscape(self.field, bool(rsb))

    def critical_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the spinodal, one load per temperature."""
        loads, _ = line(self.landscape(), False, T)
        if rsb:
            loads = spinodal_loads(self.field, T, loads)
        return np.where(loads > 0, loads, np.nan)

    def spinodal_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return T_M."""
        return largest_temperatures(self.landscape(), False, alpha)

    def transition_temperature(
        self, alpha: np.ndarray, rsb: int = 1, n_spins: int | None = None
    ) -> np.ndarray:
        """Return T_c."""
        return self._ground_state(rsb, n_spins).temperatures(alpha)

    def transition_load(
        self, T: np.ndarray, rsb: int = 1, n_spins: int | None = None
    ) -> np.ndarray:
        """Return the load up to which retrieval is the ground state."""
        return self._ground_state(rsb, n_spins).loads(T)

    def _ground_state(self, rsb: int, n_spins: int | None) -> GroundState:
        return GroundState(self.model, self.landscape(rsb), bool(rsb), n_spins)

    def glass_temperature(self, alpha: np.ndarray, kind: str = "static") -> np.ndarray:
        """Return T_g; NaN in the random field of ``indices="all"`` at odd order."""
        crosstalk = self.field.crosstalk
        if crosstalk.resummed:
            return continuous_glass(crosstalk, alpha)
        tau = self.landscape(1).glass.tau
        if tau.size == 0:
            return np.full(alpha.shape, np.nan)
        scale = tau[-1] if kind == "static" else dynamic_temperature(crosstalk)
        return np.asarray(scale * np.sqrt(alpha))

    def replicon_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return the de Almeida-Thouless line."""
        return replicon_temperatures(self.landscape(), alpha)
