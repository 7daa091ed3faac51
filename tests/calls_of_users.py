"""Calls as users write them, right and wrong, to be checked by mypy and never run.

``mypy --strict`` finds nothing here where the package is installed: the types of the public
functions are seen, and each call that is wrong is an error, or ``type: ignore`` would be unused.
"""

from typing import assert_type

import numpy as np
import xarray as xr

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Model, Supervised


def right(model: Model) -> None:
    taught = Dense(order=4, rule=Supervised(quality=0.3, n_examples=100))
    assert_type(taught, Dense)
    solution = theory.solve(taught, alpha=np.linspace(0.02, 0.1, 5), T=0.3)
    assert_type(solution, theory.Solution)
    schedule = montecarlo.Schedule(warmup=5, sweeps=20)
    run = montecarlo.simulate(model, alpha=0.1, T=0.4, n_spins=100, schedule=schedule, seed=7)
    assert_type(run, montecarlo.Run)
    assert_type(run.m, montecarlo.Estimate)
    tree = phase_diagrams.sweep(Hopfield(), {"alpha": 0.02, "T": [0.1, 0.2]}, n_spins=100)
    assert_type(tree, xr.DataTree)
    assert_type(phase_diagrams.compare(tree), xr.Dataset)


def wrong(tree: xr.DataTree) -> None:
    theory.solve("hopfield", alpha=0.1, T=0.3)  # type: ignore[arg-type]
    theory.solve(Hopfield(), alpha=0.1)  # type: ignore[call-arg]
    theory.critical_load(Hopfield(), temperature=0.0)  # type: ignore[call-arg]
    montecarlo.simulate(Hopfield(), alpha=0.1, T=0.3, n_spins="many")  # type: ignore[arg-type]
    montecarlo.simulate(Hopfield(), alpha=0.1, temperature=0.3)  # type: ignore[call-arg]
    montecarlo.Schedule(warm_up=3)  # type: ignore[call-arg]
    phase_diagrams.sweep(Hopfield(), {"alpha": 0.1}, n_spin=100)  # type: ignore[call-arg]
    phase_diagrams.sweep(Hopfield(), 0.1)  # type: ignore[arg-type]
    phase_diagrams.figures.phase_map("study.zarr")  # type: ignore[arg-type]
    phase_diagrams.swep  # type: ignore[attr-defined]  # noqa: B018
    Dense(order="four")  # type: ignore[arg-type]
    print(montecarlo.simulate(Hopfield(), alpha=0.1, T=0.3).magnetization)  # type: ignore[attr-defined]
