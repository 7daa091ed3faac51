"""One parallel step against direct simulation, direct sums and published numbers."""

from math import comb, factorial, prod

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erf

import theory
from hebbian import Dense, Hopfield, Multitasking, Storing, Supervised, Unsupervised


def field_of_rows(rows, spins, order, indices):
    """Return half the energy difference of both directions of every spin, times N^(P-1)."""
    x = rows * spins
    others = x.sum(axis=1, keepdims=True) - x
    if indices == "all":
        half = ((others + rows) ** order - (others - rows) ** order) / 4
        return half.sum(axis=0)
    squares = (x**2).sum(axis=1, keepdims=True) - x**2
    cubes = (x**3).sum(axis=1, keepdims=True) - x**3
    symmetric = {
        2: others,
        3: (others**2 - squares) / 2,
        4: (others**3 - 3 * others * squares + 2 * cubes) / 6,
    }[order]
    return factorial(order) / 2 * (rows * symmetric).sum(axis=0)


def simulated_step(model, order, indices, n_spins, K, start, T, rng):
    """Return the overlap with archetype 1 after one step from overlap `start`."""
    rule = model.rule
    archetypes = rng.choice([-1.0, 1.0], (K, n_spins))
    p = [(1 - rule.quality) / 2, (1 + rule.quality) / 2]
    spins = archetypes[0] * rng.choice([-1, 1], n_spins, p=[(1 - start) / 2, (1 + start) / 2])
    h = np.zeros(n_spins)
    for block in np.array_split(archetypes, max(1, K * rule.n_examples // 20000)):
        flips = rng.choice([-1.0, 1.0], (len(block), rule.n_examples, n_spins), p=p)
        examples = flips * block[:, None]
        if isinstance(rule, Unsupervised):
            rows, scale = examples.reshape(-1, n_spins), 1 / rule.n_examples
        else:
            rows, scale = examples.mean(axis=1), 1.0
        h += scale * field_of_rows(rows, spins, order, indices)
    h /= n_spins ** (order - 1) * rule.second_moment ** (order / 2)
    return np.mean(archetypes[0] * (np.tanh(h / T) if T else np.sign(h)))


R4M20 = {"quality": 0.4, "n_examples": 20}
R8M4 = {"quality": 0.8, "n_examples": 4}
SIMULATED = [
    # model, n_spins, alpha, T, start_overlap, samples
    (Hopfield(), 400, 0.3, 0.0, 1.0, 12),
    (Hopfield(), 400, 0.2, 0.5, 0.6, 12),
    (Hopfield(rule=Supervised(quality=0.5, n_examples=10)), 400, 0.1, 0.0, 1.0, 12),
    (Hopfield(rule=Unsupervised(quality=0.5, n_examples=10)), 400, 0.1, 0.0, 0.8, 12),
    (Dense(order=3), 120, 0.4, 0.3, 0.8, 24),
    (Dense(order=3, rule=Supervised(**R8M4)), 120, 0.3, 0.0, 0.9, 12),
    (Dense(order=4), 60, 0.3, 0.0, 0.9, 16),
    (Dense(order=4, rule=Unsupervised(**R8M4)), 60, 0.1, 0.4, 1.0, 12),
]


@pytest.mark.parametrize(("model", "n_spins", "alpha", "T", "start", "samples"), SIMULATED, ids=str)
def test_simulated_step(model, n_spins, alpha, T, start, samples):
    """With distinct sites N is finite only through alpha/Pi and T/Pi."""
    rng = np.random.default_rng(11)
    order, K = model.order, model.count(alpha, n_spins)
    indices = getattr(model, "indices", "distinct")
    m = [simulated_step(model, order, indices, n_spins, K, start, T, rng) for _ in range(samples)]
    finite = prod(1 - k / n_spins for k in range(order))
    load = factorial(order) / 2 * K / n_spins ** (order - 1)
    step = theory.signal_to_noise(model, alpha=load / finite, T=T / finite, start_overlap=start)
    error = np.std(m, ddof=1) / np.sqrt(samples)
    assert error < 0.03
    assert np.mean(m) == pytest.approx(step.m, abs=3.5 * error)


@pytest.mark.parametrize(("order", "n_spins", "alpha"), [(3, 60, 1.5), (4, 50, 0.5)])
def test_simulated_step_with_coinciding_sites(order, n_spins, alpha):
    rng = np.random.default_rng(5)
    model = Dense(order=order, indices="all")
    K = model.count(alpha, n_spins)
    m = [simulated_step(model, order, "all", n_spins, K, 1.0, 0.0, rng) for _ in range(40)]
    error = np.std(m, ddof=1) / np.sqrt(40)
    exact = theory.signal_to_noise(model, alpha=alpha).m
    assert np.mean(m) == pytest.approx(exact, abs=3.5 * error + 0.5 / n_spins)
    distinct = theory.signal_to_noise(Dense(order=order), alpha=alpha).m
    assert abs(np.mean(m) - distinct) > 5 * error


@pytest.mark.parametrize("law", ["binomial", "gaussian"])
@pytest.mark.parametrize(
    ("order", "indices"), [(2, "distinct"), (2, "all"), (4, "distinct"), (5, "all"), (8, "all")]
)
@pytest.mark.parametrize("rule", [Supervised, Unsupervised])
def test_zero_temperature_formula(order, indices, rule, law):
    """m_1 = E erf(u c^(P-1) / sqrt(2 g kappa)); self-terms put (2P-3)!! in place of (P-1)!."""
    r, M, alpha = 0.7, 5, 0.02
    R = r**2 + (1 - r**2) / M
    c = r / np.sqrt(R)
    double = prod(range(1, 2 * order - 2, 2)) / factorial(order - 1)
    factor = double if indices == "all" and order > 2 else 1.0
    if rule is Unsupervised and indices == "all" and order > 2:
        return  # the weights of the ranks have noise ratios of their own
    kappa = (r ** (2 * order) + (1 - r ** (2 * order)) / M) / R**order
    V = 2 * alpha / order * factor * (kappa if rule is Unsupervised else 1)
    model = Dense(order=order, indices=indices, rule=rule(quality=r, n_examples=M))
    step = theory.signal_to_noise(model, alpha=alpha, law=law)
    if law == "binomial":
        k = np.arange(M + 1)
        p = [comb(M, j) * ((1 + r) / 2) ** j * ((1 - r) / 2) ** (M - j) for j in k]
        exact = p @ erf((2 * k - M) / (M * np.sqrt(R)) * c ** (order - 1) / np.sqrt(2 * V))
    else:
        exact = erf(1 / np.sqrt(2 * ((1 - r**2) / (M * r**2) + V / c ** (2 * order))))
    assert step.m == pytest.approx(exact, abs=1e-14)
    half = order / 2
    assert step.field_mean == pytest.approx(half * c**order, rel=1e-14)
    variance = half**2 * (V + c ** (2 * order - 2) * (1 - c**2))
    assert step.field_variance == pytest.approx(variance, rel=1e-13)


def test_temperature():
    step = theory.signal_to_noise(Dense(order=4), alpha=0.3, T=0.7, start_overlap=0.8)
    mean, sigma = 2 * 0.8**3, np.sqrt(0.6)

    def density(x):
        return np.tanh((mean + sigma * x) / 0.7) * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)

    assert step.m == pytest.approx(quad(density, -12, 12, epsabs=1e-13)[0], abs=1e-12)


@pytest.mark.parametrize(
    ("model", "alpha", "law", "m"),
    [
        (Hopfield(rule=Supervised(quality=0.5, n_examples=10)), 0.1, "binomial", 0.8455),
        (Hopfield(rule=Supervised(quality=0.5, n_examples=10)), 0.1, "gaussian", 0.8557),
        (Hopfield(rule=Unsupervised(quality=0.5, n_examples=10)), 0.1, "binomial", 0.8152),
        # N = 80, where alpha/Pi replaces alpha.
        (Dense(order=4, rule=Supervised(**R4M20)), 0.05 / 0.926328, "binomial", 0.910),
        (Dense(order=4, rule=Unsupervised(**R4M20)), 0.05 / 0.926328, "binomial", 0.487),
        (Dense(order=4, rule=Supervised(quality=0.6, n_examples=10)), 0.1, "gaussian", 0.9439237),
        (Dense(order=4, rule=Unsupervised(quality=0.6, n_examples=10)), 0.1, "gaussian", 0.8342931),
    ],
    ids=str,
)
def test_reference_values(model, alpha, law, m):
    digits = len(str(m)) - 2
    assert theory.signal_to_noise(model, alpha=alpha, law=law).m == pytest.approx(
        m, abs=1.01 * 10.0**-digits
    )


def test_unsupervised_with_coinciding_sites_sums_over_ranks():
    """P = 4: kappa_4 + 3 kappa_2 / 2 in place of 5/2."""
    r, M = 0.7, 5
    R = r**2 + (1 - r**2) / M
    kappa = {k: (r ** (2 * k) + (1 - r ** (2 * k)) / M) / R**4 for k in (2, 4)}
    rule = Unsupervised(quality=r, n_examples=M)
    step = theory.signal_to_noise(
        Dense(order=4, indices="all", rule=rule), alpha=0.1, start_overlap=0.0
    )
    assert step.m == 0
    assert step.field_variance == pytest.approx(0.1 * (2 * kappa[4] + 3 * kappa[2]), rel=1e-13)


@pytest.mark.parametrize("rule", [Storing(), Supervised(quality=0.4, n_examples=10)], ids=str)
def test_simulated_step_of_a_multitasking_network(rule):
    n_spins, n_samples, K, d, start, T = 20_000, 40, 3, 0.3, 0.8, 0.1
    rng = np.random.default_rng(2)
    measured = []
    for _ in range(n_samples):
        xi = rng.choice([-1, 0, 1], (K, n_spins), p=[(1 - d) / 2, d, (1 - d) / 2])
        plus = rng.binomial(rule.n_examples, (1 + rule.quality) / 2, xi.shape)
        v = xi * (2 * plus - rule.n_examples) / (rule.quality * rule.n_examples)
        hierarchy = np.where(xi[0] != 0, xi[0], np.where(xi[1] != 0, xi[1], xi[2]))
        spins = hierarchy * rng.choice([-1, 1], n_spins, p=[(1 - start) / 2, (1 + start) / 2])
        h = (v @ spins / n_spins) @ v
        along = (h * xi[0])[xi[0] != 0]
        measured.append([*(xi @ np.tanh(h / T) / n_spins), along.mean(), along.var()])
    model = Multitasking(n_patterns=K, dilution=d, rule=rule)
    step = theory.signal_to_noise(model, T=T, start_overlap=start)
    error = np.std(measured, axis=0, ddof=1) / np.sqrt(n_samples)
    gap = np.mean(measured, axis=0) - [*step.m, step.field_mean, step.field_variance]
    assert (error < 0.003).all()
    assert (np.abs(gap) < 3.5 * error + 1 / n_spins).all()


def test_grids():
    step = theory.signal_to_noise(
        Dense(order=4), alpha=np.linspace(0, 1, 5)[:, None], T=[0.0, 0.2, 0.4]
    )
    assert step.m.shape == step.field_mean.shape == step.field_variance.shape == (5, 3)
    assert (np.diff(step.m, axis=0) < 0).all()
    odd, even = (
        theory.signal_to_noise(Dense(order=P), alpha=0.1, start_overlap=[-0.5, 0.5]).m
        for P in (3, 4)
    )
    assert odd[0] == odd[1] > 0
    assert even[0] == -even[1] < 0
    model = Multitasking(n_patterns=2, dilution=0.2)
    assert theory.signal_to_noise(model, T=[0.0, 0.1, 0.2]).m.shape == (3, 2)
    assert theory.signal_to_noise(Hopfield(), alpha=[]).m.shape == (0,)


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"alpha": None}, "alpha"),
        ({"alpha": -0.1}, "alpha"),
        ({"T": np.nan}, "T"),
        ({"start_overlap": 1.5}, "start_overlap"),
        ({"start_overlap": "pattern"}, "start_overlap"),
        ({"law": "poisson"}, "law"),
        ({"alpha": [0.1, 0.2], "T": [0.1, 0.2, 0.3]}, "alpha"),
        ({"model": Multitasking(n_patterns=2, dilution=0.2)}, "alpha"),
    ],
    ids=str,
)
def test_bad_input_is_one_clear_line(bad, name):
    arguments = {"model": Hopfield(), "alpha": 0.1, **bad}
    with pytest.raises(ValueError, match=name) as error:
        theory.signal_to_noise(arguments.pop("model"), **arguments)
    assert "\n" not in str(error.value)
