"""Lines of the phase diagram against tables, limits and slow independent solutions."""

import numpy as np
import pytest
import replica_functional as slow
from scipy.optimize import brentq, minimize_scalar

import theory
from hebbian import Dense, Hopfield, Supervised, Unsupervised

R8M6 = {"quality": 0.8, "n_examples": 6}
NAN = np.nan


def test_capacities():
    """Gardner's loads at T = 0, replica symmetric, and the overlaps there."""
    expected = {
        3: (0.378286, 0.838482),
        4: (0.395720, 0.917922),
        6: (0.473039, 0.961987),
        8: (0.558801, 0.976369),
    }
    for order, (alpha, m) in expected.items():
        capacity = theory.critical_load(Dense(order=order))
        assert capacity == pytest.approx(alpha, abs=6e-7)
        state = theory.solve(Dense(order=order), alpha=capacity * (1 - 1e-14), T=0)
        assert state.m == pytest.approx(m, abs=2e-6)


def test_capacities_with_coinciding_indices():
    for order, alpha in {3: 0.252190, 4: 0.158288, 6: 0.060068, 8: 0.020841}.items():
        model = Dense(order=order, indices="all")
        assert theory.critical_load(model) == pytest.approx(alpha, abs=6e-7)


def test_capacities_with_data_noise():
    for model, law, alpha in [
        (Dense(order=4, rule=Supervised(**R8M6)), "binomial", 0.282665),
        (Dense(order=4, rule=Supervised(**R8M6)), "gaussian", 0.266803),
        (Dense(order=4, rule=Unsupervised(**R8M6)), "binomial", 0.221446),
        (Dense(order=4, rule=Unsupervised(**R8M6)), "gaussian", 0.209019),
        (Hopfield(rule=Supervised(**R8M6)), "binomial", 0.076375),
        (Hopfield(rule=Supervised(**R8M6)), "gaussian", 0.074482),
        (Hopfield(rule=Unsupervised(**R8M6)), "binomial", 0.075190),
        (Hopfield(rule=Unsupervised(**R8M6)), "gaussian", 0.073200),
    ]:
        assert theory.critical_load(model, law=law) == pytest.approx(alpha, abs=6e-7)


def test_capacities_of_the_gaussian_law():
    """By dataset entropy rho, at P = 2, 4 and 6."""
    for rho, *expected in [
        (0.05, 0.099149, 0.314909, 0.321335),
        (0.1, 0.071541, 0.261157, 0.231327),
        (0.2, 0.038760, 0.197406, 0.139648),
        (0.5, 0.009069, 0.127462, 0.062843),
        (1.0, 0.001793, 0.097838, 0.039131),
    ]:
        n_examples = 7
        rule = Supervised(quality=(1 + rho * n_examples) ** -0.5, n_examples=n_examples)
        for order, alpha in zip((2, 4, 6), expected, strict=True):
            found = theory.critical_load(Dense(order=order, rule=rule), law="gaussian")
            assert found == pytest.approx(alpha, abs=6e-7)


def test_re_entrant_spinodal():
    for order, loads in [
        (3, [0.3783, 0.4062, 0.4298, 0.4486, 0.4614, 0.4644]),
        (4, [0.3957, 0.4174, 0.4353, 0.4493, 0.4583, 0.4602]),
    ]:
        found = theory.critical_load(Dense(order=order), [0, 0.1, 0.2, 0.3, 0.4, 0.45])
        np.testing.assert_allclose(found, loads, rtol=0, atol=6e-5)


# load: (spinodal, transition) temperature at P = 3, 4 and 6
LINES = {
    0.05: (0.848476, 0.722275, 0.959816, 0.701079, 1.231737, 0.695768),
    0.10: (0.822666, 0.699757, 0.927024, 0.674582, 1.193893, 0.667808),
    0.15: (0.796184, 0.676164, 0.892939, 0.646007, 1.154437, 0.637117),
    0.20: (0.768651, 0.651079, 0.857130, 0.614656, 1.113069, 0.602709),
    0.25: (0.739499, 0.623785, 0.818892, 0.579196, 1.069320, 0.562732),
    0.30: (0.707808, 0.592961, 0.777011, 0.536662, 1.022436, 0.512783),
    0.35: (0.671861, 0.555643, 0.729116, 0.477365, 0.971146, 0.433651),
    0.40: (0.627527, 0.501207, 0.669201, NAN, 0.913078, NAN),
}


@pytest.mark.parametrize(("order", "column"), [(3, 0), (4, 2), (6, 4)])
def test_lines(order, column):
    """Tabulated with an independent solver in 30-digit arithmetic."""
    table = np.array(list(LINES.values()))
    model, loads = Dense(order=order), list(LINES)
    spinodal = theory.spinodal_temperature(model, loads)
    np.testing.assert_allclose(spinodal, table[:, column], rtol=0, atol=6e-7)
    transition = theory.transition_temperature(model, loads)
    np.testing.assert_allclose(transition, table[:, column + 1], rtol=0, atol=6e-7)


def test_de_almeida_thouless_line():
    for order, alpha, T in [
        (3, 0.20, 0.015130),
        (3, 0.35, 0.140930),
        (4, 0.20, 0.007138),
        (4, 0.35, 0.110375),
        (4, 0.39, 0.178646),
    ]:
        found = theory.replicon_temperature(Dense(order=order), alpha)
        assert found == pytest.approx(T, abs=6e-7)


@pytest.mark.parametrize("order", [3, 4, 6, 8])
def test_nishimori_line_meets_the_glass_temperatures(order):
    """On T = alpha the spinodal is at T_d^2 and the transition at T_K^2 (storing)."""
    model = Dense(order=order)
    dynamic = theory.glass_temperature(model, 1.0, kind="dynamic") ** 2
    assert theory.critical_load(model, dynamic) == pytest.approx(dynamic, rel=1e-10)
    static = theory.glass_temperature(model, 1.0) ** 2
    # The line is vertical there: its maximum, except for a higher load at T = 0 for P = 4.
    below = theory.transition_temperature(model, static * (1 - 1e-10))
    assert below == pytest.approx(static, rel=1e-4)
    assert not theory.transition_temperature(model, static * (1 + 1e-10)) > 0.01
    free_energy = theory.solve(model, alpha=static, T=static).free_energy
    assert free_energy == pytest.approx(-static * np.log(2) - 0.25, abs=1e-13)


def slow_spinodal(model, law, T, n_low, n_high):
    """Largest load of alpha(n) at fixed T, with the noise solved for at every n."""

    def load(n):
        signal = model.order / 2 * n ** (model.order - 1)

        def excess(log_variance):
            return n - slow.site_average(
                lambda h, u: u * np.tanh(h), model, law, signal, np.exp(log_variance), T
            )

        variance = np.exp(brentq(excess, -25, 8, xtol=1e-13))
        q = slow.site_average(lambda h, _: np.tanh(h) ** 2, model, law, signal, variance, T)
        if model.order == 2:
            return variance / slow.conjugate(model, T, q)
        return variance / sum(k / 2 * w * q ** (k - 1) for k, w in slow.covariance(model).items())

    found = minimize_scalar(
        lambda n: -load(n), bounds=(n_low, n_high), method="bounded", options={"xatol": 1e-6}
    )
    return -found.fun


@pytest.mark.parametrize(
    ("model", "law", "T", "n_low", "n_high"),
    [
        (Hopfield(), "binomial", 0.4, 0.7, 0.95),
        (Hopfield(rule=Unsupervised(**R8M6)), "binomial", 0.3, 0.6, 0.95),
        (Dense(order=4), "binomial", 0.6, 0.65, 0.95),
        (Dense(order=3, indices="all"), "binomial", 0.3, 0.6, 0.95),
        (Dense(order=5, rule=Supervised(**R8M6)), "binomial", 0.5, 0.7, 0.92),
        (Dense(order=4, rule=Unsupervised(**R8M6)), "gaussian", 0.6, 0.6, 0.9),
    ],
    ids=str,
)
def test_spinodal_is_a_maximum_of_the_load(model, law, T, n_low, n_high):
    expected = slow_spinodal(model, law, T, n_low, n_high)
    assert theory.critical_load(model, T, law=law) == pytest.approx(expected, rel=1e-9)
    assert theory.spinodal_temperature(model, expected, law=law) == pytest.approx(T, rel=1e-7)


@pytest.mark.parametrize("order", [3, 4, 5, 6, 8])
def test_vanishing_load(order):
    """T_M = max_a (P/2) tanh^(P-1)(a)/a; at T_c the retrieval state has f = -T ln 2."""
    found = minimize_scalar(
        lambda a: -order / 2 * np.tanh(a) ** (order - 1) / a, bounds=(0.5, 9), method="bounded"
    )
    T_M = theory.spinodal_temperature(Dense(order=order), 0.0)
    assert pytest.approx(-found.fun, rel=1e-12) == T_M

    def advantage(T):
        m = brentq(lambda m: m - np.tanh(order / 2 * m ** (order - 1) / T), 0.9, 1)
        h = order / 2 * m ** (order - 1) / T
        return (order - 1) / 2 * m**order - T * slow.log_cosh(h)

    T_c = theory.transition_temperature(Dense(order=order), 0.0)
    assert T_c == pytest.approx(brentq(advantage, 0.6, 0.8, xtol=1e-14), rel=1e-12)
    # Both lines are smooth there.
    for line, end in (
        (theory.spinodal_temperature, T_M),
        (theory.transition_temperature, T_c),
    ):
        gap = end - line(Dense(order=order), [1e-6, 1e-7])
        assert gap[1] / gap[0] == pytest.approx(0.1, rel=1e-2)


MODELS = [
    Hopfield(),
    Hopfield(rule=Supervised(quality=0.6, n_examples=3)),
    Dense(order=3),
    Dense(order=4, rule=Supervised(**R8M6)),
    Dense(order=7, rule=Unsupervised(**R8M6)),
    Dense(order=4, indices="all"),
    Dense(order=5, indices="all"),
    Dense(order=8, indices="all", rule=Supervised(**R8M6)),
]


@pytest.mark.parametrize(
    "model",
    [pytest.param(m, marks=pytest.mark.heavy) if m.order > 3 else m for m in MODELS],
    ids=str,
)
def test_lines_are_consistent(model):
    T = np.linspace(0, theory.spinodal_temperature(model, 0.0), 60)
    largest = np.nanmax(theory.critical_load(model, T))
    alpha = largest * np.array([1e-6, 0.01, 0.1, 0.4, 0.8, 0.99])
    T_M = theory.spinodal_temperature(model, alpha)
    np.testing.assert_allclose(theory.critical_load(model, T_M), alpha, rtol=1e-7)
    assert (np.diff(T_M) < 0).all()
    at = theory.solve(model, alpha=alpha, T=T_M * (1 - 1e-8))
    beyond = theory.solve(model, alpha=alpha, T=T_M * (1 + 1e-8))
    assert at.converged.all()
    assert not beyond.converged.any()
    T_c = theory.transition_temperature(model, alpha)
    exists = np.isfinite(T_c)
    assert exists[:2].all()
    assert (T_c[exists] <= T_M[exists]).all()
    T_AT = theory.replicon_temperature(model, alpha)
    stable = T_AT > 0
    state = theory.solve(model, alpha=alpha[stable], T=T_AT[stable])
    np.testing.assert_allclose(state.replicon, 0, atol=1e-8)
    warm = theory.solve(model, alpha=alpha[stable], T=0.5 * (T_AT + T_M)[stable])
    assert (warm.replicon > 0).all()


@pytest.mark.parametrize("model", MODELS[:6], ids=str)
def test_free_energies_cross_at_the_transition(model):
    largest = float(theory.critical_load(model, 0.0))
    alpha = largest * np.array([0.02, 0.1, 0.3])
    T_c = theory.transition_temperature(model, alpha)
    for load, T in zip(alpha, T_c, strict=True):
        near = T * (1 + np.array([-1e-5, 0, 1e-5]))
        retrieval = theory.solve(model, alpha=load, T=near).free_energy
        # Below T_g the P = 2 paramagnet has the higher f of a maximum, not of a state.
        best = (
            theory.solve(model, alpha=load, T=near, start="glass", rsb=1)
            if model.order == 2
            else theory.solve(model, alpha=load, T=near, start="paramagnet")
        )
        difference = retrieval - best.free_energy
        assert difference[0] < 0 < difference[2]
        assert difference[1] == pytest.approx(0, abs=1e-9 if model.order == 2 else 1e-11)


def test_shapes_and_missing_lines():
    model = Dense(order=4)
    grid = np.array([[0.1, 0.2], [0.3, 0.9]])
    for line in (
        theory.spinodal_temperature,
        theory.transition_temperature,
        theory.replicon_temperature,
    ):
        found = line(model, grid)
        assert found.shape == (2, 2)
        assert np.isnan(found[1, 1])
        assert isinstance(line(model, 0.1), float)
    assert np.isnan(theory.critical_load(model, [0.9915727, 2.0])).all()
    assert theory.critical_load(model, 0.9915725) > 0
    assert np.isnan(theory.replicon_temperature(model, 0.0))
    assert theory.replicon_temperature(model, 1e-3) == 0
    assert np.isnan(theory.glass_temperature(Dense(order=3, indices="all"), 0.1))


def test_bad_input_is_one_clear_line():
    for call, name in [
        (lambda: theory.critical_load(Hopfield(), -0.1), "T"),
        (lambda: theory.critical_load(Hopfield(), law="normal"), "law"),
        (lambda: theory.spinodal_temperature(Hopfield(), -0.1), "alpha"),
        (lambda: theory.transition_temperature(Hopfield(), [0.1, NAN]), "alpha"),
        (lambda: theory.replicon_temperature(Hopfield(), "0.1"), "alpha"),
        (lambda: theory.glass_temperature(Hopfield(), 0.1, kind="spin"), "kind"),
    ]:
        with pytest.raises(ValueError, match=name) as error:
            call()
        assert "\n" not in str(error.value)


def test_storing_is_insensitive_to_the_law():
    for line in (theory.spinodal_temperature, theory.transition_temperature):
        exact, gauss = (line(Dense(order=4), 0.2, law=law) for law in ("binomial", "gaussian"))
        assert exact == gauss


@pytest.mark.parametrize(
    ("model", "law", "alpha"),
    [
        (Dense(order=4, rule=Unsupervised(quality=0.53, n_examples=2)), "gaussian", 0.06),
        (Dense(order=5, rule=Unsupervised(quality=0.32, n_examples=2)), "binomial", 0.02),
        (Dense(order=4, rule=Supervised(quality=0.2125, n_examples=3)), "binomial", 2.94e-4),
        (Dense(order=4, rule=Supervised(quality=0.9826, n_examples=50)), "binomial", 4.48e-4),
    ],
    ids=str,
)
def test_replicon_line_separates_the_phases(model, law, alpha):
    """Beyond the load of the spinodal at T = 0, and where the line is below 1e-170."""
    alpha = alpha * np.linspace(0.97, 1.03, 7)
    T = theory.replicon_temperature(model, alpha, law=law)
    assert np.isfinite(T).all()
    for side in (-1, 1):
        state = theory.solve(model, alpha=alpha, T=T * (1 + side * 1e-5), law=law)
        assert (side * state.replicon > 0).all()
