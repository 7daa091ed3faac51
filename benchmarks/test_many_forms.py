"""Whether the cost model of `montecarlo.kernels.chains` chooses the faster way to run chains

    pytest benchmarks/test_many_forms.py -s

Heat bath from an archetype on a grid of rows, temperature and number of chains of one sample:
single chains in their fastest form, and every form in lanes that holds the network, thread
time, the best of several runs.  Times are of a visit of one chain.  The loss is the time of what
is chosen over the best one.
"""

import time

import numpy as np
import pytest
from paired import report

from hebbian import Dense, Hopfield, Supervised, draw, streams
from montecarlo.backend import resolve
from montecarlo.dynamics import GLAUBER, PERMUTATION, SEQUENTIAL
from montecarlo.kernels import chains
from montecarlo.kernels.many import forms as many
from montecarlo.kernels.many import visits as lanes
from montecarlo.kernels.single import forms

CHAINS = (2, 4, 16, 32)
TEMPERATURES = (0.2, 0.5, 1.2)
VISITS = 40_000
RUNS = 4
GOAL = 1.3


def seconds_of(run, prepare, network, start, n_chains, T, site_order):
    """Seconds of a visit of one of so many chains, and flips per visit."""
    n_spins = len(start)
    n_sweeps = max(3, VISITS // n_spins)
    keys = np.array([streams.key(1, "dynamics", chain=c) for c in range(n_chains)])
    spins, energies = np.empty((n_chains, 1, n_spins), np.int8), np.empty((n_chains, 1))
    state = prepare(network, np.tile(start, (n_chains, 1)))
    best, flips = np.inf, 0.0
    for k in range(RUNS + 1):
        begin = time.thread_time()
        flipped = run(
            network, state, keys, np.full(n_chains, T), GLAUBER, k * n_sweeps, 1, n_sweeps, spins,
            energies, site_order,
        )  # fmt: skip
        if k:
            best = min(best, time.thread_time() - begin)
            flips = float(np.mean(flipped)) / (n_sweeps * n_spins)
    return best / (n_sweeps * n_spins * n_chains), flips


def measure(model, n_spins, alpha, site_order):
    """Dictionaries of every temperature and number of chains."""
    data = draw(model, n_spins=n_spins, alpha=alpha, seed=1)
    memory, start = data.memory, data.archetypes[0]
    found = []
    for T in TEMPERATURES:
        alone = resolve("numba", T=T).lower(memory)
        one, flips = seconds_of(chains.run, chains.prepare, alone, start, 2, T, site_order)
        for n_chains in CHAINS:
            seconds = {forms.name_of(alone): one}
            for form in many.FORMS:
                if form.holds(memory):
                    spent, flips = seconds_of(
                        lanes.run, lanes.prepare, form.lower(memory), start, n_chains, T, site_order
                    )
                    seconds[form.__name__.rpartition(".")[2]] = spent
            network = chains.lower(
                memory, form="auto", T=T, n_chains=n_chains, site_order=site_order
            )
            chosen = chains.name_of(network)
            if chosen == many.NAME:
                chosen = type(network).__name__.lower()
            loss = seconds[chosen] / min(seconds.values())
            found.append(
                {"T": T, "chains": n_chains, "flips": flips, "chosen": chosen, "loss": loss}
                | {name: f"{spent * 1e9:.1f} ns" for name, spent in seconds.items()}
            )
    return memory.n_rows, found


@pytest.mark.parametrize(
    ("model", "n_spins", "alpha", "site_order"),
    [
        *((Hopfield(), 1000, k / 1000, SEQUENTIAL) for k in (3, 12, 50, 200)),
        (Hopfield(), 4000, 0.25, SEQUENTIAL),
        *((Hopfield(), 1000, k / 1000, PERMUTATION) for k in (3, 25)),
        (Hopfield(rule=Supervised(quality=0.8, n_examples=20)), 1000, 0.05, SEQUENTIAL),
        *((Dense(order=3), 60, alpha, SEQUENTIAL) for alpha in (0.01, 0.1)),
    ],
)
def test_the_choice(benchmark, model, n_spins, alpha, site_order):
    n_rows, found = benchmark.pedantic(measure, (model, n_spins, alpha, site_order), rounds=1)
    for cell in found:
        print(f"\nN {n_spins:5} K {n_rows:5} {cell}", end="")
    losses = [cell["loss"] for cell in found]
    report(
        benchmark,
        largest_loss=round(max(losses), 2),
        mean_loss=round(float(np.mean(losses)), 3),
    )
    assert max(losses) <= GOAL
