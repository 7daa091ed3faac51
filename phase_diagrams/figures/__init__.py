"""Figures of a study, as files for a paper or as one interactive page.

`maps` are the figures of any study: simulation as colour or points, theory as lines, and
`choosing` says which of them shows a study; `curves` are the lines of a phase diagram; `dilution`
has those of multitasking networks.  `drawing` holds their strokes, `regions` the borders and
names of phases; `files` writes them, `interactive` makes the page.  `trajectories` and `basins`
are the figures of studies along time; `marks` tell their curves apart.
"""

from .basins import basin
from .choosing import draw, overlap_shown, select
from .curves import phase_lines
from .maps import STYLE, overlap_curve, phase_map, save, values
from .trajectories import trajectory

__all__ = [
    "STYLE",
    "basin",
    "draw",
    "overlap_curve",
    "overlap_shown",
    "phase_lines",
    "phase_map",
    "save",
    "select",
    "trajectory",
    "values",
]
