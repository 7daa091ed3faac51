"""Cost and losses of a multitasking network along one trajectory of its dynamics."""

from __future__ import annotations

import numpy as np
import xarray as xr

import montecarlo
from hebbian import Multitasking, domain, draw
from hebbian.losses import archetype_losses, energy, learnt_losses
from montecarlo.state import initial_spins, resolve_start

__all__ = ["loss_trajectory"]


def loss_trajectory(
    model: Multitasking,
    *,
    n_spins: int,
    T: float = 0.0,
    sweeps: int = 30,
    start: str | float = "random",
    seed: int = 0,
) -> xr.Dataset:
    r"""Follow the energy and the losses of one network, sweep by sweep.

    The energy of the simulation and the sum of the products :math:`L_+ L_-` of what is learnt
    are on one straight line (`hebbian.losses`), so that they fall together; the losses of
    the archetypes, which a network that learns from examples has never seen, follow them.

    Parameters
    ----------
    model : Multitasking
    n_spins : int
        N, at least 2.
    T : float
        Temperature in [0, inf).
    sweeps : int
        Length, at least 1.
    start : str or float
        As for `montecarlo.simulate`.
    seed : int

    Returns
    -------
    xarray.Dataset
        Along ``sweep`` = 0, ..., `sweeps`: ``energy`` of the simulation and
        ``energy_of_losses``, both H/N, and ``learnt_product``, the sum of the products
        L+ L- of what the rule stores; along ``pattern`` too, ``plus`` and ``minus``, the losses
        of the archetypes on their support.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> path = loss_trajectory(Multitasking(n_patterns=2, dilution=0.3), n_spins=500, seed=1)
    >>> bool((path["learnt_product"].diff("sweep") <= 1e-12).all())
    True
    """
    length = domain.integer("sweeps", sweeps, "[1, 1000000]")
    run = montecarlo.simulate(
        model,
        T=domain.real("T", T, "[0, inf)"),
        n_spins=n_spins,
        n_samples=1,
        n_replicas=1,
        schedule=montecarlo.Schedule(warmup=0, sweeps=length, stride=1),
        start=start,
        seed=seed,
        keep_spins=True,
    )
    assert run.spins is not None
    data = draw(model, n_spins=n_spins, seed=seed, sample=0)
    known = resolve_start(model, start, (1, 1, data.n_spins), data.n_patterns)
    first = initial_spins(data, known, seed, sample=0, replica=0)
    spins = np.concatenate([first[None], run.spins[0, 0]])
    began = [data.memory.energy(first) / data.n_spins]
    learnt = learnt_losses(data, spins)
    archetypes = archetype_losses(data, spins, support=True)
    found = {
        "energy": ("sweep", np.concatenate([began, run.series["energy"][0, 0]])),
        "energy_of_losses": ("sweep", energy(data, learnt) / data.n_spins),
        "learnt_product": ("sweep", learnt.product.reshape(len(spins), -1).sum(axis=1)),
        "plus": (("sweep", "pattern"), archetypes.plus),
        "minus": (("sweep", "pattern"), archetypes.minus),
    }
    return xr.Dataset(found, coords={"sweep": np.arange(length + 1)})
