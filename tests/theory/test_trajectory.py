"""Trajectories of large networks against integrals, static theory, sums and known numbers."""

from itertools import product

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import erf

import theory
from hebbian import Dense, Exponential, Hopfield, Multitasking, Storing, Supervised, Unsupervised
from theory.averages.example_law import example_law
from theory.one_pattern.dense import data_noise, self_term_weights

R7M5 = {"quality": 0.7, "n_examples": 5}
PAIRS = [Hopfield(rule=rule(**R7M5)) for rule in (Supervised, Unsupervised)]
DENSE = [
    Dense(order=3),
    Dense(order=4, indices="all"),
    Dense(order=3, indices="all", rule=Supervised(**R7M5)),
    Dense(order=4, rule=Unsupervised(**R7M5)),
]
GRID = np.linspace(-8, 8, 1601)
WEIGHT = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()


def modes(model):
    """Return the pairs (number, eigenvalue) of the covariance of a class at order 2."""
    rule = model.rule
    small = (1 - rule.quality**2) / (rule.n_examples * rule.second_moment)
    return [(1, 1.0), (rule.n_examples - 1, small)] if rule.by_example else [(1, 1.0)]


class TwoSteps:
    """Both steps of the effective spin, by integrals over its two noises."""

    def __init__(self, model, alpha, T, start, diagonal=False):
        P, law = model.order, example_law(model.rule, "binomial")
        self.T, self.law = T, law
        if P == 2:
            sums = [sum(g * v**k for g, v in modes(model)) for k in range(4)]
            V00, own = alpha * sums[2], alpha * sums[1] * diagonal
        else:
            weights = self_term_weights(P, model.indices).items()
            terms = [(k, w * data_noise(model.rule, k, P)) for k, w in weights]
            V00, own = alpha / 2 * sum(k * w for k, w in terms), 0.0
        S0 = P / 2 * (law.mean * start) ** (P - 1)
        self.m1 = self.n1 = self.C10 = chi = 0.0
        for u, wu, s0 in self.sites(start):
            mean, slope = self.spin(u * S0 + own * s0, np.sqrt(V00))
            self.m1 += wu * mean
            self.n1 += wu * u * mean
            self.C10 += wu * s0 * mean
            chi += wu * slope
        self.G10 = chi
        if P == 2:
            V11 = alpha * sum(
                g * v**2 * (1 + 2 * v * chi * self.C10 + (v * chi) ** 2) for g, v in modes(model)
            )
            V01 = alpha * sum(g * v**2 * (self.C10 + v * chi) for g, v in modes(model))
            R10 = alpha * sums[2] * chi
        else:
            V11 = V00
            V01 = alpha / 2 * sum(k * w * self.C10 ** (k - 1) for k, w in terms)
            R10 = (
                alpha
                / 2
                * chi
                * sum(k * (k - 1) * w * self.C10 ** (k - 2) for k, w in terms if k > 1)
            )
        S1 = P / 2 * self.n1 ** (P - 1)
        rest = np.sqrt(V11 - V01**2 / V00)
        self.m2 = self.n2 = self.C20 = self.C21 = self.G21 = self.G20 = 0.0
        for u, wu, s0 in self.sites(start):
            first = u * S0 + own * s0 + np.sqrt(V00) * GRID
            up = 0.5 * (1 + (np.tanh(first / T) if T else np.sign(first)))
            after = {}
            for s1, p in ((1, up), (-1, 1 - up)):
                field = u * S1 + R10 * s0 + own * s1 + V01 / np.sqrt(V00) * GRID
                after[s1], slope = self.spin(field, rest)
                self.m2 += wu * (WEIGHT * p) @ after[s1]
                self.n2 += wu * u * (WEIGHT * p) @ after[s1]
                self.C20 += wu * s0 * (WEIGHT * p) @ after[s1]
                self.C21 += wu * s1 * (WEIGHT * p) @ after[s1]
                self.G21 += wu * (WEIGHT * p) @ slope
            if T:
                turned = (1 - np.tanh(first / T) ** 2) / T * (after[1] - after[-1]) / 2
                self.G20 += wu * WEIGHT @ turned
        self.n1, self.n2 = law.mean * self.n1, law.mean * self.n2

    def sites(self, start):
        for u, w in zip(self.law.u, self.law.weight, strict=True):
            for s0 in (1, -1):
                yield u, w * (1 + s0 * start) / 2, s0

    def spin(self, field, sigma):
        """Return the mean of a spin in Gaussian fields, and its slope."""
        field = np.asarray(field)
        if self.T == 0:
            density = np.exp(-((field / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))
            return erf(field / (sigma * np.sqrt(2))), 2 * density
        mean = np.tanh((field[..., None] + sigma * GRID[::4]) / self.T)
        weight = WEIGHT[::4] / WEIGHT[::4].sum()
        return mean @ weight, (1 - mean**2) @ weight / self.T


@pytest.mark.parametrize("model", [Hopfield(), *PAIRS, *DENSE], ids=str)
def test_the_first_step_is_that_of_signal_to_noise(model):
    T, start = np.array([[0.0], [0.3]]), np.array([0.4, 0.9])
    found = theory.trajectory(model, alpha=0.1, T=T, start=start, n_steps=1)
    exact = theory.signal_to_noise(model, alpha=0.1, T=T, start_overlap=start).m
    limit = 4 * found.m_err[..., 1] + 3e-4
    assert (np.abs(found.m[..., 1] - exact) < limit).all()
    assert (limit < 0.008).all()
    assert found.m[..., 0] == pytest.approx(np.broadcast_to(start, (2, 2)))


STEPS = [
    *product([Hopfield(), *PAIRS, *DENSE], [0.0, 0.4], [False]),
    (Dense(order=2, indices="all"), 0.0, True),
    (Dense(order=2, indices="all", rule=Unsupervised(**R7M5)), 0.4, True),
]


@pytest.mark.parametrize(("model", "T", "diagonal"), STEPS, ids=str)
def test_the_second_step_is_an_integral_over_two_noises(model, T, diagonal):
    exact = TwoSteps(model, 0.15, T, 0.6, diagonal)
    found = theory.trajectory(
        model, alpha=0.15, T=T, start=0.6, n_steps=2, n_trajectories=200_000,
        dynamics="parallel-diagonal" if diagonal else "parallel",
    )  # fmt: skip
    for k, m, n in ((1, exact.m1, exact.n1), (2, exact.m2, exact.n2)):
        assert abs(found.m[k] - m) < 4 * found.m_err[k] + 2e-4
        assert abs(found.n[k] - n) < 4 * found.n_err[k] + 2e-4
    assert found.m_err.max() < 0.002
    assert found.C[2, :2] == pytest.approx([exact.C20, exact.C21], abs=0.006)
    assert found.C[1, 0] == pytest.approx(exact.C10, abs=0.006)
    assert found.G[[1, 2], [0, 1]] == pytest.approx([exact.G10, exact.G21], abs=0.02)
    if T:
        assert found.G[2, 0] == pytest.approx(exact.G20, abs=0.02)
    assert (np.triu(found.G) == 0).all()
    assert (found.C == found.C.T).all()


def test_known_values():
    """Eissfeller-Opper sampling with 1.6e6 independent trajectories."""
    found = theory.trajectory(Hopfield(), alpha=0.1, start=0.3, n_steps=4)
    values, errors = [0.6569, 0.7100, 0.7224, 0.7210], [5e-4, 7e-4, 9e-4, 1.1e-3]
    assert (np.abs(found.m[1:] - values) < 3 * np.hypot(found.m_err[1:], errors)).all()
    dense = theory.trajectory(Dense(order=3), alpha=0.2, T=0.3, start=0.7, n_steps=4)
    values, errors = [0.7718, 0.9006, 0.9577, 0.9787], [5e-4, 5e-4, 4e-4, 3e-4]
    assert (np.abs(dense.m[1:] - values) < 3 * np.hypot(dense.m_err[1:], errors)).all()


@pytest.mark.parametrize(
    ("model", "T"),
    [
        (Hopfield(), 0.3),
        (Dense(order=3, rule=Supervised(**R7M5)), 0.2),
        (Dense(order=4, rule=Unsupervised(quality=0.8, n_examples=4)), 0.0),
    ],
)
def test_without_a_load_the_overlap_follows_one_equation(model, T):
    law = example_law(model.rule, "binomial")

    def image(n):
        field = law.u * model.order / 2 * n ** (model.order - 1)
        mean = np.tanh(field / T) if T else np.sign(field)
        return law.weight @ mean, (law.weight * law.u) @ mean

    start = 0.6
    parallel = theory.trajectory(model, alpha=0.0, T=T, start=start, n_steps=4)
    m, n = [start], law.mean * start
    for _ in range(4):
        here, n = image(n)
        m.append(here)
    assert parallel.m == pytest.approx(np.array(m), abs=1e-12)
    glauber = theory.trajectory(model, alpha=0.0, T=T, start=start, n_steps=4, dynamics="glauber")
    flow = solve_ivp(
        lambda _, y: np.array(image(y[1])) - y, (0, 4), [start, law.mean * start],
        t_eval=range(5), rtol=1e-10, atol=1e-12,
    )  # fmt: skip
    assert glauber.m == pytest.approx(flow.y[0], abs=1e-6)
    assert glauber.n == pytest.approx(law.mean * flow.y[1], abs=1e-6)
    for found in (parallel, glauber):
        assert (found.m_err == 0).all()
        tiny = theory.trajectory(
            model, alpha=1e-12, T=T, start=start, n_steps=4, n_trajectories=3000, time_step=0.125,
            dynamics="glauber" if found is glauber else "parallel",
        )  # fmt: skip
        assert tiny.m == pytest.approx(found.m, abs=0.015 if model.rule.quality < 1 else 0.002)


def test_starts_of_opposite_sign_go_opposite_ways_and_none_goes_nowhere():
    for model in (Hopfield(), Dense(order=4, indices="all")):
        found = theory.trajectory(
            model, alpha=0.1, T=0.1, start=[0.5, -0.5, 0.0], n_steps=5, n_trajectories=2000
        )
        assert (found.m[0] == -found.m[1]).all()
        assert (found.C[0] == found.C[1]).all()
        assert (found.m[2] == 0).all()
        assert (found.n[2] == 0).all()


STATES = [
    (Hopfield(), 0.05, 0.4),
    (Hopfield(rule=Unsupervised(quality=0.8, n_examples=10)), 0.03, 0.3),
    (Dense(order=3), 0.2, 0.5),
    (Dense(order=4, rule=Supervised(**R7M5)), 0.1, 0.3),
]


@pytest.mark.parametrize(("model", "alpha", "T"), STATES, ids=str)
def test_single_spins_end_in_the_replica_symmetric_state(model, alpha, T):
    """C tends to q, and responses are those of equilibrium: G = dC/dt'/T."""
    state = theory.solve(model, alpha=alpha, T=T)
    assert state.replicon > 0
    found = theory.trajectory(
        model, alpha=alpha, T=T, start=state.m, n_steps=12, dynamics="glauber", time_step=0.5,
        n_trajectories=60_000,
    )  # fmt: skip
    late = slice(8, None)
    assert found.m[late].mean() == pytest.approx(float(state.m), abs=1e-3)
    assert found.n[late].mean() == pytest.approx(float(state.n), abs=1e-3)
    assert found.C[12, 5:8].mean() == pytest.approx(float(state.q), abs=4e-3)
    answer = found.G[12, 4:12].sum()
    assert answer * T == pytest.approx(1 - found.C[12, 4], abs=0.015)
    assert found.G[12, 11] * T == pytest.approx(1 - found.C[12, 11], abs=0.007)


def test_many_steps_neither_drift_nor_freeze_by_sampling_alone():
    """At P = 2 the scatter of G enters the noise twice; few trajectories must not feel it."""
    few, many = (
        theory.trajectory(Hopfield(), alpha=0.1, T=0.2, start=0.9, n_steps=80, n_trajectories=n)
        for n in (10_000, 40_000)
    )
    assert np.abs(few.m[20:] - many.m[20:]).max() < 0.006
    assert np.ptp(many.m[20:]) < 0.004
    response = many.G[40:].sum(axis=-1)
    assert response == pytest.approx((1 - many.C[80, 10:40].mean()) / 0.2, abs=0.012)


def test_without_temperature_spins_freeze():
    found = theory.trajectory(Hopfield(), alpha=0.1, start=0.6, n_steps=120, n_trajectories=10_000)
    assert found.C[-1, 60:].min() > 0.999
    assert found.m[-1] == pytest.approx(float(theory.solve(Hopfield(), alpha=0.1, T=0).m), abs=2e-3)
    far = theory.trajectory(Dense(order=3), alpha=0.2, start=0.1, n_steps=120, n_trajectories=3000)
    assert np.isfinite(far.m).all()
    assert abs(far.m[-1]) < 0.1


@pytest.mark.parametrize("n_patterns", [2, 3])
@pytest.mark.parametrize("start", ["hierarchical", "parallel"])
def test_multitasking_is_a_sum_over_columns(n_patterns, start):
    d, T, K = 0.3, 0.15, n_patterns
    columns = np.array(list(product([-1, 0, 1], repeat=K)))
    weight = np.where(columns == 0, d, (1 - d) / 2).prod(axis=1)
    model = Multitasking(n_patterns=K, dilution=d)
    found = theory.trajectory(model, T=T, start=start, n_steps=60)
    m, means = found.m[0], []
    for t in range(6):
        mean = np.tanh(columns @ m / T)
        means.append(mean)
        assert found.m[t] == pytest.approx(m, abs=1e-10)
        assert found.G[t + 1, t] == pytest.approx(weight @ (1 - mean**2) / T, abs=1e-9)
        m = (weight * mean) @ columns
    assert found.C[5, 3] == pytest.approx(weight @ (means[4] * means[2]), abs=1e-10)
    if start == "hierarchical":
        ends = theory.solve(model, T=T, start=found.m[-1]).m
        assert found.m[-1] == pytest.approx(ends, abs=1e-6)
    assert (found.m_err == 0).all()


def test_results_depend_on_no_thread_and_no_other_point():
    model = Dense(order=3, rule=Supervised(**R7M5))
    settings = {"n_steps": 4, "n_trajectories": 1500, "T": 0.2}
    alpha, start = np.linspace(0, 0.4, 11), np.array([[0.7], [-0.4]])
    all_of = [
        theory.trajectory(model, alpha=alpha, start=start, n_threads=k, **settings)
        for k in (1, 2, 3)
    ]
    for name in ("m", "n", "m_err", "n_err", "C", "G"):
        assert all((getattr(all_of[0], name) == getattr(one, name)).all() for one in all_of)
    alone = theory.trajectory(model, alpha=alpha[7], start=-0.4, **settings)
    assert (alone.m == all_of[0].m[1, 7]).all()
    longer = theory.trajectory(model, alpha=alpha[7], start=-0.4, **{**settings, "n_steps": 9})
    assert (longer.m[:5] == alone.m).all()


def test_sampling_errors_are_what_other_seeds_scatter_by():
    def several(n, seeds):
        return [
            theory.trajectory(
                Hopfield(), alpha=0.1, T=0.1, start=0.5, n_steps=3, n_trajectories=n, seed=seed
            )
            for seed in range(seeds)
        ]

    errors = []
    for n in (3000, 48_000):
        found = several(n, 12)
        spread = np.std([one.m[2:] for one in found], axis=0, ddof=1)
        errors.append(np.sqrt(np.mean([one.m_err[2:] ** 2 for one in found], axis=0)))
        assert (np.abs(np.log(spread / errors[-1])) < np.log(1.8)).all()
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.35)


def test_the_step_of_continuous_time_hardly_matters():
    """Networks of 4000 sites have .6156 +- .0013 and .744 +- .002 after one and two sweeps."""
    fine, middle, whole = (
        theory.trajectory(
            Hopfield(), alpha=0.05, T=0.4, start=0.4, n_steps=2, dynamics="glauber",
            time_step=step, n_trajectories=40_000,
        ).m
        for step in (0.0625, 0.25, 1)
    )  # fmt: skip
    assert fine[1:] == pytest.approx([0.6156, 0.744], abs=0.005)
    assert np.abs(middle - fine)[1:].max() < 0.004
    assert 0.02 < np.abs(whole - fine)[1:].max() < 0.06


@pytest.mark.parametrize("model", [Hopfield(), *PAIRS, DENSE[2]], ids=str)
@pytest.mark.parametrize("T", [0.0, 0.4])
def test_neurodynamics_leaves_the_reaction_out_from_the_second_step_on(model, T):
    alpha, start = 0.15, 0.6
    found = theory.trajectory(
        model, alpha=alpha, T=T, start=start, n_steps=2, method="neurodynamics"
    )
    exact = TwoSteps(model, alpha, T, start)
    assert found.m[1] == pytest.approx(exact.m1, abs=1e-9)
    assert found.n[1] == pytest.approx(exact.n1, abs=1e-9)
    law, P = example_law(model.rule, "binomial"), model.order
    if P == 2:  # the variance of the second step is exact still
        v = [(g, v, v * exact.G10) for g, v in modes(model)]
        V = alpha * sum(g * v**2 * (1 + 2 * x * exact.m1 * start + x**2) for g, v, x in v)
    else:
        weights = self_term_weights(P, model.indices).items()
        V = alpha / 2 * sum(k * w * data_noise(model.rule, k, P) for k, w in weights)
    S = P / 2 * (exact.n1 / law.mean) ** (P - 1)
    m2 = law.weight @ exact.spin(law.u * S, np.sqrt(V))[0]
    assert found.m[2] == pytest.approx(m2, abs=1e-9)
    assert abs(m2 - exact.m2) > 1e-3
    assert found.G[1, 0] == pytest.approx(exact.G10, abs=1e-9)
    assert (found.m_err == 0).all()


BAD = [
    ({"start": 1.2}, "start = 1.2 is outside"),
    ({"start": "up"}, "start = 'up' is not one of pattern, random"),
    ({"alpha": None}, "needs a load"),
    ({"alpha": -0.1}, "alpha = -0.1 is outside"),
    ({"alpha": [0.1, 0.2], "T": [0.1, 0.2, 0.3]}, "do not broadcast"),
    ({"n_steps": 0}, "n_steps = 0 is outside"),
    ({"n_trajectories": 10}, "n_trajectories = 10 is outside"),
    ({"n_trajectories": 10**9, "n_steps": 10**5}, "GiB"),
    ({"dynamics": "metropolis"}, "dynamics = 'metropolis' is not one of"),
    ({"dynamics": "parallel-diagonal"}, "is of order 2 with indices = 'all'"),
    ({"dynamics": "glauber", "method": "neurodynamics"}, "is of 'parallel'"),
    ({"dynamics": "glauber", "time_step": 0}, "time_step = 0"),
    ({"model": Multitasking(n_patterns=2)}, "has no load"),
    ({"model": Multitasking(n_patterns=2), "alpha": None, "start": [0.1]}, "n_patterns = 2"),
    ({"model": Exponential()}, "have no theory of retrieval dynamics"),
    ({"law": "exact"}, "law = 'exact'"),
    ({"seed": -1}, "seed = -1"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "says"), BAD)
def test_what_cannot_be_followed_is_refused_in_one_line(asked, says):
    asked = {"model": Hopfield(rule=Storing()), "alpha": 0.1, "n_steps": 2, **asked}
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the words are compared
        theory.trajectory(asked.pop("model"), **asked)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
