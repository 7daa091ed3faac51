"""Many chains of one disorder sample, a chain a lane, beside hand-written C

    pytest benchmarks/test_many_chains.py -s

32 chains from archetype 0, one core.  Every round runs all in turn on the processor time of
the thread, and the best round of each counts: C with a chain a lane (`lanes.c`), C with the
rows of one chain in the lanes, our kernel of one chain, our kernel with a chain a lane.  All
but the second have the same random numbers, hence the same trajectories.

Parts of a visit of C are in ns of one chain: its random numbers, its field and the choice of
the spin, each alone.  Their sum bounds a visit that flips nothing; a flip comes on top.
"""

import time

import native
import numpy as np
import pytest
from paired import in_turn, report
from test_montecarlo import ROUNDS, c_kernel, from_archetype, needs_compiler, ours

from hebbian import Hopfield, Multitasking, draw, streams
from montecarlo.backend import resolve
from montecarlo.dynamics import GLAUBER, SEQUENTIAL

KEYS = np.array(
    [streams.key(1, "dynamics", chain=c) for c in range(native.CHAINS)], dtype=np.uint32
)

networks = pytest.mark.parametrize(
    ("model", "n_spins", "n_patterns", "T", "n_sweeps"),
    [
        pytest.param(Hopfield(), 2000, 100, 0.5, 100, id="hopfield-N2000-K100"),
        pytest.param(Hopfield(), 1000, 20, 0.5, 200, id="hopfield-N1000-K20"),
        pytest.param(
            Multitasking(n_patterns=3, dilution=0.3), 4000, 3, 0.2, 100, id="multitasking-N4000-K3"
        ),
        pytest.param(Hopfield(), 10000, 1000, 0.2, 6, id="hopfield-N10000-K1000"),
    ],
)


def sample(model, n_spins, n_patterns):
    """Disorder sample of that many patterns."""
    alpha = None if isinstance(model, Multitasking) else n_patterns / n_spins
    return draw(model, n_spins=n_spins, alpha=alpha, seed=1)


def in_lanes(data, T):
    """The chains in C, before their first sweep."""
    spins = np.tile(from_archetype(data), (native.CHAINS, 1))
    return native.Lanes(data.archetypes, np.full(native.CHAINS, T), KEYS, spins)


def ours_in_lanes(data, T):
    """Timed run of our kernel with a chain a lane."""
    kernel = resolve("numba", form="lanes", T=T)
    network = kernel.lower(data.memory)
    start = np.tile(from_archetype(data), (native.CHAINS, 1))
    temperatures = np.full(native.CHAINS, T)
    snapshots = np.empty((native.CHAINS, 1, data.n_spins), np.int8)
    energies = np.empty((native.CHAINS, 1))

    def call(n_sweeps):
        state = kernel.prepare(network, start)
        begin = time.thread_time()
        flips = kernel.run(
            network, state, KEYS, temperatures, GLAUBER, 0, 1, n_sweeps, snapshots, energies,
            SEQUENTIAL,
        )  # fmt: skip
        return time.thread_time() - begin, np.sum(flips)

    return call


def one_after_another(call):
    """As many runs as there are chains, added up."""

    def calls(n_sweeps):
        return np.sum([call(n_sweeps) for _ in range(native.CHAINS)], axis=0)

    return calls


def listed(numbers):
    """Names and their numbers in one line."""
    return ", ".join(f"{name} {number:.3g}" for name, number in numbers.items())


@needs_compiler
@networks
def test_many_chains(benchmark, model, n_spins, n_patterns, T, n_sweeps):
    data = sample(model, n_spins, n_patterns)
    runs = {
        "C lanes": c_kernel(in_lanes(data, T).again),
        "one chain": ours(data, T, form="overlaps", keys=KEYS),
        "lanes": ours_in_lanes(data, T),
    }
    if data.memory.binary:
        made = native.Hopfield(data.archetypes, T)
        runs["C one chain"] = one_after_another(c_kernel(made.again))
    updates = native.CHAINS * n_spins * n_sweeps
    best, flips = dict.fromkeys(runs, np.inf), {}

    def all_in_turn():
        for name, call in runs.items():
            spent, flips[name] = call(n_sweeps)
            best[name] = min(best[name], spent / updates)

    benchmark.pedantic(all_in_turn, rounds=ROUNDS, warmup_rounds=1)
    report(
        benchmark,
        updates_per_second=listed({name: 1 / spent for name, spent in best.items()}),
        **{
            f"against_{one.replace(' ', '_')}": listed(
                {name: best[one] / spent for name, spent in best.items() if name != one}
            )
            for one in ("C lanes", "one chain")
        },
        flip_rates=listed({name: n / updates for name, n in flips.items()}),
    )
    # Single precision decides one visit of ten million otherwise, after which a chain goes
    # another way.
    for name in ("C lanes", "lanes"):
        assert flips[name] == pytest.approx(flips["one chain"], rel=0.01)


@needs_compiler
@networks
def test_parts_of_a_visit(benchmark, model, n_spins, n_patterns, T, n_sweeps):
    chains = in_lanes(sample(model, n_spins, n_patterns), T)
    names = ("sweep", "random", "fields", "acceptance")
    calls = [lambda name=name: getattr(chains, name)(n_sweeps) for name in names]
    seconds = benchmark.pedantic(
        in_turn, args=(calls, ROUNDS, time.thread_time), rounds=1, warmup_rounds=1
    )
    updates = native.CHAINS * n_spins * n_sweeps
    spent = dict(zip(names, seconds.min(axis=0) / updates * 1e9, strict=True))
    without_flips = sum(spent[name] for name in names[1:])
    report(
        benchmark,
        ns_per_visit=listed(spent),
        flips_and_the_rest=round(float(spent["sweep"] - without_flips), 3),
        bound_without_flips=f"{1e9 / without_flips:.3g}",
    )
    assert np.array_equal(chains.overlaps, chains.sums()[0])
