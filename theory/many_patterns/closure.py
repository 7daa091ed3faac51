"""What the theory knows of a network that retrieves many diluted patterns."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from hebbian import Multitasking, Storing
from theory.closure import Closure, closure, known_rule
from theory.course import Course, Trajectory
from theory.lines import OF_DILUTION, Curve, Line
from theory.solution import SignalToNoise, State

from . import dynamics, lines, states, thresholds
from .equations import MultitaskingEquations, MultitaskingSolution
from .parallel import odd_mixture_tip, parallel_temperature, parallel_tip

__all__ = ["MultitaskingClosure"]

#: Starting points of a short search for the ground state of up to this many patterns: as many
#: as a hundred find for K = 4; beyond, it is the best of the named states.
SEARCH, SEARCHED = 10, 6

#: Patterns of which the parallel state is known.
MOST_PARALLEL = 200


class MultitaskingClosure(MultitaskingEquations, Closure):
    """Exact theory of finitely many patterns; parameters as of `MultitaskingEquations`."""

    has_load: ClassVar[bool] = False
    lines: ClassVar[tuple[Line, ...]] = OF_DILUTION
    criteria: ClassVar[tuple[str, ...]] = ("one-step", *thresholds.CRITERIA)

    def solve(
        self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray
    ) -> MultitaskingSolution:
        """Solve the equations of state."""
        return self.states(T, start)

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Return ``parallel`` for a start of that name, else ``hierarchical``."""
        return ("parallel",) if start == "parallel" else ("hierarchical",)

    def ground_state(self, T: np.ndarray, n_starts: int | None = None) -> MultitaskingSolution:
        """Search the cone of directions."""
        short = SEARCH if self.model.n_patterns <= SEARCHED else 1
        return states.ground_state(self, T, short if n_starts is None else n_starts)

    def stable_states(self, T: float, n_starts: int) -> list[State]:
        """Search the cone of directions."""
        return states.stable_states(self, T, n_starts)

    def signal_to_noise(
        self, alpha: np.ndarray, T: np.ndarray, start_overlap: np.ndarray
    ) -> SignalToNoise:
        """Scale the fields of the hierarchical configuration."""
        return thresholds.first_step(self, T, start_overlap)

    def start_overlaps(self, start: Any) -> np.ndarray:
        """Return overlaps with all archetypes on the last axis, see `dynamics`."""
        return dynamics.start_overlaps(self, start)

    def trajectory(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
    ) -> Trajectory:
        """Iterate the equations of state; a diagonal K/N is nothing to them."""
        return dynamics.trajectories(self, T, start, course)

    def examples_needed(
        self, alpha: np.ndarray, T: np.ndarray, criterion: str, threshold: float
    ) -> np.ndarray:
        """Return the number of `thresholds`, in the Gaussian law whatever the law."""
        if (T != 0).any():
            raise ValueError(f"T = {T.max()}: the thresholds of Multitasking are at T = 0")
        name = "signal-to-noise" if criterion == "one-step" else criterion
        number = thresholds.examples_needed(self.model, name, threshold)
        return np.full(T.shape, number if np.isfinite(number) else np.nan)

    def critical_temperature(self, dilution: np.ndarray) -> np.ndarray:
        """Return T_c of `lines`."""
        return np.asarray(lines.critical_temperature(dilution, **self._data))

    def pure_temperature(self, dilution: np.ndarray) -> np.ndarray:
        """Return T_p of `lines`."""
        return np.asarray(lines.pure_temperature(dilution, **self._data))

    def curves(self, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
        """Return the exact lines over dilution and temperature.

        Those of the parallel state where the archetypes are stored.
        """
        if n_spins is not None:
            raise ValueError(f"n_spins = {n_spins}: the lines of Multitasking are of infinite size")
        d = np.linspace(0, 1, n_points + 1)[:-1]
        K, tips = self.model.n_patterns, []
        stored = isinstance(self.model.rule, Storing) and 2 <= K <= MOST_PARALLEL
        if stored:
            tips = [parallel_tip(K)] + ([odd_mixture_tip(K)] if K % 2 else [])
            d = np.union1d(d, [tip.dilution for tip in tips])
        found = {line.name: getattr(self, line.name)(d) for line in self.lines}
        words = {line.name: (line.long_name, line.definition) for line in self.lines}
        if stored:
            for end, values in parallel_temperature(d, K)._asdict().items():
                for tip in tips:  # where the two ends meet
                    values[d == tip.dilution] = tip.T
                found[f"parallel_temperature_{end}"] = values
                words[f"parallel_temperature_{end}"] = (
                    f"{end} end of the parallel state", "equal overlaps are stable between the ends"
                )  # fmt: skip
        return {name: Curve(d, T, *words[name]) for name, T in found.items()}

    @property
    def _data(self) -> dict[str, Any]:
        """The data of a line: their rho in the Gaussian law, the rule in the exact one."""
        rule = self.model.rule
        exact = self.law == "binomial" and rule.quality < 1
        return {"rule": rule} if exact else {"dataset_entropy": rule.dataset_entropy}


@closure.register
def _(model: Multitasking, law: str = "binomial") -> MultitaskingClosure:
    known_rule(model)
    return MultitaskingClosure(model, law)
