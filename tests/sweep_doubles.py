"""Stand-ins for the simulation of a sweep; imported by the tests."""

from phase_diagrams.sweeps.batches import Report, Success


def pointwise(compute):
    """Make `phase_diagrams.sweeps.batches.compute` of a function of one point: a point a task."""

    def batchwise(batch, *arguments):
        return Report([Success(*compute(batch[0], *arguments))], 1.0)

    return batchwise
