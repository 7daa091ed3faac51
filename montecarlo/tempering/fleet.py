"""Ladders of several disorder samples that climb together: one launch of a device for all."""

from __future__ import annotations

from typing import Any

import numpy as np

from montecarlo.chains.progress import Progress, group
from montecarlo.chains.watch import Watch

from .climb import Climb
from .walkers import Ladder

__all__ = ["run_together"]


class _SpinsAlone:
    """The states of a ladder of a fleet: on a device spins are all there is."""

    def restore(self, saved: Progress) -> np.ndarray:
        """Return the spins that `arrays` returned."""
        return saved.group("state")["0"].astype(np.int8)

    def arrays(self, spins: np.ndarray) -> dict[str, np.ndarray]:
        """Return a copy of the spins."""
        return group("state", [spins.copy()])


def run_together(ladders: list[Ladder], network: Any, watch: Watch) -> Progress:
    """Run ladders of one schedule to its end, or from the sweep where all of them were left.

    Parameters
    ----------
    ladders : list of Ladder
    network : object
        Of all walkers, ladder by ladder, for a kernel that takes several samples.
    watch : Watch
        Of the batch.

    Returns
    -------
    Progress
        That of `Ladder.run`, the ladders in front.

    Raises
    ------
    Stopped
        If the watch said so.
    """
    first, backend = ladders[0], ladders[0].backend
    n_T, n_spins = first.spins.shape
    saved = watch.saved.split(len(ladders)) if watch.saved else [None] * len(ladders)
    climbs = [Climb(ladder, own, _SpinsAlone()) for ladder, own in zip(ladders, saved, strict=True)]
    state = backend.prepare(network, np.concatenate([climb.walkers.spins for climb in climbs]))
    keys = np.concatenate([ladder.keys for ladder in ladders])
    energies = np.empty((len(keys), 1))
    while climbs[0].sweep < first.schedule.total:
        watch.look(lambda: Progress.join([climb.progress() for climb in climbs]))
        sweep = climbs[0].sweep
        n_sweeps = first.next_event(sweep) - sweep
        T = np.concatenate([climb.T for climb in climbs])
        spins = np.empty((len(keys), 1, n_spins), np.int8)
        flips = backend.run(
            network, state, keys, T, first.rule, sweep, 1, n_sweeps, spins, energies, first.order
        )
        for c, climb in enumerate(climbs):
            part = slice(c * n_T, (c + 1) * n_T)
            climb.note(n_sweeps, spins[part, 0], energies[part, 0], flips[part])
        watch.advance(n_sweeps)
    periods = np.reshape(backend.period(network, state), (-1, n_T)).astype(np.int8)
    done = [climb.ended(each) for climb, each in zip(climbs, periods, strict=True)]
    arrays = Progress.join(done).arrays
    return Progress(sweep=done[0].sweep, arrays=arrays, ended=True)
