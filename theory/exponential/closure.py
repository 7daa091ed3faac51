"""What the theory knows of the exponential memory of binary patterns."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from hebbian import Exponential
from hebbian.domain import shown
from theory.closure import Closure, closure, known_rule
from theory.lines import OF_EXPONENTS, UNDER_LOAD, Curve, Line
from theory.solution import Solution

from .binary import Binary
from .curves import curves
from .reading import kernel_capacity

__all__ = ["ExponentialClosure"]

_LINES = ("spinodal_temperature", "transition_temperature", "critical_load", "transition_load")


class ExponentialClosure(Closure):
    """Theory of exponential memories in closed form, as of `theory.exponential.law`.

    Parameters
    ----------
    law : Binary
    sharpness : float
    """

    starts: ClassVar[tuple[str, ...]] = ("retrieval", "paramagnet")
    has_load: ClassVar[bool] = True
    lines: ClassVar[tuple[Line, ...]] = (
        *(line for line in UNDER_LOAD if line.name in _LINES),
        *OF_EXPONENTS,
    )

    def __init__(self, patterns: Binary, sharpness: float) -> None:
        self.patterns, self.sharpness = patterns, sharpness

    def controls(self, alpha: object, **arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the controls; a load beyond ln 2 is refused."""
        return super().controls(None if alpha is None else self.patterns.load(alpha), **arrays)

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Return retrieval and what it decays to; the paramagnet alone from a random start."""
        return self.starts[1:] if start == "random" else self.starts

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        r"""Return one state.

        Retrieval of one pattern: independent spins in a unit field, up to the spinodal.  The
        paramagnet is there at all loads but 0, where a single pattern has but one state; at T = 0
        it is the limit of small T, after that of large N.

        In either state the spins are independent, and ``replicon`` is 1.  Only where few
        patterns make the floor of the paramagnet does it feel them: there it is the distance of T
        from :math:`T_M`, relative to the larger of the two, negative where every configuration
        slides into its nearest pattern.

        Raises
        ------
        ValueError
            If `start` is no name.
        """
        if not isinstance(start, str):
            raise ValueError(
                f"start = {shown(start.tolist())}: the states of {type(self.model).__name__} have "
                f"closed forms, name one: {', '.join(self.starts)}"
            )
        law = self.patterns
        if start == "retrieval":
            there = np.asarray(alpha <= law.spinodal_load(self.sharpness, T))
            m = law.magnetization(T)
            energy, free_energy = -m, -T * math.log(2) - law.potential(T)
            replicon = np.ones(T.shape)
        else:
            there, m = np.asarray(alpha > 0), np.zeros(T.shape)
            energy = -np.asarray(law.floor(alpha, self.sharpness)) / self.sharpness
            free_energy = energy - T * math.log(2)
            replicon = self._stability(alpha, T)
        values = {
            "m": m, "n": m, "q": m**2, "free_energy": free_energy, "energy": energy,
            "replicon": replicon, "residual": np.zeros(T.shape),
        }  # fmt: skip
        return Solution(
            **{name: np.where(there, value, np.nan) for name, value in values.items()},
            converged=there,
            n_iter=np.zeros(T.shape, int),
        )

    def _stability(self, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
        condensed = (alpha > 0) & (alpha < self.patterns.condensation_load(self.sharpness))
        melting = self.patterns.spinodal_temperature(alpha[condensed], self.sharpness)
        found = np.ones(T.shape)
        found[condensed] = (T[condensed] - melting) / np.maximum(T[condensed], melting)
        return found

    def reading_capacity(self, start_overlap: np.ndarray, dynamics: str) -> np.ndarray:
        """Return that of the softmax, which includes the site, or of single flips, which do not."""
        own_site = "included" if dynamics == "parallel" else "excluded"
        return np.asarray(
            kernel_capacity(
                lambda m: self.sharpness * m, start_overlap=start_overlap, own_site=own_site
            )
        )

    def nucleation_barrier(self, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return that of the kink at which the pattern disappears in the floor."""
        return np.asarray(self.patterns.barrier(alpha, self.sharpness, T))

    def critical_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the spinodal; exact, whatever `rsb`."""
        return np.asarray(self.patterns.spinodal_load(self.sharpness, T))

    def spinodal_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return T_M: infinite for one pattern, alpha = 0."""
        return np.asarray(self.patterns.spinodal_temperature(alpha, self.sharpness))

    def transition_load(
        self, T: np.ndarray, rsb: int = 1, n_spins: int | None = None
    ) -> np.ndarray:
        """Return that of all patterns together; exact, whatever `rsb`."""
        self.infinite(n_spins)
        return np.asarray(self.patterns.transition_load(self.sharpness, T))

    def transition_temperature(
        self, alpha: np.ndarray, rsb: int = 1, n_spins: int | None = None
    ) -> np.ndarray:
        """Return that of all patterns together: infinite for one pattern, alpha = 0."""
        self.infinite(n_spins)
        return np.asarray(self.patterns.transition_temperature(alpha, self.sharpness))

    def single_transition_load(self, T: np.ndarray) -> np.ndarray:
        """Return the load at which one state has the free energy of the paramagnet."""
        return np.asarray(self.patterns.single_transition_load(self.sharpness, T))

    def condensation_load(self, T: np.ndarray) -> np.ndarray:
        """Return the load of the floor, the same at every temperature."""
        return np.full(T.shape, self.patterns.condensation_load(self.sharpness))

    def single_flip_load(self, T: np.ndarray) -> np.ndarray:
        r"""Return :math:`2\lambda - \zeta(2\lambda)` at T = 0, and NaN above.

        A flip at a pattern beyond the spinodal costs what :math:`e^{\lambda N}` is of the floor.
        The floor itself is indifferent, up to fluctuations :math:`[K E e^{2 \lambda M}]^{1/2}`: the
        sign of the cost is that of the pattern until they are larger.
        """
        twice = 2 * self.sharpness
        return np.where(T == 0, twice - self.patterns.cumulant(twice), np.nan)

    def curves(self, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
        """Return the curves of `theory.exponential.curves`."""
        self.infinite(n_spins)
        return curves(self.patterns, self.sharpness, n_points)


@closure.register
def _(model: Exponential, law: str = "binomial") -> ExponentialClosure:
    known_rule(model)
    return ExponentialClosure(Binary(), model.sharpness)
