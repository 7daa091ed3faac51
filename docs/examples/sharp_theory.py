r"""Multitasking with P-body interactions: what is predicted.

The overlaps of finitely many patterns do not fluctuate, so that the mean field is exact:

.. math::
    f(m) = \frac{P-1}{2} \sum_\mu m_\mu^P - T\, E_\xi \ln 2\cosh(h/T), \qquad
    h = \frac P2 \sum_\mu \xi^\mu m_\mu^{P-1}, \qquad m_\mu = E_\xi\, \xi^\mu \tanh(h/T),

the average over the :math:`3^K` columns of a site.  One pattern alone has
:math:`m = (1-d) \tanh x` with :math:`x = \frac P2 m^{P-1}/T`, and so a state up to

.. math:: T_1(d) = \tfrac P2 (1-d)^{P-1} \max_x \frac{\tanh^{P-1} x}{x},

where :math:`2 (P-1) x = \sinh 2x`; x vanishes for P = 2.
"""

from __future__ import annotations

import itertools
from typing import ClassVar

import numpy as np
from scipy.optimize import brentq
from sharp_network import Sharp

from theory.closure import Closure, closure
from theory.lines import Line
from theory.solution import Solution

__all__ = ["FewPatterns"]

#: Change of the overlaps at which the iteration has arrived, and steps after which it has not.
ARRIVED, STEPS = 1e-13, 5000


class FewPatterns(Closure):
    """Equations of state of `Sharp`; the names are those of where the iteration starts."""

    starts: ClassVar[tuple[str, ...]] = ("retrieval", "parallel", "paramagnet")
    has_load: ClassVar[bool] = False
    lines: ClassVar[tuple[Line, ...]] = (
        Line(
            "one_pattern_temperature", "T_1", "temperature of a single pattern",
            "one pattern alone is retrieved below it", "dilution", predicted=False,
        ),
    )  # fmt: skip

    def __init__(self, model: Sharp) -> None:
        d, K = model.dilution, model.n_patterns
        self.order = model.order
        self.columns = np.array(list(itertools.product((-1, 0, 1), repeat=K)), float)
        blank = (self.columns == 0).sum(axis=1)
        self.weight = d**blank * ((1 - d) / 2) ** (K - blank)
        self.initial = {
            "retrieval": (1 - d) * d ** np.arange(K),
            "parallel": np.full(K, 1 - d),
            "paramagnet": np.zeros(K),
        }

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Follow what the simulation starts from."""
        return ("parallel",) if start == "parallel" else ("retrieval",)

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Iterate the equations of state at every temperature."""
        cold = np.maximum(T, 1e-12)[..., None]
        n = np.broadcast_to(
            self.initial[start] if isinstance(start, str) else start,
            (*T.shape, self.columns.shape[1]),
        )
        change, step = np.ones(T.shape), 0
        while step < STEPS and (change > ARRIVED).any():
            m, step = n, step + 1
            field = self.order / 2 * m ** (self.order - 1) @ self.columns.T
            n = (self.weight * np.tanh(field / cold)) @ self.columns
            change = np.abs(n - m).max(axis=-1)
        m = np.where(n < ARRIVED, 0.0, n)
        ln2cosh = np.logaddexp(field / cold, -field / cold)
        energy = -0.5 * (m**self.order).sum(axis=-1)
        entropic = (cold * ln2cosh) @ self.weight
        converged = change <= ARRIVED
        numbers = {
            "m": m,
            "n": m,
            "q": np.tanh(field / cold) ** 2 @ self.weight,
            "energy": energy,
            "free_energy": (1 - self.order) * energy - entropic,
            "replicon": np.ones(T.shape),
        }
        found = {name: np.array(values) for name, values in numbers.items()}
        for values in found.values():
            values[~converged] = np.nan
        return Solution(
            **found,
            converged=converged,
            residual=change,
            n_iter=np.full(T.shape, step),
        )

    def one_pattern_temperature(self, dilution: np.ndarray) -> np.ndarray:
        """Return T_1."""
        P, best = self.order, 1.0
        if P > 2:
            x = brentq(lambda x: 2 * (P - 1) * x - np.sinh(2 * x), 0.1, 3.0)
            best = np.tanh(x) ** (P - 1) / x
        return np.asarray(P / 2 * (1 - dilution) ** (P - 1) * best)


@closure.register
def _(model: Sharp, law: str = "binomial") -> FewPatterns:
    return FewPatterns(model)
