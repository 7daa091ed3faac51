r"""Numbers and identities of the replay of sequences.

The closed forms at T = 0, with :math:`y = S/\sqrt{2V}`, and averages over the crosstalk are
evaluated here by other means than in `theory.sequence`.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from scipy.special import erf

import theory
from hebbian import Dense, ExponentialSequence, Sequence
from theory import conventions

from .entries import Entry

__all__ = ["identities", "numbers"]

DURING = "During, Coolen, Sherrington, arXiv:cond-mat/9805073"
CLOSED = "closed form at T = 0, maximum over y"
LITERAL = "maximum of the literal-power map, second evaluation (model: arXiv:2306.04532)"
GARDNER = "Gardner, J. Phys. A 20, 3453 (1987): exact for sequences"
STATIONARY = "iteration of the map with another quadrature"

#: P -> alpha_c at T = 0, distinct sites.
COLD = {2: 0.26906163, 3: 0.37828565, 4: 0.39572024}

#: d = P - 1 -> K (2d - 1)!!/N^d at T = 0, literal powers.
POWERS = {2: 0.25219043, 3: 0.19786012, 4: 0.17277255, 5: 0.15767954}

#: (alpha, T) -> m at P = 2.
REPLAYS = {(0.1, 0.3): 0.978446, (0.1, 0.5): 0.884969, (0.2, 0.1): 0.960894, (0.2, 0.3): 0.890215}


def numbers() -> list[Entry]:
    """Return the numbers."""
    return [
        Entry("alpha_c of sequences, P = 2, T = 0", DURING, 0.269, 5e-4,
              partial(theory.critical_load, Sequence())),
        *(Entry(f"alpha_c of sequences, P = {order}, T = 0", CLOSED if order == 2 else GARDNER,
                load, 5e-9, partial(theory.critical_load, Sequence(order=order)))
          for order, load in COLD.items()),
        *(Entry(f"K (2d - 1)!!/N^d of sequences of literal powers, d = {d}, T = 0", LITERAL,
                load, 5e-9, partial(_literal, d + 1)) for d, load in POWERS.items()),
        *(Entry(f"m of the pattern that is due, P = 2, alpha = {alpha}, T = {T}", STATIONARY, m,
                5e-7, partial(_overlap, alpha, T)) for (alpha, T), m in REPLAYS.items()),
        Entry("patterns of an exponential sequence, l = 1, per spin: e^2/cosh 2",
              "signal against noise of the patterns' random signs", 1.964, 5e-4,
              lambda: math.exp(theory.critical_load(ExponentialSequence(sharpness=1.0)))),
        Entry("load of exact cycles times 4 ln N, N to infinity, P = 2",
              "arXiv:2306.04532; extrapolated from N = 10^4 and 10^5", 1.0, 0.05, _exact),
    ]  # fmt: skip


def _literal(order: int) -> float:
    load = theory.critical_load(Sequence(order=order, indices="all"))
    return float(conventions.power_load(load, order=order))


def _overlap(alpha: float, T: float) -> float:
    return float(theory.solve(Sequence(), alpha=alpha, T=T).m)


def _exact() -> float:
    """Extrapolate the load at which every second cycle is exact, linearly in 1/ln N."""
    found = []
    for n_spins in (10**4, 10**5):
        loads = np.geomspace(1.0, 2.0, 2001) / (4 * math.log(n_spins))
        chance = theory.exact_replay(Sequence(), alpha=loads, n_spins=n_spins)
        at = loads[np.argmax(chance < 0.5)] * 4 * math.log(n_spins)
        found.append((1 / math.log(n_spins), float(at)))
    (x, first), (y, second) = found
    return second - y * (first - second) / (x - y)


def identities() -> list[Entry]:
    """Return the identities."""
    return [
        *(_cold(order) for order in (2, 3, 6)),
        *(_first_steps(order, indices) for order, indices in ((3, "all"), (5, "distinct"))),
        _replicas(),
        _kernel(),
    ]


def _cold(order: int) -> Entry:
    def ours() -> float:
        model = Sequence(order=order)
        exact = theory.critical_load(model) * np.array([0.3, 0.9])
        found: Any = theory.solve(model, alpha=exact, T=0.0)
        signal = order / 2 * found.m ** (order - 1)
        y = signal / np.sqrt(2 * found.variance)
        load = found.variance / (order / 2)
        if order == 2:
            load -= 2 / math.pi * np.exp(-2 * y**2)
        return float(np.abs([found.m - erf(y), load - exact]).max())

    what = f"m - erf y and alpha - alpha(y) of the replay at T = 0, P = {order}"
    return Entry(what, CLOSED, 0.0, 1e-12, ours)


def _first_steps(order: int, indices: str) -> Entry:
    def ours() -> float:
        point: dict[str, Any] = {"alpha": 0.02, "T": 0.4}
        sequence, dense = (kind(order=order, indices=indices) for kind in (Sequence, Dense))
        m = theory.trajectory(sequence, start=0.8, n_steps=4, **point).m
        step = theory.signal_to_noise(dense, start_overlap=m[:-1], **point)
        return float(np.abs(m[1:] - step.m).max())

    what = f"steps of a replay - first steps of the dense network, P = {order}, {indices}"
    return Entry(what, "crosstalk that knows nothing of the spins", 0.0, 1e-12, ours)


def _replicas() -> Entry:
    def ours() -> float:
        alpha, T, x = 0.2, 0.3, np.linspace(-9, 9, 1201)
        weight = np.exp(-0.5 * x**2)
        weight /= weight.sum()
        found: Any = theory.solve(Sequence(), alpha=alpha, T=T)
        m, q, V = float(found.m), float(found.q), float(found.variance)
        fields = m + math.sqrt(q * V) * x[:, None] + math.sqrt((1 - q) * V) * x
        return float(weight @ (np.tanh(fields / T) @ weight) ** 2 - q)

    what = "q - overlap of two replicas by a double sum, P = 2, alpha = 0.2, T = 0.3"
    return Entry(what, "definition", 0.0, 1e-10, ours)


def _kernel() -> Entry:
    def ours() -> float:
        m = np.linspace(0.1, 1, 10)
        kernel = theory.kernel_capacity(lambda x: 0.5 * x, start_overlap=m, own_site="excluded")
        own = theory.reading_capacity(ExponentialSequence(sharpness=0.5), m)
        return float(np.abs(own - kernel).max())

    what = "capacity of a step of an exponential sequence - that of its kernel, l = 0.5"
    return Entry(what, "minimum over the overlap of the others", 0.0, 1e-12, ours)
