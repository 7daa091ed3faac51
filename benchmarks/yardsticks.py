"""Stand-ins for work that the benchmarks leave out."""

import numpy as np

from phase_diagrams.sweeps.batches import Report, Success


def no_simulation(batch, settings, *_):
    """Stand in for `phase_diagrams.sweeps.batches.compute`: numbers that cost nothing."""
    row = [Success("none", np.full(12 + settings.n_samples, cell.T)) for cell in batch]
    return Report(row, 0.0)
