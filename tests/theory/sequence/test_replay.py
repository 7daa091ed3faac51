"""The step map of sequences: against quadrature, closed forms, and networks of its own."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

import theory
from hebbian import Dense, Sequence


def averaged(function, mean, variance):
    """Return the mean of a function over a Gaussian field, by adaptive quadrature."""
    width = math.sqrt(variance)
    density = 1 / math.sqrt(2 * math.pi)
    return quad(
        lambda x: density * math.exp(-x * x / 2) * function(mean + width * x), -12, 12,
        epsabs=1e-13, limit=400, points=[-mean / width],
    )[0]  # fmt: skip


def followed(alpha, T, start, n_steps):
    """Return m and chi of the sequence of order 2."""
    m, V, found = start, alpha, []
    for _ in range(n_steps):
        new = averaged(lambda h: math.tanh(h / T), m, V)
        chi = averaged(lambda h: math.cosh(h / T) ** -2 / T, m, V)
        m, V = new, alpha + chi**2 * V
        found.append((m, chi))
    return np.array(found)


def parallel(alpha, T, start, n_steps, *, n_spins, seed):
    """Return m(t) of one network of order 2, and what two replicas agree in."""
    rng = np.random.default_rng(seed)
    archetypes = rng.choice(np.float32([-1, 1]), (round(alpha * n_spins), n_spins))
    successors = np.roll(archetypes, -1, axis=0)
    wrong = rng.permutation(n_spins)[: round(n_spins * (1 - start) / 2)]
    spins = archetypes[[0, 0]]
    spins[:, wrong] *= -1
    m, q = [], []
    for t in range(1, n_steps + 1):
        h = (spins @ archetypes.T) @ successors / n_spins
        up = 0.5 * (1 + np.tanh(h / T)) if T else h > 0
        spins = np.where(rng.random(h.shape) < up, np.float32(1), np.float32(-1))
        m.append(spins @ archetypes[t % len(archetypes)] / n_spins)
        q.append(spins[0] @ spins[1] / n_spins)
    return np.mean(m, axis=1), q


def test_the_steps_of_order_two_are_those_of_quadrature():
    found = theory.trajectory(Sequence(), alpha=0.15, T=0.4, start=0.5, n_steps=5)
    m, chi = followed(0.15, 0.4, 0.5, 5).T
    np.testing.assert_allclose(found.m[1:], m, atol=1e-11)
    np.testing.assert_allclose(np.diag(found.G, -1), chi, atol=1e-10)
    assert np.count_nonzero(found.G) == 5
    np.testing.assert_array_equal(found.C, np.eye(6))
    assert not found.m_err.any()


def test_both_methods_are_exact():
    sampled, closed = (
        theory.trajectory(Sequence(), alpha=0.2, start=0.6, n_steps=4, method=method)
        for method in ("sampled", "neurodynamics")
    )
    np.testing.assert_array_equal(sampled.m, closed.m)


@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("order", [3, 4, 7])
def test_higher_orders_repeat_the_first_step_of_the_dense_network(order, indices):
    sequence, dense = (kind(order=order, indices=indices) for kind in (Sequence, Dense))
    point = {"alpha": 0.05, "T": 0.3}
    found = theory.trajectory(sequence, start=0.8, n_steps=3, **point).m
    for t in range(3):
        step = theory.signal_to_noise(dense, start_overlap=found[t], **point)
        assert found[t + 1] == pytest.approx(float(step.m), abs=1e-13)
    own = theory.signal_to_noise(sequence, start_overlap=0.8, **point)
    half = order / 2
    odd = math.prod(range(1, 2 * order - 2, 2)) / math.factorial(order - 1)
    assert float(own.field_variance) == pytest.approx(
        0.05 * half * (odd if indices == "all" else 1)
    )
    assert float(own.field_mean) == pytest.approx(half * 0.8 ** (order - 1))


def test_a_random_field_correlates_the_times_of_odd_powers():
    def correlation(alpha):
        model = Sequence(order=3, indices="all")
        return theory.trajectory(model, alpha=alpha, T=0.3, n_steps=2).C

    assert np.isnan(correlation(0.1)).sum() == 6
    np.testing.assert_array_equal(correlation(0.0), np.eye(3))


def test_one_pattern_repeats_itself():
    found = theory.trajectory(Sequence(order=4), alpha=0.0, T=0.5, start=0.9, n_steps=3)
    m = 0.9
    for t in range(3):
        m = math.tanh(2 * m**3 / 0.5)
        assert found.m[t + 1] == pytest.approx(m, abs=1e-14)


def test_only_all_spins_at_once_replay():
    for dynamics in ("glauber", "parallel-diagonal"):
        with pytest.raises(ValueError, match="dynamics = 'parallel"):
            theory.trajectory(Sequence(), alpha=0.1, n_steps=2, dynamics=dynamics)
    with pytest.raises(ValueError, match="dynamics = 'glauber'"):
        theory.basin(Sequence(), alpha=0.1, n_steps=2, dynamics="glauber")


@pytest.mark.parametrize(("alpha", "T", "start"), [(0.2, 0.3, 1.0), (0.15, 0.0, 0.5)])
def test_networks_follow_the_map_and_their_replicas_agree_as_predicted(alpha, T, start):
    n_steps, runs = 6, 24
    found = [parallel(alpha, T, start, n_steps, n_spins=600, seed=seed)[0] for seed in range(runs)]
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / math.sqrt(runs)
    expected = theory.trajectory(Sequence(), alpha=alpha, T=T, start=start, n_steps=n_steps).m[1:]
    assert (np.abs(mean - expected) < 3.5 * error + 2 / 600).all()


@pytest.mark.parametrize(("indices", "alpha"), [("distinct", 0.25), ("all", 0.16)])
def test_networks_of_order_three_follow_the_map(indices, alpha):
    """From a start that is on its way for some steps, with fields of their own making."""
    N, T, start, n_steps, runs = 90, 0.2, 0.8, 4, 24
    model, found = Sequence(order=3, indices=indices), []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        archetypes = rng.choice(np.float32([-1, 1]), (model.count(alpha, N), N))
        successors = np.roll(archetypes, -1, axis=0)
        spins = archetypes[0].copy()
        spins[rng.permutation(N)[: round(N * (1 - start) / 2)]] *= -1
        m = []
        for t in range(1, n_steps + 1):
            M = archetypes @ spins
            powers = M[:, None] ** 2
            if indices == "distinct":
                powers = (M[:, None] - archetypes * spins) ** 2 - (N - 1)
            h = 1.5 * (powers * successors).sum(axis=0) / N**2
            spins = np.where(rng.random(N) < 0.5 * (1 + np.tanh(h / T)), 1, -1).astype(np.float32)
            m.append(spins @ archetypes[t] / N)
        found.append(m)
    error = np.std(found, axis=0, ddof=1) / math.sqrt(runs)
    scale = theory.conventions.weakness(model, N)
    expected = theory.trajectory(
        model, alpha=alpha / scale, T=T / scale, start=start, n_steps=n_steps
    ).m[1:]
    assert (np.abs(np.mean(found, axis=0) - expected) < 3.5 * error + 1 / N).all()
    assert (np.abs(np.diff(expected)) > 0.002).all()


def test_replicas_share_less_than_the_square_of_a_magnetization():
    model, alpha, T = Sequence(), 0.2, 0.3
    known = theory.solve(model, alpha=alpha, T=T)
    q = [parallel(alpha, T, 1.0, 30, n_spins=600, seed=seed)[1][-15:] for seed in range(16)]
    of_runs = np.mean(q, axis=1)
    error = of_runs.std(ddof=1) / math.sqrt(len(q))
    square = 1 - T * float(known.susceptibility)
    assert abs(of_runs.mean() - known.q) < 3.5 * error
    assert of_runs.mean() < square - 2 * error
    # The definition, with another quadrature.
    scale = alpha / (1 - float(known.susceptibility) ** 2)
    common, own = (scale * share for share in (float(known.q), 1 - float(known.q)))

    def inner(h):
        return averaged(lambda x: math.tanh(x / T), h, own) ** 2

    assert averaged(inner, float(known.m), common) == pytest.approx(float(known.q), abs=1e-9)
