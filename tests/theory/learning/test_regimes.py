"""Ultra-storage, ultra-detection and noisy learning: simulation, published values, limits."""

from math import comb, erf, exp, factorial, pi, sqrt

import numpy as np
import pytest

import theory
from hebbian import Dense, Supervised, Unsupervised


def test_ultra_storage():
    values = {2: 0.137906, 3: 0.126095, 4: 0.0329767, 6: 0.00131400, 8: 2.77183e-5}
    for order, amplitude in values.items():
        limit = theory.ultra_storage(order)
        assert limit.exponent == order - 1
        assert limit.amplitude == pytest.approx(amplitude, rel=4e-6)
        assert limit.critical_load == theory.critical_load(Dense(order=order))
    assert np.isnan(theory.ultra_storage(4, T=2.0).amplitude)


@pytest.mark.parametrize(
    ("kind", "order", "b", "exponent"),
    [
        ("patterns", 4, 1, 0),
        ("learning", 4, 1, 1 / 2),  # w ~ sqrt(N), arXiv:1911.12689
        ("learning", 4, 2, 1 / 4),
        ("learning", 4, 0.5, 1 / 2),
        ("learning", 6, 1, 1),
        ("learning", 2, 0, 0),
        ("storing", 4, 1, 1),
        ("storing", 3, 0, 1),
        ("data", 4, 1, -1 / 3),
        ("data", 3, 1, -1 / 4),
        *((kind, 4, 3, 0) for kind in ("patterns", "learning", "storing", "data")),
    ],
)
def test_exponents(kind, order, b, exponent):
    found = theory.ultra_detection(order, b, kind=kind)
    assert found.exponent == pytest.approx(exponent, abs=1e-15)
    assert found.quantity == ("quality" if kind == "data" else "noise")


@pytest.mark.parametrize(("kind", "b"), [("learning", 1.5), ("storing", 1), ("data", 1)])
@pytest.mark.parametrize("order", [4, 6])
def test_tolerable_noise_grows_with_the_exponent(kind, b, order):
    N = np.array([1e9, 1e10])
    noise = [
        theory.tolerable_noise(kind, order=order, n_spins=n, n_patterns=n**b, dataset_entropy=0.1)
        for n in N
    ]
    exponent = np.diff(np.log(noise))[0] / np.diff(np.log(N))[0]
    assert exponent == pytest.approx(theory.ultra_detection(order, b, kind=kind).exponent, abs=1e-4)


def test_tolerable_noise_is_where_the_effective_load_is_critical():
    common = {"order": 4, "n_spins": 300.0, "n_patterns": 9000.0}
    for T in (0.0, 0.4):
        limit = theory.critical_load(Dense(order=4), T)
        for kind in ("learning", "storing"):
            w = theory.tolerable_noise(kind, T=T, **common)
            assert theory.effective_load(kind, noise=w, **common) == pytest.approx(limit, rel=1e-12)
    rho = 0.1
    r = theory.tolerable_noise("data", dataset_entropy=rho, **common)
    M = round((1 - r**2) / (rho * r**2))
    load = theory.effective_load("data", quality=r, n_examples=M, **common)
    data = Supervised(quality=r, n_examples=M)
    limit = theory.critical_load(Dense(order=4, rule=data), law="gaussian")
    assert load == pytest.approx(limit, rel=0.02)  # M is whole
    assert np.isnan(theory.tolerable_noise("storing", order=4, n_spins=10, n_patterns=1000))
    crowded = {"order": 4, "n_spins": 10, "n_patterns": 1000, "dataset_entropy": 0.1}
    assert np.isnan(theory.tolerable_noise("data", **crowded))


def test_effective_loads():
    common = {"order": 3, "n_spins": 100, "n_patterns": [50, 500]}
    alpha = np.array([0.015, 0.15])
    np.testing.assert_allclose(theory.effective_load("patterns", noise=3.0, **common), alpha)
    np.testing.assert_allclose(theory.effective_load("storing", noise=3.0, **common), 10 * alpha)
    model = Dense(order=3, rule=Unsupervised(quality=0.4, n_examples=30))
    np.testing.assert_allclose(
        theory.effective_load("data", quality=0.4, n_examples=30, **common),
        alpha * theory.noise_ratio(model),
    )


def extrapolated(sizes, samples, exact):
    """Fit `exact` + a/N to sample means; return the shift that is left at 1/N = 0, in errors."""
    mean = np.array([np.mean(x) for x in samples])
    error = np.array([np.std(x, ddof=1) / np.sqrt(len(x)) for x in samples])
    design = np.stack([np.ones(len(sizes)), 1 / np.array(sizes)], axis=1) / error[:, None]
    covariance = np.linalg.inv(design.T @ design)
    intercept = (covariance @ design.T @ (mean / error))[0]
    assert sqrt(covariance[0, 0]) < 0.03
    return (intercept - exact) / sqrt(covariance[0, 0])


def one_step_of_examples(N, K, r, M):
    """One step of the unsupervised P = 4 network from an archetype, in the limit of large M.

    Includes the noise that the retrieved class makes itself, relative to the signal of order
    1/(N r^2): examples a share k sites of their triples in C(3, k) C(N - 4, 3 - k) ways.
    """
    triples = comb(N - 1, 3)
    square = sum(triples * comb(3, k) * comb(N - 4, 3 - k) * r ** (6 - 2 * k) for k in range(4))
    own = (square - r**8 * triples**2) / M
    others = (K - 1) * triples * (r**8 + (1 - r**8) / M)
    return erf(r**4 * triples / sqrt(2 * (own + others)))


def test_simulated_data_noise():
    """K = N/2, P = 4: at constant effective load r falls as N^(-1/3), and retrieval stays."""
    rng = np.random.default_rng(4)
    rho, load = 0.1, 0.3
    gaps = []
    for N, n_samples in ((48, 80), (80, 40), (128, 24), (10**6, 0), (10**9, 0)):
        K = N // 2
        alpha = theory.effective_load("patterns", order=4, n_spins=N, n_patterns=K)
        rho_P = load / alpha * (1 + rho) ** 4 - 1
        # rho_P = rho (1 + r^-2 + r^-4 + r^-6)
        r = max(np.roots([1, 1, 1, 1 - rho_P / rho]), key=np.real).real ** -0.5
        M = round((1 - r**2) / (rho * r**2))
        data = {"quality": r, "n_examples": M}
        assert theory.effective_load(
            "data", order=4, n_spins=N, n_patterns=K, **data
        ) == pytest.approx(load, rel=0.02)
        teacher = Dense(order=4, rule=Supervised(**data))
        limit = theory.signal_to_noise(teacher, alpha=load, law="gaussian").m
        finite = one_step_of_examples(N, K, r, M)
        gaps.append(abs(limit - finite))
        m = []
        for _ in range(n_samples):
            flips = 1.0 - 2.0 * (rng.random((K * M, N), dtype=np.float32) < (1 - r) / 2)
            signs = np.repeat(rng.choice([-1.0, 1.0], (K, N)), M, axis=0)
            signs[:M] = 1
            rows = flips * signs
            s = rows.sum(axis=1, keepdims=True) - rows
            m.append(np.sign((rows * s * (s**2 - 3 * (N - 1) + 2)).sum(axis=0)).mean())
        if m:
            error = np.std(m, ddof=1) / sqrt(n_samples)
            assert error < 0.02
            assert np.mean(m) == pytest.approx(finite, abs=3.5 * error)
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-3


def test_simulated_learning_noise():
    """K = N^1.5, P = 4: the noise of the patterns that are not retrieved is a load w^4 K/N^3."""
    rng = np.random.default_rng(4)
    sizes, load = (32, 48, 80), 0.6
    samples = []
    for N, n_samples in zip(sizes, (40, 30, 15), strict=True):
        K = round(N**1.5)
        w = (load * N**3 / K) ** 0.25
        samples.append([])
        for _ in range(n_samples):
            h = np.full(N, 2.0 * N**3)
            for _ in range(K):
                xi = rng.choice([-1.0, 1.0], N)
                W = np.outer(xi, xi) + w * rng.standard_normal((N, N))
                np.fill_diagonal(W, 0)
                b = W.sum(axis=0) + W.sum(axis=1)
                h += W.sum() * b - b**2
            samples[-1].append(np.sign(h).mean())
        assert theory.effective_load(
            "learning", order=4, n_spins=N, n_patterns=K, noise=w
        ) == pytest.approx(load, rel=1e-12)
    exact = theory.signal_to_noise(Dense(order=4), alpha=load).m
    assert abs(extrapolated(sizes, samples, exact)) < 3.5


def test_simulated_storing_noise():
    """One Gaussian coupling per triple of sites, of variance K w^2."""
    rng = np.random.default_rng(4)
    N, K, w, P = 40, 30, 4.0, 3
    site = np.arange(N)
    ascending = (site[:, None, None] < site[:, None]) & (site[:, None] < site)
    fields = []
    for _ in range(60):
        g = rng.standard_normal((N, N, N)) * ascending
        h = g.sum(axis=(1, 2)) + g.sum(axis=(0, 2)) + g.sum(axis=(0, 1))
        fields.append(factorial(P) / 2 / N ** (P - 1) * sqrt(K) * w * h)
    noisy, clean = (
        theory.effective_load("storing", order=P, n_spins=N, n_patterns=K, noise=x) for x in (w, 0)
    )
    exact = theory.signal_to_noise(Dense(order=P), alpha=noisy - clean).field_variance
    finite = (1 - 1 / N) * (1 - 2 / N)
    assert np.var(fields) == pytest.approx(exact * finite, rel=0.08)


def test_noisy_learning_capacities():
    assert theory.noisy_learning_capacity() == pytest.approx(0.545041, abs=5e-7)
    without = theory.noisy_learning_capacity(self_noise=False)
    assert without == pytest.approx(0.651097, abs=5e-7)


@pytest.mark.parametrize("self_noise", [True, False])
@pytest.mark.parametrize("order", [4, 6, 8])
@pytest.mark.parametrize("noise", [None, 0.3])
def test_noisy_learning_iterated(order, noise, self_noise):
    """The equations of T = 0, iterated from the pattern, below and beyond the capacity."""
    h = order // 2
    capacity = theory.noisy_learning_capacity(order, noise=noise, self_noise=self_noise)

    def iterated(alpha):
        m, C = 1.0, 0.0
        w2 = alpha if noise is None else noise
        for _ in range(4000):
            D = min(h * C * w2, 0.999)
            S = h * m ** (order - 1) * (1 + self_noise * D)
            V = self_noise * h * w2 * m**order + h * alpha * w2**2 / (1 - D) ** 2
            m = 0.5 * (m + erf(S / sqrt(2 * V)))
            C = 0.5 * (C + sqrt(2 / (pi * V)) * exp(-S * S / (2 * V)))
        return m

    for alpha in (0.3 * capacity, 0.97 * capacity):
        m = theory.noisy_learning_overlap(alpha, order, noise=noise, self_noise=self_noise)
        assert m == pytest.approx(iterated(alpha), abs=1e-9)
    beyond = 1.03 * capacity
    assert np.isnan(
        theory.noisy_learning_overlap(beyond, order, noise=noise, self_noise=self_noise)
    )
    assert iterated(beyond) < 0.5


def test_simulated_overlaps_of_noisy_learning():
    """P = 4, K = alpha N, w^2 = K, N = 200: simulation 0.983(3) and 0.953(3)."""
    assert theory.noisy_learning_overlap(0.3) == pytest.approx(0.983, abs=0.009)
    assert theory.noisy_learning_overlap(0.45) == pytest.approx(0.953, abs=0.009)
    assert theory.noisy_learning_overlap(0.45, self_noise=False) > 0.999


def test_too_much_noise_of_the_pattern_itself():
    assert theory.noisy_learning_capacity(noise=10.0) == 0
    assert np.isnan(theory.noisy_learning_overlap(1e-6, noise=10.0))


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (theory.ultra_storage, {"order": 9}, "order"),
        (theory.ultra_storage, {"order": 4, "T": -1}, "T"),
        (theory.ultra_detection, {"order": 4, "storage_exponent": 3.5, "kind": "data"}, "exponent"),
        (theory.ultra_detection, {"order": 4, "storage_exponent": 0, "kind": "data"}, "exponent"),
        (theory.ultra_detection, {"order": 4, "storage_exponent": 1, "kind": "noise"}, "kind"),
        (theory.ultra_detection, {"order": 3, "storage_exponent": 1, "kind": "learning"}, "order"),
        (theory.noisy_learning_capacity, {"order": 5}, "order"),
        (theory.noisy_learning_capacity, {"order": 4, "noise": 0.0}, "noise"),
        (theory.noisy_learning_overlap, {"alpha": 0.0}, "alpha"),
    ],
)
def test_bad_input_is_one_clear_line(function, arguments, name):
    with pytest.raises(ValueError, match=name) as error:
        function(**arguments)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"kind": "loud"}, "kind"),
        ({"n_spins": 0}, "n_spins"),
        ({"n_patterns": [1, -1]}, "n_patterns"),
        ({"order": 1}, "order"),
    ],
)
def test_bad_networks(bad, name):
    arguments = {"kind": "storing", "order": 4, "n_spins": 100, "n_patterns": 10, **bad}
    for function in (theory.effective_load, theory.tolerable_noise):
        with pytest.raises(ValueError, match=name):
            function(arguments["kind"], **{k: v for k, v in arguments.items() if k != "kind"})
    with pytest.raises(ValueError, match="dataset_entropy"):
        theory.tolerable_noise("data", order=4, n_spins=100, n_patterns=10)
