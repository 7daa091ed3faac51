"""Boundaries of basins, convergence and transient retrieval against closed forms."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import erfinv

import theory
from hebbian import Dense, Exponential, Hopfield, Multitasking, Supervised, Unsupervised
from theory.averages.example_law import example_law

R7M5 = {"quality": 0.7, "n_examples": 5}


def test_after_one_step_the_boundary_has_a_closed_form():
    """From the first step erf(S/sqrt(2 V)) at T = 0, and signal_to_noise at any T."""
    alpha = np.array([0.05, 0.2])
    pairs = theory.basin(Hopfield(), alpha=alpha, n_steps=1, threshold=0.6)
    assert pairs.overlap == pytest.approx(np.sqrt(2 * alpha) * erfinv(0.6), abs=1e-3)
    cubes = theory.basin(Dense(order=3), alpha=alpha, n_steps=1, threshold=0.6)
    S = np.sqrt(2 * 1.5 * alpha) * erfinv(0.6)
    assert cubes.overlap == pytest.approx(np.sqrt(S / 1.5), abs=1e-3)
    assert (pairs.error < 2e-3).all()
    for model in (Dense(order=3, rule=Supervised(**R7M5)), Hopfield(rule=Unsupervised(**R7M5))):
        found = theory.basin(model, alpha=0.1, T=0.2, n_steps=1, threshold=0.5)
        closed = theory.basin(
            model, alpha=0.1, T=0.2, n_steps=1, threshold=0.5, method="neurodynamics"
        )

        def beyond(start, model=model):
            return theory.signal_to_noise(model, alpha=0.1, T=0.2, start_overlap=start).m - 0.5

        exact = brentq(beyond, 0, 1)
        assert closed.overlap == pytest.approx(exact, abs=1e-9)
        assert closed.error == 0
        assert abs(found.overlap - exact) < 4 * found.error


def test_starts_on_either_side_of_the_boundary_end_on_either_side_of_the_threshold():
    for model, alpha, T in (
        (Hopfield(), 0.08, 0.2),
        (Dense(order=3, rule=Supervised(**R7M5)), 0.1, 0.1),
    ):
        found = theory.basin(model, alpha=alpha, T=T, n_steps=[4, 12])
        assert found.overlap.shape == found.t.shape == (2,)
        assert (found.error < 0.015).all()
        for k, t in enumerate(found.t):
            start = found.overlap[k] + 4 * found.error[k] * np.array([-1, 1])
            ends = theory.trajectory(model, alpha=alpha, T=T, start=start, n_steps=t, seed=5).m
            assert ends[0, -1] < found.threshold < ends[1, -1]


def test_several_times_and_points_are_found_together_as_they_are_alone():
    settings = {"alpha": np.linspace(0, 0.3, 10), "n_trajectories": 1000}
    found = theory.basin(Hopfield(), T=[[0.0], [0.3]], n_steps=[2, 8], n_threads=1, **settings)
    assert found.overlap.shape == found.error.shape == (2, 10, 2)
    others = theory.basin(Hopfield(), T=[[0.0], [0.3]], n_steps=[2, 8], n_threads=3, **settings)
    np.testing.assert_array_equal(found.overlap, others.overlap)
    np.testing.assert_array_equal(found.error, others.error)
    alone = theory.basin(Hopfield(), T=0.3, n_steps=8, **{**settings, "alpha": found_at(3)})
    near = theory.basin(Hopfield(), T=0.3, n_steps=[2, 8], **{**settings, "alpha": found_at(3)})
    assert near.overlap.tolist() == found.overlap[1, 3].tolist()
    assert alone.overlap == pytest.approx(near.overlap[1], abs=near.error[1])
    assert np.isnan(found.overlap[1, -1, 1])
    assert np.isnan(found.error[1, -1, 1])


def found_at(k):
    return np.linspace(0, 0.3, 10)[k]


def test_without_a_load_the_boundary_is_exact():
    """At T = 0 every positive start retrieves pairs; a field S = (P/2) m^(P-1) gives the rest."""
    assert theory.basin(Hopfield(), alpha=0.0, n_steps=3).overlap == 0
    hot = theory.basin(Dense(order=3), alpha=0.0, T=0.4, n_steps=1)
    assert hot.overlap == pytest.approx(np.sqrt(0.4 * np.arctanh(0.7) / 1.5), abs=1e-12)
    assert hot.error == 0
    assert np.isnan(theory.basin(Hopfield(), alpha=0.0, T=1.2, n_steps=9).overlap)
    slow = theory.basin(Dense(order=4), alpha=0.0, n_steps=1, dynamics="glauber")
    assert slow.overlap == pytest.approx(1 - 0.3 * np.e, abs=1e-6)
    model = Dense(order=4, rule=Supervised(**R7M5))
    law = example_law(model.rule, "binomial")

    def second(start):
        n = law.mean * start
        for _ in range(2):
            mean = np.tanh(law.u * 2 * n**3 / 0.2)
            n = law.weight @ (law.u * mean)
        return law.weight @ mean - 0.7

    found = theory.basin(model, alpha=0.0, T=0.2, n_steps=2)
    assert found.overlap == pytest.approx(brentq(second, 0.1, 1), abs=1e-10)


def test_neurodynamics_has_a_smooth_boundary():
    """Against the same closure on a grid of its own noise."""
    z = np.linspace(-7, 7, 601)
    weight = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    T, alpha = 0.2, np.array([0.03, 0.06, 0.09])

    def end(load, start):
        m, variance = start, load
        for _ in range(40):
            mean = np.tanh((m + np.sqrt(variance) * z) / T)
            before, m = m, weight @ mean
            chi = weight @ (1 - mean**2) / T
            variance = load + chi**2 * variance + 2 * load * chi * m * before
        return m - 0.7

    found = theory.basin(Hopfield(), alpha=alpha, T=T, n_steps=40, method="neurodynamics")
    exact = [brentq(lambda start, load=load: end(load, start), 1e-6, 1) for load in alpha]
    assert found.overlap == pytest.approx(np.array(exact), abs=1e-7)
    above = theory.basin(Hopfield(), alpha=[0.3, 0.0], n_steps=[40], method="neurodynamics")
    assert np.isnan(above.overlap[0, 0])
    assert above.overlap[1, 0] == 0


def test_the_error_of_a_boundary_is_what_other_seeds_scatter_by():
    found = [
        theory.basin(
            Hopfield(), alpha=0.1, T=0.1, n_steps=6, n_trajectories=2000, seed=seed, n_threads=1
        )
        for seed in range(16)
    ]
    spread = np.std([one.overlap for one in found], ddof=1)
    error = np.sqrt(np.mean([one.error**2 for one in found]))
    assert abs(np.log(spread / error)) < np.log(1.7)
    better = theory.basin(Hopfield(), alpha=0.1, T=0.1, n_steps=6, n_trajectories=50_000)
    assert abs(np.mean([one.overlap for one in found]) - better.overlap) < spread
    assert better.error < error / 2.5


BAD = [
    ({"n_steps": [5, 3]}, "ascending"),
    ({"n_steps": []}, "ascending"),
    ({"n_steps": 2.5}, "n_steps = 2.5"),
    ({"n_steps": [0, 3]}, "n_steps = 0"),
    ({"threshold": 0.0}, "threshold = 0"),
    ({"T": -1}, "T = -1"),
    ({"n_trajectories": 10**9, "n_steps": 10**5}, "GiB"),
    ({"method": "exact"}, "method = 'exact'"),
    ({"dynamics": "parallel-diagonal"}, "is of order 2 with indices = 'all'"),
    ({"model": Exponential()}, "have no boundary of a basin of attraction"),
    ({"model": Multitasking(n_patterns=2)}, "has no load"),
    ({"model": Multitasking(n_patterns=2), "alpha": None}, "boundary of a basin of attraction"),
]


@pytest.mark.parametrize(("asked", "says"), BAD)
def test_what_has_no_boundary_is_refused_in_one_line(asked, says):
    asked = {"model": Hopfield(), "alpha": 0.1, "n_steps": 2, **asked}
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the words are compared
        theory.basin(asked.pop("model"), **asked)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_convergence_is_read_off_a_trajectory():
    settings = {"alpha": 0.0, "T": 0.3, "start": [0.2, 0.5, 1.0]}
    m = theory.trajectory(Hopfield(), n_steps=30, **settings).m
    found = theory.convergence_time(Hopfield(), n_steps=30, **settings)
    for row, time in zip(m, found.time, strict=True):
        inside = np.abs(row - row[-1]) <= 0.01
        first = 1 + np.flatnonzero(~inside).max() if not inside.all() else 0
        assert first - 1 < time <= first
    assert (found.error == 0).all()
    assert found.m == pytest.approx(m[:, -1])
    early = theory.convergence_time(Hopfield(), n_steps=3, alpha=0.0, T=0.3, start=0.01)
    assert np.isnan(early.time)
    slow = theory.convergence_time(
        Hopfield(), alpha=0.1, T=0.1, start=0.5, n_steps=20, n_trajectories=1000, tolerance=1e-4
    )
    assert np.isnan(slow.time)
    assert slow.m_err > 1e-4
    glauber = theory.convergence_time(
        Dense(order=4), alpha=0.0, T=0.0, start=0.9, n_steps=12, tolerance=0.05, dynamics="glauber"
    )
    assert glauber.time == pytest.approx(0.7, abs=0.1)  # .1 exp(-t) = .05
    several = theory.convergence_time(Multitasking(n_patterns=3, dilution=0.3), T=0.1, n_steps=40)
    assert several.time.shape == several.m.shape == (3,)
    with pytest.raises(ValueError, match=r"^tolerance = 0"):
        theory.convergence_time(Hopfield(), alpha=0.1, n_steps=3, tolerance=0)


def test_what_is_retrieved_for_a_while_is_left_again():
    settings = {"T": 0.0, "start": 0.6, "n_steps": 40}
    found = theory.recovery(Hopfield(), alpha=[0.05, 0.18, 0.6], **settings)
    m = theory.trajectory(Hopfield(), alpha=[0.05, 0.18, 0.6], **settings).m
    assert found.overlap == pytest.approx(m[:, 1:].max(axis=1))
    assert found.leaving[0] == np.inf
    assert found.leaving_err[0] == 0
    after = np.flatnonzero(m[1] > 0.7).max()
    assert after < found.leaving[1] < after + 1
    share = (m[1, after] - 0.7) / (m[1, after] - m[1, after + 1])
    assert found.leaving[1] == pytest.approx(after + share)
    assert np.isnan(found.leaving[2])
    assert found.overlap[2] == pytest.approx(m[2, 1])
    assert found.time[2] == 1
    exact = theory.recovery(Hopfield(), alpha=0.0, T=1.5, start=0.95, n_steps=20, threshold=0.5)
    assert exact.overlap == pytest.approx(np.tanh(0.95 / 1.5))
    assert exact.time == 1
    assert 1 < exact.leaving < 2
    assert exact.leaving_err == 0
    flat = theory.recovery(Multitasking(n_patterns=3, dilution=0.3), T=0.1, start=[0.28, 0, 0],
                           n_steps=3)  # fmt: skip
    assert flat.overlap.shape == (3,)
    assert np.isnan(flat.leaving).all()
    with pytest.raises(ValueError, match=r"^threshold = 2"):
        theory.recovery(Hopfield(), alpha=0.1, n_steps=3, threshold=2)


def test_the_error_of_the_time_to_leave_is_what_other_seeds_scatter_by():
    found = [
        theory.recovery(
            Hopfield(), alpha=0.2, start=0.7, n_steps=14, n_trajectories=4000, seed=seed
        )
        for seed in range(16)
    ]
    spread = np.std([one.leaving for one in found], ddof=1)
    assert abs(np.log(spread / np.mean([one.leaving_err for one in found]))) < np.log(1.8)
