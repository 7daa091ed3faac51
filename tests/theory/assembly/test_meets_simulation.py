"""Theory of assemblies against Monte Carlo: unequal layers, a diagonal, examples, the trend in 1/N.

Sizes of the layers enter the crosstalk: with three unequal ones a theory that left them out would
be refused.
"""

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import BAM, TAM, Assembly, Supervised, Unsupervised

pytestmark = pytest.mark.heavy

N_SAMPLES = 48
SCHEDULE = montecarlo.Schedule(warmup=80, sweeps=160, stride=4)
LEARNT = {"quality": 0.8, "n_examples": 6}


def compare(model, alpha, T, n_spins, n_samples=N_SAMPLES):
    """Return z of m, q, and the energy, at the load of the whole number of patterns."""
    run = montecarlo.simulate(
        model, alpha=alpha, T=T, n_spins=n_spins, n_samples=n_samples, n_replicas=2,
        schedule=SCHEDULE, seed=11,
    )  # fmt: skip
    load = model.load(run.n_patterns, n_spins)
    state = theory.solve(model, alpha=load, T=T)
    z = [
        (getattr(run, name).mean - getattr(state, name)) / getattr(run, name).error
        for name in ("m", "q", "energy")
    ]
    return run, state, np.concatenate([np.ravel(part) for part in z])


@pytest.mark.parametrize(
    ("model", "alpha", "T", "n_spins"),
    [
        (BAM(), 0.08, 0.35, 2000),
        (TAM(), 0.1, 0.6, 3000),
        (BAM(sizes=(1, 3)), 0.1, 0.3, 2000),
        (TAM(sizes=(1, 2, 3)), 0.15, 0.7, 6000),
        (Assembly(couplings=((0.5, 0.6), (0.6, 0.2)), sizes=(1, 2)), 0.05, 0.3, 2000),
        (BAM(sizes=(1, 2), rule=Supervised(**LEARNT)), 0.03, 0.3, 3000),
        (TAM(sizes=(1, 2, 3), rule=Unsupervised(quality=0.7, n_examples=5)), 0.05, 0.6, 3000),
    ],
    ids=["bam", "tam", "unequal-two", "unequal-three", "diagonal", "supervised", "unsupervised"],
)
def test_retrieval_within_three_errors(model, alpha, T, n_spins):
    run, state, z = compare(model, alpha, T, n_spins)
    assert run.escaped == 0
    assert np.abs(z).max() < 3, (z, run.m, state.m)


def test_the_energy_approaches_the_theory_with_the_size():
    """The distance from infinite layers is smaller in the larger network, and gone like 1/N."""
    distance = []
    for n_spins in (120, 480):
        run, state, _ = compare(BAM(), 0.05, 0.5, n_spins, n_samples=64)
        distance.append((abs(run.energy.mean - state.energy), run.energy.error))
    (small, error), (large, other) = distance
    assert large < small / 2 + 3 * np.hypot(error, other)
    assert large < 0.01
