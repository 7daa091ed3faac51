"""Reading at exponential load: other solvers, sums at finite N, and bounds."""

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln, logsumexp

import theory
from hebbian import Dense, Exponential, Hopfield, Multitasking, SparseDistributed
from hebbian.sparse_distributed import shared_addresses
from theory.sparse_distributed import one_step, share_exponent

NOTED = {
    (0.1, "excluded"): (0.4832, 0.3579, 0.1927),
    (0.1, "included"): (0.3681, 0.3054, 0.1927),
    (0.2, "excluded"): (0.2971, 0.2460, 0.1764),
    (0.2, "included"): (0.1927, 0.1672, 0.1324),
    (0.4, "excluded"): (0.0388, 0.0342, 0.0285),
    (0.4, "included"): (0.0201, 0.0179, 0.0150),
}


@pytest.mark.parametrize(("radius", "own_site"), NOTED)
def test_capacities_of_radii(radius, own_site):
    model = SparseDistributed(radius=radius, own_site=own_site)
    found = theory.reading_capacity(model, [1.0, 0.8, 0.6])
    np.testing.assert_allclose(found, NOTED[radius, own_site], atol=5e-5)


def rate(m):
    return sum((1 + s * m) * math.log(1 + s * m) for s in (1, -1) if 1 + s * m > 0) / 2


def by_balance(f, start, c, low):
    """Solve signal = noise in the load, the noise by bounded maximisation from many starts."""

    def excess(alpha):
        top = brentq(lambda m: rate(m) - alpha, 0, 1) if alpha < math.log(2) else 1.0
        ends = np.linspace(max(low, -top), top, 40)
        best = max(c * (alpha - rate(m)) + f(m) for m in ends if rate(m) <= alpha + 1e-12)
        for a, b in itertools.pairwise(ends):
            found = minimize_scalar(
                lambda m: -(c * (alpha - rate(m)) + f(m)), bounds=(a, b), method="bounded",
                options={"xatol": 1e-12},
            )  # fmt: skip
            best = max(best, -found.fun)
        return best - f(start)

    return brentq(excess, max(rate(max(low, 0.0)), 1e-9) + 1e-9, rate(start) + 1e-9, xtol=1e-10)


@pytest.mark.parametrize("own_site", ["included", "excluded"])
@pytest.mark.parametrize(("radius", "start"), [(0.13, 0.9), (0.24, 0.7), (0.33, 0.5), (0.45, 0.95)])
def test_minimum_over_overlaps_is_the_balance_of_signal_and_noise(radius, start, own_site):
    model = SparseDistributed(radius=radius, own_site=own_site)
    c = 1.0 if own_site == "included" else 0.5
    expected = by_balance(
        lambda m: float(share_exponent(m, radius=radius)), start, c, max(1 - 4 * radius, -1)
    )
    assert theory.reading_capacity(model, start) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("sharpness", [1e-6, 0.07, 0.25, 1.0, 3.0, 20.0, 1000.0])
def test_attention_has_closed_forms(sharpness):
    start = np.array([1.0, 0.97, 0.8, 0.5, 0.1, 1e-3, 0.0])
    for dynamics, c in (("parallel", 1.0), ("zero-temperature", 0.5)):
        field = sharpness / c
        line = field * start - (np.logaddexp(field, -field) - math.log(2))
        expected = np.where(start >= np.tanh(field), line, [rate(m) for m in start])
        found = theory.reading_capacity(Exponential(sharpness=sharpness), start, dynamics=dynamics)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * max(1, sharpness))


def test_the_best_sharpness_attains_the_bound_of_shannon():
    start = np.linspace(0.05, 0.95, 10)
    bound = theory.shannon_bound(start)
    for m, most in zip(start, bound, strict=True):
        sharpness = np.arctanh(m) * np.array([0.3, 0.8, 1.0, 1.5, 4.0])
        found = [theory.reading_capacity(Exponential(sharpness=s), m) for s in sharpness]
        assert (np.diff(found) >= -1e-14).all()
        np.testing.assert_allclose(found[2:], most, rtol=1e-12)
        assert found[1] < most
        at_half = theory.reading_capacity(
            Exponential(sharpness=sharpness[2] / 2), m, dynamics="zero-temperature"
        )
        assert at_half == pytest.approx(most, rel=1e-12)


def test_no_radius_reads_beyond_the_bound():
    start = np.linspace(0, 1, 41)
    for radius in (0.01, 0.1, 0.25, 0.3, 0.49):
        both = [
            theory.reading_capacity(SparseDistributed(radius=radius, own_site=o), start)
            for o in ("included", "excluded")
        ]
        read = np.isfinite(both[0])
        np.testing.assert_array_equal(read, start >= 1 - 4 * radius)
        assert (both[0][read] <= both[1][read] + 1e-15).all()
        assert (both[1][read] <= theory.shannon_bound(start)[read]).all()


def test_a_constant_and_a_power_do_not_matter():
    start = np.array([0.4, 0.9])
    for own_site in ("included", "excluded"):
        plain = theory.kernel_capacity(lambda m: 0.7 * m, start, own_site=own_site)
        shifted = theory.kernel_capacity(lambda m: 0.7 * m - 3, start, own_site=own_site)
        np.testing.assert_allclose(plain, shifted, rtol=1e-12)
    np.testing.assert_array_equal(theory.kernel_capacity(np.zeros_like, start), 0)
    for model in (Hopfield(), Dense(order=4)):
        np.testing.assert_array_equal(theory.reading_capacity(model, start), 0)


def test_kernels_with_an_edge_and_with_several_maxima():
    # A hard threshold: patterns beyond it vote alike, the nearest it are the most.
    cut = theory.kernel_capacity(np.zeros_like, [0.4, 0.5, 1.0], domain=(0.5, 1.0))
    assert np.isnan(cut[0])
    np.testing.assert_allclose(cut[1:], rate(0.5), rtol=1e-12)

    # A weight that has a second, lower maximum near m = 0.2.
    def bumpy(m):
        return np.maximum(2 * m, 0.9 - 50 * (m - 0.2) ** 2)

    fine = np.linspace(-1, 1, 2_000_001)
    for start in (0.5, 0.8):
        for own_site, c in (("included", 1.0), ("excluded", 0.5)):
            cost = theory.shannon_bound(fine) + np.maximum(bumpy(start) - bumpy(fine), 0) / c
            found = theory.kernel_capacity(bumpy, start, own_site=own_site)
            assert found == pytest.approx(cost.min(), abs=1e-9)
            assert found <= cost.min() + 1e-14


def finite_rate(n, delta, m0, c):
    """Load at which noise and signal of N spins are equal, by sums over all distances."""
    d, x0 = round(delta * n), round((1 - m0) / 2 * n)
    shared = shared_addresses(n, d)
    logs = np.array([math.log(s) if s else -math.inf for s in shared])
    x = np.arange(n + 1)
    law = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1) - n * math.log(2)
    if c == 1:
        near = x < n / 2  # the vote for the query, patterns nearer than half
        bias = np.log(1 - 2 * x[near] / n)
        return (logs[x0] - logsumexp(logs[near] + law[near] + bias)) / n
    return (2 * logs[x0] - logsumexp(2 * logs + law)) / n


@pytest.mark.parametrize(("delta", "m0"), [(0.2, 0.9), (0.4, 0.8), (0.4, 0.6)])
@pytest.mark.parametrize("own_site", ["included", "excluded"])
def test_sums_over_distances_converge_to_the_capacity(delta, m0, own_site):
    """Where typical patterns make the noise; with corrections of order ln(N)/N."""
    model = SparseDistributed(radius=delta, own_site=own_site)
    limit = float(theory.reading_capacity(model, m0))
    off = [
        finite_rate(n, delta, m0, 1.0 if own_site == "included" else 0.5) - limit
        for n in (200, 400, 1000, 2000)
    ]
    assert (np.diff(np.abs(off)) < 0).all()
    assert abs(off[-1]) < 0.006
    extrapolated = (2000 * off[-1] - 1000 * off[-2]) / 1000
    assert abs(extrapolated) < 0.002


@pytest.mark.parametrize("own_site", ["included", "excluded"])
def test_readings_of_finite_memories_end_at_the_capacity(own_site):
    """The load at which half of the wrong sites are corrected, delta = 0.2, from overlap 0.8."""
    model = SparseDistributed(radius=0.2, own_site=own_site)
    limit = float(theory.reading_capacity(model, 0.8))
    loads, found = np.arange(0.14, 0.32, 0.002), []
    for n in (200, 400, 1000):
        given = [{"n_spins": n, "n_patterns": int(math.exp(alpha * n))} for alpha in loads]
        left = [float(one_step(model, n // 10, **each).distance) for each in given]
        found.append(np.interp(0.05 * n, left, loads))
    off = np.abs(np.array(found) - limit)
    assert (np.diff(off) < 1e-4).all()
    assert off[-1] < 2e-3


@pytest.mark.parametrize("radius", [0.05, 0.1, 0.2, 0.3, 0.45])
def test_the_vote_for_the_query_has_a_closed_form(radius):
    """f(m0) - 2 f(1) where m0 is at least the overlap (1 - 2 delta)^2 of those that vote."""
    start = np.linspace(max(1 - 4 * radius, 0.02), 1, 30)
    f = share_exponent(start, radius=radius)
    closed = np.where(
        start >= (1 - 2 * radius) ** 2, f - 2 * share_exponent(1.0, radius=radius),
        theory.shannon_bound(start),
    )  # fmt: skip
    found = theory.reading_capacity(SparseDistributed(radius=radius), start)
    np.testing.assert_allclose(found, closed, rtol=0, atol=1e-13)


@pytest.mark.parametrize("radius", [0.07, 0.2, 0.31, 0.45])
def test_rates_of_shared_addresses_converge_to_the_exponent(radius):
    for m in (1.0, 0.9, 0.75, 1 - 3.9 * radius if radius < 0.25 else -0.2):
        off = []
        for n in (500, 2000):
            d, x = round(radius * n), 2 * round((1 - m) / 4 * n)
            count = shared_addresses(n, d)[x]
            exact = share_exponent(1 - 2 * x / n, radius=d / n)
            off.append(math.log(count) / n - math.log(2) - exact)
        assert abs(off[1]) < min(abs(off[0]), 5e-3)
    assert share_exponent(1 - 4 * radius - 1e-9, radius=radius) == -np.inf


def test_the_share_of_all_addresses_is_the_exponent_at_the_pattern():
    """f(1) = h(delta) - ln 2; in units of phi(0) it is subtracted, and no capacity changes."""
    delta = 0.2
    entropy = -delta * math.log(delta) - (1 - delta) * math.log(1 - delta)
    assert share_exponent(1.0, radius=delta) == pytest.approx(entropy - math.log(2), rel=1e-14)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: theory.reading_capacity(SparseDistributed(), 1.1), "start_overlap = 1.1 is out"),
        (lambda: theory.reading_capacity(SparseDistributed(), dynamics="glauber"), "dynamics = "),
        (lambda: theory.reading_capacity(SparseDistributed(), dynamics="zero-temperature"),
         "is read by dynamics = 'parallel'"),
        (lambda: theory.reading_capacity(SparseDistributed(n_neurons=9)), "n_neurons = 9: "),
        (lambda: theory.reading_capacity(Multitasking()), "Multitasking have no reading capacity"),
        (lambda: theory.kernel_capacity(lambda m: m, own_site="mine"), "own_site = 'mine'"),
        (lambda: theory.kernel_capacity(lambda m: 1.0), "exponent: not one number"),
        (lambda: theory.kernel_capacity(lambda m: m * np.inf), "exponent: not one number"),
        (lambda: theory.kernel_capacity(lambda m: m, domain=(0.5, 0.5)), "domain = "),
        (lambda: theory.kernel_capacity(lambda m: m, domain=(-2, 0.5)), "domain = -2"),
        (lambda: theory.shannon_bound(-1.5), "start_overlap = -1.5 is outside"),
        (lambda: share_exponent(0.5, radius=0.5), "radius = 0.5 is outside"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(call, says):
    with pytest.raises(ValueError, match=says) as raised:
        call()
    assert "\n" not in str(raised.value)
