"""Students at the temperature of their teacher, where identities hold at every size.

The law of the teacher, given its examples, is that of the student at the temperature of the
teacher: a chain that starts at the teacher is in equilibrium from the first sweep on, and the
teacher is one more replica.
"""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import ks_2samp

import montecarlo
from hebbian import TeacherStudent, draw
from hebbian.teacher_student import agreement_law
from montecarlo import Schedule
from montecarlo.testing import all_configurations, boltzmann

#: Student, load and number of spins, by what they are.
POINTS = {
    "pairs": (TeacherStudent(signal=3.0), 2.0, 40),
    "pairs at the transition": (TeacherStudent(signal=2 / 3), 4.0, 40),
    "three": (TeacherStudent(order=3, signal=1.0), 3.0, 20),
    "three at the transition": (TeacherStudent(order=3, signal=1.0), 2.2, 20),
    "four": (TeacherStudent(order=4, signal=1.0), 1.0, 14),
}
OF_THEM = [
    name
    if name in ("pairs at the transition", "three")
    else pytest.param(name, marks=pytest.mark.heavy)
    for name in POINTS
]


def chains(model, alpha, n_spins, n_samples=160, heat=1.0, seed=1):
    return montecarlo.simulate(
        model, alpha=alpha, T=heat * model.nishimori_temperature, n_spins=n_spins,
        n_samples=n_samples, n_replicas=2, n_threads=1, seed=seed,
        schedule=Schedule(warmup=40, sweeps=40, stride=10),
    )  # fmt: skip


def teacher_energy(model, alpha, n_spins):
    """Return -(1/2) M <m^P> of distinct sites in the teacher's law."""
    P, M = model.order, model.count(alpha, n_spins) - 1
    agreeing = range(n_spins + 1)
    terms = [
        sum((-1) ** k * math.comb(n_spins - u, k) * math.comb(u, P - k) for k in range(P + 1))
        for u in agreeing
    ]
    power = math.factorial(P) * np.array(terms, float) / n_spins**P
    return -0.5 * M * float(agreement_law(P, model.teacher_beta, n_spins) @ power)


def deviation(values, known=0.0):
    """Return the mean over samples less what is known, in standard errors."""
    return (values.mean() - known) / (values.std(ddof=1) / len(values) ** 0.5)


@pytest.mark.parametrize("name", OF_THEM)
def test_the_teacher_is_one_more_replica(name):
    """Overlaps with it have the law of overlaps of replicas, and energies the mean of its own."""
    model, alpha, n_spins = POINTS[name]
    run = chains(model, alpha, n_spins)
    m, q = run.series["m"], run.series["q"]
    if model.reversible:
        m, q = abs(m), abs(q)
    for moment in (1, 2):
        differences = (m**moment).mean(axis=(1, 2)) - (q**moment).mean(axis=(1, 2))
        assert abs(deviation(differences)) < 4.5
    half = len(m) // 2  # overlaps of different samples are independent
    assert ks_2samp(m[:half, 0, -1].ravel(), q[half:, 0, -1].ravel(), method="asymp").pvalue > 1e-4
    energies = run.series["energy"].mean(axis=(1, 2))
    assert abs(deviation(energies, teacher_energy(model, alpha, n_spins))) < 4.5


@pytest.mark.parametrize("heat", [0.5, 1.6])
def test_at_other_temperatures_it_is_none(heat):
    model, alpha, n_spins = POINTS["pairs"]
    run = chains(model, alpha, n_spins, heat=heat)
    m, q = abs(run.series["m"]), abs(run.series["q"])
    apart = m.mean(axis=(1, 2)) - q.mean(axis=(1, 2))
    assert np.sign(heat - 1) * deviation(apart) > 8


@pytest.mark.parametrize("P", [2, 3])
def test_a_student_has_boltzmanns_law(P):
    """Overlap with the teacher, with an example and energy of ten spins, by enumeration."""
    model, T = TeacherStudent(order=P, signal=0.8), 1.1
    data = draw(model, n_spins=10, alpha=0.7, seed=4)
    spins = all_configurations(10).astype(float)
    law = boltzmann(data.memory, T)
    run = montecarlo.simulate(
        model, data=data, T=T, n_replicas=400, patterns=[0, 3], n_threads=1, seed=2,
        schedule=Schedule(warmup=30, sweeps=60, stride=3),
    )  # fmt: skip
    overlaps = spins @ data.archetypes[[0, 3]].T / 10
    chains = run.series["m"][0]
    for k, moment in itertools.product(range(2), (1, 2)):
        found = (chains[..., k] ** moment).mean(axis=1)
        assert abs(deviation(found, law @ overlaps[:, k] ** moment)) < 4.5
    energies = np.array([data.memory.energy(s) for s in all_configurations(10)]) / 10
    assert abs(deviation(run.series["energy"][0].mean(axis=1), law @ energies)) < 4.5
