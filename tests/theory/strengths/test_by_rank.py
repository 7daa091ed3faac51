"""Every pattern of one network: sums over the others, one by one."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import erf

import theory
from hebbian import Dense, Hopfield, Multitasking, Unsupervised


def retrieved(g, number, load_of_one, Pi):
    """Overlap of a pattern at T = 0, NaN without: the others summed as they are, P = 2."""
    others = np.delete(g, number)
    y = np.geomspace(60, 0.003, 6001)

    def missing(y):
        m = erf(y)
        chi = 2 / np.sqrt(np.pi) * y * np.exp(-(y**2)) / (g[number] * m)
        if others.max() * chi >= 1:
            return -np.inf
        V = (g[number] * m / y) ** 2 / 2
        return V - load_of_one / Pi * np.sum((others / (1 - others * chi)) ** 2)

    values = np.array([missing(each) for each in y])
    at = int(np.argmax(values >= 0))
    return erf(brentq(missing, y[at], y[at - 1], xtol=1e-15)) if values[at] >= 0 else np.nan


@pytest.mark.parametrize("weights", ["zipf:0.8", "palimpsest:8"])
def test_each_is_the_state_among_the_others(weights):
    model, N, alpha = Hopfield(weights=weights), 300, 0.3
    found = theory.by_rank(
        model, alpha=alpha, n_spins=N, ranks=[1, 2, 5, 9, 12, 14, 15, 16, 17, 40]
    )
    g = model.strengths(model.count(alpha, N), N)
    Pi = 1 - 1 / N
    exact = [retrieved(g, k - 1, 1 / N, Pi) for k in found.rank.tolist()]
    np.testing.assert_allclose(found.m, exact, rtol=1e-9)
    # Of all patterns, whichever are returned; these fall in strength.
    every = theory.by_rank(model, alpha=alpha, n_spins=N)
    assert 0 < found.n_retrieved == every.n_retrieved == every.converged.sum()
    assert found.cut == every.cut == np.flatnonzero(~every.converged)[0]
    np.testing.assert_array_equal(found.strength, g[found.rank - 1])


def test_one_strength_is_the_uniform_network_with_a_pattern_less():
    N, T = 200, 0.2
    for model in (Hopfield(), Dense(order=3), Dense(order=4, indices="all")):
        N = 200 if model.order == 2 else 40
        K = model.count(0.05, N)
        Pi = theory.conventions.weakness(model, N)
        one = theory.solve(model, alpha=model.load(K - 1, N) / Pi, T=T / Pi)
        for weights in (None, [1.0] * K, [3.0] * K):
            c = weights[0] if weights else 1.0
            which = type(model)(**{**vars(model), "weights": weights})
            found = theory.by_rank(which, alpha=0.05, T=c * T, n_spins=N)
            assert found.m.shape == (K,)
            assert found.n_retrieved == found.cut == K
            np.testing.assert_allclose(found.m, one.m, rtol=1e-12)
            np.testing.assert_allclose(found.susceptibility * c * Pi, one.susceptibility, rtol=1e-9)
            # The constant of the diagonal is that of all K.
            shift = theory.solve(model, alpha=0.05, T=T, n_spins=N).energy - theory.solve(
                model, alpha=0.05, T=T).energy  # fmt: skip
            np.testing.assert_allclose(
                found.free_energy / c, Pi * one.free_energy + shift, rtol=1e-9
            )


def test_order_three_is_the_uniform_network_in_other_units():
    N, alpha, T = 60, 0.2, 0.15
    model = Dense(order=3, weights="zipf:0.4")
    K, Pi = model.count(alpha, N), (1 - 1 / N) * (1 - 2 / N)
    g = model.strengths(K, N)
    found = theory.by_rank(model, alpha=alpha, T=T, n_spins=N, ranks=[1, 10, 100])
    for k, number in enumerate((0, 9, 99)):
        load = model.load(1, N) * np.sum(np.delete(g, number) ** 2) / g[number] ** 2 / Pi
        one = theory.solve(Dense(order=3), alpha=load, T=T / g[number] / Pi)
        np.testing.assert_allclose(found.m[k], one.m, rtol=1e-12)
        np.testing.assert_allclose(found.energy[k], Pi * g[number] * one.energy, rtol=1e-12)


def test_the_cut_counts_from_the_strongest_whatever_the_order():
    g = np.random.default_rng(2).permutation(np.linspace(0.0, 1.0, 40))
    found = theory.by_rank(Hopfield(weights=g), alpha=0.2, n_spins=200)
    assert 0 < found.cut < 40
    threshold = np.sort(g)[::-1][found.cut - 1]
    np.testing.assert_array_equal(found.converged, g >= threshold)
    assert not found.converged[g == 0].any()
    some = theory.by_rank(Hopfield(weights=g), alpha=0.2, n_spins=200, ranks=[3, 1])
    np.testing.assert_array_equal(some.m, found.m[[2, 0]])
    assert some.rank.tolist() == [3, 1]


def test_loads_of_different_numbers_of_patterns():
    found = theory.by_rank(Hopfield(weights="palimpsest:5"), alpha=[[0.05], [0.1]], T=[0.0, 0.2],
                           n_spins=100)  # fmt: skip
    assert found.m.shape == (2, 2, 10)
    assert found.cut.shape == (2, 2)
    assert np.isnan(found.strength[0, :, 5:]).all()
    assert not found.converged[0, :, 5:].any()
    one = theory.by_rank(Hopfield(weights="palimpsest:5"), alpha=0.1, T=0.2, n_spins=100)
    np.testing.assert_array_equal(found.m[1, 1], one.m)


def test_examples_are_left_out_with_their_class():
    rule = Unsupervised(quality=0.8, n_examples=6)
    K, N = 12, 400
    Pi = 1 - 1 / N
    one = theory.solve(Hopfield(rule=rule), alpha=(K - 1) / N / Pi, T=0.2 / Pi)
    found = theory.by_rank(Hopfield(rule=rule, weights=[1.0] * K), alpha=K / N, T=0.2, n_spins=N)
    for name in ("m", "n", "q", "replicon"):
        np.testing.assert_allclose(getattr(found, name), getattr(one, name), rtol=1e-11)


def test_labels():
    xr = pytest.importorskip("xarray")
    alpha = xr.DataArray([0.05, 0.1], coords={"alpha": [0.05, 0.1]}, dims="alpha")
    found = theory.by_rank(Hopfield(weights="palimpsest:5"), alpha=alpha, n_spins=100)
    assert found.m.dims == ("alpha", "rank")
    assert found.cut.dims == ("alpha",)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"model": Multitasking(n_patterns=2)}, "by_rank needs Hopfield or Dense"),
        ({"ranks": [0]}, "ranks"),
        ({"ranks": [11]}, "ranks"),
        ({"ranks": [1.5]}, "whole"),
        ({"n_spins": 1}, "n_spins"),
        ({"alpha": -1}, "alpha"),
        ({"alpha": None}, "alpha"),
        ({"alpha": 1e5, "n_spins": 100}, "1000000"),
        ({"T": -1}, "T"),
        ({"model": Hopfield(weights=[1.0, 0.5])}, "2 strengths for 10 patterns"),
    ],
)
def test_bad_input_is_one_line(arguments, words):
    given = {"model": Hopfield(weights="zipf:1"), "alpha": 0.1, "n_spins": 100} | arguments
    with pytest.raises(ValueError, match=words) as caught:
        theory.by_rank(given.pop("model"), **given)
    assert "\n" not in str(caught.value)


# --- palimpsests of infinitely many patterns


def age_of_the_oldest(rate):
    """At T = 0, parametrised by y: V = h(chi)/L, g m = y sqrt(2 V)."""

    def strength(y):
        def excess(chi):
            h = 0.5 if chi < 1e-6 else (np.log1p(-chi) + chi / (1 - chi)) / chi**2
            return chi - np.sqrt(2 * rate / (np.pi * h)) * np.exp(-(y**2))

        chi = brentq(excess, 0, 1 - 1e-12, xtol=1e-16)
        h = 0.5 if chi < 1e-6 else (np.log1p(-chi) + chi / (1 - chi)) / chi**2
        return y * np.sqrt(2 * h / rate) / erf(y)

    y = np.linspace(0.3, 4, 4001)
    return -np.log(min(strength(each) for each in y)) / rate


@pytest.mark.parametrize("rate", [6.0, 8.4, 15.0])
def test_the_oldest_pattern_of_a_palimpsest(rate):
    model = Hopfield(weights=f"palimpsest:{rate}")
    assert theory.forgetting_age(model) == pytest.approx(age_of_the_oldest(rate), rel=1e-5)


def test_a_finite_palimpsest_keeps_as_many():
    model, N = Hopfield(weights="palimpsest:8"), 20_000
    K = N * float(theory.forgetting_age(model, 0.2))
    found = theory.by_rank(model, alpha=1.0, T=0.2, n_spins=N,
                           ranks=[1, round(0.998 * K), round(1.002 * K)])  # fmt: skip
    assert found.converged.tolist() == [True, True, False]


def test_the_best_rate():
    """Marginalist learning: epsilon = sqrt(2 L) = 4.108, capacity 0.049."""
    best = theory.best_forgetting(Hopfield())
    assert np.sqrt(2 * best.rate) == pytest.approx(4.108, abs=1e-3)
    assert best.age == pytest.approx(age_of_the_oldest(best.rate), rel=1e-5)
    for share in (0.95, 1.05):
        near = Hopfield(weights=f"palimpsest:{share * best.rate}")
        assert theory.forgetting_age(near) < best.age
    for order in (3, 4):
        capacity = theory.critical_load(Dense(order=order))
        best = theory.best_forgetting(Dense(order=order))
        assert best.rate == pytest.approx(np.e / 2 / capacity, rel=1e-6)
        assert best.age == pytest.approx(capacity / np.e, rel=1e-10)
    assert theory.best_forgetting(Hopfield(), 1.5).age == 0


def test_too_slow_a_palimpsest_forgets_everything():
    assert theory.forgetting_age(Hopfield(weights="palimpsest:1"), [0.0, 0.5]).tolist() == [0, 0]
    with pytest.raises(ValueError, match="is no palimpsest"):
        theory.forgetting_age(Hopfield(weights="zipf:1"))
