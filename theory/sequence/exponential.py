r"""What the theory knows of the replay of exponentially many patterns.

The pattern that the network is at makes a field :math:`\xi_i^{\nu+1} e^{-\lambda N (1 - m)}`, the
others :math:`\sum_\mu \xi_i^{\mu+1} e^{-\lambda N (1 - m_\mu)}`.  Overlaps include the site that
is updated, but the signs of the successors know nothing of them: the sum is random, and does not
vote for the query as that of a network does whose patterns recall themselves.  So one step is that
of a kernel with c = 1/2 (`theory.exponential.reading`): at T = 0 it recalls the successor up to

.. math:: \alpha_c(m) = 2 \lambda m - \ln\cosh 2\lambda \;\text{ if } m \ge \tanh 2\lambda, \quad
          I(m) \text{ for smaller } m > 0,

exactly, so that a sequence that is once recalled goes on.  A replay that starts at a pattern lasts
for :math:`\alpha < 2\lambda - \ln\cosh 2\lambda`.  All :math:`e^{\alpha N}` patterns are recalled
only up to :math:`\frac12 \ln 2`, if that is less: beyond, some pair of patterns is the same
configuration, with two successors, which a replay of its own meets after
:math:`e^{N (\ln 2 - \alpha)}` steps.

At T > 0 fields are of the order of the temperature at the patterns alone: from one of them m(1) is
tanh(1/T), and the next field, :math:`e^{-\lambda N (1 - m(1))}`, has no effect.  No replay lasts.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from hebbian import ExponentialSequence
from theory.closure import closure
from theory.course import Course, Trajectory
from theory.exponential import binary
from theory.lines import UNDER_LOAD, Line
from theory.solution import SignalToNoise, Solution

from .replaying import Replaying

__all__ = ["ExponentialSequenceClosure"]


class ExponentialSequenceClosure(Replaying):
    """Replay of exponentially many patterns.

    Parameters
    ----------
    sharpness : float
    """

    lines: ClassVar[tuple[Line, ...]] = tuple(
        line for line in UNDER_LOAD if line.name == "critical_load"
    )

    def __init__(self, sharpness: float) -> None:
        self.sharpness = sharpness

    def controls(self, alpha: Any, **arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the controls; a load beyond ln 2 is refused."""
        return super().controls(None if alpha is None else binary.load(alpha), **arrays)

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Return whether a replay lasts: m = n = q = 1, at T = 0 alone.

        From the pattern, or from overlaps with it.  ``"paramagnet"`` has no overlap with the
        pattern that is due; a single pattern, alpha = 0, is its own successor at T = 0, from any
        configuration.  There is no energy.
        """
        if isinstance(start, str) and start == "paramagnet":
            there, overlap = (alpha > 0) | (T > 0), 0.0
        else:
            first = np.ones(alpha.shape) if isinstance(start, str) else start
            alpha, T, first = np.broadcast_arrays(alpha, T, first)
            there, overlap = self._recalls(alpha, first) & (T == 0), 1.0
        m = np.where(there, overlap, np.nan)
        none = np.full(m.shape, np.nan)
        return Solution(
            m=m, n=m.copy(), q=m.copy(), free_energy=none, energy=none.copy(),
            replicon=none.copy(), converged=there, residual=np.where(there, 0.0, np.nan),
            n_iter=np.zeros(m.shape, int),
        )  # fmt: skip

    def critical_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the largest load at which a replay lasts, at T = 0; NaN above.  Exact."""
        return np.where(T == 0, self._capacity(np.ones(1)), np.nan)

    def reading_capacity(self, start_overlap: np.ndarray, dynamics: str) -> np.ndarray:
        """Return the largest load at which a step recalls the successor."""
        if dynamics != "parallel":
            raise ValueError(
                f"dynamics = {dynamics!r}: {self.model!r} replays by dynamics = 'parallel'"
            )
        return self._capacity(start_overlap)

    def signal_to_noise(
        self, alpha: np.ndarray, T: np.ndarray, start_overlap: np.ndarray
    ) -> SignalToNoise:
        """Return the limit of one step: fields are 0 or infinite but at the pattern itself."""
        loud = (alpha >= self._capacity(np.ones(1))) & (alpha > 0)
        return SignalToNoise(
            m=self._step(alpha, T, start_overlap),
            field_mean=np.where(start_overlap == 1, 1.0, 0.0),
            field_variance=np.where(loud, np.inf, 0.0),
        )

    def trajectory(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
    ) -> Trajectory:
        """Return the overlaps, by either method; C and G at different times are not derived."""
        self.check(course)
        n_times = course.n_steps + 1
        m = self.overlaps(alpha, T, start, course.n_steps)
        C = np.full((*alpha.shape, n_times, n_times), np.nan)
        G = np.where(np.tri(n_times, k=-1) > 0, C, 0.0)
        C[..., range(n_times), range(n_times)] = 1.0
        t, exact = np.arange(n_times, dtype=float), np.zeros(m.shape)
        return Trajectory(t=t, m=m, n=m.copy(), m_err=exact, n_err=exact.copy(), C=C, G=G)

    def overlaps(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, n_steps: int
    ) -> np.ndarray:
        """Return m of all times: what is recalled at all is recalled exactly, at T = 0."""
        first = self._step(alpha, T, start)
        then = np.where(T == 0, first, 0.0)
        return np.stack([start, first, *[then] * (n_steps - 1)], axis=-1)

    def _step(self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            warm = np.where(start == 1, np.tanh(1 / T), 0.0)
        return np.where(self._recalls(alpha, start), np.where(T == 0, 1.0, warm), 0.0)

    def _recalls(self, alpha: np.ndarray, start: np.ndarray) -> np.ndarray:
        return (alpha < self._capacity(start)) | (alpha == 0)

    def _capacity(self, m: np.ndarray) -> np.ndarray:
        twice = 2 * self.sharpness
        linear = twice * m - binary.cumulant(twice)
        return np.where(m >= np.tanh(twice), linear, binary.rate(np.maximum(m, 0.0)))


@closure.register
def _(model: ExponentialSequence, law: str = "binomial") -> ExponentialSequenceClosure:
    return ExponentialSequenceClosure(model.sharpness)
