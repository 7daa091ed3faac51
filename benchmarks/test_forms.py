"""Whether the cost model of `montecarlo.kernels.single.forms` chooses the faster form

    pytest benchmarks/test_forms.py -s

Heat bath from an archetype on a grid of spins, load and temperature, thread time, the best
of several runs from several allocations.  Couplings count with the time they take to build,
shared by the sweeps of a run.  The loss is the time of the chosen form over the better one.
"""

import time

import numpy as np
import pytest
from paired import report

from hebbian import Hopfield, draw, streams
from montecarlo.backend import resolve
from montecarlo.dynamics import GLAUBER
from montecarlo.kernels.single import couplings, forms

LOADS = (0.01, 0.03, 0.1, 0.3, 1.0)
TEMPERATURES = (0.3, 0.5, 1.2)
FORMS = ("overlaps", "couplings")
VISITS = 60_000
STATES, RUNS = 3, 3
GOAL = 1.2
KEY = streams.key(1, "dynamics")


def visit_seconds(kernel, network, start, T):
    """Seconds of a visit and flips per visit, at equilibrium or nearly."""
    n_spins = len(start)
    n_sweeps = max(3, VISITS // n_spins)
    spins, energies = np.empty((1, n_spins), np.int8), np.empty(1)
    best, flips = np.inf, 0
    for _ in range(STATES):
        state = kernel.prepare(network, start)
        kernel.run(network, state, KEY, T, GLAUBER, 0, 1, n_sweeps, spins, energies)
        for run in range(1, RUNS + 1):
            begin = time.thread_time()
            flips = kernel.run(
                network, state, KEY, T, GLAUBER, run * n_sweeps, 1, n_sweeps, spins, energies
            )
            best = min(best, time.thread_time() - begin)
    return best / (n_sweeps * n_spins), flips / (n_sweeps * n_spins)


def measure(n_spins):
    """Dictionaries of every load and temperature."""
    found = []
    for load in LOADS:
        data = draw(Hopfield(), n_spins=n_spins, alpha=load, seed=1)
        kernels = {form: resolve("numba", form=form) for form in FORMS}
        networks, build = {}, {}
        for form, kernel in kernels.items():
            spent = []
            for _ in range(2):
                begin = time.thread_time()
                networks[form] = kernel.lower(data.memory)
                spent.append(time.thread_time() - begin)
            build[form] = min(spent) / (couplings.SWEEPS * n_spins)
        for T in TEMPERATURES:
            seconds = {}
            for form, kernel in kernels.items():
                spent, flips = visit_seconds(kernel, networks[form], data.archetypes[0], T)
                seconds[form] = spent + build[form]
            chosen = forms.fastest(data.memory, T)
            found.append(
                {
                    "n_rows": data.memory.n_rows,
                    "T": T,
                    "flips": flips,
                    "build": build["couplings"],
                    **seconds,
                    "chosen": chosen,
                    "loss": seconds[chosen] / min(seconds.values()),
                }
            )
    return found


@pytest.mark.parametrize("n_spins", [100, 500, 1000, 2000, 4000])
def test_the_choice(benchmark, n_spins):
    found = benchmark.pedantic(measure, args=(n_spins,), rounds=1)
    for cell in found:
        print(
            f"\nN {n_spins:5} K {cell['n_rows']:5} T {cell['T']:3} flips {cell['flips']:.3f} "
            f"overlaps {cell['overlaps'] * 1e9:6.1f} ns couplings {cell['couplings'] * 1e9:6.1f} ns"
            f" {cell['chosen']:9} loss {cell['loss']:.2f}",
            end="",
        )
    losses = [cell["loss"] for cell in found]
    report(
        benchmark,
        largest_loss=round(max(losses), 2),
        couplings_chosen=f"{sum(c['chosen'] == 'couplings' for c in found)} of {len(found)}",
    )
    assert max(losses) <= GOAL
