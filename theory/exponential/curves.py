"""The lines of an exponential memory as curves of the plane (alpha, T)."""

from __future__ import annotations

import numpy as np

from theory.lines import LINES, Curve

from .law import PatternLaw

__all__ = ["curves"]

#: Up to the temperature at which the spinodal has this part of its largest load points are dense;
#: it never reaches alpha = 0, and goes on to so many times that temperature, or 1/l.
SEEN, BEYOND = 0.05, 1e3

#: Part of the points that are beyond.
TAIL = 0.15


def curves(patterns: PatternLaw, sharpness: float, n_points: int) -> dict[str, Curve]:
    """Return the curves of `theory.phase_lines`; all are loads, along temperature."""
    cold = 1 / sharpness
    largest = patterns.spinodal_load(sharpness, 0.0)
    seen = float(patterns.spinodal_temperature(SEEN * largest, sharpness))
    tail = max(2, int(TAIL * n_points))
    inner = np.linspace(0.0, seen, n_points - tail - 1)
    # The Nishimori point is one of them: there three lines meet.
    outer = np.geomspace(seen, BEYOND * max(seen, cold), tail + 1)[1:]
    T = np.unique(np.concatenate([inner, [cold], outer]))
    loads = {
        "spinodal": ("critical_load", patterns.spinodal_load(sharpness, T)),
        "transition": ("transition_load", patterns.transition_load(sharpness, T)),
        "single_transition": (
            "single_transition_load", patterns.single_transition_load(sharpness, T)
        ),
    }  # fmt: skip
    found = {
        name: Curve(load, T, name.replace("_", " "), LINES[line].definition)
        for name, (line, load) in loads.items()
    }
    warm = T[cold <= T]
    condensed = np.full(warm.shape, patterns.condensation_load(sharpness))
    words = "condensation", LINES["condensation_load"].definition
    found["condensation"] = Curve(condensed, warm, *words)
    return found
