"""Theory of diluted patterns against Monte Carlo: all rules, both samplings, finite size.

Chains start in the state that the theory describes; networks are large and far from lines,
so that overlaps agree to 1e-3, and an error bar over samples says what is chance.
`benchmarks/multitasking_accuracy.py` has many more points and the trend near a line.
"""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

import montecarlo
import theory
from hebbian import Multitasking, Supervised, Unsupervised, draw
from theory.many_patterns.equilibrium import ordered_overlaps
from theory.many_patterns.example_states import example_state
from theory.many_patterns.finite_size import deepest_level, level_survival
from theory.many_patterns.limits import finite_connectivity_energy, finite_connectivity_load
from theory.many_patterns.parallel import parallel_temperature
from theory.many_patterns.permutations import permutation_time


def network(K, d, rule=None, sampling="stratified"):
    return Multitasking(
        n_patterns=K, dilution=d, sampling=sampling, **({"rule": rule} if rule else {})
    )


def simulated(model, T, start, *, n_spins=10_000, n_samples=4, sweeps=100, seed=1):
    schedule = montecarlo.Schedule(warmup=sweeps, sweeps=2 * sweeps, stride=2)
    return montecarlo.simulate(
        model, T=T, n_spins=n_spins, n_samples=n_samples, n_replicas=1, schedule=schedule,
        start=start, seed=seed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("K", "d", "T"),
    [
        (3, 0.3, 0.0),
        (4, 0.4, 0.0),
        (2, 0.3, 0.1),
        (2, 0.5, 0.15),
        (2, 0.3, 0.4),
        (3, 0.3, 0.05),
        (4, 0.4, 0.02),
        (3, 0.75, 0.03),
    ],
)
def test_stored_hierarchies(K, d, T):
    """Pure and hierarchical states, exact columns: every overlap to 1e-3."""
    exact = theory.solve(network(K, d), T=T)
    run = simulated(network(K, d), T, "hierarchical")
    assert np.abs(run.m.mean - exact.m).max() < 1e-3
    assert abs(run.energy.mean - exact.energy) < 1e-3


@pytest.mark.parametrize(("K", "d", "T"), [(2, 0.75, 0.12), (3, 0.75, 0.12), (5, 0.85, 0.06)])
def test_stored_in_parallel(K, d, T):
    """Equal overlaps at strong dilution; their differences are soft, and slow."""
    exact = theory.solve(network(K, d), T=T, start="parallel")
    assert str(exact.label) == "parallel"
    run = simulated(network(K, d), T, "parallel")
    assert abs(run.m.mean.mean() - exact.m[0]) < 5e-4
    assert np.abs(run.m.mean - exact.m).max() < 3e-3


def test_odd_mixture_is_metastable_at_weak_dilution():
    exact = theory.solve(network(3, 0.08), T=0.2, start="parallel")
    run = simulated(network(3, 0.08), 0.2, "parallel")
    assert np.abs(run.m.mean - exact.m).max() < 1e-3
    assert exact.free_energy > theory.solve(network(3, 0.08), T=0.2).free_energy


@pytest.mark.parametrize("rule", [Supervised, Unsupervised])
@pytest.mark.parametrize(
    ("K", "d", "r", "M", "T", "start"),
    [
        (2, 0.3, 0.4, 50, 0.1, "hierarchical"),
        (3, 0.3, 0.5, 60, 0.03, "hierarchical"),
        (3, 0.75, 0.4, 40, 0.15, "parallel"),
    ],
)
def test_learnt_with_and_without_a_teacher(K, d, r, M, T, start, rule):
    """One theory for both rules: 1e-3 + three standard errors (the examples are a sample)."""
    model = network(K, d, rule(quality=r, n_examples=M))
    exact = theory.solve(model, T=T, start=start)
    run = simulated(model, T, start, n_samples=8, sweeps=40)
    assert (run.m.error < 3e-3).all()
    assert (np.abs(run.m.mean - exact.m) < 1e-3 + 3 * run.m.error).all()
    assert (np.abs(run.n.mean - exact.n) < 1e-3 + 3 * run.n.error).all()


@pytest.mark.heavy
def test_few_even_examples_at_low_temperature_tell_the_rules_apart():
    """M = 4 (r = 0.5, T = 0.05): the state without a teacher breaks the symmetry of its examples.

    Where a mode of `example_eigenvalues` is negative the equations hold with a teacher alone.
    """
    symmetric = theory.solve(network(2, 0.3, Unsupervised(quality=0.5, n_examples=4)), T=0.05)
    assert (symmetric.example_eigenvalues < 0).all()
    for rule, m in ((Supervised, symmetric.m), (Unsupervised, [0.41737974, 0.2922245])):
        model = network(2, 0.3, rule(quality=0.5, n_examples=4))
        run = simulated(model, 0.05, "hierarchical", n_spins=20_000, n_samples=16, sweeps=40)
        assert (np.abs(run.m.mean - m) < 3 * run.m.error).all(), (rule, run.m)


def test_weak_levels_need_the_columns_without_disorder():
    """Independent columns fluctuate by N**-1/2, which is a weak level; stratified ones do not."""
    exact = theory.solve(network(3, 0.3), T=0.05).m
    runs = {
        sampling: simulated(network(3, 0.3, sampling=sampling), 0.05, "hierarchical", n_spins=4000)
        for sampling in ("independent", "stratified")
    }
    error = {sampling: run.m.error for sampling, run in runs.items()}
    assert (error["independent"] > 5 * error["stratified"]).all()
    for sampling, run in runs.items():
        assert (np.abs(run.m.mean - exact) < 1e-3 + 4 * error[sampling]).all()


def test_line_of_parallel_retrieval_sharpens_with_size():
    """At 0.8 T_par the two overlaps differ; their distance from the theory shrinks with N."""
    model, T = network(2, 0.75), 0.8 * 0.06325052
    exact = theory.solve(model, T=T).m
    assert exact[0] - exact[1] > 0.02
    gaps = []
    for n_spins in (1000, 16_000):
        run = simulated(model, T, "hierarchical", n_spins=n_spins, n_samples=4, sweeps=200)
        gaps.append(np.abs(run.m.mean - exact).max())
    assert gaps[1] < 2e-3 < 2 * gaps[1] + gaps[0]
    assert gaps[1] < 0.5 * gaps[0]


@pytest.mark.parametrize("K", [2, 3])
def test_near_the_line_patterns_change_places(K):
    """At 0.95 T_par of stratified columns: means of equal patterns, sorted overlaps as predicted.

    Their distance from the overlaps of an infinite network, 1e-2, is no error of the theory.
    """
    model, N = network(K, 0.75), 1024  # whole numbers of every column: no disorder is left
    T = 0.95 * float(parallel_temperature(0.75, K).low)
    run = simulated(model, T, "hierarchical", n_spins=N, n_samples=8, sweeps=2500)
    m = run.series["m"][:, 0]
    ordered = -np.sort(-np.abs(m), axis=-1)
    error = ordered.mean(axis=1).std(axis=0, ddof=1) / math.sqrt(len(m))
    expected = ordered_overlaps(model, T, N)
    assert (np.abs(ordered.mean(axis=(0, 1)) - expected) < 1 / N + 3 * error).all()
    exact = theory.solve(model, T=T).m
    assert np.abs(run.m.mean - exact.mean()).max() < 3e-3 < np.abs(exact - exact.mean()).max()
    leaders = np.array([np.bincount(row, minlength=K) for row in np.abs(m).argmax(axis=-1)])
    assert (leaders > 0.1 * m.shape[1]).all()


def test_permutation_time():
    """Exchanges of the two overlaps at 0.85 T_par, from one to the other by most of the way."""
    model, N, sweeps = network(2, 0.75), 4096, 1500
    T = 0.85 * float(parallel_temperature(0.75, 2).low)
    run = simulated(model, T, "hierarchical", n_spins=N, n_samples=6, sweeps=sweeps)
    gap = theory.solve(model, T=T).m @ [1, -1]
    exchanges = 0
    for m in run.series["m"][:, 0]:
        side = (m[:, 0] - m[:, 1]) / gap
        exchanges += (np.diff(np.sign(side[np.abs(side) > 0.8])) != 0).sum()
    expected = 6 * 2 * sweeps / permutation_time(model, T, N)
    assert exchanges > 60
    assert 0.7 < exchanges / expected < 1.4


@pytest.mark.parametrize("T", [0.05, 0.3])
def test_retrieval_of_a_single_example(T):
    """Three poor examples without a teacher: spins stay with the first one of both patterns."""
    r, N, n_samples = 0.3, 20_000, 6
    model = network(2, 0.3, Unsupervised(quality=r, n_examples=3))
    state = example_state(model, T, groups=[[1, 2], [1, 2]])
    assert state.min_eigenvalue > 0
    assert state.free_energy < theory.solve(model, T=T).free_energy
    rows = [draw(model, n_spins=N, seed=1, sample=k).memory.rows for k in range(n_samples)]
    first, second = (np.stack([row[at] for row in rows]).astype(int) for at in (0, 3))
    spins = np.where(first != 0, first, np.where(second != 0, second, 1))
    run = simulated(model, T, spins[:, None], n_spins=N, n_samples=n_samples, sweeps=60)
    # the examples are a sample: (1/N) sum xi s chi/r fluctuates by 1/(r sqrt N)
    chance = 1 / (r * math.sqrt(N * n_samples))
    assert (np.abs(run.m.mean - state.m) < 4 * chance).all()
    assert (np.abs(run.n.mean - state.example_overlaps.mean(axis=1) / r) < 5 * chance).all()
    assert abs(run.energy.mean - state.energy) < 4 * chance


@pytest.mark.heavy
@pytest.mark.parametrize(("K", "d", "N"), [(4, 0.3, 1000), (5, 0.4, 4000), (9, 0.4, 8000)])
def test_levels_of_a_finite_network(K, d, N):
    """Where m_k > sum of all weaker |m_mu| at every level the hierarchy stands; how often."""
    model, n_samples = network(K, d, sampling="independent"), 200
    run = montecarlo.simulate(
        model, T=0.0, n_spins=N, n_samples=n_samples, n_replicas=1, start="hierarchical", seed=1,
        schedule=montecarlo.Schedule(warmup=20, sweeps=1, stride=1),
    )  # fmt: skip
    began = np.empty((n_samples, K))
    for sample in range(n_samples):
        xi = draw(model, n_spins=N, seed=1, sample=sample).archetypes.astype(int)
        decided = xi[np.argmax(xi != 0, axis=0), np.arange(N)]
        began[sample] = xi @ decided / N
    weaker = np.cumsum(np.abs(began)[:, ::-1], axis=1)[:, ::-1] - np.abs(began)
    stands = began > weaker
    safe = (began > weaker + K / N).all(axis=1)  # a spin does not feel itself
    ended = run.series["m"][safe, 0, -1]
    np.testing.assert_allclose(ended, began[safe], atol=1e-12)

    expected = level_survival(d, K, N)
    for count, p in zip(stands.sum(axis=0), expected, strict=True):
        # the sum of |m_mu| is not quite Gaussian: within 0.06 besides chance
        low, high = max(p - 0.06, 0), min(p + 0.06, 1)
        assert binomtest(int(count), n_samples, low, alternative="less").pvalue > 1e-4
        assert binomtest(int(count), n_samples, high, alternative="greater").pvalue > 1e-4
    # beyond k* the last level is as likely to be a fluctuation as a level
    assert (deepest_level(d, N) > K) == (expected[-1] > 0.85)


def test_stratified_columns_keep_levels_that_independent_ones_lose():
    """K = 6, d = 0.3, N = 4000 is beyond k* = 4.3: level 4 of 76 spins is kept, or lost."""
    assert deepest_level(0.3, 4000) < 5
    ladder = 0.7 * 0.3 ** np.arange(6)
    for sampling, kept in (("stratified", True), ("independent", False)):
        run = simulated(
            network(6, 0.3, sampling=sampling), 0.0, "hierarchical", n_spins=4000, n_samples=40,
            sweeps=10,
        )  # fmt: skip
        reached = run.m.mean[3] / ladder[3]
        assert (abs(reached - 1) < 0.1) == kept, (sampling, reached)


def isolated_energy(n, T):
    """-<M^2>/2 of n spins of weight exp(M^2 / 2T), by enumeration."""
    up = np.arange(n + 1)
    square = (2 * up - n) ** 2
    weight = np.array([math.comb(n, k) for k in up]) * np.exp((square - n * n) / (2 * T))
    return -0.5 * (weight @ square) / weight.sum()


@pytest.mark.parametrize(("alpha", "mixed"), [(0.2, False), (0.8, True)])
def test_extensive_number_of_diluted_patterns(alpha, mixed):
    """alpha N patterns of c spins: no cross-talk below the line of finite connectivity.

    There every pattern has the energy of a network of its own, whatever its size, which
    takes the Poisson fluctuations of the sizes out of the comparison.
    """
    c, T, N = 2.0, 2.0, 1000
    assert (alpha > finite_connectivity_load(c, T)) == mixed
    model = network(round(alpha * N), 1 - c / N, sampling="independent")
    run = montecarlo.simulate(
        model, T=T / N, n_spins=N, n_samples=8, n_replicas=1, start="parallel", seed=3,
        schedule=montecarlo.Schedule(warmup=100, sweeps=400, stride=4),
    )  # fmt: skip
    energy = run.series["energy"].mean(axis=(1, 2)) * N * N
    alone = np.empty(8)
    for sample in range(8):
        sizes = np.abs(draw(model, n_spins=N, seed=3, sample=sample).archetypes).sum(axis=1)
        alone[sample] = sum(isolated_energy(int(n), T) for n in sizes)
    difference = (energy - alone) / (alpha * N)
    error = difference.std(ddof=1) / math.sqrt(8)
    expected = finite_connectivity_energy(c, T)
    assert alone.mean() / (alpha * N) == pytest.approx(expected, abs=0.2)
    if mixed:
        assert difference.mean() > 5 * error  # frustration costs energy
    else:
        assert abs(difference.mean()) < 3 * error
        assert error < 0.02 * abs(expected)
