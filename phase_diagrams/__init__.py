"""Where theory and simulation meet: labelled grids, stores, figures, the command line.

================================  ==============================================================
`phase_diagrams.grid`             control parameters of a study, its points and their keys
`phase_diagrams.keys`             points of one grid found in another by their keys
`phase_diagrams.results`          what is kept of a point
`phase_diagrams.study`            what is asked: model, grid, settings, fingerprint
`phase_diagrams.shards`           whose points are whose
`phase_diagrams.prediction`       theory on a grid
`phase_diagrams.blocks`           theory of one model of the grid
`phase_diagrams.started`          the pattern that runs start from, its strength
`phase_diagrams.classification`   which phase its points are in
`phase_diagrams.following`        the state of the theory that a simulation is in
`phase_diagrams.phases`           names of the phases
`phase_diagrams.layers`           layers of an assembly as one
`phase_diagrams.schema`           names and attributes of variables
`phase_diagrams.requests`         results of long calls in files of their own
`phase_diagrams.sweeps`           every point computed: executors, plans, resumption
`phase_diagrams.stores`           results on disk: journal, checksums, merging, export
`phase_diagrams.analysis`         compare, extrapolate, refine, ramps, dilution diagrams
`phase_diagrams.transitions`      first-order transitions located by simulation
`phase_diagrams.figures`          phase maps, overlap curves, interactive pages
`phase_diagrams.retrieval`        application: files of images, and their retrieval
`phase_diagrams.gallery`          application: the claims of the papers, computed again
`phase_diagrams.validation`       application: published numbers, identities, random points
`phase_diagrams.cli`              the command ``hebbian``, one module per subcommand in `commands`:
                                  `arguments`, `faults` in one line, `leaving` when interrupted,
                                  `streams`, `shadowing` of names
================================  ==============================================================

Names are imported on first use: the command line starts without any numerical package.
"""

from __future__ import annotations

from importlib import import_module

from . import shadowing as _shadowing

TYPE_CHECKING = False  # `typing` is not needed to start
if TYPE_CHECKING:
    from . import figures
    from .analysis.boundaries import boundary
    from .analysis.comparison import compare
    from .analysis.ramping import ramps
    from .analysis.refining import refine
    from .analysis.scaling import extrapolate
    from .phases import Phase
    from .stores import integrity
    from .stores.merging import merge
    from .stores.opening import export, open
    from .sweeps.sweeping import rerun, sweep
    from .transitions.locating import locate_transition

__all__ = [
    "Phase",
    "boundary",
    "compare",
    "export",
    "extrapolate",
    "figures",
    "integrity",
    "locate_transition",
    "merge",
    "open",
    "ramps",
    "refine",
    "rerun",
    "sweep",
]

_HOMES = {
    "Phase": "phases",
    "boundary": "analysis.boundaries",
    "compare": "analysis.comparison",
    "export": "stores.opening",
    "extrapolate": "analysis.scaling",
    "locate_transition": "transitions.locating",
    "merge": "stores.merging",
    "open": "stores.opening",
    "ramps": "analysis.ramping",
    "refine": "analysis.refining",
    "rerun": "sweeps.sweeping",
    "sweep": "sweeps.sweeping",
}
if not _shadowing.is_command() and (_foreign := _shadowing.foreign_room()):
    raise ImportError(_foreign)


if not TYPE_CHECKING:  # for a checker of types any name would do

    def __getattr__(name):
        from importlib.util import find_spec

        if name in _HOMES:
            value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
            globals()[name] = value
            return value
        if name == "integrity":
            return import_module(f"{__name__}.stores.integrity")
        if not name.startswith("_") and find_spec(f"{__name__}.{name}"):
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from hebbian import rooms

    return rooms.members(__name__)
