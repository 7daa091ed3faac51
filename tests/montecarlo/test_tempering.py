"""Replica exchange against enumeration, single chains and its own bookkeeping."""

import re

import numpy as np
import pytest

import montecarlo
from hebbian import Dense, Hopfield, Multitasking, Supervised, TeacherStudent, draw
from montecarlo import Schedule, simulate, temper, tune_ladder
from montecarlo.tempering.exchange import exchange
from montecarlo.tempering.tuning import swap_length, swap_rate
from montecarlo.testing import all_configurations, boltzmann, chi_square_p, state_numbers

SMALL = {
    "alpha": 0.2,
    "T": [0.3, 0.5, 0.9],
    "n_spins": 40,
    "n_samples": 2,
    "schedule": Schedule(warmup=6, sweeps=40, stride=4),
}


def same(a, b):
    for name in a.series:
        np.testing.assert_array_equal(a.series[name], b.series[name])
    np.testing.assert_array_equal(a.visits, b.visits)
    np.testing.assert_array_equal(a.accepted, b.accepted)


def independent_ladders(data, T, n_ladders, n_sweeps):
    """Final configurations (ladder, temperature, spin) and first measured exchanges."""
    run = temper(
        data.model, data=data, T=T, n_replicas=n_ladders, seed=9, keep_spins=True,
        schedule=Schedule(warmup=n_sweeps - 1, sweeps=2, stride=2),
    )  # fmt: skip
    return run.spins[:, 0, :, 0].swapaxes(0, 1), run.accepted[0]


@pytest.fixture(
    scope="module",
    params=["hopfield", "dense", "strengths", pytest.param("student", marks=pytest.mark.heavy)],
)
def enumerated(request):
    """A network of 8 spins with strong interactions, and many ladders run on it."""
    model, alpha, T = {
        "hopfield": (Hopfield(), 0.5, [0.25, 0.4, 0.7]),
        "dense": (Dense(order=3), 0.3, [0.4, 0.7, 1.2]),
        "strengths": (Dense(order=3, weights="zipf:1"), 0.3, [0.4, 0.7, 1.2]),
        "student": (TeacherStudent(order=2, signal=2.0), 1.0, [0.5, 0.8, 1.4]),
    }[request.param]
    data = draw(model, n_spins=8, alpha=alpha, seed=2)
    spins, swaps = independent_ladders(data, T, 1500, 24)
    return data, T, spins, swaps


def test_every_temperature_follows_its_own_boltzmann_law(enumerated):
    data, T, spins, _ = enumerated
    laws = [boltzmann(data.memory, t) for t in T]
    counts = [np.bincount(state_numbers(spins[:, k]), minlength=256) for k in range(3)]
    for k in range(3):
        assert chi_square_p(counts[k], laws[k]) > 1e-4
    assert chi_square_p(counts[0], laws[1]) < 1e-6  # the check sees a neighbour's law


def test_swap_rates_are_exact(enumerated):
    """E min(1, exp(dbeta dE)) over two independent Boltzmann laws."""
    data, T, _, swaps = enumerated
    energies = np.array([data.memory.energy(s) for s in all_configurations(8)])
    for pair in range(2):
        cold, hot = (boltzmann(data.memory, t) for t in T[pair : pair + 2])
        drive = (1 / T[pair] - 1 / T[pair + 1]) * (energies[:, None] - energies[None, :])
        exact = cold @ np.minimum(1, np.exp(drive)) @ hot
        measured = swaps[:, pair].mean()  # one attempt a pair in two exchanges
        error = np.sqrt(exact * (1 - exact) / len(swaps))
        assert abs(measured - exact) < 4 * error
        assert error < 0.015


@pytest.mark.parametrize("order", ["random", "permutation"])
def test_metropolis_is_exact_where_costs_vanish(order):
    """Blank entries, and rows that a flip reverses at no cost: N = 8, one pattern."""
    model, T = Multitasking(n_patterns=1, dilution=0.3), [0.2, 0.32, 0.55]
    memory = draw(model, n_spins=8, seed=7).memory
    run = temper(
        model, T=T, n_spins=8, n_samples=1, n_replicas=300, dynamics="metropolis",
        site_order=order, schedule=Schedule(warmup=32, sweeps=1, stride=1), seed=7,
        keep_spins=True,
    )  # fmt: skip
    energies = np.array([memory.energy(s) for s in all_configurations(8)])
    for k in range(3):
        states = state_numbers(run.spins[k, 0, :, 0])
        assert chi_square_p(np.bincount(states, minlength=256), boltzmann(memory, T[k])) > 1e-4
        np.testing.assert_allclose(run.series["energy"][k, 0, :, 0], energies[states] / 8)


def test_the_order_of_the_sites_is_part_of_a_run():
    energies = [
        temper(Hopfield(), **SMALL, site_order=order).series["energy"].tolist()
        for order in ("sequential", "random", "permutation")
    ]
    assert energies[0] != energies[1] != energies[2]


@pytest.mark.parametrize("number", [4, 5])
def test_one_exchange_obeys_detailed_balance(number):
    """Over a grid of u the accepted share is min(1, e^D), whichever walker is where."""
    beta, grid = np.array([4.0, 3.0, 2.5]), (np.arange(2000) + 0.5) / 2000
    pair = number % 2
    for energies in (np.array([-3.0, -2.4, -3.1]), np.array([-2.4, -3.0, -2.2])):
        drive = (beta[pair] - beta[pair + 1]) * (energies[pair] - energies[pair + 1])
        accepted = 0
        for log in np.log(grid):
            at = np.array([2, 0, 1])
            first, swapped = exchange(number, at, beta, energies, np.full(2, log))
            assert first == pair
            assert swapped.size == 1
            expected = np.array([2, 0, 1])
            if swapped[0]:
                expected[[pair, pair + 1]] = expected[[pair + 1, pair]]
            np.testing.assert_array_equal(at, expected)
            accepted += int(swapped[0])
        assert accepted / 2000 == pytest.approx(min(1, np.exp(drive)), abs=1e-3)


def test_bits_do_not_depend_on_threads():
    one = temper(Dense(order=3), **SMALL, n_threads=1)
    same(one, temper(Dense(order=3), **SMALL, n_threads=2))
    same(one, temper(Dense(order=3), **SMALL, n_threads=5))


def test_more_samples_and_replicas_keep_the_first_ones():
    few = temper(Hopfield(), **SMALL)
    more = temper(Hopfield(), **{**SMALL, "n_samples": 3}, n_replicas=3)
    np.testing.assert_array_equal(more.series["m"][:, :2, :2], few.series["m"])
    np.testing.assert_array_equal(more.visits[:2, :2], few.visits)


def test_longer_runs_continue_shorter_ones():
    short = temper(Hopfield(), **SMALL)
    long = temper(Hopfield(), **{**SMALL, "schedule": Schedule(warmup=6, sweeps=80, stride=4)})
    np.testing.assert_array_equal(long.series["m"][..., :10], short.series["m"])
    np.testing.assert_array_equal(long.visits[..., :41], short.visits)


def test_measurements_do_not_move_the_walkers():
    """The stride cuts the run elsewhere; walkers and exchanges stay the same."""
    every = temper(
        Hopfield(),
        **{**SMALL, "schedule": Schedule(warmup=6, sweeps=40, stride=1)},
        exchange_every=3,
    )
    fourth = temper(Hopfield(), **SMALL, exchange_every=3)
    np.testing.assert_array_equal(every.visits, fourth.visits)
    np.testing.assert_array_equal(every.series["energy"][..., 3::4], fourth.series["energy"])


def test_backends_agree():
    settings = {**SMALL, "n_spins": 10, "schedule": Schedule(warmup=2, sweeps=12, stride=3)}
    a = temper(Dense(order=3), **settings, backend="numba")
    b = temper(Dense(order=3), **settings, backend="reference")
    np.testing.assert_array_equal(a.series["m"], b.series["m"])
    np.testing.assert_array_equal(a.visits, b.visits)


def test_walkers_move_between_neighbours():
    run = temper(Hopfield(), **{**SMALL, "T": [0.4, 0.5, 0.6, 0.7, 0.8]})
    assert run.visits.shape == (2, 2, 5, 41)
    np.testing.assert_array_equal(
        np.sort(run.visits, axis=2), np.broadcast_to(np.arange(5)[:, None], run.visits.shape)
    )
    moves = np.diff(run.visits.astype(int), axis=-1)
    assert np.abs(moves).max() == 1
    assert (np.abs(moves).sum(axis=(2, 3)) == 2 * run.accepted.sum(axis=-1)).all()
    np.testing.assert_array_equal(run.attempts, np.full((2, 2, 4), 20))
    fraction = run.upward_fraction
    assert fraction[0] == 1.0
    assert fraction[-1] == 0.0


def test_easy_temperatures_agree_with_single_chains():
    settings = {"alpha": 0.1, "n_spins": 60, "n_samples": 6, "seed": 3}
    schedule = Schedule(warmup=200, sweeps=3000, stride=3)
    T = [1.0, 1.25, 1.6]
    ladder = temper(Hopfield(), **settings, T=T, schedule=schedule)
    single = simulate(Hopfield(), **settings, T=T, schedule=schedule, start="random")
    gap = ladder.series["energy"].mean(axis=(-1, -2)) - single.series["energy"].mean(axis=(-1, -2))
    for k in range(3):  # the same samples: thermal noise alone
        noise = np.sqrt(2 * np.var(single.series["energy"][k]) / single.energy.n_eff[k])
        assert abs(gap[k].mean()) < 4 * noise


@pytest.mark.parametrize(
    ("model", "settings", "T", "sweeps", "closeness", "gap"),
    [
        pytest.param(
            Hopfield(), {"alpha": 0.15, "n_spins": 64}, np.geomspace(0.08, 0.9, 12), 900, 0.004,
            0.01, id="spin-glass",
        ),
        pytest.param(
            Dense(order=4), {"alpha": 0.05, "n_spins": 36}, [0.45, 0.7, 0.84, 1.1], 3000, 0.025,
            0.03, id="retrieval-of-four-body", marks=pytest.mark.heavy,
        ),
    ],
)  # fmt: skip
def test_it_equilibrates_where_single_chains_freeze(model, settings, T, sweeps, closeness, gap):
    """Two starts end in one energy, below that of the chains that keep their temperature."""
    settings = {**settings, "n_samples": 3, "n_replicas": 3, "seed": 1}
    schedule = Schedule(warmup=sweeps // 3, sweeps=sweeps, stride=5)
    cold, alone = [], []
    for start in ("pattern", "random"):
        run = temper(model, **settings, T=T, schedule=schedule, start=start)
        assert run.round_trips.sum() > 20
        cold.append(run.series["energy"][0].mean(axis=(-1, -2)))
        run = simulate(model, **settings, T=T[0], schedule=schedule, start=start)
        alone.append(run.series["energy"].mean(axis=(-1, -2)))
    assert np.abs(cold[0] - cold[1]).max() < closeness
    assert (np.max(alone, axis=0) - np.mean(cold, axis=0)).min() > gap


def test_a_tuned_ladder_has_the_rate_asked_for():
    ladder = tune_ladder(
        Hopfield(), alpha=0.1, T=(0.3, 1.2), n_spins=100, n_samples=2, target=0.35, seed=2
    )
    assert ladder.T[0] == 0.3
    assert ladder.T[-1] == 1.2
    assert (np.diff(ladder.T) > 0).all()
    np.testing.assert_allclose(ladder.predicted, 0.35, atol=0.06)
    np.testing.assert_allclose(ladder.measured, ladder.predicted, atol=0.08)


def test_lengths_and_rates_are_inverse():
    assert swap_rate(0.0) == 1.0
    for length in (0.1, 1.0, 5.0, 12.0):
        assert swap_length(swap_rate(length)) == pytest.approx(length, rel=1e-9)
    energies = np.random.default_rng(0).normal(size=(2, 200_000))
    # Var E = 1, dbeta = 1: Gaussian laws of means 1/2 and -1/2 in beta E.
    drive = (energies[0] - 0.5) - (energies[1] + 0.5)
    assert np.minimum(1, np.exp(drive)).mean() == pytest.approx(swap_rate(np.sqrt(2)), abs=0.004)


def test_several_patterns_and_examples():
    model = Multitasking(n_patterns=3, dilution=0.3, rule=Supervised(quality=0.7, n_examples=4))
    schedule = Schedule(warmup=10, sweeps=20, stride=5)
    run = temper(model, T=[0.1, 0.3], n_spins=50, schedule=schedule, keep_spins=True)
    assert run.series["m"].shape == (2, 8, 2, 4, 3)
    assert run.spins.shape == (2, 8, 2, 4, 50)
    sizes = run.estimate("m_sorted").mean
    assert (sizes[:, 0] >= sizes[:, 1]).all()
    assert (sizes > 0).all()


def test_observables_are_measured_at_every_temperature():
    def wrong(state):
        return (state.spins * state.archetypes[0] < 0).mean(axis=1)

    def heat(state):
        return np.stack([state.energy / state.T, np.full(len(state.spins), state.T)], axis=1)

    measured = [montecarlo.Observable(name="wrong", function=wrong), "susceptibility"]
    measured.append(montecarlo.Observable(name="heat", function=heat))
    settings = {**SMALL, "schedule": Schedule(warmup=6, sweeps=300, stride=1)}  # more than KEPT
    run, plain = (
        temper(Hopfield(), **settings, observables=measured),
        temper(Hopfield(), **settings),
    )
    assert (run.accepted > 0).any()
    for name in plain.series:
        np.testing.assert_array_equal(run.series[name], plain.series[name])
    T = run.T[:, None, None, None]
    np.testing.assert_allclose(run.series["wrong"], (1 - run.series["m"]) / 2)
    np.testing.assert_array_equal(run.series["heat"][..., 0], run.series["energy"] / T)
    np.testing.assert_array_equal(run.series["heat"][..., 1] - T, 0)
    assert run.estimate("heat").mean.shape == (3, 2)
    np.testing.assert_allclose(run.estimate("wrong").mean, (1 - run.m.mean) / 2)
    assert list(run.observables) == ["wrong", "susceptibility", "heat"]


def test_bad_observables_have_one_line():
    with pytest.raises(ValueError, match="observables: 'cube' returned shape"):
        temper(Hopfield(), **SMALL, observables={"cube": lambda s: np.zeros((len(s.spins), 2, 2))})
    sizes = iter([1] * 20 + [2] * 100)
    growing = {"growing": lambda s: np.zeros((len(s.spins), next(sizes)))}
    with pytest.raises(ValueError, match="the number of components must not change"):
        temper(Hopfield(), **SMALL, n_threads=1, observables=growing)


def test_no_sweeps_and_two_temperatures_are_legal():
    none = temper(
        Hopfield(), **{**SMALL, "T": [0.4, 0.5], "schedule": Schedule(warmup=0, sweeps=0)}
    )
    assert none.series["m"].shape == (2, 2, 2, 0)
    assert np.isnan(none.swap_rates).all()
    assert np.isnan(none.round_trip_time)
    assert none.visits.shape == (2, 2, 2, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"T": [0.5]}, "T = [0.5] is not a ladder"),
        ({"T": [0.5, 0.4]}, "T = [0.5, 0.4] is not a ladder"),
        ({"T": [0.0, 0.4]}, "T = 0.0 is outside the allowed range (0, inf)"),
        ({"exchange_every": 0}, "exchange_every = 0 is outside the allowed range"),
        ({"site_order": "typewriter"}, "site_order = 'typewriter' is not one of"),
        ({"dynamics": "zero-temperature"}, "dynamics = 'zero-temperature' is not one of"),
        ({"n_replicas": 0}, "n_replicas = 0 is outside the allowed range"),
    ],
)
def test_bad_values_have_one_line(change, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        temper(Hopfield(), **{**SMALL, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": 1.0}, "target = 1.0 is outside"),
        ({"rounds": 0}, "rounds = 0 is outside"),
        ({"schedule": Schedule(sweeps=0)}, "schedule: tuning needs measurements"),
    ],
)
def test_bad_tuning_has_one_line(change, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        montecarlo.tune_ladder(
            Hopfield(), **{"alpha": 0.1, "T": (0.4, 1.0), "n_spins": 20, **change}
        )
