"""Networks of given couplings: kernels against the definition, and every kind of run."""

import itertools

import numpy as np
import pytest

from hebbian import Couplings, Dreaming, Hopfield, Memory, draw, from_couplings, streams
from montecarlo import Cooling, Schedule, ramp, simulate, temper
from montecarlo.backend import resolve
from montecarlo.dynamics import DYNAMICS, SITE_ORDERS
from montecarlo.kernels.parallel import given_couplings
from montecarlo.kernels.single import couplings
from montecarlo.testing import all_configurations, parallel_fields, parallel_law

KEY = streams.key(3, "dynamics")
SHORT = Schedule(warmup=4, sweeps=12, stride=3)


def glass(n_spins, seed=0, diagonal=1.0):
    """A memory of normal couplings with a diagonal."""
    J = np.random.default_rng(seed).normal(size=(n_spins, n_spins))
    J = (J + J.T) / n_spins**0.5
    J[np.diag_indices(n_spins)] *= diagonal
    return Memory(rows=np.ones((1, n_spins), np.int8), couplings=J, weight=1.0)


def moved(memory, dynamics, backend, T, site_order="sequential", n_sweeps=10):
    """Spins, energies and periods of three chains."""
    kernel, move = resolve(backend, dynamics), DYNAMICS[dynamics].move
    starts = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (3, memory.n_spins))
    keys = np.array([streams.key(4, "dynamics", chain=c) for c in range(3)])
    spins, energies = np.empty((3, 5, memory.n_spins), np.int8), np.empty((3, 5))
    network, periods = kernel.lower(memory), np.empty(3)
    for c in [...] if kernel.batched else range(3):
        state = kernel.prepare(network, starts[c])
        temperatures = np.full(3, T) if kernel.batched else T
        kernel.run(
            network, state, keys[c], temperatures, move, 7, 5, n_sweeps // 5, spins[c],
            energies[c], SITE_ORDERS[site_order],
        )  # fmt: skip
        periods[c] = kernel.period(network, state)
    return spins, energies, periods


CASES = [
    *itertools.product(("glauber", "metropolis", "zero-temperature"), SITE_ORDERS),
    ("parallel", "sequential"),
    ("parallel-diagonal", "sequential"),
]  # fmt: skip


@pytest.mark.parametrize(("dynamics", "site_order"), CASES)
def test_compiled_kernels_follow_the_definition(dynamics, site_order):
    for T, memory in (
        (0.6, glass(70)),
        (0.0, glass(70, 1)),
        (0.4, draw(Dreaming(sleep=4.0), n_spins=65, alpha=0.4).memory),
    ):
        found, expected = (
            moved(memory, dynamics, backend, T, site_order) for backend in ("numba", "reference")
        )
        assert np.array_equal(found[0], expected[0])
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
        assert np.array_equal(found[2], expected[2])


def test_no_spin_sees_itself_unless_asked_to():
    """Diagonals of any size change nothing but dynamics that keep them."""
    for dynamics in ("glauber", "parallel"):
        small, large = (moved(glass(40, 2, d), dynamics, "numba", 0.7)[0] for d in (0.0, 30.0))
        assert np.array_equal(small, large)
    kept = moved(glass(40, 2, 30.0), "parallel-diagonal", "numba", 0.7)[0]
    assert not np.array_equal(kept, moved(glass(40, 2, 30.0), "parallel", "numba", 0.7)[0])


@pytest.mark.parametrize("diagonal", [False, True])
def test_fields_that_follow_flips_are_those_of_the_spins(diagonal):
    memory = glass(150)
    network = given_couplings.lower(memory, diagonal)
    spins = np.random.default_rng(0).choice(np.float32([-1, 1]), (4, 150))
    fields, _ = given_couplings.field_sums(network, spins)
    temperatures, keys = np.full((30, 4), 0.9), np.array([KEY] * 4)
    given_couplings.advance(
        network.matrix, diagonal, memory.whole_couplings.unit, spins, fields, temperatures, keys,
        0, np.zeros(4, np.int64),
    )  # fmt: skip
    expected = memory.whole_couplings.fields(spins)
    if diagonal:
        expected += spins.astype(np.int64) * memory.whole_couplings.matrix.diagonal()
    assert np.array_equal(fields, expected)


def test_a_flip_and_its_return_leave_all_fields_as_they_were():
    memory = glass(130)
    network = couplings.lower(memory)
    assert network.matrix is memory.whole_couplings.matrix
    spins = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), 130)
    state = couplings.prepare(network, spins.copy())
    for i in (5, 80, 5, 129):
        couplings.flip(network, state, i)
        assert np.array_equal(state.overlaps[0], memory.whole_couplings.fields(state.spins))


def test_ties_are_ties():
    """Equal couplings to as many spins up as down: no field to the last bit."""
    J = np.full((9, 9), 0.1)
    memory = Memory(rows=np.ones((1, 9), np.int8), couplings=J, weight=1.0)
    s = all_configurations(9)
    others = s.sum(axis=1, keepdims=True) - s
    assert np.array_equal(np.sign(parallel_fields(memory)), np.sign(others))


def test_parallel_dynamics_has_perettos_law():
    """Proportional to prod_i 2 cosh(h_i/T), with and without the diagonal."""
    memory = glass(6, 3)
    for dynamics in ("parallel", "parallel-diagonal"):
        J = memory.couplings.copy()
        if dynamics == "parallel":
            np.fill_diagonal(J, 0)
        fields = all_configurations(6) @ J
        np.testing.assert_allclose(parallel_fields(memory, dynamics), fields, atol=1e-12)
        weights = np.prod(2 * np.cosh(fields / 0.8), axis=1)
        np.testing.assert_allclose(parallel_law(fields, 0.8), weights / weights.sum(), rtol=1e-8)


def test_without_sleep_it_is_the_hopfield_network():
    """The same spins of the same noise: 64 spins, so that 1/N is no rounded number."""
    slept, plain = (draw(model, n_spins=64, alpha=0.2, seed=2).memory for model in (
        Dreaming(sleep=0.0), Hopfield()
    ))  # fmt: skip
    for dynamics in ("glauber", "metropolis", "zero-temperature", "parallel"):
        found, expected = (moved(memory, dynamics, "numba", 0.5) for memory in (slept, plain))
        assert np.array_equal(found[0], expected[0])
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)


@pytest.mark.parametrize("dynamics", ["glauber", "parallel"])
def test_runs_repeat_for_any_threads_and_resume_to_the_bit(dynamics, tmp_path):
    model = Dreaming(sleep=2.0)
    asked = {"alpha": 0.3, "T": [0.2, 0.8], "n_spins": 60, "n_samples": 2, "dynamics": dynamics}
    whole = simulate(model, **asked, schedule=SHORT, n_threads=1)
    threads = simulate(model, **asked, schedule=SHORT, n_threads=2)
    file = tmp_path / "run.checkpoint"
    kept = simulate(model, **asked, schedule=SHORT, checkpoint=file)
    again = simulate(model, **asked, schedule=SHORT, checkpoint=file)
    half = Schedule(warmup=4, sweeps=6, stride=3)
    first = simulate(model, **asked | {"T": 0.2}, schedule=half)
    rest = simulate(
        model, **asked | {"T": 0.2}, schedule=Schedule(warmup=0, sweeps=6, stride=3),
        start=first.last, first_sweep=10,
    )  # fmt: skip
    for name in ("m", "energy"):
        for other in (threads, kept, again):
            assert np.array_equal(whole.series[name], other.series[name])
        joined = np.concatenate([first.series[name], rest.series[name]], axis=-1)
        assert np.array_equal(joined, whole.series[name][0])
    assert whole.settings["form"] == "couplings"


def test_ramps_and_cooled_starts():
    found = ramp(Dreaming(sleep=2.0), alpha=0.1, T=[0.1, 2.0], n_spins=80, n_samples=1)
    assert found.m.mean[0] > 0.95
    assert abs(found.m.mean[1]) < 0.5
    schedule = Schedule(warmup=60, sweeps=20, stride=1, cooling=Cooling(T=2.0))
    run = simulate(Couplings(), T=0.1, n_spins=80, n_samples=1, schedule=schedule)
    assert run.energy.mean < -0.6


@pytest.mark.heavy
def test_replica_exchange_of_a_glass_finds_its_ground_states():
    """All 2^12 energies: Boltzmann's mean at every temperature of the ladder."""
    memory = draw(Couplings(), n_spins=12, seed=5).memory
    energies = np.array([memory.energy(s) for s in all_configurations(12)])
    T = np.array([0.3, 0.6, 1.0, 1.6])
    data = from_couplings(memory.couplings, np.ones((1, 12)))
    found = temper(
        data.model, T=T, data=data, n_replicas=4, start="random",
        schedule=Schedule(warmup=200, sweeps=4000, stride=2),
    )  # fmt: skip
    weights = np.exp(-(energies - energies.min()) / T[:, None])
    exact = (weights @ energies) / weights.sum(axis=1) / 12
    series = found.series["energy"]
    assert series.min() == pytest.approx(energies.min() / 12, rel=1e-12)
    np.testing.assert_allclose(series.mean(axis=(1, 2, 3)), exact, atol=0.02)


@pytest.mark.parametrize("model", [Dreaming(), Couplings()], ids=repr)
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"dynamics": "plefka", "T": 0.5}, "mean-field equations are of polynomial"),
        ({"backend": "cupy", "T": 0.5}, "devices know polynomial interactions of patterns of one"),
        ({"form": "overlaps", "T": 0.5}, "'overlaps' is not one of couplings"),
    ],
)
def test_what_couplings_cannot_do_is_said_in_one_line(model, asked, message):
    alpha = 0.1 if isinstance(model, Dreaming) else None
    with pytest.raises(ValueError, match=message) as caught:
        simulate(model, alpha=alpha, n_spins=20, **asked)
    assert "\n" not in str(caught.value)


def test_drawn_couplings_have_no_diagonal_to_keep():
    with pytest.raises(ValueError, match="has no diagonal"):
        simulate(Couplings(), T=0.5, n_spins=20, dynamics="parallel-diagonal")


@pytest.mark.heavy
def test_two_thousand_spins_follow_the_definition():
    memory = draw(Dreaming(sleep=10.0), n_spins=2000, alpha=0.6, seed=1).memory
    found, expected = (
        moved(memory, "glauber", backend, 0.3, n_sweeps=5) for backend in ("numba", "reference")
    )
    assert np.array_equal(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("t", "alpha", "expected"),
    [(1.0, 0.33, 0.9972), (1.0, 0.38, 0.9879), (1000.0, 1.04, 0.9996)],
)
def test_patterns_stay_beyond_one_pattern_a_spin(t, alpha, expected):
    """Replica symmetric m at T = 0; at t = 1000 there are more patterns than spins."""
    run = simulate(
        Dreaming(sleep=t), alpha=alpha, T=0.0, n_spins=800, n_samples=6, n_replicas=1,
        dynamics="zero-temperature", schedule=Schedule(warmup=200, sweeps=1, stride=1),
    )  # fmt: skip
    assert (run.period == 1).all()
    assert run.m.mean == pytest.approx(expected, abs=max(3 * run.m.error, 0.004))
