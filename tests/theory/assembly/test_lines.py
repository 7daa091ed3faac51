"""Lines of assemblies: what they separate, and the replicon by a Hessian of replicas."""

import itertools

import numpy as np
import pytest

import theory
from hebbian import BAM, TAM, Assembly, Supervised, Unsupervised

UNEQUAL = Assembly(couplings=((0.2, 1, 0), (1, 0, 0.7), (0, 0.7, 0.1)), sizes=(1, 2, 0.6))
LEARNT = BAM(sizes=(1, 2), rule=Unsupervised(quality=0.8, n_examples=6))


@pytest.mark.heavy
@pytest.mark.parametrize("model", [BAM(), UNEQUAL, LEARNT], ids=["bam", "unequal", "learnt"])
def test_lines_separate_what_they_say(model):
    alpha = np.array([0.01, 0.04])
    sides = np.array([1 - 1e-6, 1 + 1e-6])[:, None]
    T_M = theory.spinodal_temperature(model, alpha)
    retrieval = theory.solve(model, alpha=alpha, T=T_M * sides)
    assert retrieval.converged.tolist() == [[True] * 2, [False] * 2]
    np.testing.assert_allclose(theory.critical_load(model, T_M), alpha, rtol=1e-8)
    T_g = theory.glass_temperature(model, alpha)
    glass = theory.solve(model, alpha=alpha, T=T_g * sides, start="glass")
    assert glass.converged.tolist() == [[True] * 2, [False] * 2]
    empty = theory.solve(model, alpha=alpha, T=T_g * sides, start="paramagnet")
    assert (np.sign(empty.replicon) == [[-1], [1]]).all()
    T_c = theory.transition_temperature(model, alpha)
    known = np.isfinite(T_c)
    assert known.any()
    one, other = (
        theory.solve(model, alpha=alpha[known], T=T_c[known], start=start).free_energy
        for start in ("retrieval", "glass")
    )
    np.testing.assert_allclose(one, other, atol=1e-12)
    np.testing.assert_allclose(theory.transition_load(model, T_c[known]), alpha[known], rtol=1e-8)


def test_the_glass_line_of_two_layers():
    """alpha b^2 (1 + b^2) = (1 - b^2)^2, b = 1/T, and alpha -> 0 is the low-load line."""
    alpha = np.array([1e-4, 0.1, 2.0])
    b2 = 1 / theory.glass_temperature(BAM(), alpha) ** 2
    np.testing.assert_allclose(alpha * b2 * (1 + b2), (1 - b2) ** 2, rtol=1e-9)
    g = UNEQUAL.shares
    top = np.linalg.eigvals(UNEQUAL.matrix * g).real.max()
    for line in (theory.glass_temperature, theory.spinodal_temperature,
                 theory.transition_temperature):  # fmt: skip
        assert line(UNEQUAL, 0.0) == pytest.approx(top, rel=1e-12)


@pytest.mark.heavy
def test_the_replicon_line_is_where_the_replicon_vanishes():
    for model, alpha in ((BAM(), 0.17), (BAM(sizes=(4, 1)), 0.16)):
        T = theory.replicon_temperature(model, alpha)
        assert 0 < T < theory.spinodal_temperature(model, alpha)
        replicon = theory.solve(model, alpha=alpha, T=T * np.array([0.99, 1, 1.01])).replicon
        assert abs(replicon[1]) < 1e-9
        assert (np.sign(replicon[[0, 2]]) == [-1, 1]).all()


def replicated(shape, gamma, g, alpha, T, h, x):
    """-f/T of n replicas over N bar: overlaps Q and conjugates rho of pairs, all layers."""
    size, n = shape
    pairs = list(itertools.combinations(range(n), 2))
    Q, rho = x.reshape(2, size, len(pairs))
    matrices = np.repeat(np.eye(n)[None], size, axis=0)
    for k, (a, b) in enumerate(pairs):
        matrices[:, a, b] = matrices[:, b, a] = Q[:, k]
    whole = np.zeros((size * n, size * n))
    for i, j in itertools.product(range(size), repeat=2):
        whole[i * n : i * n + n, j * n : j * n + n] = -gamma[i, j] * matrices[j] / T
    value = -0.5 * alpha * np.linalg.slogdet(np.eye(size * n) + whole)[1]
    states = np.array(list(itertools.product([-1, 1], repeat=n)))
    for i in range(size):
        exponent = h[i] / T * states.sum(axis=1)
        for k, (a, b) in enumerate(pairs):
            exponent = exponent + rho[i, k] / T**2 * states[:, a] * states[:, b]
        value += g[i] * (np.log(np.exp(exponent).sum()) - (Q[i] @ rho[i]) / T**2)
    return value


@pytest.mark.parametrize("alpha", [0.1, 1.4])
def test_the_replicon_is_an_eigenvalue_of_the_hessian_of_replicas(alpha):
    """Four replicas: the sector of eta orthogonal to ones, with the measure of four replicas.

    The matrix of the closed form, with E sech^4 over that measure, is singular in the same
    direction: what is eliminated from the numerical Hessian is compared with it, entry by entry.
    """
    g = UNEQUAL.shares
    gamma = UNEQUAL.matrix * np.sqrt(np.outer(g, g))
    T, n, size = 1.9, 4, 3
    q, V, h = np.array([0.3, 0.5, 0.4]), np.array([0.5, 0.9, 0.7]), np.array([0.4, 0.2, 0.6])
    pairs = list(itertools.combinations(range(n), 2))
    x = np.concatenate([np.repeat(q, len(pairs)), np.repeat(V, len(pairs))])
    eta = np.array([1.0, -1, 0, 0, -1, 1])  # of (01, 02, 03, 12, 13, 23): rows sum to zero
    directions = []
    for kind, layer in itertools.product(range(2), range(size)):
        vector = np.zeros((2, size, len(pairs)))
        vector[kind, layer] = eta
        directions.append(vector.ravel())

    def f(y):
        return replicated((size, n), gamma, g, alpha, T, h, y)

    step, hessian = 1e-3, np.zeros((2 * size, 2 * size))
    for i, j in itertools.product(range(2 * size), repeat=2):
        corners = [
            a * b * f(x + step * (a * directions[i] + b * directions[j]))
            for a, b in itertools.product((1, -1), repeat=2)
        ]
        hessian[i, j] = sum(corners) / (4 * step**2)
    hessian /= (eta**2).sum()
    # The measure of n replicas: cosh^n.
    z = np.linspace(-9, 9, 4001)
    fields = (h[:, None] + np.sqrt(V)[:, None] * z) / T
    weight = np.exp(-(z**2) / 2) * np.cosh(fields) ** n
    E = (weight / np.cosh(fields) ** 4).sum(axis=1) / weight.sum(axis=1)
    P = np.linalg.solve(np.eye(size) - gamma * (1 - q) / T, gamma)
    np.testing.assert_allclose(hessian[:size, :size], alpha / T**2 * P**2, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(hessian[:size, size:], -np.diag(g) / T**2, atol=5e-6)
    np.testing.assert_allclose(hessian[size:, size:], np.diag(g * E) / T**4, atol=2e-6)
    left = hessian[:size, :size] - hessian[:size, size:] @ np.linalg.solve(
        hessian[size:, size:], hessian[size:, :size]
    )
    closed = alpha / T**2 * P**2 - np.diag(g / E)
    np.testing.assert_allclose(left, closed, rtol=2e-5, atol=2e-5)
    largest = np.linalg.eigvals(E[:, None] * alpha / T**2 / g[:, None] * P**2).real.max()
    assert (largest < 1) == (np.linalg.eigvalsh(left)[-1] < 0)


@pytest.mark.heavy
def test_supervised_examples_weaken_and_their_gaussian_law_is_the_limit():
    few, many = (BAM(rule=Supervised(quality=0.5, n_examples=n)) for n in (20, 2000))
    assert theory.critical_load(few) < theory.critical_load(many) < theory.critical_load(BAM())
    exact, limit = (theory.critical_load(many, law=law) for law in ("binomial", "gaussian"))
    assert exact == pytest.approx(limit, rel=2e-3)


@pytest.mark.heavy
def test_curves_of_a_diagram():
    lines = theory.phase_lines(BAM(), n_points=16)
    assert lines.attrs["rsb"] == 0
    assert float(lines.spinodal_load[0]) == pytest.approx(0.199802, abs=1e-6)
    assert float(lines.transition_temperature[-1]) == 1
    assert float(lines.glass_temperature[0]) == 1
    assert (lines.transition_load <= lines.spinodal_load.max()).all()


@pytest.mark.heavy
def test_seven_layers():
    """Equal layers, each coupled to all others, have the overlap of one, as four of them have."""
    model = Assembly(couplings=(1 - np.eye(7)).tolist())
    state = theory.solve(model, alpha=[0.2, 0.5], T=[[0.0], [2.0]])
    assert state.converged.all()
    assert np.ptp(state.m, axis=-1).max() < 1e-12
    assert theory.critical_load(model) > theory.critical_load(TAM())
