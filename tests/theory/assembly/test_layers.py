"""The equations of assemblies against a functional, exact values, and one layer against Hopfield.

The functional is written from the replica calculation with dense trapezoid rules and shares no
code with `theory`.
"""

import numpy as np
import pytest
import replica_functional as slow
from scipy.special import erf

import theory
from hebbian import BAM, TAM, Assembly, Hopfield, Storing, Supervised, Unsupervised

NOISY = {"quality": 0.8, "n_examples": 6}
ONE = ((1.0,),)
CHAIN = Assembly(couplings=((0.2, 1, 0), (1, 0, -0.7), (0, -0.7, 0.1)), sizes=(1, 2, 0.6))


def functional(model, law, alpha, T, n, q, V):
    """f per spin as a function of all order parameters: n tilde, q and V by layer."""
    g, G = model.shares, model.matrix
    gamma = G * np.sqrt(np.outer(g, g))
    total = 0.5 * n @ (G * np.outer(g, g)) @ n
    field = G @ (g * n)
    for layer, share in enumerate(g):
        average = slow.site_average(slow.log_cosh, model, law, field[layer], V[layer], T)
        total -= share * T * (np.log(2) + average)
    # - h n of the conjugates has been used for n; that of V is left.
    total += 0.5 * g @ (V * (1 - q)) / T
    for multiplicity, v in slow.spectrum(model):
        matrix = np.eye(len(g)) - v * gamma * (1 - q) / T
        inner = np.linalg.solve(matrix, v * gamma)
        noise = T * np.linalg.slogdet(matrix)[1] - np.trace(inner * q) + v * np.trace(gamma)
        total += 0.5 * alpha * multiplicity * noise
    return total / g.sum()


def gradient(function, x):
    out = []
    for i in range(len(x)):
        step = 1e-4 * max(abs(x[i]), 0.1) * (np.arange(len(x)) == i)
        near = [function(x + k * step) for k in (-2, -1, 1, 2)]
        out.append((near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * step[i]))
    return np.array(out)


@pytest.mark.parametrize(
    ("model", "alpha", "T", "start"),
    [
        (BAM(), 0.1, 0.4, "retrieval"),
        (BAM(), 0.1, 0.4, "glass"),
        (TAM(sizes=(1, 2, 3)), 0.15, 0.7, "retrieval"),
        (CHAIN, 0.02, 0.4, "retrieval"),
        (BAM(sizes=(1, 2), rule=Supervised(**NOISY)), 0.05, 0.3, "retrieval"),
        (TAM(sizes=(1, 2, 3), rule=Unsupervised(**NOISY)), 0.05, 0.6, "retrieval"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else x,
)
def test_states_are_stationary_points_of_the_free_energy(model, alpha, T, start):
    state = theory.solve(model, alpha=alpha, T=T, start=start)
    assert state.converged
    r = model.rule
    size = model.n_layers
    n = state.n * np.sqrt(1 + r.dataset_entropy)
    g = model.shares
    gamma = model.matrix * np.sqrt(np.outer(g, g))
    V = np.zeros(size)
    for multiplicity, v in slow.spectrum(model):
        P = np.linalg.solve(np.eye(size) - v * gamma * (1 - state.q) / T, v * gamma)
        V += alpha * multiplicity * (P**2 @ state.q) / g
    x = np.concatenate([n, state.q, V])

    def f(x):
        return functional(model, "binomial", alpha, T, *np.split(x, 3))

    assert f(x) == pytest.approx(float(state.free_energy), abs=2e-12)
    assert np.abs(gradient(f, x)).max() < 2e-10


@pytest.mark.parametrize("start", ["retrieval", "glass", "paramagnet"])
@pytest.mark.parametrize(
    "rule", [Storing(), Supervised(**NOISY), Unsupervised(quality=0.6, n_examples=3)], ids=str
)
def test_one_layer_is_the_hopfield_network(rule, start):
    alpha, T = np.array([0.0, 1e-9, 0.02, 0.1, 0.5])[:, None], np.array([0, 1e-3, 0.2, 0.9, 1.2])
    a = theory.solve(Assembly(couplings=ONE, rule=rule), alpha=alpha, T=T, start=start)
    b = theory.solve(Hopfield(rule=rule), alpha=alpha, T=T, start=start)
    np.testing.assert_array_equal(a.converged, b.converged)
    for name in ("m", "n", "q", "susceptibility"):
        np.testing.assert_allclose(getattr(a, name)[..., 0], getattr(b, name), rtol=0, atol=1e-10)
    for name in ("free_energy", "energy"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=0, atol=1e-10)
    np.testing.assert_allclose(a.replicon, b.replicon, rtol=1e-9)


@pytest.mark.heavy
def test_the_lines_of_one_layer_are_those_of_the_hopfield_network():
    one, alpha, T = Assembly(couplings=ONE), [0.0, 0.01, 0.05, 0.1, 0.138], [0.0, 0.02, 0.5, 1.0]
    for line, where, options in (
        (theory.critical_load, T, {}),
        (theory.transition_load, T, {"rsb": 0}),
        (theory.spinodal_temperature, alpha, {}),
        (theory.transition_temperature, alpha[:3], {"rsb": 0}),
        (theory.glass_temperature, alpha, {}),
        (theory.replicon_temperature, alpha[2:], {}),
    ):
        known = line(Hopfield(), where, **options)
        np.testing.assert_allclose(line(one, where, **options), known, rtol=1e-9, atol=1e-12)


def test_known_values():
    """Of a second solver: capacities and overlaps at T = 0, glass temperatures, states."""
    every = Assembly(couplings=(1 - np.eye(4)).tolist())
    for model, load, m in (
        (Assembly(couplings=ONE), 0.13790557, 0.9674),
        (BAM(), 0.19980154, 0.9328),
        (every, 0.46517127, 0.9543),
    ):
        found = theory.critical_load(model)
        assert found == pytest.approx(load, abs=1e-8)
        state = theory.solve(model, alpha=found * (1 - 1e-12), T=0)
        np.testing.assert_allclose(state.m, m, atol=6e-5)
    for ratio, load in ((1.2, 0.197791), (2.0, 0.171911)):
        assert theory.critical_load(BAM(sizes=(ratio**2, 1))) == pytest.approx(load, abs=6e-7)
    for model, T in ((BAM(), 1.224745), (TAM(), 2.366227)):
        assert theory.glass_temperature(model, 0.1) == pytest.approx(T, abs=6e-7)
    for model, T, m, q in ((BAM(), 0.4, 0.945737, 0.906763), (TAM(), 0.6, 0.991728, 0.983969)):
        state = theory.solve(model, alpha=0.1, T=T)
        np.testing.assert_allclose([state.m, state.q], [[m] * len(state.m), [q] * len(state.m)],
                                   atol=6e-7)  # fmt: skip


def test_zero_temperature_equations_of_layers():
    """m = erf(h/sqrt(2 V)), chi = sqrt(2/(pi V)) exp(-h^2/(2 V)), and the limit of small T."""
    model = TAM(sizes=(1, 2, 3))
    alpha, g = 0.2, model.shares
    state = theory.solve(model, alpha=alpha, T=[0.0, 1e-5])
    gamma = model.matrix * np.sqrt(np.outer(g, g))
    P = np.linalg.solve(np.eye(3) - gamma * state.susceptibility[0], gamma)
    V = alpha / g * (P**2).sum(axis=1)
    h = model.matrix @ (g * state.m[0])
    np.testing.assert_allclose(state.m[0], erf(h / np.sqrt(2 * V)), atol=1e-13)
    chi = np.sqrt(2 / (np.pi * V)) * np.exp(-(h**2) / (2 * V))
    np.testing.assert_allclose(state.susceptibility[0], chi, rtol=1e-10)
    assert (state.q[0] == 1).all()
    for name in ("m", "susceptibility", "free_energy", "energy"):
        cold, warm = getattr(state, name)
        np.testing.assert_allclose(cold, warm, atol=2e-7)


def test_energy_is_the_slope_of_the_free_energy():
    model, T, step = TAM(sizes=(1, 2, 3), rule=Unsupervised(**NOISY)), 0.6, 1e-4
    beta = 1 / T + np.array([-2, -1, 1, 2]) * step
    for start in ("retrieval", "glass"):
        near = theory.solve(model, alpha=0.05, T=1 / beta, start=start)
        slope = np.dot(beta * near.free_energy, [1, -8, 8, -1]) / (12 * step)
        here = theory.solve(model, alpha=0.05, T=T, start=start)
        assert slope == pytest.approx(float(here.energy), abs=1e-9)


def test_layers_that_do_not_see_each_other():
    """Two Hopfield networks, one of them stronger, and a layer that no one sees."""
    G = np.diag([1.0, 3.0, 0.0])
    model = Assembly(couplings=G.tolist(), sizes=(2, 1, 1))
    g = model.shares
    alpha, T = 0.03, 0.5
    state = theory.solve(model, alpha=alpha, T=T)
    for layer, strength in ((0, 1.0), (1, 3.0)):
        # H/N of a layer has the unit G g, and its load is K/N.
        unit, load = strength * g[layer], alpha / g[layer]
        alone = theory.solve(Hopfield(), alpha=load, T=T / unit)
        np.testing.assert_allclose(state.m[layer], np.nan_to_num(alone.m), atol=1e-12)
    assert state.m[2] == state.q[2] == 0
    # Where only one of them retrieves, the other is in its glass, or paramagnet.
    T = 1.8
    state = theory.solve(model, alpha=0.01, T=T)
    assert state.converged
    assert (state.m > 0.1).tolist() == [False, True, False]
    assert np.isnan(theory.solve(model, alpha=0.01, T=5.0).m).all()
    units = G.diagonal()[:2] * g[:2]
    assert theory.spinodal_temperature(model, 0.0) == pytest.approx(units.max())


def test_signs_of_couplings_are_a_gauge_or_frustrate():
    """Turning the pattern of a layer over turns its couplings over."""
    turned = Assembly(couplings=((0, -1, 1), (-1, 0, -1), (1, -1, 0)))
    a, b = (theory.solve(m, alpha=0.1, T=0.6) for m in (TAM(), turned))
    np.testing.assert_allclose(b.m, a.m * [1, -1, 1], atol=1e-12)
    np.testing.assert_allclose(b.q, a.q, atol=1e-12)
    assert b.free_energy == pytest.approx(float(a.free_energy), abs=1e-12)
    frustrated = Assembly(couplings=((0, -1, -1), (-1, 0, -1), (-1, -1, 0)))
    held = theory.solve(frustrated, alpha=1e-4, T=0.2)  # one layer is pulled both ways
    np.testing.assert_allclose(held.m, [0, -held.m[2], held.m[2]], atol=1e-12)
    assert held.m[2] > 0.99
    glass = theory.solve(frustrated, alpha=0.01, T=[0.0, 0.2], start="glass")
    assert (glass.residual < 1e-9).all()
    assert theory.glass_temperature(frustrated, 0.1) > 1
    assert np.isnan(theory.spinodal_temperature(Assembly(couplings=((-1.0,),)), [0.0, 0.1])).all()


def test_arrays_of_overlaps_lead_to_the_states_in_their_basins():
    alpha, T = 0.1, [0.0, 0.4]
    up, none = np.full((2, 2), 0.95), np.tile([0.0, 0.8], (2, 1))
    found = theory.solve(BAM(), alpha=alpha, T=T, start=np.stack([up, none])[:, None])
    assert found.m.shape == (2, 2, 2)
    for row, start in enumerate(("retrieval", "glass")):
        known = theory.solve(BAM(), alpha=alpha, T=T, start=start)
        np.testing.assert_allclose(found.m[row], known.m, atol=1e-9)
        np.testing.assert_allclose(found.q[row], known.q, atol=1e-9)
    with pytest.raises(ValueError, match="last two axes"):
        theory.solve(BAM(), alpha=alpha, T=T, start=[0.5, 0.5])
    with pytest.raises(ValueError, match="does not broadcast"):
        theory.solve(BAM(), alpha=alpha, T=T, start=np.zeros((3, 2, 2)))


def test_what_is_not_known_is_refused_in_one_line():
    calls = {
        "rsb = 1: models of type Assembly have no equations with broken replica symmetry": (
            lambda: theory.solve(BAM(), alpha=0.1, T=0.1, rsb=1),
            lambda: theory.transition_load(BAM(), 0.1, rsb=1),
            lambda: theory.critical_load(BAM(), rsb=1),
            lambda: theory.phase_lines(BAM(), rsb=1),
        ),
        "n_spins = 100: the lines": (lambda: theory.transition_load(BAM(), 0.1, n_spins=100),),
    }  # fmt: skip
    for words, call in ((words, call) for words, several in calls.items() for call in several):
        with pytest.raises(ValueError, match=r"rsb|n_spins") as caught:
            call()
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)


def test_labels_and_parameter_grids_have_an_axis_of_layers():
    xr = pytest.importorskip("xarray")
    T = xr.DataArray([0.2, 0.4], coords={"T": [0.2, 0.4]}, dims="T")
    state = theory.solve(BAM(), alpha=0.1, T=T)
    assert state.m.dims == ("T", "layer")
    assert state.free_energy.dims == ("T",)
    learnt = BAM(rule=Supervised(**NOISY))
    grid = theory.solve(learnt, alpha=0.03, T=0.2, quality=[0.8, 0.9])
    assert grid.m.shape == (2, 2)
    assert grid.m[0, 0] == theory.solve(learnt, alpha=0.03, T=0.2).m[0]
