"""Numbers and identities of exponential memories, and of attention as their dynamics.

Those of formulas have the digits of a second evaluation, written apart from this package.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import hebbian
import theory
from hebbian import Exponential
from theory.exponential import PatternLaw, binary, gaussian, sphere

from .entries import Entry

__all__ = ["identities", "numbers"]

SECOND = (
    "random energy model of the patterns (Lucibello, Mezard, Phys. Rev. Lett. 132, 077301 (2024)); "
    "second evaluation"
)
ON_SPHERE = "arXiv:2603.13350, arXiv:2604.07401"
DEMIRCIGIL = "Demircigil et al., J. Stat. Phys. 168, 288 (2017): all patterns stable, ln(2)/2"
SHANNON = "Shannon's capacity of a channel with (1 - tanh l)/2 errors"

UNIT = Exponential(sharpness=1.0)

#: T -> alpha_1 and alpha_M at l = 1.
LINES = {0.05: (0.559539, 0.566219), 0.5: (0.457441, 0.530247), 1: (0.327813,) * 2,
         2: (0.110944,) * 2}  # fmt: skip

#: l -> loads of a pattern at T = 0: softmax, and single flips.
COLD = {0.25: (0.21907020, 0.37988549), 1.0: (0.56621917, 0.67499725)}

#: b -> ln Z/N at l = 1, alpha = 0.4.
PRESSURES = {0.5: 1.1100, 1.0: 1.5269, 2.0: 2.4181, 6.0: 6.4000}

#: T -> alpha_1 on the sphere, l = 1.
SPHERE = {0.0: 0.622572, 0.1: 0.506881, 0.5: 0.336390, 1.0: 0.240606}

#: alpha -> softmax weight of a pattern at itself, N = 24, l = 0.5.
WEIGHTS = {0.38: 0.499, 0.45: 0.157, 0.5: 0.053}


def numbers() -> list[Entry]:
    """Return the numbers."""
    found = []
    for T, (together, spinodal) in LINES.items():
        for name, line, value in (
            ("alpha_1", theory.transition_load, together),
            ("alpha_M", theory.spinodal_load, spinodal),
        ):
            what = f"{name} of the exponential memory at l = 1, T = {T}"
            found.append(Entry(what, SECOND, value, 5e-7, partial(line, UNIT, T)))
    for sharpness, (softmax, flips) in COLD.items():
        model = Exponential(sharpness=sharpness)
        found += [
            Entry(f"alpha_1 = alpha_M at l = {sharpness}, T = 0: softmax keeps a pattern",
                  SECOND, softmax, 5e-9, partial(theory.critical_load, model)),
            Entry(f"load up to which single flips keep a pattern, l = {sharpness}, T = 0", SECOND,
                  flips, 5e-9, partial(theory.single_flip_load, model)),
        ]  # fmt: skip
    found += [
        Entry(
            f"ln Z/N at l = 1, alpha = 0.4, b = {b:g}", SECOND, value, 5e-5, partial(_pressure, b)
        )
        for b, value in PRESSURES.items()
    ]
    found += [
        Entry(f"softmax weight of a pattern at itself, N = 24, l = 0.5, alpha = {alpha}",
              "1/(1 + K exp[N(zeta(l) - l)])", value, 0.02, partial(_weight, alpha))
        for alpha, value in WEIGHTS.items()
    ]  # fmt: skip
    return [*found, *_on_the_sphere(), _all_stable()]


def _on_the_sphere() -> list[Entry]:
    load = sphere.transition_load
    return [
        *(Entry(f"alpha_1 on the sphere at l = 1, T = {T}", SECOND, value, 5e-7,
                partial(load, 1.0, T)) for T, value in SPHERE.items()),
        Entry("published capacity on the sphere at l = 1, T = 0: that of Gaussian overlaps",
              f"{ON_SPHERE}: 0.5; the law of the sphere gives 0.622572", 0.5, 1e-12,
              partial(gaussian.transition_load, 1.0, 0.0)),
    ]  # fmt: skip


def _all_stable() -> Entry:
    """Every pattern at once: of the K^2/2 pairs none may be neighbours, 2 alpha < I(1)."""
    return Entry("load up to which all patterns are stable, l to infinity", DEMIRCIGIL,
                 math.log(2) / 2, 1e-12, lambda: binary.rate(1.0) / 2)  # fmt: skip


def _pressure(beta: float) -> float:
    return -beta * float(binary.free_energy(0.4, 1.0, 1 / beta))


def _weight(alpha: float) -> float:
    """Measure p_1 at the first pattern: mean over 40 draws of K patterns."""
    model, found = Exponential(sharpness=0.5), []
    for seed in range(40):
        data = hebbian.draw(model, alpha=alpha, n_spins=24, seed=seed)
        overlaps = data.archetypes @ data.archetypes[0].astype(np.float32)
        found.append(1 / np.exp(0.5 * (overlaps - 24.0)).sum())
    return float(np.mean(found))


def identities() -> list[Entry]:
    """Return the identities."""
    points = [
        (start, *point)
        for start in ("retrieval", "paramagnet")
        for point in ((1.0, 0.2, 0.4), (1.0, 0.5, 0.4))
    ]
    laws = {"binary patterns": binary, "the sphere": sphere}
    return [
        *(_energy(*point) for point in points),
        *(_nishimori_line(name, law) for name, law in laws.items()),
        _shannon(),
        *(_meeting(line, entropy) for line, entropy in (("transition_load", True),
                                                        ("single_transition_load", False))),
        *(_partition(n_patterns) for n_patterns in (1, 5, 300)),
        _one_pattern(),
        _nearest(),
    ]  # fmt: skip


def _energy(start: str, sharpness: float, alpha: float, T: float) -> Entry:
    def ours() -> float:
        model, step = Exponential(sharpness=sharpness), 1e-4
        beta = 1 / T + np.array([-2, -1, 1, 2]) * step
        s = theory.solve(model, alpha=alpha, T=1 / beta, start=start)
        slope = float(np.dot(beta * s.free_energy, [1, -8, 8, -1]) / (12 * step))
        return slope - float(theory.solve(model, alpha=alpha, T=T, start=start).energy)

    what = f"d(beta f)/d beta - energy, {start}, l = {sharpness}, alpha = {alpha}, T = {T}"
    return Entry(what, "thermodynamics", 0.0, 1e-9, ours)


def _nishimori_line(name: str, law: PatternLaw) -> Entry:
    def ours() -> float:
        sharp = np.array([0.1, 0.5, 1.0, 3.0])
        loads = [line(sharp, 1 / sharp) for line in (law.transition_load, law.spinodal_load)]
        return float(np.abs(np.array(loads) - law.condensation_load(sharp)).max())

    what = f"alpha_1 = alpha_M = alpha_d at T = 1/l, {name}"
    return Entry(what, "Nishimori line", 0.0, 1e-12, ours)


def _shannon() -> Entry:
    error = (1 - math.tanh(1.0)) / 2
    lost = -error * math.log(error) - (1 - error) * math.log(1 - error)
    return Entry("alpha_1 at T = 1/l, l = 1", SHANNON, math.log(2) - lost, 1e-12,
                 partial(theory.transition_load, UNIT, 1.0))  # fmt: skip


def _meeting(line: str, entropy: bool) -> Entry:
    """Return that free energies meet on a line, with the entropy of the patterns or without."""

    def ours() -> float:
        T = np.array([0.0, 0.1, 0.5, 0.9, 1.5, 4.0])
        load = getattr(theory, line)(UNIT, T)
        one, other = (
            theory.solve(UNIT, alpha=load, T=T, start=start).free_energy
            for start in ("retrieval", "paramagnet")
        )
        return float(np.abs(one - entropy * T * load - other).max())

    words = "all retrieval states" if entropy else "one retrieval state"
    return Entry(f"free energy of {words} and the paramagnet on {line}, l = 1", "definition", 0.0,
                 1e-12, ours)  # fmt: skip


def _enumerated(model: Exponential, n_patterns: int, n_spins: int, T: float) -> np.ndarray:
    """Return overlaps with the first pattern and weights of all configurations."""
    data = hebbian.draw(model, alpha=math.log(n_patterns) / n_spins, n_spins=n_spins, seed=1)
    states = np.array(list(itertools.product([-1, 1], repeat=n_spins)), np.int8)
    energies = np.array([data.memory.energy(state) for state in states])
    return np.stack([states @ data.archetypes[0].astype(int) / n_spins, -energies / T])


def _partition(n_patterns: int) -> Entry:
    def ours() -> float:
        _, exponents = _enumerated(UNIT, n_patterns, 9, 1.0)
        largest = exponents.max()
        exact = largest + math.log(np.exp(exponents - largest).sum())
        return float(exact) - math.log(n_patterns) - 9 * math.log(2 * math.cosh(1.0))

    what = f"ln Z - ln K - N ln 2 cosh l at T = 1/l, N = 9, K = {n_patterns}"
    return Entry(what, "exact enumeration", 0.0, 1e-12, ours)


def _one_pattern() -> Entry:
    def ours() -> float:
        m, exponents = _enumerated(Exponential(sharpness=0.7), 1, 8, 0.6)
        weight = np.exp(exponents - exponents.max())
        exact = float(weight @ m / weight.sum())
        return exact - float(theory.solve(Exponential(sharpness=0.7), alpha=0.0, T=0.6).m)

    return Entry("<m> of one pattern, N = 8, T = 0.6", "exact enumeration", 0.0, 1e-12, ours)


def _nearest() -> Entry:
    def ours() -> float:
        T = np.array([0.0, 0.3, 1.0])
        lines: list[Callable[..., Any]] = [binary.spinodal_load, binary.transition_load]
        off = [line(1e3, T) - binary.rate(binary.magnetization(T)) for line in lines]
        return float(np.abs(off).max())

    return Entry("alpha_1 and alpha_M at l = 1000 - I(tanh 1/T)", "limit of the nearest pattern",
                 0.0, 1e-12, ours)  # fmt: skip
