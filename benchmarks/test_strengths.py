"""Heat bath of rows of unequal strengths against rows of one strength, the same patterns

    pytest benchmarks/test_strengths.py -s

Thread time of a visit, both networks in turn, each in the form that is chosen for it, in its own
equilibrium from an archetype.
"""

import time
from functools import partial

import numpy as np
import pytest
from paired import in_turn, report

from hebbian import Dense, draw, streams
from montecarlo.backend import resolve
from montecarlo.dynamics import GLAUBER

KEY = streams.key(1, "dynamics")
VISITS, ROUNDS = 100_000, 5
WEIGHTS = "zipf:0.5"


@pytest.mark.parametrize(
    ("order", "n_spins", "n_rows", "T"),
    [
        (2, 2000, 200, 0.3), (2, 2000, 200, 1.2), (2, 200, 10_000, 12.0), (2, 1000, 1000, 2.5),
        (3, 200, 10_000, 0.2), (3, 200, 10_000, 1.5), (4, 200, 10_000, 1.0),
    ],
)  # fmt: skip
def test_a_visit(benchmark, order, n_spins, n_rows, T):
    calls, forms = [], []
    n_sweeps = max(2, VISITS * 200 // max(n_rows, 200) // n_spins)
    spins, energies, flips = np.empty((1, n_spins), np.int8), np.empty(1), [0, 0]
    for which, weights in enumerate((None, WEIGHTS)):
        model = Dense(order=order, weights=weights)
        alpha = model.load(n_rows, n_spins)
        data = draw(model, n_spins=n_spins, alpha=alpha, seed=1)
        kernel = resolve("numba", T=T)
        network = kernel.lower(data.memory)
        state = kernel.prepare(network, data.archetypes[0])
        kernel.run(network, state, KEY, T, GLAUBER, 0, 1, 2 * n_sweeps, spins, energies)
        forms.append(kernel.form_of(network))

        def advance(which, kernel, network, state):
            flips[which] = kernel.run(
                network, state, KEY, T, GLAUBER, 0, 1, n_sweeps, spins, energies
            )

        calls.append(partial(advance, which, kernel, network, state))
    seconds = in_turn(calls, ROUNDS, time.thread_time).min(axis=0)
    visits = n_sweeps * n_spins
    report(
        benchmark,
        forms=" ".join(forms),
        nanoseconds=" ".join(f"{1e9 * s / visits:.0f}" for s in seconds),
        flips=" ".join(f"{f / visits:.3f}" for f in flips),
        ratio=round(float(seconds[1] / seconds[0]), 2),
    )
    benchmark.pedantic(calls[1], rounds=1)
