"""Networks of patterns of unequal strengths, as networks of one strength in other units."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from theory.closure import Closure
from theory.course import Course, Trajectory
from theory.lines import UNDER_LOAD, Curve, Line
from theory.one_pattern import thresholds
from theory.one_pattern.branches import BRANCHES, solve_branch, with_starts
from theory.one_pattern.closure import ReplicaSymmetric
from theory.one_pattern.diagram import diagram
from theory.one_pattern.replica import MeanField
from theory.solution import SignalToNoise, Solution

from .laws import Fading, Law
from .spectrum import spectrum

__all__ = ["UnequalPairs", "UnequalStrengths"]

#: Powers of the strength of the retrieved pattern in what solvers return.
_UNITS = {
    "free_energy": 1,
    "energy": 1,
    "susceptibility": -1,
    "reweighting": -1,
    "field_mean": 1,
    "field_variance": 2,
    "G": -1,
}


class UnequalStrengths(Closure):
    """Theory of pattern 0 among patterns of unequal strengths, order 3 at least.

    Of an unequal law a stronger pattern than number 0 is the ground state wherever number 0 is
    retrieved: the lines of the transition are then NaN.

    Parameters
    ----------
    uniform : ReplicaSymmetric
        Theory of the model with one strength, which knows its model.
    strengths : Law
    """

    starts: ClassVar[tuple[str, ...]] = tuple(BRANCHES)
    has_load: ClassVar[bool] = True
    lines: ClassVar[tuple[Line, ...]] = UNDER_LOAD
    criteria: ClassVar[tuple[str, ...]] = thresholds.CRITERIA

    def __init__(self, uniform: ReplicaSymmetric, strengths: Law) -> None:
        self.uniform, self.strengths = uniform, strengths

    def among(self, alpha: float) -> ReplicaSymmetric:
        """Return the theory in units of the strength of pattern 0, at a load."""
        return self.uniform

    @property
    def at_all_loads(self) -> ReplicaSymmetric:
        """Theory in these units whose loads w are explicit on a curve of retrieval."""
        return self.uniform

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Return retrieval, the glass, the paramagnet: the last two from a random start."""
        return self.uniform.branches(start)

    def breaks(self, start: str) -> bool:
        """Return whether there is a state with one step of breaking."""
        return self.steps > 0 and self.uniform.breaks(start)

    def diagonal_energy(self, alpha: np.ndarray, n_spins: int) -> np.ndarray:
        """Return the mean over all configurations, for ``indices="all"`` at even order >= 4."""
        mean = self.strengths.unit * self.strengths.mean(alpha)
        return np.asarray(mean * self.uniform.diagonal_energy(alpha, n_spins))

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve one branch; an array `start` has the pairs (n, q) on its last axis."""
        found: Solution
        if isinstance(start, str):
            found = self._each(alpha, T, lambda own, w, heat, at: own.solve(w, heat, start))
            return found
        alpha, T, pairs = with_starts(alpha, T, start)
        flat = pairs.reshape(-1, 2)
        found = self._each(alpha, T, lambda own, w, heat, at: own.solve(w, heat, flat[at]))
        return found

    def solve_broken(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve one of the named branches."""
        self.up_to(1)
        found: Solution = self._each(
            alpha, T, lambda own, w, heat, at: own.solve_broken(w, heat, start)
        )
        return found

    def signal_to_noise(
        self, alpha: np.ndarray, T: np.ndarray, start_overlap: np.ndarray
    ) -> SignalToNoise:
        """Let the crosstalk of q = 1 and no response act on the sites."""
        first = start_overlap.ravel()
        found: SignalToNoise = self._each(
            alpha, T, lambda own, w, heat, at: own.signal_to_noise(w, heat, first[at])
        )
        return found

    def start_overlaps(self, start: Any) -> np.ndarray:
        """Return overlaps with the archetype in [-1, 1]."""
        return self.uniform.start_overlaps(start)

    def trajectory(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
    ) -> Trajectory:
        """Sample the effective spin, or close its equations."""
        first = start.ravel()
        found: Trajectory = self._each(
            alpha, T, lambda own, w, heat, at: own.trajectory(w, heat, first[at], course)
        )
        return found

    def basin(
        self,
        alpha: np.ndarray,
        T: np.ndarray,
        times: np.ndarray,
        threshold: float,
        course: Course,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Search for the start of which pattern 0 is retrieved."""
        both = self._each(
            alpha,
            T,
            lambda own, w, heat, at: np.stack(
                own.basin(w, heat, times, threshold, course), axis=-1
            ),
        )
        return both[..., 0], both[..., 1]

    def reading_capacity(self, start_overlap: np.ndarray, dynamics: str) -> np.ndarray:
        """Return 0: patterns are as many as a power of N."""
        return self.uniform.reading_capacity(start_overlap, dynamics)

    def nucleation_barrier(self, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return the barrier of the replica-symmetric potential."""
        found = self._each(alpha, T, lambda own, w, heat, at: own.nucleation_barrier(w, heat))
        return np.asarray(self.strengths.unit * found)

    def noise_power(self) -> float:
        """Return the variance of the field in one step per unit load, at small loads."""
        few = 1e-9
        per_load = float(self.strengths.reduced(np.array(few))) / few
        return self.strengths.unit**2 * per_load * self.uniform.noise_power()

    def examples_needed(
        self, alpha: np.ndarray, T: np.ndarray, criterion: str, threshold: float
    ) -> np.ndarray:
        """Return a real number for one step, else the smallest whole one from which on."""
        if criterion == "one-step":
            w, heat = self.strengths.reduced(alpha), T / self.strengths.unit
            return self.uniform.examples_needed(w, heat, criterion, threshold)
        return thresholds.examples_needed(
            self.model, self.law, self.uniform.field.crosstalk, alpha, T, criterion, threshold
        )

    def curves(self, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
        """Return the curves of `theory.one_pattern.diagram`."""
        self.infinite(n_spins)
        if not self.strengths.fixed:
            self.lacks("diagram of lines, for the newest pattern may be retrieved at every load")
        return diagram(self, n_points, rsb, n_spins)

    def critical_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the spinodal, infinite where pattern 0 is retrieved at every load."""
        found = self.at_all_loads.critical_load(T / self.strengths.unit, rsb=rsb)
        return self.strengths.loads(found)

    def spinodal_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return T_M."""
        return self._temperature(alpha, lambda own, w: own.spinodal_temperature(w))

    def transition_temperature(
        self, alpha: np.ndarray, rsb: int | None = None, n_spins: int | None = None
    ) -> np.ndarray:
        """Return T_c, NaN if another pattern is stronger."""
        self.infinite(n_spins)
        steps = self.up_to(rsb)
        return self._temperature(
            alpha,
            lambda own, w: own.transition_temperature(w, rsb=steps),
            self._strongest(alpha),
        )

    def transition_load(
        self, T: np.ndarray, rsb: int | None = None, n_spins: int | None = None
    ) -> np.ndarray:
        """Return the load up to which retrieval is the ground state, NaN if it never is."""
        self.infinite(n_spins)
        if not self._strongest(np.zeros(1))[0]:
            return np.full(T.shape, np.nan)
        known = self.at_all_loads
        found = known.transition_load(T / self.strengths.unit, rsb=self.up_to(rsb))
        return self.strengths.loads(found)

    def glass_temperature(self, alpha: np.ndarray, kind: str = "static") -> np.ndarray:
        """Return T_g."""
        return self._temperature(alpha, lambda own, w: own.glass_temperature(w, kind=kind))

    def replicon_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return the de Almeida-Thouless line."""
        return self._temperature(alpha, lambda own, w: own.replicon_temperature(w))

    def _strongest(self, alpha: np.ndarray) -> np.ndarray:
        return np.full(alpha.shape, not self.strengths.points(0.0)[1][0] > 1)

    def _temperature(
        self,
        alpha: np.ndarray,
        line: Callable[[ReplicaSymmetric, np.ndarray], np.ndarray],
        known: Any = True,
    ) -> np.ndarray:
        found = self._each(alpha, alpha, lambda own, w, heat, at: line(own, w))
        return np.where(known, self.strengths.unit * found, np.nan)

    def _each(
        self,
        alpha: np.ndarray,
        T: np.ndarray,
        ask: Callable[[ReplicaSymmetric, np.ndarray, np.ndarray, np.ndarray], Any],
    ) -> Any:
        """Ask at reduced loads and temperatures, with each theory at the loads it is for.

        `ask` also takes the places of its points among all of them; what it answers, arrays with
        the points first, alone or in a data class, comes back in the shape of the grid.
        """
        loads, T = alpha.ravel(), T.ravel() / self.strengths.unit
        which = np.zeros(loads.size, int)
        if not self.strengths.fixed:
            _, which = np.unique(loads, return_inverse=True)
        places = [np.flatnonzero(which == k) for k in range(max(1, which.max(initial=0) + 1))]
        w = self.strengths.reduced(loads)
        pieces = []
        for at in places:
            own = self.among(float(loads[at[0]])) if at.size else self.uniform
            pieces.append(ask(own, w[at], T[at], at))
        back = np.argsort(np.concatenate(places))

        def whole(parts: list[np.ndarray]) -> np.ndarray:
            joined = np.concatenate(parts)[back]
            return joined.reshape(alpha.shape + joined.shape[1:])

        if not dataclasses.is_dataclass(pieces[0]):
            return whole(pieces)
        fields = {}
        for field in dataclasses.fields(pieces[0]):
            parts = [getattr(piece, field.name) for piece in pieces]
            scale = self.strengths.unit ** _UNITS.get(field.name, 0)
            fields[field.name] = parts[0] if field.name == "t" else _scaled(whole(parts), scale)
        kind: Any = type(pieces[0])
        return kind(**fields)

    @property
    def _kind(self) -> str:
        return f"{super()._kind} with patterns of unequal strengths"


class UnequalPairs(UnequalStrengths):
    """The same at P = 2, where crosstalk knows the whole law; replica symmetric."""

    steps: ClassVar[int] = 0

    def __init__(self, uniform: ReplicaSymmetric, strengths: Law) -> None:
        super().__init__(uniform, strengths)
        self.among = lru_cache(maxsize=4096)(self._among)  # type: ignore[method-assign]

    @property
    def at_all_loads(self) -> ReplicaSymmetric:
        """Theory whose loads w are explicit on a curve of retrieval."""
        if not isinstance(self.strengths, Fading):
            return self.among(0.0)
        field = self.uniform.field
        crosstalk = field.crosstalk._replace(fading=self.strengths.rate)
        return ReplicaSymmetric(field._replace(crosstalk=crosstalk))

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve one branch; of a palimpsest one curve is traced for all loads at a temperature."""
        if self.strengths.fixed or not isinstance(start, str) or start != "retrieval":
            return super().solve(alpha, T, start)
        w, heat = self.strengths.reduced(alpha).ravel(), T.ravel()
        states = BRANCHES[start](self.at_all_loads.field, w, heat, np.argsort(heat, kind="stable"))
        found: Solution = self._each(
            alpha,
            T,
            lambda own, w, heat, at: solve_branch(own.field, w, heat, start, states[at]),
        )
        return found

    def transition_load(
        self, T: np.ndarray, rsb: int | None = None, n_spins: int | None = None
    ) -> np.ndarray:
        """Return the load up to which retrieval is the ground state, of a law of numbers."""
        self.infinite(n_spins)
        if not self.strengths.fixed:
            self.lacks("transition load at P = 2, where the law depends on the load")
        return super().transition_load(T, rsb, n_spins)

    def _among(self, alpha: float) -> ReplicaSymmetric:
        field = self.uniform.field
        crosstalk = spectrum(field.crosstalk, *self.strengths.points(alpha))
        found = ReplicaSymmetric(MeanField(field.order, field.law, crosstalk))
        found.model, found.law = self.uniform.model, self.uniform.law
        return found


def _scaled(values: np.ndarray, scale: float) -> np.ndarray:
    return values if scale == 1 else values * scale
