"""Numbers of the literature, with as many digits as were published.

Where the literature has an equation and few digits, they are those of a second solver of that
equation, written apart from this package.
"""

from __future__ import annotations

import math
from functools import partial

from scipy.optimize import brentq

import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised, Unsupervised
from theory import conventions
from theory.many_patterns import lines, zero_temperature

from . import (
    assembly,
    dreaming,
    exponential,
    retrieval_dynamics,
    sequence,
    sparse_distributed,
    strengths,
    teacher_student,
)
from .entries import Entry

__all__ = ["entries"]

AGS = "Amit, Gutfreund, Sompolinsky, Ann. Phys. 173, 30 (1987)"
GARDNER = "Gardner, J. Phys. A 20, 3453 (1987)"
GLASS = "Gardner, Nucl. Phys. B 257, 747 (1985), one step of breaking; second solver"
STEFFAN = "Steffan, Kühn, Z. Phys. B 95, 249 (1994)"
ONE_STEP = "one step of breaking, second solver"
ONE_STATE = "replica-symmetric equations, second solver"
DERRIDA = "Derrida, Phys. Rev. B 24, 2613 (1981)"
DENSE = "arXiv:2212.00606"
UNSUPERVISED = "arXiv:2211.14067"
PARALLEL = "arXiv:2308.04106"
DILUTED = "arXiv:1304.4488"


def _networks_with_a_load() -> list[Entry]:
    hopfield, load, glass = Hopfield(), theory.critical_load, theory.glass_temperature
    three, four, eight = (Dense(order=order) for order in (3, 4, 8))
    learnt = Dense(order=4, rule=Supervised(quality=0.8, n_examples=6))
    found = [
        Entry("capacity of the Hopfield network",
              f"{AGS}: largest alpha of erf y = y (sqrt(2 alpha) + 2 exp(-y^2)/sqrt(pi))",
              0.138, 5e-4, lambda: load(hopfield)),
        Entry("errors at the capacity, (1 - m)/2", f"{AGS}: 1.6 %, m = erf y", 0.016, 5e-4,
              lambda: (1 - theory.solve(hopfield, alpha=load(hopfield) * (1 - 1e-12), T=0).m) / 2),
        Entry("load below which retrieval is the ground state, T = 0, replica symmetry",
              f"{AGS}: equal energies of retrieval and glass", 0.051, 1e-3,
              lambda: _last_dominant(hopfield)),
        Entry("capacity of the Hopfield network, one step of breaking", STEFFAN, 0.138186, 5e-7,
              lambda: load(hopfield, rsb=1)),
        *(Entry(f"T_c at alpha = {alpha}, P = 2, against the one-step glass", ONE_STEP, T, 5e-5,
                partial(theory.transition_temperature, hopfield, alpha))
          for alpha, T in ((0.05, 0.2390), (0.0525, 0.1937), (0.055, 0.1285))),
        Entry("glass temperature at alpha = 0.25", f"{AGS}: 1 + sqrt(alpha)", 1.5, 1e-12,
              lambda: glass(hopfield, 0.25)),
        Entry("1RSB ground-state energy of the 3-spin glass", GLASS, -0.8135349640, 1e-9,
              lambda: theory.solve(three, alpha=1, T=0, start="glass", rsb=1).energy),
        Entry("static transition of the 3-spin glass", GLASS, 0.6513852269, 1e-9,
              lambda: glass(three, 1.0)),
        Entry("dynamic transition of the 3-spin glass", GLASS, 0.6815980406, 1e-9,
              lambda: glass(three, 1.0, kind="dynamic")),
        Entry("alpha_1 of P = 8 against the random-energy model, 1/(4 ln 2)",
              f"{DERRIDA}, P to infinity", 1 / (4 * math.log(2)), 1e-3,
              lambda: glass(eight, 1.0) ** 2),
        Entry("beta' of beta = 12 at P = 4", f"{DENSE}: beta' = 2 beta/P!", 1.0, 1e-15,
              lambda: 1 / conventions.temperature(12.0, order=4)),
        *(_gardner(order, capacity) for order, capacity in ((3, 0.378), (4, 0.396), (6, 0.473))),
        Entry("T_M at alpha = 0.05, P = 2", ONE_STATE, 0.5422550379, 1e-8,
              lambda: theory.spinodal_temperature(hopfield, 0.05)),
        Entry("T_M at alpha = 0.3, P = 4", ONE_STATE, 0.7770105306, 1e-8,
              lambda: theory.spinodal_temperature(four, 0.3)),
        Entry("T_c at alpha = 0.03, P = 2, against the replica-symmetric glass", ONE_STATE,
              0.4787929445, 1e-8, lambda: theory.transition_temperature(hopfield, 0.03, rsb=0)),
        Entry("T_c at alpha = 0.3, P = 4", ONE_STATE, 0.5366615646, 1e-8,
              lambda: theory.transition_temperature(four, 0.3)),
        Entry("T_R, instability of replica symmetry, at alpha = 0.35, P = 4", ONE_STATE,
              0.1103754435, 1e-8, lambda: theory.replicon_temperature(four, 0.35)),
        Entry(f"m of {learnt}, alpha = 0.1, T = 0.4", ONE_STATE, 0.9548609655, 1e-9,
              lambda: theory.solve(learnt, alpha=0.1, T=0.4).m),
    ]  # fmt: skip
    return [*found, _step(Supervised, DENSE), _step(Unsupervised, UNSUPERVISED)]


def _gardner(order: int, capacity: float) -> Entry:
    what = f"replica-symmetric capacity at P = {order}, units of P!/2"
    source = f"{GARDNER}: largest (P/4) (erf y)^(2P - 2)/y^2"
    return Entry(what, source, capacity, 5e-4, lambda: theory.critical_load(Dense(order=order)))


def _step(rule: type[Supervised | Unsupervised], source: str) -> Entry:
    """One step at T = 0 from the archetype, P = 4, in the papers' closed form."""
    model = Dense(order=4, rule=rule(quality=0.4, n_examples=20))
    rho = model.rule.dataset_entropy
    noise, words = (1 + rho) ** 4, "(1 + rho)^P"
    if rule is Unsupervised:
        noise, words = 1 + (1 / 0.4**8 - 1) / 20, "(1 + (r^(-2P) - 1)/M)"
    return Entry(
        f"one step from the archetype, {model.rule}, alpha = 0.02",
        f"{source}: erf(1/sqrt(2 (rho + (2 alpha/P) {words})))",
        math.erf(1 / math.sqrt(2 * (rho + 0.5 * 0.02 * noise))),
        1e-12,
        lambda: theory.signal_to_noise(model, alpha=0.02, law="gaussian").m,
    )


def _last_dominant(model: Hopfield) -> float:
    """Return the load at which retrieval and the glass have one energy at T = 0."""

    def advantage(alpha: float) -> float:
        states = (theory.solve(model, alpha=alpha, T=0, start=s) for s in ("retrieval", "glass"))
        retrieval, glass = (float(state.free_energy) for state in states)
        return retrieval - glass

    return brentq(advantage, 0.03, 0.08, xtol=1e-10)


def _multitasking() -> list[Entry]:
    golden = (math.sqrt(5) - 1) / 2
    return [
        *(_amplitude(d, mu) for d in (0.2, 0.4) for mu in range(3)),
        Entry("critical dilution of three patterns", f"{DILUTED}: root of 1 - 2d + d^3",
              golden, 1e-12, lambda: zero_temperature.critical_dilution(3)),
        Entry("critical temperature at d = 0.4", f"{PARALLEL}: 1 - d", 0.6, 1e-12,
              lambda: lines.critical_temperature(0.4)),
        Entry("multicritical point of clean data", f"{DILUTED}: d = 2/3", 2 / 3, 1e-12,
              lines.multicritical_dilution),
        Entry("critical temperature with data noise, rho = 0.5, d = 0.4",
              f"{PARALLEL}: (1 - d)(1 + rho)", 0.9, 1e-12,
              lambda: lines.critical_temperature(0.4, 0.5)),
    ]  # fmt: skip


def _amplitude(d: float, mu: int) -> Entry:
    model = Multitasking(n_patterns=3, dilution=d)
    return Entry(
        f"amplitude m_{mu + 1} at T = 0, d = {d}",
        f"{PARALLEL}: (1 - d) d^(mu - 1)",
        (1 - d) * d**mu,
        1e-12,
        lambda: theory.solve(model, T=0).m[mu],
    )


def entries() -> list[Entry]:
    """Return every published number."""
    return [
        *_networks_with_a_load(),
        *_multitasking(),
        *exponential.numbers(),
        *dreaming.numbers(),
        *assembly.numbers(),
        *sequence.numbers(),
        *strengths.numbers(),
        *teacher_student.numbers(),
        *sparse_distributed.entries(),
        *retrieval_dynamics.numbers(),
    ]
