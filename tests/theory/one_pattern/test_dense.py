"""The replica-symmetric states against an independent evaluation of their free energy."""

import numpy as np
import pytest
import replica_functional as slow
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import erf

import theory
from hebbian import Dense, Hopfield, Multitasking, Storing, Supervised, Unsupervised

R8M6 = {"quality": 0.8, "n_examples": 6}

RETRIEVAL = [
    (Hopfield(), "binomial", 0.05, 0.5),
    (Hopfield(rule=Supervised(quality=0.6, n_examples=3)), "binomial", 0.01, 0.3),
    (Hopfield(rule=Supervised(**R8M6)), "gaussian", 0.03, 0.3),
    (Hopfield(rule=Unsupervised(**R8M6)), "binomial", 0.03, 0.4),
    (Dense(order=3), "binomial", 0.3, 0.3),
    (Dense(order=4), "binomial", 0.2, 0.4),
    (Dense(order=5, rule=Supervised(**R8M6)), "binomial", 0.1, 0.4),
    (Dense(order=8, rule=Supervised(**R8M6)), "gaussian", 0.02, 0.4),
    (Dense(order=4, rule=Unsupervised(**R8M6)), "binomial", 0.05, 0.4),
    (Dense(order=4, indices="all"), "binomial", 0.1, 0.3),
    (Dense(order=3, indices="all"), "binomial", 0.1, 0.3),
    (Dense(order=6, indices="all", rule=Unsupervised(**R8M6)), "gaussian", 0.003, 0.4),
]
OTHERS = [
    (Hopfield(), 0.1, 0.7, "glass"),
    (Hopfield(rule=Unsupervised(**R8M6)), 0.1, 0.7, "glass"),
    (Dense(order=3), 1.0, 0.4, "glass"),
    (Dense(order=4, indices="all"), 0.3, 0.5, "glass"),
    (Dense(order=3, indices="all"), 0.3, 0.9, "glass"),
    (Hopfield(), 0.1, 1.2, "paramagnet"),
    (Hopfield(rule=Unsupervised(**R8M6)), 0.1, 1.6, "paramagnet"),
    (Dense(order=4), 0.1, 0.4, "paramagnet"),
]
EVERY = RETRIEVAL + [(model, "binomial", alpha, T) for model, alpha, T, _ in OTHERS]
STARTS = ["retrieval"] * len(RETRIEVAL) + [start for *_, start in OTHERS]


@pytest.mark.parametrize(
    ("model", "law", "alpha", "T", "start"),
    [(*case, start) for case, start in zip(EVERY, STARTS, strict=True)],
    ids=str,
)
class TestState:
    def state(self, model, law, alpha, T, start):
        state = theory.solve(model, alpha=alpha, T=T, law=law, start=start)
        u, weight = slow.example_points(model, law)
        n, q = float(state.n / (u @ weight)), float(state.q)
        return state, n, q, slow.conjugate(model, T, q) if model.order == 2 else None

    def test_stationary(self, model, law, alpha, T, start):
        state, n, q, _ = self.state(model, law, alpha, T, start)
        assert state.converged
        assert state.residual < 1e-13
        if start == "paramagnet":
            assert (n, q) == (0, 0)
        else:
            assert np.abs(slow.gradient(model, law, alpha, T, n, q)).max() < 1e-10

    def test_observables(self, model, law, alpha, T, start):
        state, n, q, r = self.state(model, law, alpha, T, start)
        assert state.susceptibility == pytest.approx((1 - q) / T, rel=1e-10)
        f = slow.free_energy(model, law, alpha, T, n, q, r)
        assert state.free_energy == pytest.approx(f, abs=1e-12)
        average, bend = slow.averages(model, law, alpha, T, n, q)
        assert state.m == pytest.approx(average(lambda h, _: np.tanh(h)), abs=1e-12)
        tail = average(lambda h, _: np.cosh(h) ** -4.0)
        assert state.replicon == pytest.approx(1 - alpha / T**2 * bend * tail, abs=1e-11)

    def test_energy_is_the_derivative_of_beta_f(self, model, law, alpha, T, start):
        beta = 1 / T + 2e-4 / T * np.array([-2, -1, 0, 1, 2])
        near = theory.solve(model, alpha=alpha, T=1 / beta, law=law, start=start)
        a = beta * near.free_energy
        derivative = (a[0] - 8 * a[1] + 8 * a[3] - a[4]) / (12 * (beta[1] - beta[0]))
        assert near.energy[2] == pytest.approx(derivative, abs=1e-9)


@pytest.mark.parametrize(("model", "law", "alpha", "T"), RETRIEVAL, ids=str)
def test_zero_temperature_is_the_limit(model, law, alpha, T):
    zero = theory.solve(model, alpha=alpha / 2, T=0, law=law)
    cold = theory.solve(model, alpha=alpha / 2, T=1e-7, law=law)
    assert zero.q == 1
    assert zero.free_energy == zero.energy
    assert zero.replicon == -np.inf
    for name in ("m", "n", "susceptibility", "free_energy", "energy"):
        assert getattr(cold, name) == pytest.approx(getattr(zero, name), abs=1e-6), name


@pytest.mark.parametrize("order", [3, 4, 7])
@pytest.mark.parametrize("rule", [Storing(), Supervised(**R8M6), Unsupervised(**R8M6)], ids=str)
def test_zero_temperature_equations(order, rule):
    """alpha kappa = (P/4) (F(y)^(P-1)/y)^2 with F(y) = E u erf(u y), from the largest y."""
    model = Dense(order=order, rule=rule)
    (kappa,) = slow.covariance(model).values()
    u, weight = slow.example_points(model, "binomial")

    def overlap(y):
        return weight @ (u * erf(u * y))

    def load(y):
        return order / 4 / kappa * (overlap(y) ** (order - 1) / y) ** 2

    alpha = 0.6 * theory.critical_load(model)
    grid = np.geomspace(20, 0.1, 200)
    first = next(i for i, y in enumerate(grid) if load(y) > alpha)
    y = brentq(lambda y: load(y) - alpha, grid[first], grid[first - 1], xtol=1e-14)
    n = overlap(y)
    S = order / 2 * n ** (order - 1)
    C = 2 / np.sqrt(np.pi) * y / S * (weight @ np.exp(-((u * y) ** 2)))
    state = theory.solve(model, alpha=alpha, T=0)
    assert state.m == pytest.approx(weight @ erf(u * y), abs=1e-12)
    assert state.n == pytest.approx(n * (u @ weight), abs=1e-12)
    assert state.susceptibility == pytest.approx(C, rel=1e-10)
    energy = -(n**order) / 2 - alpha * kappa * order * C / 2
    assert state.energy == pytest.approx(energy, abs=1e-12)


@pytest.mark.parametrize("order", [3, 4, 6, 8])
@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.3])
def test_nishimori_line(order, alpha):
    """On T = alpha m = q, e = -1/2 and replica symmetry is stable (storing, P >= 3)."""
    state = theory.solve(Dense(order=order), alpha=alpha, T=alpha)
    assert state.m == pytest.approx(state.q, abs=1e-12)
    assert state.energy == pytest.approx(-0.5, abs=1e-12)
    assert state.replicon > 0


@pytest.mark.parametrize("order", [2, 3, 4, 8])
@pytest.mark.parametrize("T", [0.1, 0.6])
def test_low_load(order, T):
    """At alpha = 0 (and below N^(P-1)) m = tanh((P/2) m^(P-1) / T)."""
    m = float(theory.solve(Dense(order=order), alpha=0, T=T).m)
    assert m == pytest.approx(np.tanh(order / 2 * m ** (order - 1) / T), abs=1e-14)
    near = theory.solve(Dense(order=order), alpha=1e-9, T=T)
    assert near.m == pytest.approx(m, abs=1e-7)


def test_low_load_at_zero_temperature():
    """m = P(u > 0) - P(u < 0); sites whose examples balance stay free."""
    rule = Supervised(quality=0.5, n_examples=2)
    for order in (2, 4):
        state = theory.solve(Dense(order=order, rule=rule), alpha=0, T=0)
        assert state.converged
        assert state.m == pytest.approx(0.75**2 - 0.25**2, abs=1e-15)
        assert state.q == pytest.approx(1 - 2 * 0.75 * 0.25, abs=1e-15)


@pytest.mark.parametrize("order", [2, 4])
def test_many_examples_approach_the_gaussian_law(order):
    """At fixed rho the difference of the two laws falls as 1/M."""
    gaps = []
    for n_examples in (10**4, 10**6):
        quality = float(np.sqrt(1 / (1 + 0.05 * n_examples)))
        model = Dense(order=order, rule=Supervised(quality=quality, n_examples=n_examples))
        exact, gauss = (
            theory.solve(model, alpha=0.01, T=0.3, law=law).m for law in ("binomial", "gaussian")
        )
        gaps.append(float(exact - gauss))
    assert abs(gaps[0]) < 1e-4
    assert gaps[1] / gaps[0] == pytest.approx(0.01, rel=0.05)


@pytest.mark.parametrize("law", ["binomial", "gaussian"])
@pytest.mark.parametrize("rule", [Supervised, Unsupervised])
@pytest.mark.parametrize("order", [2, 5])
def test_better_data_approach_storing(order, rule, law):
    storing = theory.solve(Dense(order=order), alpha=0.1, T=0.2)
    for quality, tolerance in ((1.0, 1e-14), (1 - 1e-9, 1e-7)):
        model = Dense(order=order, rule=rule(quality=quality, n_examples=5))
        state = theory.solve(model, alpha=0.1, T=0.2, law=law)
        for name in ("m", "n", "q", "free_energy", "energy", "replicon"):
            assert getattr(state, name) == pytest.approx(getattr(storing, name), abs=tolerance)


def test_one_example_is_storing_of_the_example():
    """M = 1: the example is retrieved as an archetype, and m is its overlap r with it."""
    storing = theory.solve(Dense(order=4), alpha=0.2, T=0.3)
    for rule in (Supervised, Unsupervised):
        state = theory.solve(Dense(order=4, rule=rule(quality=0.7, n_examples=1)), alpha=0.2, T=0.3)
        assert state.m == pytest.approx(0.7 * storing.m, abs=1e-13)
        assert state.q == pytest.approx(storing.q, abs=1e-13)
        assert state.free_energy == pytest.approx(storing.free_energy, abs=1e-13)


@pytest.mark.parametrize("alpha", [0.05, 0.3, 2.0])
@pytest.mark.parametrize("indices", ["distinct", "all"])
def test_the_glass_is_there_below_its_onset(indices, alpha):
    """P >= 3: q > 0 without retrieval needs alpha/T^2 above a minimum over b = sigma/T."""
    model = Dense(order=4, indices=indices)
    b = np.geomspace(0.01, 30, 4000)
    q = (np.tanh(b[:, None] * slow.X) ** 2) @ slow.DX
    need = b**2 / sum(k / 2 * w * q ** (k - 1) for k, w in slow.covariance(model).items())
    onset = np.sqrt(alpha / need.min())
    if indices == "distinct":
        assert onset / np.sqrt(alpha) == pytest.approx(0.375037, abs=1e-5)
    T = onset * np.array([0.999, 1.001])
    glass = theory.solve(model, alpha=alpha, T=T, start="glass")
    assert glass.converged.tolist() == [True, False]
    assert glass.m[0] == glass.n[0] == 0


@pytest.mark.parametrize(
    "model", [Hopfield(), Dense(order=4), Dense(order=3, indices="all")], ids=str
)
def test_arrays_lead_to_the_branch_of_their_basin(model):
    alpha, T = 0.05, np.array([0.2, 0.4])
    high = theory.solve(model, alpha=alpha, T=T, start=[0.99, 0.99])
    branch = theory.solve(model, alpha=alpha, T=T)
    for name in ("m", "n", "q", "free_energy", "replicon"):
        np.testing.assert_allclose(getattr(high, name), getattr(branch, name), atol=1e-12)
    low = theory.solve(model, alpha=alpha, T=1.5, start=[0.01, 0.1])
    assert low.converged
    assert abs(low.n) < 1e-12
    several = theory.solve(model, alpha=alpha, T=T, start=np.full((3, 1, 2), 0.95))
    assert several.m.shape == (3, 2)
    cold = theory.solve(model, alpha=alpha, T=0, start=[0.99, 1.0])
    assert cold.m == pytest.approx(theory.solve(model, alpha=alpha, T=0).m, abs=1e-12)


def test_negative_overlap_retrieves_the_negative_of_even_orders():
    state = theory.solve(Dense(order=4), alpha=0.1, T=0.3, start=[-0.98, 0.98])
    branch = theory.solve(Dense(order=4), alpha=0.1, T=0.3)
    assert state.m == pytest.approx(-branch.m, abs=1e-12)
    assert state.free_energy == pytest.approx(branch.free_energy, abs=1e-12)


ORDERS = st.integers(2, 8)
RULES = st.one_of(
    st.just(Storing()),
    st.builds(Supervised, quality=st.floats(0.05, 1), n_examples=st.integers(1, 40)),
    st.builds(Unsupervised, quality=st.floats(0.05, 1), n_examples=st.integers(1, 40)),
)


@settings(max_examples=60)
@given(
    order=ORDERS,
    rule=RULES,
    indices=st.sampled_from(["distinct", "all"]),
    law=st.sampled_from(["binomial", "gaussian"]),
    alpha=st.one_of(st.just(0.0), st.floats(1e-9, 1)),
    T=st.one_of(st.just(0.0), st.floats(1e-6, 1.5)),
)
def test_retrieval_exists_up_to_the_critical_load(order, rule, indices, law, alpha, T):
    model = Dense(order=order, rule=rule, indices=indices)
    state = theory.solve(model, alpha=alpha, T=T, law=law)
    limit = theory.critical_load(model, T, law=law)
    assert bool(state.converged) == (bool(np.isfinite(limit)) and alpha <= limit)
    values = [getattr(state, name) for name in ("m", "n", "q", "free_energy", "energy", "residual")]
    if state.converged:
        assert np.isfinite(values).all()
        assert state.residual < 1e-11
        assert 0 <= state.q <= 1
        assert 0 < state.n <= 1 + 1e-12
    else:
        assert np.isnan(values).all()


@pytest.mark.parametrize("order", [2, 3, 4, 8])
@pytest.mark.parametrize("T", [0.0, 1e-4, 0.2, 0.6])
@pytest.mark.parametrize("rule", [Storing(), Supervised(**R8M6)], ids=str)
def test_the_branch_ends_at_its_spinodal(order, T, rule):
    model = Dense(order=order, rule=rule)
    limit = theory.critical_load(model, T)
    alpha = limit * (1 + np.array([-1e-2, -1e-6, -1e-10, 1e-10, 1e-6]))
    state = theory.solve(model, alpha=alpha, T=T)
    assert state.converged.tolist() == [True, True, True, False, False]
    assert (state.residual[:3] < 1e-12).all()
    assert np.isnan(state.m[3:]).all()


@pytest.mark.parametrize("rule", [Storing(), Unsupervised(**R8M6)], ids=str)
def test_diagonal_of_the_pair_couplings(rule):
    """P = 2: with coinciding indices f and e shift by what `Memory.energy` gains."""
    n_patterns, n_spins = 4, 40
    rng = np.random.default_rng(3)
    archetypes = rng.choice([-1, 1], (n_patterns, n_spins)).astype(np.int8)
    flips = rng.choice([-1, 1], (n_patterns, 6, n_spins), p=[0.1, 0.9]).astype(np.int8)
    examples = flips * archetypes[:, None] if rule.has_examples else archetypes[:, None]
    spins = rng.choice([-1, 1], n_spins)
    energies, states = [], []
    for indices in ("all", "distinct"):
        model = Dense(order=2, indices=indices, rule=rule)
        memory = model.lower(rule.gather(examples))
        energies.append(memory.energy(spins) / n_spins)
        states.append(theory.solve(model, alpha=n_patterns / n_spins, T=0.4, start="glass"))
    shift = energies[0] - energies[1]
    assert states[0].energy - states[1].energy == pytest.approx(shift, abs=1e-12)
    assert states[0].free_energy - states[1].free_energy == pytest.approx(shift, abs=1e-12)
    assert states[0].q == states[1].q


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"T": -0.1}, "T"),
        ({"T": np.nan}, "T"),
        ({"T": [0.1, np.inf]}, "T"),
        ({"alpha": -1e-9}, "alpha"),
        ({"alpha": np.nan}, "alpha"),
        ({"alpha": None}, "alpha"),
        ({"alpha": [0.1, 0.2], "T": [0.1, 0.2, 0.3]}, "alpha"),
        ({"start": "hierarchical"}, "start"),
        ({"start": [0.5]}, "start"),
        ({"start": 0.5}, "start"),
        ({"start": [2.0, 0.5]}, "start"),
        ({"start": np.zeros((3, 2)), "T": [0.1, 0.2]}, "start"),
        ({"law": "poisson"}, "law"),
    ],
    ids=str,
)
def test_bad_input_is_one_clear_line(bad, name):
    with pytest.raises(ValueError, match=name) as error:
        theory.solve(Dense(order=4), **{"alpha": 0.1, "T": 0.3, **bad})
    assert "\n" not in str(error.value)


def test_lines_need_a_load():
    for line in (theory.critical_load, theory.spinodal_temperature, theory.transition_temperature):
        with pytest.raises(ValueError, match="load"):
            line(Multitasking(n_patterns=2, dilution=0.2), 0.1)


def test_empty_grids():
    assert theory.solve(Dense(order=4), alpha=[], T=0.3).m.shape == (0,)
    assert theory.spinodal_temperature(Dense(order=4), []).shape == (0,)
