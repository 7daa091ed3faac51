"""What the theory knows of the replay of a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hebbian import Sequence, domain
from theory.closure import closure
from theory.conventions import weakness
from theory.course import Course, Trajectory
from theory.lines import UNDER_LOAD, Curve, Line
from theory.one_pattern.crosstalk import noise
from theory.one_pattern.first_step import first_step
from theory.one_pattern.low_load import summit
from theory.roots import bisect
from theory.solution import SignalToNoise, Solution

from .errors import exact_replay
from .replay import Replay, follow, overlaps, replay
from .replaying import Replaying
from .replicas import agreement
from .stationary import endings, residue, states, still

__all__ = ["ReplaySolution", "SequenceClosure"]

#: Largest change in a step that counts as stationary, and the steps that a start is followed for.
TOLERANCE, STEPS = 1e-9, 20_000

_LINES = ("spinodal_temperature", "critical_load")


@dataclass(frozen=True, kw_only=True, repr=False)
class ReplaySolution(Solution):
    r"""A stationary replay; energies and replicon are NaN, there are none.

    Parameters
    ----------
    variance : numpy.ndarray
        V of the crosstalk, in units of the field.
    susceptibility : numpy.ndarray
        :math:`\chi = E\,\mathrm{sech}^2(h/T)/T` of one step.
    """

    variance: np.ndarray
    susceptibility: np.ndarray


class SequenceClosure(Replaying):
    """Replay of a cycle of patterns under a load.

    Parameters
    ----------
    law : Replay
    """

    lines: ClassVar[tuple[Line, ...]] = tuple(line for line in UNDER_LOAD if line.name in _LINES)

    def __init__(self, law: Replay) -> None:
        self.replay = law

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> ReplaySolution:
        r"""Return a stationary state.

        ``"retrieval"`` is the replay with the largest overlap, up to `critical_load`;
        ``"paramagnet"`` the state without overlap, with its noise.  Overlaps as a start are
        followed until the map rests.

        q is that of two replicas (`theory.sequence.replicas`), at T = 0 of replicas that started
        alike in the replay and apart in the paramagnet.  There is no energy.
        """
        if not isinstance(start, str):
            alpha, T, start = np.broadcast_arrays(alpha, T, start)
        flat = alpha.ravel(), T.ravel()
        if isinstance(start, str):
            find = self._replays if start == "retrieval" else self._still
            m, V, spent = find(*flat).T
        else:
            m, V, spent = self._settled(*flat, start.ravel()).T
        chi, residual = residue(self.replay, *flat, m, V)
        converged = residual <= TOLERANCE
        m, V, chi, residual = (np.where(converged, x, np.nan) for x in (m, V, chi, residual))
        q = agreement(self.replay, *flat, m, V, chi)
        alike = (flat[1] == 0) & (m != 0) & converged
        none = np.full(alpha.shape, np.nan)
        columns = {
            "m": m, "n": m, "q": np.where(alike, 1.0, q), "residual": residual,
            "converged": converged, "n_iter": np.where(converged, spent, 0).astype(int),
            "variance": V, "susceptibility": chi,
        }  # fmt: skip
        return ReplaySolution(
            **{name: value.reshape(alpha.shape).copy() for name, value in columns.items()},
            free_energy=none, energy=none.copy(), replicon=none.copy(),
        )  # fmt: skip

    def _replays(self, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
        heats, place = np.unique(T, return_inverse=True)
        return states(self.replay, alpha, T, endings(self.replay, heats)[place])

    def _still(self, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
        return still(self.replay, alpha, T)

    def _settled(self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray) -> np.ndarray:
        m, chi = overlaps(self.replay, alpha, T, start, STEPS)
        power = noise(self.replay.field.crosstalk, 1.0, 0.0, 1.0)[0]
        V = alpha * power
        if self.replay.field.order == 2:
            V = alpha / (1 - chi[:, -1] ** 2)
        return np.stack([m[:, -1], V, np.full(alpha.size, STEPS)], axis=-1)

    def critical_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the largest load with a replay; exact, whatever `rsb`."""
        return endings(self.replay, T)[:, 2]

    def spinodal_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return the largest temperature with a replay."""
        top = np.full(alpha.shape, summit(self.replay.field)[1])
        cold = endings(self.replay, np.zeros(1))[0, 2]
        inside = (alpha > 0) & (alpha <= cold)
        found = np.where(alpha == 0, top, np.nan)
        loads = alpha[inside]
        found[inside] = bisect(
            lambda T: ~(endings(self.replay, T)[:, 2] >= loads), np.zeros(loads.shape), top[inside]
        )
        return found

    def signal_to_noise(
        self, alpha: np.ndarray, T: np.ndarray, start_overlap: np.ndarray
    ) -> SignalToNoise:
        """Return the first step, which is that of the dense network."""
        return first_step(self.replay.field, alpha, T, start_overlap)

    def noise_power(self) -> float:
        """Return the variance of the crosstalk of the first step, per unit load."""
        return float(noise(self.replay.field.crosstalk, 1.0, 0.0, 0.0)[0])

    def overlaps(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, n_steps: int
    ) -> np.ndarray:
        """Iterate the step map."""
        return overlaps(self.replay, alpha, T, start, n_steps)[0]

    def trajectory(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
    ) -> Trajectory:
        """Iterate the step map: exact, and the same by either method."""
        self.check(course)
        return follow(self.replay, alpha, T, start, course)

    def exact_replay(
        self, alpha: np.ndarray, T: np.ndarray, n_spins: int, n_steps: int | None
    ) -> np.ndarray:
        """Return that of `errors`, at the K of every load."""
        model = self.model
        domain.integer("n_spins", n_spins, f"[{model.order}, inf)")
        found = np.empty(alpha.shape)
        for place in np.ndindex(alpha.shape):
            K = model.count(float(alpha[place]), n_spins)
            found[place] = exact_replay(
                model.order, model.indices, K, n_spins, float(T[place]), n_steps or K
            )
        return found

    def curves(self, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
        """Return the spinodal, from T = 0 to alpha = 0: without an energy there is no other."""
        scale = weakness(self.model, n_spins)
        T = np.linspace(0.0, summit(self.replay.field)[1], n_points)
        loads = np.append(endings(self.replay, T[:-1])[:, 2], 0.0)
        words = "spinodal", "the sequence is replayed below it"
        return {"spinodal": Curve(scale * loads, scale * T, *words)}


@closure.register
def _(model: Sequence, law: str = "binomial") -> SequenceClosure:
    return SequenceClosure(replay(model.order, model.indices))
