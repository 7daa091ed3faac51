"""The runner: determinism, starts, bookkeeping and its one-line errors."""

import itertools
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import montecarlo
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised, Unsupervised, draw, from_examples
from montecarlo import Schedule

SHORT = Schedule(warmup=5, sweeps=20, stride=4)
DENSE = {"alpha": 0.1, "T": 0.5, "n_spins": 40, "n_samples": 3, "schedule": SHORT}


def same(a, b):
    for name in a.series:
        np.testing.assert_array_equal(a.series[name], b.series[name])


def test_bits_do_not_depend_on_threads():
    one = montecarlo.simulate(Dense(order=3), **DENSE, n_threads=1)
    same(one, montecarlo.simulate(Dense(order=3), **DENSE, n_threads=2))
    same(one, montecarlo.simulate(Dense(order=3), **DENSE, n_threads=5))


def test_a_point_does_not_depend_on_its_neighbours_in_the_grid():
    many = montecarlo.simulate(Hopfield(), **{**DENSE, "T": [[0.3, 0.9], [0.5, 0.1]]})
    one = montecarlo.simulate(Hopfield(), **{**DENSE, "T": 0.1 + 0.4})
    assert many.m.mean.shape == (2, 2)
    for name in one.series:
        np.testing.assert_array_equal(many.series[name][1, 0], one.series[name])


def test_more_samples_and_replicas_keep_the_first_ones():
    few = montecarlo.simulate(Hopfield(), **DENSE, n_replicas=2)
    more = montecarlo.simulate(Hopfield(), **{**DENSE, "n_samples": 5}, n_replicas=3)
    np.testing.assert_array_equal(more.series["m"][:3, :2], few.series["m"])


def test_longer_runs_continue_shorter_ones():
    short = montecarlo.simulate(Hopfield(), **DENSE)
    long = montecarlo.simulate(
        Hopfield(), **{**DENSE, "schedule": Schedule(warmup=5, sweeps=60, stride=4)}
    )
    np.testing.assert_array_equal(long.series["m"][..., :5], short.series["m"])


def test_seeds_and_replicas_differ():
    a = montecarlo.simulate(Hopfield(), **DENSE, seed=1)
    b = montecarlo.simulate(Hopfield(), **DENSE, seed=2)
    assert (a.series["energy"] != b.series["energy"]).any()
    assert (a.series["energy"][:, 0] != a.series["energy"][:, 1]).any()


def test_backends_agree():
    a = montecarlo.simulate(Dense(order=3), **{**DENSE, "n_spins": 12}, backend="numba")
    b = montecarlo.simulate(Dense(order=3), **{**DENSE, "n_spins": 12}, backend="reference")
    np.testing.assert_allclose(a.series["energy"], b.series["energy"], rtol=1e-12)
    np.testing.assert_array_equal(a.series["m"], b.series["m"])


def test_observables_are_those_of_the_kept_spins():
    rule = Supervised(quality=0.8, n_examples=5)
    model = Hopfield(rule=rule)
    run = montecarlo.simulate(
        model, alpha=0.02, T=0.4, n_spins=200, n_samples=2, schedule=SHORT, keep_spins=True
    )
    for sample in range(2):
        data = draw(model, n_spins=200, alpha=0.02, sample=sample)
        spins = run.spins[sample].astype(float)
        mean = data.sums[0] / 5
        scale = rule.quality / rule.second_moment
        np.testing.assert_allclose(run.series["m"][sample], spins @ data.archetypes[0] / 200)
        np.testing.assert_allclose(run.series["n"][sample], scale * spins @ mean / 200)
        q = (spins[0] * spins[1]).mean(axis=-1)
        np.testing.assert_allclose(run.series["q"][sample, 0], q)
        energy = [[data.memory.energy(s) / 200 for s in replica] for replica in run.spins[sample]]
        np.testing.assert_allclose(run.series["energy"][sample], energy)


@pytest.mark.parametrize("dynamics", ["glauber", "parallel", "plefka"])
def test_what_is_measured_first_is_of_the_start(dynamics):
    """Of two temperatures and of several patterns, by the slow energy of the network."""
    model, none = Dense(order=3), Schedule(warmup=0, sweeps=0, stride=1)
    asked = {**DENSE, "T": [0.2, 0.6], "n_spins": 20, "dynamics": dynamics, "start": 0.6}
    run = montecarlo.simulate(model, **asked, patterns=[0, 2])
    spins = montecarlo.simulate(model, **{**asked, "schedule": none}).last
    assert run.first["m"].shape == (2, 3, 2, 2)
    for T, sample, replica in np.ndindex(2, 3, 2):
        data = draw(model, n_spins=20, alpha=0.1, sample=sample)
        here = spins[T, sample, replica]
        m = data.archetypes[[0, 2]] @ here.astype(float) / 20
        np.testing.assert_allclose(run.first["m"][T, sample, replica], m)
        np.testing.assert_allclose(run.first["n"][T, sample, replica], m)
        energy = data.memory.energy(here) / 20
        if dynamics != "plefka":  # whose energy is that of the expansion
            np.testing.assert_allclose(run.first["energy"][T, sample, replica], energy)
    np.testing.assert_array_equal(run.start_overlaps, run.first["m"][..., 0])


@pytest.mark.parametrize(
    ("start", "expected"), [("pattern", 1.0), (0.6, 0.6), (0.0, 0.0), ("random", None)]
)
def test_starts(start, expected):
    run = montecarlo.simulate(Hopfield(), **{**DENSE, "n_spins": 400}, start=start)
    if expected is None:
        assert np.abs(run.start_overlaps).max() < 0.25
    else:
        np.testing.assert_allclose(run.start_overlaps, expected, atol=1 / 400)


def test_start_from_spins():
    spins = np.ones((2, 40), int)
    spins[1, ::2] = -1
    run = montecarlo.simulate(
        Hopfield(),
        **{**DENSE, "T": 0.0, "schedule": Schedule(warmup=0, sweeps=1, stride=1)},
        start=spins,
    )
    data = draw(Hopfield(), n_spins=40, alpha=0.1, sample=1)
    np.testing.assert_allclose(run.start_overlaps[1], spins @ data.archetypes[0] / 40)


def test_hierarchical_start_at_zero_temperature_is_the_geometric_state():
    """m_mu = (1-d) d^(mu-1), arXiv:2308.04106, up to the pattern statistics of one sample."""
    run = montecarlo.simulate(
        Multitasking(n_patterns=3, dilution=0.3, sampling="independent"), T=0.0, n_spins=4000,
        n_samples=12, n_replicas=1, schedule=Schedule(warmup=10, sweeps=10, stride=1),
        start="hierarchical", seed=2,
    )  # fmt: skip
    z = (run.m.mean - 0.7 * 0.3 ** np.arange(3)) / run.m.error
    assert np.abs(z).max() < 3


def test_a_multitasking_network_starts_in_the_hierarchy_of_stratified_patterns():
    """The signs of all patterns are given, and the theory is met to the rounding of counts."""
    model = Multitasking(n_patterns=3, dilution=0.35)
    settings = {"T": 0.02, "n_spins": 2000, "n_samples": 3, "schedule": SHORT, "seed": 4}
    run = montecarlo.simulate(model, **settings)
    assert run.settings["start"] == "hierarchical"
    np.testing.assert_allclose(run.m.mean, theory.solve(model, T=0.02).m, atol=2e-3)
    same = montecarlo.simulate(model, **settings, start="hierarchical")
    np.testing.assert_array_equal(run.last, same.last)
    assert not run.anonymous


@pytest.mark.parametrize("start", ["random", "pattern", 0.6])
def test_patterns_that_chance_named_are_compared_by_size(start):
    """From one pattern or none the signs of the others are chance: m averages over them."""
    model = Multitasking(n_patterns=3, dilution=0.35)
    run = montecarlo.simulate(
        model, T=0.02, n_spins=2000, n_samples=6, schedule=SHORT, start=start, seed=4
    )
    exact = theory.solve(model, T=0.02).m
    assert run.anonymous
    assert abs(run.m.mean - exact).max() > 0.1
    np.testing.assert_allclose(run.estimate("m_sorted").mean, exact, atol=3e-3)
    np.testing.assert_allclose(run.estimate("n_sorted").mean, exact, atol=3e-3)
    assert "m_sorted[0]" in repr(run)


@pytest.mark.parametrize("protocol", ["simulate", "temper"])
def test_series_of_a_pattern_are_of_that_pattern(protocol):
    """Two archetypes of very different length: sorting by size would exchange them."""
    rng = np.random.default_rng(5)
    support = np.array([[0.9], [0.3]]) > rng.random((2, 10))
    archetypes = (rng.choice([-1, 1], size=(2, 10)) * support).astype(np.int8)
    model = Multitasking(n_patterns=2, dilution=0.3)
    data = from_examples(model, archetypes, archetypes[:, None])
    T = [1.5, 3.0]
    run = getattr(montecarlo, protocol)(
        model, T=T, data=data, start="random", n_replicas=100, keep_spins=True, seed=3,
        schedule=Schedule(warmup=50, sweeps=300, stride=3), patterns=[1, 0],
    )  # fmt: skip
    np.testing.assert_allclose(run.series["m"], run.spins @ archetypes[[1, 0]].T / 10, atol=1e-12)
    states = np.array(list(itertools.product([-1, 1], repeat=10)))
    energies = np.array([data.memory.energy(s) for s in states])
    for i, temperature in enumerate(T):
        weight = np.exp(-energies / temperature)
        exact = weight @ (states @ archetypes[[1, 0]].T / 10) ** 2 / weight.sum()
        seen = (run.series["m"][i] ** 2).mean(axis=(0, 1, 2))
        np.testing.assert_allclose(seen, exact, rtol=0.05)


def test_zero_sweeps_are_legal():
    run = montecarlo.simulate(Hopfield(), **{**DENSE, "schedule": Schedule(warmup=0, sweeps=0)})
    assert np.isnan(run.m.mean)
    assert np.isnan(run.escaped)
    assert run.series["m"].shape == (3, 2, 0)


def test_zero_temperature_glauber_tosses_free_spins():
    """A spin with a blank column feels no field and stays a fair coin."""
    model = Multitasking(n_patterns=1, dilution=0.5)
    run = montecarlo.simulate(
        model, T=0.0, n_spins=2000, n_samples=1, n_replicas=1, keep_spins=True,
        schedule=Schedule(warmup=0, sweeps=50, stride=1),
    )  # fmt: skip
    blank = draw(model, n_spins=2000).archetypes[0] == 0
    assert abs(run.spins[0, 0][:, blank].mean()) < 0.02
    assert run.m.mean[0] == pytest.approx((~blank).mean())


def test_given_data():
    rng = np.random.default_rng(0)
    archetypes = rng.choice([-1, 1], (4, 60))
    examples = archetypes[:, None] * np.where(rng.random((4, 7, 60)) < 0.9, 1, -1)
    model = Hopfield(rule=Unsupervised(quality=0.8, n_examples=7))
    data = from_examples(model, archetypes, examples)
    run = montecarlo.simulate(
        model, T=0.1, data=data, schedule=SHORT, patterns=[2, 0], start=archetypes[2]
    )
    assert run.m.mean.shape == (2,)
    assert run.m.mean[0] > 0.9


def test_errors_of_the_worker_threads_reach_the_caller():
    threads = []

    def broken(_):
        threads.append(threading.current_thread())
        raise ValueError("an error of the user's function")

    with pytest.raises(ValueError, match="of the user's function"):
        montecarlo.simulate(
            Hopfield(), alpha=0.1, T=0.5, n_spins=20, observables={"broken": broken}
        )
    assert threading.main_thread() not in threads


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"T": -1.0}, "T = -1.0 is outside"),
        ({"T": np.nan}, "T = nan is outside"),
        ({"alpha": -0.1}, r"alpha = -0.1 is outside the allowed range \[0, inf\)"),
        ({"alpha": None}, "alpha is missing"),
        ({"n_spins": 1}, "n_spins = 1 is outside"),
        ({"n_spins": None}, "n_spins is missing"),
        ({"n_samples": 0}, "n_samples = 0 is outside"),
        ({"n_replicas": 1.5}, "n_replicas = 1.5 is not a whole number"),
        ({"dynamics": "cluster"}, "dynamics = 'cluster' is not one of"),
        ({"start": 1.2}, r"start = 1.2 is outside the allowed range \[0, 1\]"),
        ({"start": "spurious"}, "start = 'spurious' is not one of"),
        ({"start": np.zeros(40)}, "start: entry 0 is not one of"),
        ({"start": np.ones(41)}, "do not broadcast"),
        ({"seed": -1}, "seed = -1 is outside"),
        ({"backend": "fortran"}, "backend = 'fortran' is not one of"),
        ({"n_threads": 0}, "n_threads = 0 is outside"),
        ({"patterns": [10**9]}, "patterns = 1000000000 is outside"),
        ({"patterns": []}, "is empty"),
    ],
)
def test_bad_input_is_one_clear_line(changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        montecarlo.simulate(Hopfield(), **{**DENSE, **changes})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fields", [{"warmup": -1}, {"sweeps": 0.5}, {"stride": 0}, {"stride": 9}])
def test_bad_schedules(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        Schedule(**{"sweeps": 8, "stride": 1, **fields})


@settings(max_examples=60)
@given(
    T=st.one_of(st.floats(), st.text(max_size=3), st.none(), st.lists(st.floats(), max_size=3)),
    alpha=st.one_of(st.floats(-1, 0.3), st.text(max_size=2), st.none()),
    n_spins=st.one_of(st.integers(-3, 30), st.floats(), st.none()),
    start=st.one_of(st.floats(-1, 2), st.sampled_from(["pattern", "random", ""]), st.none()),
    seed=st.one_of(st.integers(-2, 10), st.booleans()),
)
def test_nothing_but_a_value_error(T, alpha, n_spins, start, seed):
    try:
        montecarlo.simulate(
            Hopfield(), alpha=alpha, T=T, n_spins=n_spins, start=start, seed=seed,
            n_samples=1, schedule=Schedule(warmup=0, sweeps=2, stride=1),
        )  # fmt: skip
    except ValueError as refused:
        lines = str(refused).splitlines()
    else:
        lines = [""]
    assert len(lines) == 1


def test_a_run_starts_at_any_archetype_and_observes_it():
    still = Schedule(warmup=0, sweeps=4, stride=2)
    asked = {"alpha": 0.1, "T": 0.2, "n_spins": 80, "n_samples": 2, "schedule": still}
    run = montecarlo.simulate(Hopfield(), start="pattern:5", **asked)
    assert (run.start_overlaps == 1).all()
    assert run.settings["start"] == "pattern:5"
    both = montecarlo.simulate(Hopfield(), start="pattern:5", patterns=[0, 5], **asked)
    assert (both.first["m"][..., 1] == 1).all()
    assert (both.first["m"][..., 0] < 1).all()
    np.testing.assert_array_equal(both.series["m"][..., 1], run.series["m"])
    first = montecarlo.simulate(Hopfield(), **asked)
    named = montecarlo.simulate(Hopfield(), start="pattern:0", **asked)
    np.testing.assert_array_equal(first.series["m"], named.series["m"])
    with pytest.raises(ValueError, match=r"start = 'pattern:8': number 1 = 8.* \[0, 7\]"):
        montecarlo.simulate(Hopfield(), start="pattern:8", **asked)


def test_given_strengths_are_as_many_as_patterns():
    short = Schedule(warmup=0, sweeps=4, stride=2)
    model = Hopfield(weights=[1, 0.5, 0.25, 0])
    run = montecarlo.simulate(model, alpha=0.1, T=0.1, n_spins=40, n_samples=2, schedule=short)
    assert run.m.mean > 0.9
    with pytest.raises(ValueError, match=r"4 strengths for 8 patterns: alpha = 0.1 has as many"):
        montecarlo.simulate(model, alpha=0.2, T=0.1, n_spins=40, schedule=short)
