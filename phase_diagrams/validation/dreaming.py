"""Numbers and identities of networks that have slept.

Capacities and states have the digits of a second evaluation, in the variables of
:math:`(1 + t X)^{-1}` and written apart from this package.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

import hebbian
import theory
from hebbian import Dreaming, Hopfield

from .entries import Entry

__all__ = ["identities", "numbers"]

SECOND = (
    "replicas of rotationally invariant couplings (Parisi, Potters, J. Phys. A 28, 5267 (1995)); "
    "second evaluation"
)
PROJECTOR = "Personnaz, Guyon, Dreyfus (1985); Kanter, Sompolinsky, Phys. Rev. A 35, 380 (1987)"

#: t -> alpha_c at T = 0.
CAPACITIES = {0.01: 0.140593, 0.1: 0.165139, 1.0: 0.386595, 10.0: 0.869653, 100.0: 1.046241,
              1000.0: 1.068140}  # fmt: skip

#: (t, alpha) -> temperature at which the paramagnet freezes.
GLASS = {(0.1, 0.1): 1.184744, (1.0, 0.2): 0.567848}

#: Sleeps, loads and temperatures.
STATES = ((0.1, 0.1, 0.2), (1.0, 0.2, 0.3), (1000.0, 0.6, 0.1), (math.inf, 0.6, 0.1))


def numbers() -> list[Entry]:
    """Return the numbers."""
    awake = Dreaming(sleep=1.0)
    state = theory.solve
    return [
        *(Entry(f"alpha_c of a network that has slept t = {t:g}, T = 0, replica symmetric", SECOND,
                alpha, 1e-6, partial(theory.critical_load, Dreaming(sleep=t)))
          for t, alpha in CAPACITIES.items()),
        *(Entry(f"T_g after a sleep of t = {t:g}, alpha = {alpha}", SECOND, T, 5e-7,
                partial(theory.glass_temperature, Dreaming(sleep=t), alpha))
          for (t, alpha), T in GLASS.items()),
        Entry("m after a sleep of t = 1, alpha = 0.2, T = 0.3", SECOND, 0.976100, 5e-7,
              lambda: state(awake, alpha=0.2, T=0.3).m),
        Entry("q after a sleep of t = 1, alpha = 0.2, T = 0.3", SECOND, 0.955485, 5e-7,
              lambda: state(awake, alpha=0.2, T=0.3).q),
        Entry("alpha_c of the projector at T = 0", PROJECTOR, 1.0, 1e-12,
              partial(theory.critical_load, Dreaming(sleep=math.inf))),
    ]  # fmt: skip


def identities() -> list[Entry]:
    """Return the identities."""
    return [
        *(_energy(*point, start) for point in STATES for start in ("retrieval", "paramagnet")),
        *(_stationary(*point) for point in STATES),
        *(_without_sleep(name) for name in ("m", "free_energy", "energy")),
        *(_trace(t) for t in (1.0, 10.0, math.inf)),
    ]


def _energy(t: float, alpha: float, T: float, start: str) -> Entry:
    def ours() -> float:
        model, step = Dreaming(sleep=t), 1e-3
        beta = 1 / T + np.array([-2, -1, 1, 2]) * step
        f = theory.solve(model, alpha=alpha, T=1 / beta, start=start).free_energy
        slope = float(np.dot(beta * f, [1, -8, 8, -1]) / (12 * step))
        return slope - float(theory.solve(model, alpha=alpha, T=T, start=start).energy)

    what = f"d(beta f)/d beta - energy, {start}, sleep {t:g}, alpha = {alpha}, T = {T}"
    return Entry(what, "thermodynamics", 0.0, 1e-9, ours)


def _stationary(t: float, alpha: float, T: float) -> Entry:
    def ours() -> float:
        state = theory.solve(Dreaming(sleep=t), alpha=alpha, T=T)
        again = theory.solve(Dreaming(sleep=t), alpha=alpha, T=T, start=[1.0, 1.0])
        return abs(float(state.m) - float(again.m)) + float(state.residual)

    what = f"m on the curve of all states - m of the iteration, sleep {t:g}, alpha = {alpha}"
    return Entry(f"{what}, T = {T}", "two ways to one state", 0.0, 1e-10, ours)


def _without_sleep(name: str) -> Entry:
    def ours() -> float:
        alpha, T = np.array([0.01, 0.05, 0.1])[:, None], np.array([0.0, 0.1, 0.3])
        slept, awake = (theory.solve(model, alpha=alpha, T=T)
                        for model in (Dreaming(sleep=0), Hopfield()))  # fmt: skip
        return float(np.nanmax(np.abs(getattr(slept, name) - getattr(awake, name))))

    return Entry(f"{name} without sleep - {name} of the Hopfield network", "limit t to 0", 0.0,
                 1e-10, ours)  # fmt: skip


def _trace(t: float) -> Entry:
    """The diagonal, which energies leave out."""
    model, alpha = Dreaming(sleep=t), 0.4

    def ours() -> float:
        couplings = hebbian.draw(model, n_spins=1000, alpha=alpha).memory.couplings
        return float(np.trace(np.asarray(couplings))) / 1000

    what = f"mean diagonal of couplings, sleep {t:g}, N = 1000, alpha = {alpha}"
    return Entry(what, "law of Marchenko and Pastur", _mean_eigenvalue(t, alpha), 3e-3, ours)


def _mean_eigenvalue(t: float, alpha: float) -> float:
    """Average (1 + t) x/(1 + t x) over the spectrum of the Hebbian couplings, alpha < 1."""
    low, high = (1 - math.sqrt(alpha)) ** 2, (1 + math.sqrt(alpha)) ** 2
    angle = np.pi * (np.arange(2000) + 0.5) / 2000
    x = 0.5 * (low + high) + 0.5 * (high - low) * np.cos(angle)
    slept = (1 + t) * x / (1 + t * x) if math.isfinite(t) else np.ones_like(x)
    return float((0.125 * (high - low) ** 2 * np.sin(angle) ** 2 / x * slept).mean())
