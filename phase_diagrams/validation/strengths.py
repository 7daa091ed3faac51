r"""Numbers and identities of networks with patterns of unequal strengths.

At T = 0 all retrieval states of a network lie on one curve: the susceptibility :math:`\chi` fixes
the crosstalk, and this the strength of the pattern that is retrieved,

.. math:: \rho = \alpha \Bigl\langle \frac{g^2}{(1 - g\chi)^2} \Bigr\rangle, \qquad
          x^2 = \ln \frac{1}{\chi}\sqrt{\frac{2}{\pi\rho}}, \qquad
          g_\mu = \frac{x\sqrt{2\rho}}{\mathrm{erf}\, x}, \qquad m = \mathrm{erf}\, x;

the least :math:`g_\mu` is the cut.  A palimpsest has an average over its ages in closed form.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erf

import theory
from hebbian import Dense, Hopfield

from .entries import Entry

__all__ = ["identities", "numbers"]

PALIMPSEST = "Mezard, Nadal, Toulouse, J. Physique 47, 1457 (1986), in whose units epsilon^2 = 2 L"
CURVE = "derived: least strength on the curve of states at T = 0"
ITERATION = "derived: iteration of m, q and chi with a sum over all patterns"

#: (exponent, N) -> rank of the cut at T = 0, load 1.
CUTS = {(0.5, 2000): 26, (1.0, 2000): 9, (1.5, 2000): 4, (1.0, 100_000): 58}


def numbers() -> list[Entry]:
    """Return the numbers."""
    return [
        Entry("epsilon above which a palimpsest retrieves, T = 0", PALIMPSEST, 2.465, 1e-3,
              lambda: math.sqrt(2 * _least_rate())),
        Entry("most patterns that a palimpsest keeps, over N, T = 0", PALIMPSEST, 0.049, 5e-4,
              lambda: theory.best_forgetting(Hopfield()).age),
        Entry("epsilon at which a palimpsest keeps most", PALIMPSEST, 4.108, 1e-3,
              lambda: math.sqrt(2 * theory.best_forgetting(Hopfield()).rate)),
        Entry("age of the oldest pattern of a palimpsest, L = 8, N = 20000, T = 0", CURVE,
              _forgotten(8.0), 1e-4, partial(_oldest, 8.0, 20_000)),
        *(Entry(f"rank of the cut, strengths rank^-{a:g}, N = {n}, load 1", CURVE, cut, 0.0,
                partial(_cut, a, n)) for (a, n), cut in CUTS.items()),
        Entry("m of the newest pattern of a palimpsest, L = 8, T = 0", CURVE, _newest(8.0), 1e-9,
              lambda: float(theory.solve(Hopfield(weights="palimpsest:8"), alpha=50.0, T=0.0).m)),
        Entry("m of the pattern of rank 3, strengths rank^-1/2, N = 500, load 0.5, T = 0.1",
              ITERATION, _iterated(0.5, 3, 500, 250, 0.1), 1e-8,
              lambda: _of_rank(Hopfield(weights="zipf:0.5"), 0.5, 0.1, 500, 3)),
    ]  # fmt: skip


def _least_rate() -> float:
    def retrieves(rate: float) -> float:
        model = Hopfield(weights=f"palimpsest:{rate:.12g}")
        return float(theory.solve(model, alpha=50.0, T=0.0).converged) - 0.5

    return float(brentq(retrieves, 2.5, 4.0, xtol=1e-6))


def _oldest(rate: float, n: int) -> float:
    """Return the age of the oldest pattern of N spins, all others one by one."""
    model, ranks = Hopfield(weights=f"palimpsest:{rate:g}"), np.arange(1, n // 10)
    return float(theory.by_rank(model, alpha=8 / rate, n_spins=n, ranks=ranks).cut) / n


def _cut(a: float, n: int) -> float:
    model, ranks = Hopfield(weights=f"zipf:{a:g}"), np.arange(1, 101)
    return float(theory.by_rank(model, alpha=1.0, n_spins=n, ranks=ranks).cut)


def _of_rank(model: Hopfield, alpha: float, T: float, n: int, rank: int) -> float:
    return float(theory.by_rank(model, alpha=alpha, T=T, n_spins=n, ranks=[rank]).m[0])


def _strength(rate: float, chi: float) -> tuple[float, float]:
    """Return the strength and the overlap of the state of a palimpsest at a susceptibility."""
    rho = (math.log1p(-chi) / chi**2 + 1 / (chi * (1 - chi))) / rate
    x = math.sqrt(math.log(math.sqrt(2 / (math.pi * rho)) / chi))
    return x * math.sqrt(2 * rho) / float(erf(x)), float(erf(x))


def _turn(rate: float) -> float:
    """Return the susceptibility at the end of the curve."""
    settings: Any = {"bounds": (1e-3, 0.4), "method": "bounded", "options": {"xatol": 1e-9}}
    return float(minimize_scalar(lambda chi: _strength(rate, chi)[0], **settings).x)


def _forgotten(rate: float) -> float:
    return -math.log(_strength(rate, _turn(rate))[0]) / rate


def _newest(rate: float) -> float:
    """Return m of the pattern of strength 1."""
    chi = brentq(lambda chi: _strength(rate, chi)[0] - 1, 1e-6, _turn(rate), xtol=1e-15)
    return _strength(rate, float(chi))[1]


def _iterated(a: float, rank: int, n: int, n_patterns: int, T: float) -> float:
    """Return m of a state by iteration, averages over the crosstalk by a sum of many terms.

    Without its diagonal a network is weaker by 1 - 1/N.
    """
    T, n = T / (1 - 1 / n), n - 1
    g = np.arange(1.0, n_patterns + 1) ** -a
    others, z = np.delete(g, rank - 1), np.linspace(-10, 10, 4001)
    weight = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    m, q = 1.0, 1.0
    for _ in range(3000):
        chi = (1 - q) / T
        rho = (others**2 / (1 - others * chi) ** 2).sum() / n * q
        t = np.tanh((g[rank - 1] * m + math.sqrt(rho) * z) / T)
        m, q = 0.5 * m + 0.5 * float(weight @ t), 0.5 * q + 0.5 * float(weight @ t**2)
    return m


def identities() -> list[Entry]:
    """Return the identities."""
    return [_equal("Hopfield", Hopfield()), _equal("Dense, P = 3", Dense(order=3)), _scale()]


def _equal(name: str, model: Any) -> Entry:
    def ours() -> float:
        alpha, T = model.load(model.count(0.05, 100), 100), 0.2
        g = [1.0] * model.count(alpha, 100)
        one, other = (theory.solve(m, alpha=alpha, T=T) for m in (model, model.replace(weights=g)))
        names = ("m", "q", "free_energy")
        return float(max(abs(getattr(one, x) - getattr(other, x)) for x in names))

    return Entry(f"m, q, f of strengths 1 - of none, {name}", "one model", 0.0, 1e-10, ours)


def _scale() -> Entry:
    def ours() -> float:
        g = np.exp(-np.arange(30) / 20)
        one, other = (
            theory.solve(Hopfield(weights=c * g), alpha=0.3, T=c * 0.2).m for c in (1.0, 3.0)
        )
        return abs(float(one) - float(other))

    return Entry("m of strengths g at T - of 3 g at 3 T", "units of the energy", 0.0, 1e-10, ours)
