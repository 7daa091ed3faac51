"""Visits of the exponential memory beside those of four bodies, rows and spins alike

    pytest benchmarks/test_exponential.py -s

A visit without a flip counts the rows at every level under the mask of a spin; that of four
bodies adds two moments of levels of one byte.  Both read the same bits.  Rounds alternate, on the
processor time of the thread, and the best of each counts.
"""

import time

import numpy as np
import pytest

from hebbian import Dense, Exponential, patterns, streams
from hebbian.packed import Packed
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.single import forms, visits

N = 40
ROUNDS = 9
TERMS = 4e8  # row terms of a round


@njit
def visit(network, state, n, flips):
    """Visit n spins in turn, flip them all or none."""
    total = 0.0
    for k in range(n):
        i = k % network.bits.shape[0]
        total += visits.field(network, state, i)
        if flips:
            visits.flip(network, state, i)
    return total


@njit
def visit_anew(network, state, n, flips):
    """The same, and no field is known from before."""
    total = 0.0
    for k in range(n):
        i = k % network.bits.shape[0]
        state.fields[i] = np.nan
        total += visits.field(network, state, i)
        if flips:
            visits.flip(network, state, i)
    return total


@pytest.fixture(scope="module", params=[10**6, 10**7], ids=lambda n: f"K={n:.0e}")
def chains(request):
    """Calls of (n visits, flips or not) from the first pattern, the yardstick first."""
    n_rows = request.param
    bits = patterns.rademacher_bits(streams.key(1, "patterns", sample=0), n_rows, N)
    rows = Packed(bits, n_rows)
    made = []
    for model, call in ((Dense(order=4), visit), (Exponential(sharpness=1.0), visit_anew)):
        network = forms.lower(model.lower(rows), "auto", 0.5)
        state = visits.prepare(network, rows.take([0])[0])
        made.append((call, network, state))
    assert [forms.name_of(network) for _, network, _ in made] == ["tables", "histograms"]
    return n_rows, made


@pytest.mark.parametrize("flips", [False, True], ids=["visits", "flips"])
def test_row_terms(benchmark, chains, flips):
    n_rows, made = chains
    n = max(N, int(TERMS / n_rows) // N * N)  # whole sweeps: all spins are flipped, or none
    best = [np.inf, np.inf]
    for call, network, state in made:
        call(network, state, N, flips)

    def both():
        for k, (call, network, state) in enumerate(made):
            begin = time.thread_time()
            call(network, state, n, flips)
            best[k] = min(best[k], (time.thread_time() - begin) / n)

    benchmark.pedantic(both, rounds=ROUNDS)
    benchmark.extra_info.update(
        four_bodies_row_terms_per_second=f"{n_rows / best[0]:.3g}",
        row_terms_per_second=f"{n_rows / best[1]:.3g}",
        ratio=round(best[0] / best[1], 2),
    )
    print(f"\n{benchmark.name}: {dict(benchmark.extra_info)}")
