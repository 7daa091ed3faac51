"""Yardsticks of the benchmarks: what one writes for a paper, or does not compute at all.

The heat-bath kernels sample the same networks as `montecarlo` with numba's own generator
and no packing, tables or blocking.
"""

import math

import numba
import numpy as np

from phase_diagrams.batches import Report, Success


def no_simulation(batch, settings, *_):
    """Stand in for `phase_diagrams.batches.compute`: numbers that cost nothing."""
    row = [Success("none", np.full(12 + settings.n_samples, cell.T)) for cell in batch]
    return Report(row, 0.0)


@numba.njit
def hopfield_sweeps(couplings, spins, fields, T, n_sweeps, rng):
    """Coupling matrix with maintained local fields: O(1) a visit, O(N) a flip."""
    n = len(spins)
    for _ in range(n_sweeps):
        for i in range(n):
            up = rng.random() < 1 / (1 + math.exp(-2 * fields[i] / T))
            s = 1 if up else -1
            if s != spins[i]:
                spins[i] = s
                for j in range(n):
                    fields[j] += 2 * s * couplings[i, j]


@numba.njit
def dense4_sweeps(rows, spins, overlaps, scale, T, n_sweeps, rng):
    """P = 4, distinct sites, overlaps kept: O(K) a visit and a flip.  rows[i, mu] int8."""
    n, k = rows.shape
    for _ in range(n_sweeps):
        for i in range(n):
            field = 0.0
            for mu in range(k):
                other = float(overlaps[mu] - rows[i, mu] * spins[i])
                field += rows[i, mu] * other * (other * other - 3 * (n - 1) + 2) / 6
            up = rng.random() < 1 / (1 + math.exp(-2 * scale * field / T))
            s = 1 if up else -1
            if s != spins[i]:
                spins[i] = s
                for mu in range(k):
                    overlaps[mu] += 2 * s * rows[i, mu]
