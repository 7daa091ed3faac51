"""The device backend without a device: the CUDA sources compiled for the host.

The same kernels, launched by the same code, have to give the spins of the numba kernel bit
for bit, with one thread or many, one block to a chain or several.
"""

import ctypes
import itertools
import sys

import device_emulator
import numpy as np
import pytest
from conformance import CASES, IDS
from long_runs import sweeps_in

import montecarlo
from hebbian import (
    Dense,
    Hopfield,
    Memory,
    Multitasking,
    Supervised,
    Unsupervised,
    draw,
    from_examples,
    streams,
)
from montecarlo import Schedule, device
from montecarlo.backend import resolve
from montecarlo.chains.watch import Watch
from montecarlo.device import Work
from montecarlo.kernels import gpu, variants
from montecarlo.kernels.philox import fill_logarithms
from montecarlo.schedule import Cooling

pytestmark = pytest.mark.skipif(device_emulator.COMPILER is None, reason="no g++ on this machine")

KEYS = np.array([[123, 456], [7, 8], [2**32 - 1, 0]], np.uint32)
SHORT = {"n_samples": 2, "n_replicas": 2, "schedule": Schedule(warmup=4, sweeps=9, stride=3)}


@pytest.fixture(autouse=True)
def emulator(monkeypatch):
    yield device_emulator.install(monkeypatch)
    device.name.cache_clear()


def both(model, **arguments):
    """The same simulation on the emulated device and on the CPU."""
    runs = [
        montecarlo.simulate(model, **{**SHORT, **arguments}, backend=name, keep_spins=True)
        for name in ("cupy", "numba")
    ]
    np.testing.assert_array_equal(runs[0].spins, runs[1].spins)
    for name in ("m", "n", "q", "acceptance"):
        np.testing.assert_array_equal(runs[0].series[name], runs[1].series[name])
    np.testing.assert_allclose(runs[0].series["energy"], runs[1].series["energy"], rtol=1e-12)
    return runs[0]


@pytest.mark.parametrize("sweep", [0, 2**32 + 5])
@pytest.mark.parametrize("symmetric", [True, False])
def test_random_words_and_logarithms_bit_for_bit(sweep, symmetric):
    source = variants._text("philox.cuh") + """
    extern "C" void logarithms(const u32* key, u64 sweep, int symmetric, int n, double* out) {
      threadIdx.x = 0; blockDim.x = 1;
      fill_logarithms(key, sweep, symmetric, 0, n, out);
    }"""  # fmt: skip
    n, key = 1 << 14, KEYS[0]
    words, ratio = np.empty((4, n // 4), np.uint64), np.empty((4, n // 4))
    expected = np.empty((4, n // 4))
    fill_logarithms(key, 0, sweep, symmetric, n // 4, words, ratio, ratio.view(np.int64), expected)
    found = np.empty(n)
    pointer = ctypes.c_void_p
    device_emulator.compile_host(source).logarithms(
        pointer(key.ctypes.data), ctypes.c_uint64(sweep), int(symmetric), n,
        pointer(found.ctypes.data),
    )  # fmt: skip
    np.testing.assert_array_equal(found.reshape(-1, 4).T, expected)


def advance(kernel, memory, starts, rule, order, T):
    """Two runs of every chain, one after the other."""
    network, n = kernel.lower(memory), memory.n_spins
    snapshots, energies = np.empty((3, 3, n), np.int8), np.empty((3, 3))
    flips = np.zeros(3, np.int64)
    for c in [...] if kernel.batched else range(3):
        state = kernel.prepare(network, starts[c])
        for first, last, stride in ((0, 2, 4), (2, 3, 3)):
            flips[c] += kernel.run(
                network, state, KEYS[c], T[c], rule, 4 * first, last - first, stride,
                snapshots[c, first:last] if c is not ... else snapshots[:, first:last],
                energies[c, first:last] if c is not ... else energies[:, first:last], order,
            )  # fmt: skip
    return snapshots, energies, flips


def check_chains(model, alpha, n_spins, rules=(0, 1, 2), orders=(0,)):
    memory = draw(model, n_spins=n_spins, alpha=alpha, seed=2).memory
    starts = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (3, n_spins))
    starts[0] = np.where(memory.rows[0] < 0, -1, 1)
    T = np.array([0.3, 0.8, 3.0])
    for rule, order in itertools.product(rules, orders):
        found, expected = (
            advance(resolve(name), memory, starts, rule, order, T) for name in ("cupy", "numba")
        )
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-13)
        np.testing.assert_array_equal(found[2], expected[2])


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_every_network_and_dynamics_gives_the_spins_of_the_cpu(model, alpha):
    check_chains(model, alpha, 33)


@pytest.mark.parametrize("order", [6, 7, 8])
@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("n_examples", [1, 3])
def test_high_orders(order, indices, n_examples):
    rule = Supervised(quality=0.7, n_examples=n_examples)
    check_chains(Dense(order=order, indices=indices, rule=rule), 1e-5, 14, rules=(0,))


@pytest.mark.parametrize(
    ("n_spins", "n_rows", "order"),
    [(300, 20, 2), (40, 9000, 4), (300, 70, 8), (1500, 40, 8), (5000, 3, 2)],
)
def test_wide_types_many_rows_and_many_spins(n_spins, n_rows, order, monkeypatch):
    """Levels of one and two bytes; tables of 32 and 64 bits and of doubles."""
    rng = np.random.default_rng(1)
    rows = rng.choice(np.array([-1, 1], np.int8), (n_rows, n_spins))
    memory = Memory(rows=rows, order=order, indices="distinct", weight=float(n_spins) ** -order)
    starts = np.stack([rows[0], rows[1], rows[0] * rows[1]])
    T = np.full(3, 0.2)
    cupy, numba = (advance(resolve(name), memory, starts, 0, 0, T) for name in ("cupy", "numba"))
    np.testing.assert_array_equal(cupy[0], numba[0])
    np.testing.assert_allclose(cupy[1], numba[1], rtol=1e-13)


@pytest.mark.parametrize(
    ("threads", "team"), [(1, 3), (5, 1), (3, 2)], ids=["blocks", "threads", "both"]
)
def test_threads_and_blocks_that_share_a_chain(threads, team, emulator, monkeypatch):
    emulator.threads = threads
    monkeypatch.setattr(gpu, "geometry", lambda *sizes: (32, team))
    rule = Supervised(quality=0.7, n_examples=3)
    for model, alpha in [
        (Hopfield(), 0.5),
        (Hopfield(rule=rule), 0.5),
        (Dense(order=3, rule=rule), 0.1),
    ]:
        check_chains(model, alpha, 20, rules=(0,), orders=(0, 1, 2))
    both(Dense(order=3), alpha=0.2, T=0.8, n_spins=18, dynamics="parallel")


RULES = [Supervised(quality=0.7, n_examples=5), Unsupervised(quality=0.7, n_examples=5)]


@pytest.mark.parametrize(
    ("model", "arguments"),
    [
        (Hopfield(), {"alpha": 0.1, "site_order": "permutation"}),
        (Hopfield(rule=RULES[1]), {"alpha": 0.1, "dynamics": "parallel"}),
        (Dense(order=4, rule=RULES[0]), {"alpha": 0.01, "site_order": "random"}),
        (Dense(order=3, indices="all"), {"alpha": 0.05, "dynamics": "parallel"}),
        (Dense(order=3, indices="all", rule=RULES[0]), {"alpha": 0.05, "dynamics": "parallel"}),
        (Dense(order=2, indices="all", rule=RULES[0]), {"alpha": 0.05, "dynamics": "parallel"}),
        (Multitasking(n_patterns=3), {"start": "hierarchical", "dynamics": "zero-temperature"}),
        (Multitasking(n_patterns=3, rule=RULES[0]), {"start": "parallel"}),
        (Multitasking(n_patterns=3, rule=RULES[1]), {"start": 0.5}),
        (Hopfield(rule=Supervised(quality=1.0, n_examples=1)), {"alpha": 0.1, "patterns": [2]}),
    ],
    ids=repr,
)
def test_rows_drawn_on_the_device_are_those_of_the_host(model, arguments, emulator):
    """All temperatures, samples and replicas in one launch, no row on the host."""
    run = both(model, T=[0.2, 0.9], n_spins=35, seed=3, **arguments)
    assert run.settings["backend"] == "cupy"
    assert {grid for name, grid, _, _ in emulator.launches if name == "sweep"} == {(8,)}


def test_cooling_and_continued_runs():
    schedule = Schedule(warmup=20, sweeps=6, stride=3, cooling=Cooling(T=3.0))
    both(Hopfield(), alpha=0.1, T=[0.1, 0.4], n_spins=40, schedule=schedule, first_sweep=2**33)


def test_periods_of_descents():
    """Fixed points and two-cycles are recognised as on the CPU."""
    for dynamics in ("zero-temperature", "parallel"):
        arguments = {"alpha": 0.3, "T": 0.0, "n_spins": 30, "start": "random", **SHORT}
        runs = [
            montecarlo.simulate(
                Hopfield(), **{**arguments, "n_samples": 20}, dynamics=dynamics, backend=name
            )
            for name in ("cupy", "numba")
        ]
        np.testing.assert_array_equal(runs[0].period, runs[1].period)
        assert (runs[0].period > 0).any()


def test_given_data_and_unknown_models_are_copied():
    rng = np.random.default_rng(0)
    archetypes = rng.choice([-1, 1], (4, 30))
    examples = archetypes[:, None] * np.where(rng.random((4, 7, 30)) < 0.9, 1, -1)
    for rule in (Unsupervised, Supervised):
        model = Hopfield(rule=rule(quality=0.8, n_examples=7))
        both(model, T=0.3, data=from_examples(model, archetypes, examples), patterns=[2, 0])

    class Shifted(Hopfield):
        pass

    both(Shifted(), alpha=0.2, T=0.3, n_spins=20)
    del type(Shifted()).kinds["shifted"]


@pytest.mark.parametrize("memory", [400, 1000])
def test_chains_are_split_where_the_memory_ends(memory, emulator):
    """Launches get smaller until they fit, and no bit changes."""
    arguments = {**SHORT, "alpha": 0.1, "T": [0.2, 0.5], "n_spins": 40}
    whole = montecarlo.simulate(Hopfield(), **arguments, backend="cupy")
    emulator.launches.clear()
    emulator.memory = memory
    emulator.cuda.runtime.memGetInfo = lambda: (10**9, 10**9)  # the estimate is wrong
    split = montecarlo.simulate(Hopfield(), **arguments, backend="cupy")
    for name in whole.series:
        np.testing.assert_array_equal(split.series[name], whole.series[name])
    grids = {grid[0] for name, grid, _, _ in emulator.launches if name == "sweep"}
    assert max(grids) < 8


def test_launches_are_planned_for_the_free_memory(emulator):
    arguments = {**SHORT, "alpha": 0.1, "T": [0.2, 0.5], "n_spins": 40}
    emulator.memory = 3000
    both(Hopfield(), **{**arguments, "schedule": Schedule(warmup=0, sweeps=2, stride=1)})
    grids = [grid[0] for name, grid, _, _ in emulator.launches if name == "prepare"]
    assert grids == [4, 4]


def test_a_chain_beyond_the_memory_is_one_line(emulator):
    emulator.memory = 100
    with pytest.raises(ValueError, match="one chain does not fit the") as caught:
        montecarlo.simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=40, backend="cupy", **SHORT)
    assert "\n" not in str(caught.value)


def no_driver():
    raise RuntimeError("cudaErrorInsufficientDriver:\n CUDA driver version is insufficient")


def test_asked_for_and_absent_is_one_line(emulator, monkeypatch):
    device.name.cache_clear()
    emulator.cuda.runtime.getDevice = no_driver
    with pytest.raises(ValueError, match="needs a CUDA device, none answers: cudaErr") as caught:
        montecarlo.simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=40, backend="cupy")
    assert "\n" not in str(caught.value)
    device.name.cache_clear()
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(ValueError, match=r"needs CuPy, which is not installed"):
        montecarlo.simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=40, backend="cupy")


def test_auto_takes_the_device_for_large_work_alone(emulator, monkeypatch):
    large = Work(n_chains=1000, n_sweeps=10**4, n_spins=100, n_rows=10**5)
    assert device.worthwhile(large, n_threads=2)
    assert not device.worthwhile(large._replace(n_sweeps=1), n_threads=2)
    assert not device.worthwhile(large._replace(n_chains=1, n_rows=10), n_threads=2)
    arguments = {**SHORT, "alpha": 0.1, "T": 0.5, "n_spins": 30}
    assert montecarlo.simulate(Hopfield(), **arguments).settings["backend"] == "numba"
    monkeypatch.setattr(device, "seconds_on_device", lambda work: 0.0)
    assert montecarlo.simulate(Hopfield(), **arguments).settings["backend"] == "cupy"
    device.name.cache_clear()
    emulator.cuda.runtime.getDevice = no_driver
    assert montecarlo.simulate(Hopfield(), **arguments).settings["backend"] == "numba"


def test_the_check_of_arguments_sees_a_wrong_type(emulator):
    networks = resolve("cupy").lower(draw(Hopfield(), n_spins=20, alpha=0.2).memory)
    with pytest.raises(AssertionError, match="wrong size"):
        gpu.prepare(networks._replace(weight=0.1, sample_of=None), np.ones(20, np.int8))._kernel(
            "prepare", together=False
        )((1,), (1,), (*networks.arguments, np.int32(1)))


def test_chains_may_trade_temperatures():
    """What replica exchange needs: a call's temperatures and keys belong to the chains."""
    memory = draw(Hopfield(), n_spins=30, alpha=0.2).memory
    network = resolve("cupy").lower(memory)
    chains = gpu.prepare(network, np.ones((2, 30), np.int8))
    keys = np.stack([streams.key(1, "walker", walker=w) for w in range(2)])
    first, _, _ = chains.run(keys, np.array([0.1, 2.0]), 0, 0, 1, 5)
    second, _, _ = chains.run(keys, np.array([2.0, 0.1]), 0, 5, 1, 5)
    for w, temperatures in enumerate(([0.1, 2.0], [2.0, 0.1])):
        kernel = resolve("numba")
        own = kernel.lower(memory)
        state = kernel.prepare(own, np.ones(30, np.int8))
        for T, sweep, expected in zip(temperatures, (0, 5), (first, second), strict=True):
            spins = np.empty((1, 30), np.int8)
            kernel.run(own, state, keys[w], T, 0, sweep, 1, 5, spins, np.empty(1))
            np.testing.assert_array_equal(expected[w], spins)


@pytest.mark.parametrize("dynamics", ["glauber", "parallel"])
def test_observables_see_the_sample_and_the_examples_of_their_chain(dynamics):
    def crosstalk(state):
        return state.overlaps(state.archetypes[1:3])

    for rule in RULES:
        arguments = {"alpha": 0.1, "T": [0.3, 0.8], "n_spins": 30, "dynamics": dynamics}
        own = {"crosstalk": crosstalk, "examples": montecarlo.example_overlaps}
        runs = [
            montecarlo.simulate(
                Hopfield(rule=rule), **{**SHORT, **arguments}, observables=own, backend=name
            )
            for name in ("cupy", "numba")
        ]
        for name in own:
            np.testing.assert_array_equal(runs[0].series[name], runs[1].series[name])


def test_checkpoints_of_launches_go_on_with_the_same_bits(tmp_path, emulator):
    """One process dies after the warm-up; the next one goes on from there."""
    arguments = {**SHORT, "alpha": 0.1, "T": [0.3, 0.8], "n_spins": 30, "backend": "cupy"}
    whole = montecarlo.simulate(Hopfield(), **arguments, observables={"e": lambda s: s.energy})
    calls = []

    def nervous(state):
        calls.append(state)
        if len(calls) > 8:  # the start of every chain is seen once
            raise RuntimeError("the power is cut")
        return state.energy

    path = tmp_path / "run.npz"
    with pytest.raises(RuntimeError, match="power"):
        montecarlo.simulate(
            Hopfield(), **arguments, observables={"e": nervous}, checkpoint=path,
            checkpoint_every=1e-9,
        )  # fmt: skip
    emulator.launches.clear()
    run = montecarlo.simulate(
        Hopfield(), **arguments, observables={"e": lambda s: s.energy}, checkpoint=path
    )
    for name in whole.series:
        np.testing.assert_array_equal(run.series[name], whole.series[name])
    assert [name for name, *_ in emulator.launches].count("prepare") == 2  # start, then resumed
    assert run.settings == whole.settings


def test_forms_are_of_the_cpu():
    with pytest.raises(ValueError, match="form = 'tables' is of the compiled CPU kernel"):
        montecarlo.simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=30, backend="cupy", form="tables")


def test_a_ladder_is_one_batch_of_the_device(emulator):
    arguments = {
        "alpha": 0.1, "T": [0.3, 0.6, 1.0], "n_spins": 20, "n_samples": 2, "n_replicas": 2,
        "schedule": Schedule(warmup=6, sweeps=12, stride=3), "exchange_every": 2,
        "keep_spins": True,
    }  # fmt: skip
    cupy, numba = (montecarlo.temper(Hopfield(), **arguments, backend=b) for b in ("cupy", "numba"))
    for name in ("spins", "last", "period", "visits", "swap_rates"):
        np.testing.assert_array_equal(getattr(cupy, name), getattr(numba, name))
    for name in ("m", "q", "acceptance"):
        np.testing.assert_array_equal(cupy.series[name], numba.series[name])
    assert (numba.swap_rates > 0).all()
    assert [grid for name, grid, _, _ in emulator.launches if name == "prepare"] == [(3,)] * 4


def test_ladders_of_the_device_go_on_with_the_same_bits(tmp_path, emulator, monkeypatch):
    arguments = {
        **SHORT, "alpha": 0.1, "T": [0.3, 0.6, 1.0], "n_spins": 20, "backend": "cupy",
        "n_samples": 2,
    }  # fmt: skip
    whole = montecarlo.temper(Hopfield(), **arguments)
    look, looks = Watch.look, []

    def nervous(self, progress):
        look(self, progress)
        looks.append(progress)
        if len(looks) == 8:
            raise RuntimeError("the power is cut")

    path = tmp_path / "ladder.npz"
    monkeypatch.setattr(Watch, "look", nervous)
    with pytest.raises(RuntimeError, match="power"):
        montecarlo.temper(Hopfield(), **arguments, checkpoint=path, checkpoint_every=1e-9)
    monkeypatch.setattr(Watch, "look", look)
    assert sweeps_in(path) > [0]
    run = montecarlo.temper(Hopfield(), **arguments, checkpoint=path)
    for name in whole.series:
        np.testing.assert_array_equal(run.series[name], whole.series[name])
    np.testing.assert_array_equal(run.visits, whole.visits)
