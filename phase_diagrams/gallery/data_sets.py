"""Networks that learn from data sets of several sizes and qualities, with and without a teacher."""

from __future__ import annotations

import xarray as xr

from hebbian import Dense, Supervised, Unsupervised

from .running import Session, Simulation

__all__ = ["RULES", "DataSets", "simulate", "untrained"]

RULES: dict[str, type[Supervised | Unsupervised]] = {
    "supervised": Supervised,
    "unsupervised": Unsupervised,
}


class DataSets(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order, load, temperature and size, and the grid of data sets."""

    order: int
    alpha: float
    T: float
    quality: list[float]
    n_examples: list[int]
    n_spins: int


def untrained(parameters: DataSets, rule: str, quality: float = 0.5) -> Dense:
    """Return the network whose data sets are still to be chosen."""
    return Dense(order=parameters.order, rule=RULES[rule](quality=quality, n_examples=1))


def simulate(parameters: DataSets, session: Session) -> dict[str, xr.Dataset]:
    """Simulate every data set from the archetype, for each rule."""
    grid = {name: getattr(parameters, name) for name in ("alpha", "T", "quality", "n_examples")}
    size = parameters.n_spins
    return {
        rule: session.simulation(rule, untrained(parameters, rule), grid, parameters, n_spins=size)
        for rule in RULES
    }
