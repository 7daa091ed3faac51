"""Where theory and simulation meet: labelled grids, stores, figures, the command line.

================================  ==============================================================
`phase_diagrams.grid`             control parameters of a study and their canonical values
`phase_diagrams.points`           scattered points with the interface of a grid
`phase_diagrams.study`            what is asked: model, grid, settings, fingerprint
`phase_diagrams.sweeping`         sweep: every point of a grid, stored as it is computed
`phase_diagrams.executors`        serial, process pools, clusters: one protocol
`phase_diagrams.clusters`         executors of Dask, `slurm` jobs for its workers
`phase_diagrams.dispatch`         tasks out, results in; workers may die
`phase_diagrams.batches`          points that travel together, rows of one disorder
`phase_diagrams.checkpointed`     one long row of points that survives its end
`phase_diagrams.cells`            one point: simulate, pack
`phase_diagrams.shards`           parts of a study, united by `merging`
`phase_diagrams.journal`          points on disk, a row each, with a checksum
`phase_diagrams.store`            the store of a study: create, lock, publish, read
`phase_diagrams.opening`          a store as labelled data, as a netCDF file
`phase_diagrams.annotation`       what is derived from the results, kept beside them
`phase_diagrams.integrity`        whether a store is what was written by `writing`
`phase_diagrams.schema`           names and attributes of variables
`phase_diagrams.provenance`       versions, commit and command of a result
`phase_diagrams.prediction`       theory on a grid
`phase_diagrams.phases`           names of the phases
`phase_diagrams.comparison`       compare: residuals, z-scores, distance from a boundary
`phase_diagrams.crossings`        where an overlap falls: profiles and brackets
`phase_diagrams.boundaries`       the simulated boundary beside the theory's
`phase_diagrams.refining`         refine: points where the transition is
`phase_diagrams.refinement`       rounds of refinement inside a store
`phase_diagrams.scaling`          extrapolate: finite-size scaling of m and of the transition
`phase_diagrams.power_fit`        weighted least squares in powers of 1/N
`phase_diagrams.figures`          phase maps and overlap curves
`phase_diagrams.drawing`          the strokes figures are made of
`phase_diagrams.interactive`      a study as one HTML page
`phase_diagrams.dilution_map`     (d, T) diagram of multitasking networks, observed phases
`phase_diagrams.dilution_figure`  that diagram, and staircases of overlaps
`phase_diagrams.loss_trajectory`  cost and losses along a trajectory
`phase_diagrams.retrieval`        retrieval of images, drawn by `retrieval_figure`
`phase_diagrams.gallery`          the claims of the papers, computed again
`phase_diagrams.validation`       published numbers, identities, random points
`phase_diagrams.cli`              the command ``hebbian``
`phase_diagrams.leaving`          its end in a moment, when interrupted
================================  ==============================================================

Names are imported on first use: the command line starts without any numerical package.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import figures, integrity
    from .boundaries import boundary
    from .comparison import compare
    from .merging import merge
    from .opening import export, open
    from .phases import Phase
    from .refining import refine
    from .scaling import extrapolate
    from .sweeping import rerun, sweep

__all__ = [
    "Phase",
    "boundary",
    "compare",
    "export",
    "extrapolate",
    "figures",
    "integrity",
    "merge",
    "open",
    "refine",
    "rerun",
    "sweep",
]

_HOMES = {
    "Phase": "phases",
    "boundary": "boundaries",
    "compare": "comparison",
    "export": "opening",
    "extrapolate": "scaling",
    "merge": "merging",
    "open": "opening",
    "refine": "refining",
    "rerun": "sweeping",
    "sweep": "sweeping",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    if name in ("figures", "integrity"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
