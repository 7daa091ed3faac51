"""Ends of descents from random configurations, and the least stability of chains."""

import numpy as np
import pytest

from hebbian import Dense, Dreaming, Hopfield, Multitasking, draw, from_examples, stabilities
from montecarlo import Schedule, simulate, spurious
from montecarlo.protocols.spurious import KINDS, kinds


def test_kinds_of_configurations():
    xi = np.random.default_rng(0).choice([-1, 1], (5, 400))
    spins = np.array([xi[1], -xi[4], np.sign(xi[0] - xi[2] + xi[3]), xi[0] * xi[1]], np.int8)
    even, odd = (from_examples(model, xi) for model in (Hopfield(), Dense(order=3)))
    assert [KINDS[k] for k in kinds(even, spins, 0.9)] == [
        "pattern",
        "reversed",
        "mixture",
        "other",
    ]
    assert [KINDS[k] for k in kinds(odd, spins, 0.9)][1] == "other"
    nearly = spins[:1].copy()
    nearly[0, :30] *= -1  # an overlap of 0.85
    assert [KINDS[kinds(even, nearly, level)[0]] for level in (0.8, 0.9)] == ["pattern", "other"]
    few = from_examples(Hopfield(), xi[:2])
    assert KINDS[kinds(few, spins[3:], 0.9)[0]] == "other"


def test_fractions_are_those_of_the_ends():
    found = spurious(Dreaming(sleep=1.0), alpha=0.06, n_spins=100, n_samples=4, n_replicas=10)
    shares = [float(getattr(found, name).mean) for name in KINDS]
    assert sum(shares) == pytest.approx(1)
    counted = [(found.kind == number).mean() for number in range(len(KINDS))]
    np.testing.assert_allclose(shares, counted)
    assert float(found.fraction.mean) == pytest.approx(shares[2] + shares[3])
    assert found.run.fixed_point.all()
    for sample in range(4):
        data = draw(Dreaming(sleep=1.0), n_spins=100, alpha=0.06, sample=sample)
        for kind, last in zip(found.kind[sample], found.run.last[sample], strict=True):
            largest = (data.archetypes @ last.astype(int)).max() / 100
            assert (kind == 0) == (largest >= 0.9)
            assert stabilities(data, last).min() >= 0
    assert "mixture" in repr(found)


def test_descents_that_have_not_ended_are_told():
    found = spurious(Hopfield(), alpha=0.2, n_spins=200, n_samples=3, n_sweeps=1)
    assert float(found.unfinished.mean) > 0.5
    assert np.array_equal(found.kind == KINDS.index("unfinished"), ~found.run.fixed_point)


def test_two_patterns_have_no_spurious_states_but_odd_loads_do():
    alone = spurious(Hopfield(), alpha=0.005, n_spins=200, n_samples=2, n_replicas=10)
    assert float(alone.fraction.mean) == 0
    loaded = spurious(Hopfield(), alpha=0.3, n_spins=200, n_samples=2, n_replicas=10)
    assert float(loaded.fraction.mean) > 0.9


def test_refusals():
    for wrong in ({"T": 0.1}, {"start": "pattern"}, {"threshold": 0.5}, {"n_sweeps": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            spurious(Hopfield(), alpha=0.1, n_spins=50, **wrong)
    with pytest.raises(ValueError, match="several patterns at once"):
        spurious(Multitasking(n_patterns=2), n_spins=50)


def test_least_stability_of_a_chain():
    run = simulate(
        Dreaming(sleep=2.0), alpha=0.2, T=0.5, n_spins=60, n_samples=2, keep_spins=True,
        schedule=Schedule(warmup=2, sweeps=4, stride=2), observables=["least_stability"],
    )  # fmt: skip
    data = draw(Dreaming(sleep=2.0), n_spins=60, alpha=0.2, sample=1)
    expected = stabilities(data, run.spins[1]).min(axis=-1)
    assert np.array_equal(run.series["least_stability"][1], expected)
    for model in (Dense(order=4), Dense(order=3)):
        with pytest.raises(ValueError, match=r"'least_stability': the spins of .* in pairs"):
            simulate(model, alpha=0.1, T=0.5, n_spins=20, observables=["least_stability"])
    simulate(Multitasking(n_patterns=2), T=0.5, n_spins=20, n_samples=1,
             observables=["least_stability"], schedule=Schedule(sweeps=1, stride=1))  # fmt: skip
