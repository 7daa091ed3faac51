"""Figures of a study, as files for a paper or as one interactive page.

`maps`, `overlaps`, `trajectories` and `basins` are the figures of studies, and `choosing` says
which of them shows one; `curves` are the lines of a phase diagram, `dilution` those of
multitasking networks.  `frames` are the axes they are drawn on; `styling`, `palettes` and
`contrast` say how they look, `shown` and `series` what is shown; `plotting` and `marks` draw its
curves, `drawing` has the strokes, `regions` the borders and names of phases.  `saving` writes
files, `interactive` makes a page.  `results` draws what single calls return, and is imported on
first use.
"""

from typing import TYPE_CHECKING

from .basins import basin
from .choosing import draw, overlap_shown, select
from .curves import phase_lines
from .frames import STYLE
from .maps import phase_map
from .overlaps import overlap_curve
from .saving import save
from .shown import values
from .trajectories import trajectory

if TYPE_CHECKING:
    from .results import plot_result

__all__ = [
    "STYLE",
    "basin",
    "draw",
    "overlap_curve",
    "overlap_shown",
    "phase_lines",
    "phase_map",
    "plot_result",
    "save",
    "select",
    "trajectory",
    "values",
]

if not TYPE_CHECKING:  # whoever draws studies needs no Monte Carlo

    def __getattr__(name):
        if name != "plot_result":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .results import plot_result

        return plot_result
