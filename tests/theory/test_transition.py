"""Where retrieval is the ground state: against free energies of both states, and exact counts."""

from math import lgamma

import numpy as np
import pytest
from scipy.optimize import brentq

import theory
from hebbian import Dense, Hopfield, Supervised, Unsupervised
from theory.closure import closure
from theory.one_pattern.transitions import line as loads_at

R8M6 = {"quality": 0.8, "n_examples": 6}


def test_retrieval_is_the_ground_state_up_to():
    """At T = 0: the energy of retrieval is sqrt(alpha) times that of the one-step glass."""
    for order, symmetric, broken, e0 in [
        (4, 0.3805731327507239, 0.379787, -0.8254705422449344),
        (6, 0.3638173271086412, 0.363809, -0.831275519603),
        (8, 0.3613210286550642, 0.361321, -0.832286789398),
    ]:
        model = Dense(order=order)
        assert theory.solve(model, alpha=symmetric, T=0).energy == pytest.approx(
            np.sqrt(symmetric) * e0, abs=1e-9
        )
        # Retrieval breaks replica symmetry there, too, which raises its energy.
        found = theory.transition_load(model, 0.0)
        assert found == pytest.approx(broken, abs=6e-7)
        assert theory.solve(model, alpha=found, T=0, rsb=1).energy == pytest.approx(
            np.sqrt(found) * e0, abs=1e-9
        )


@pytest.mark.parametrize("order", [3, 4, 6])
def test_the_transition_is_vertical_below_its_tip(order):
    """On T = alpha nothing re-enters: colder, retrieval dominates up to no larger load."""
    model = Dense(order=order)
    tip = theory.glass_temperature(model, 1.0) ** 2
    T = tip * np.linspace(0, 1, 41)
    loads = theory.transition_load(model, T)
    assert loads[-1] == pytest.approx(tip, rel=1e-9)
    assert (loads <= tip * (1 + 1e-9)).all()
    assert (loads > 0.995 * tip).all()
    for i in (0, 3, 10, 20, 30):
        gap = [
            theory.solve(model, alpha=loads[i], T=T[i], start=start, rsb=1).free_energy
            for start in ("retrieval", "glass")
        ]
        assert gap[0] == pytest.approx(float(gap[1]), abs=3e-9)
    assert np.isnan(theory.transition_temperature(model, tip * (1 + 1e-6)))


def test_cold_retrieval_of_three_body_interactions():
    """Where the replica-symmetric state is lost the broken one has the lower free energy."""
    model, T = Dense(order=3), np.array([0.0, 0.02, 0.05, 0.1])
    assert not theory.solve(model, alpha=0.41, T=T).converged.any()
    retrieval, glass = (
        theory.solve(model, alpha=0.41, T=T, start=s, rsb=1) for s in ("retrieval", "glass")
    )
    assert (retrieval.free_energy < glass.free_energy).all()
    assert (retrieval.m > 0.85).all()
    assert (theory.transition_load(model, T) > 0.41).all()
    assert theory.transition_temperature(model, 0.41) > 0.4


@pytest.mark.parametrize(
    "model",
    [
        Dense(order=3, rule=Unsupervised(quality=0.6, n_examples=10)),
        Dense(order=4, rule=Supervised(**R8M6)),
    ],
    ids=str,
)
def test_the_cold_line_between_its_nodes(model):
    for T in np.random.default_rng(3).uniform(0, 0.25, 3):
        load = theory.transition_load(model, T)
        gap = [
            theory.solve(model, alpha=load, T=T, start=start, rsb=1).free_energy
            for start in ("retrieval", "glass")
        ]
        if np.isnan(gap[1]):
            gap[1] = theory.solve(model, alpha=load, T=T, start="paramagnet").free_energy
        assert gap[0] == pytest.approx(float(gap[1]), abs=1e-7)


@pytest.mark.parametrize(
    ("model", "alpha"),
    [
        (Hopfield(), 0.04),
        (Dense(order=3), 0.2),
        (Dense(order=4), 0.1),
        (Dense(order=4, indices="all"), 0.05),
        (Dense(order=4, rule=Supervised(**R8M6)), 0.1),
    ],
    ids=str,
)
def test_a_finite_network_chooses_between_its_patterns(model, alpha):
    """Free energies differ by T ln(2K)/N, ln(K) at odd order, in units of the network."""
    for N in (300, 1000):
        Pi = 1.0
        if model.indices == "distinct":
            Pi = np.prod([1 - k / N for k in range(model.order)])
        T = theory.transition_temperature(model, alpha, n_spins=N)
        assert theory.transition_load(model, T, n_spins=N) == pytest.approx(alpha, rel=1e-9)
        K = model.count(alpha, N)
        retrieval = theory.solve(model, alpha=alpha / Pi, T=T / Pi)
        other = theory.solve(model, alpha=alpha / Pi, T=T / Pi, start="glass", rsb=1)
        if not other.theta < 1:
            other = theory.solve(model, alpha=alpha / Pi, T=T / Pi, start="paramagnet")
        copies = 1 if model.order == 3 else 2
        # K is not rounded in the line.
        K = alpha * 2 * N ** (model.order - 1) / np.prod(range(1, model.order + 1))
        assert abs(K - model.count(alpha, N)) <= 0.5
        gap = float(retrieval.free_energy - other.free_energy)
        assert gap == pytest.approx(float(T) / Pi * np.log(copies * K) / N, abs=1e-9)
    infinite = theory.transition_temperature(model, alpha)
    shifts = [
        theory.transition_temperature(model, alpha, n_spins=N) - infinite for N in (10**4, 10**6)
    ]
    assert 0 < shifts[1] < shifts[0] / 40


def test_finite_transitions_in_known_places():
    """P = 4, alpha = 0.1, N = 100: 0.757 instead of 0.675; and one pattern, counted exactly."""
    T = theory.transition_temperature(Dense(order=4), 0.1, n_spins=100)
    assert pytest.approx(0.7575, abs=1e-4) == T
    # Both signs of one pattern instead of one: ln 2/N, against the exact partition sum.
    N = 400
    m = 1 - 2 * np.arange(N + 1) / N
    entropy = np.array([lgamma(N + 1) - lgamma(k + 1) - lgamma(N - k + 1) for k in range(N + 1)])

    def weight_at(copies):
        def excess(T):
            log = entropy + N * m**4 / (2 * T)
            inside = np.abs(m) < 0.6
            return (
                np.logaddexp.reduce(log[m >= 0.6])
                + np.log(copies)
                - np.logaddexp.reduce(log[inside])
            )

        return brentq(excess, 0.6, 0.9)

    model = Dense(order=4, indices="all")
    exact = weight_at(2) - weight_at(1)
    both = theory.transition_temperature(model, 0.0, n_spins=N)
    infinite = theory.transition_temperature(model, 0.0)
    assert both - infinite == pytest.approx(exact, rel=0.02)
    with pytest.raises(ValueError, match=r"n_spins = 3 is outside the allowed range \[4, inf\)"):
        theory.transition_load(Dense(order=4), 0.1, n_spins=3)
    with pytest.raises(ValueError, match=r"n_spins = 10\.5"):
        theory.transition_temperature(Dense(order=4), 0.1, n_spins=10.5)


@pytest.mark.parametrize("order", [3, 4, 6])
def test_a_replica_symmetric_glass_competes_on_request(order):
    model = Dense(order=order)
    alpha = np.array([0.01, 0.2, 0.33])
    np.testing.assert_allclose(
        theory.transition_temperature(model, alpha, rsb=0),
        theory.transition_temperature(model, alpha),
        rtol=1e-12,
    )
    assert np.isnan(theory.transition_temperature(model, 0.45, rsb=0))
    # Below the tip the line bends back: there the two glasses differ.
    landscape = closure(model).landscape(0)
    T = np.array([1e-3, 0.03, 0.08])
    loads, _ = loads_at(landscape, True, T)
    broken = closure(model).landscape(1)
    assert (loads < 0.95 * loads_at(broken, True, T)[0]).all()
    retrieval = theory.solve(model, alpha=loads, T=T)
    glass = theory.solve(model, alpha=loads, T=T, start="glass")
    np.testing.assert_allclose(retrieval.free_energy, glass.free_energy, rtol=1e-9)
    liquid = theory.solve(model, alpha=loads, T=T, start="paramagnet")
    assert (liquid.free_energy < glass.free_energy).all()


@pytest.mark.heavy
def test_the_transition_deep_in_the_broken_phase():
    """The broken states change sides there; of the symmetric isotherm the last load is no guide."""
    model = Dense(order=6, rule=Unsupervised(quality=0.10595581434398779, n_examples=30))
    alpha = 1.2150981346541279e-08
    for rsb in (0, 1):
        T = theory.transition_temperature(model, alpha, rsb=rsb) * (1 + np.array([-1e-4, 1e-4]))
        assert (theory.glass_temperature(model, alpha) < T).all()
        retrieval = theory.solve(model, alpha=alpha, T=T, rsb=rsb)
        other = theory.solve(model, alpha=alpha, T=T, start="paramagnet")
        advantage = other.free_energy - retrieval.free_energy
        assert advantage[0] > 0
        assert advantage[1] < 0 or np.isnan(advantage[1])
