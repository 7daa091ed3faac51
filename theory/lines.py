"""The lines of the phase diagrams: one entry each, and what reads it.

A closure names in ``lines`` those it knows and has a method of the same name for each
(`theory.closure.Closure`).  The command line, predictions on a grid, the attributes of stored
results and the figures read the entry, so that a new line is an entry and a method.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian.vocabulary import QUANTITIES, Quantity

__all__ = [
    "LINES",
    "OF_DILUTION",
    "OF_EXPONENTS",
    "OF_STUDENTS",
    "UNDER_LOAD",
    "Curve",
    "Line",
    "declare",
]


class Line(NamedTuple):
    """A line of a phase diagram.

    Parameters
    ----------
    name : str
        Of the method that computes it, and of the stored variable.
    symbol, long_name, definition : str
        As of a `hebbian.vocabulary.Quantity`.
    along : str
        What it is a function of: ``"alpha"``, ``"T"`` or a parameter of the model.
    style : str
        How it is drawn in the plane of load and temperature: ``"solid"``, ``"dashed"``,
        ``"dotted"`` or ``"dashdot"``; empty: not at all.
    predicted : bool
        Whether it belongs to every prediction, or is computed when asked for alone.
    same_as : str
        Name of a line that is the same curve, seen along the other axis.
    """

    name: str
    symbol: str
    long_name: str
    definition: str
    along: str
    style: str = ""
    predicted: bool = True
    same_as: str = ""

    @property
    def quantity(self) -> Quantity:
        """What is said of its values."""
        return Quantity(self.symbol, self.long_name, self.definition)


class Curve(NamedTuple):
    """A line as points of the plane of its diagram, in the order in which they are joined.

    Parameters
    ----------
    x, T : numpy.ndarray
        Load or another control parameter, and temperature.
    long_name, definition : str
        Of the curve.
    flag : numpy.ndarray, optional
        What is known of every point, boolean.
    flag_name, flag_definition : str
        Of the flag.
    """

    x: np.ndarray
    T: np.ndarray
    long_name: str
    definition: str
    flag: np.ndarray | None = None
    flag_name: str = ""
    flag_definition: str = ""


#: All lines by name, those of imported closures of others included.
LINES: dict[str, Line] = {}


def declare(*lines: Line) -> tuple[Line, ...]:
    """Add lines to the table and return them.

    Raises
    ------
    ValueError
        If a name is another line's, or that of a quantity.
    """
    for line in lines:
        taken = QUANTITIES.get(line.name) or LINES.setdefault(line.name, line)
        if taken != line:
            raise ValueError(f"line {line.name!r} is taken: {taken.definition}")
    return lines


UNDER_LOAD = declare(
    Line(
        "spinodal_temperature", "T_M", "spinodal temperature",
        "the retrieval state exists below it", "alpha", "dashed",
    ),
    Line(
        "transition_temperature", "T_c", "transition temperature",
        "retrieval is the global minimum below it", "alpha", "solid",
    ),
    Line(
        "glass_temperature", "T_g", "glass temperature",
        "the paramagnet gives way to the glass below it", "alpha",
    ),
    Line(
        "critical_load", r"\alpha_c", "critical load",
        "the retrieval state exists up to this load", "T", "dashed",
        same_as="spinodal_temperature",
    ),
    Line(
        "transition_load", r"\alpha_1", "transition load",
        "retrieval is the global minimum up to this load, of a student from it on", "T", "solid",
        same_as="transition_temperature",
    ),
    Line(
        "replicon_temperature", r"T_{\rm AT}", "replicon temperature",
        "retrieval breaks replica symmetry below it", "alpha", predicted=False,
    ),
)  # fmt: skip

OF_DILUTION = declare(
    Line(
        "critical_temperature", "T_c", "critical temperature",
        "every overlap vanishes above it", "dilution", predicted=False,
    ),
    Line(
        "pure_temperature", "T_p", "pure temperature",
        "a second pattern condenses below it", "dilution", predicted=False,
    ),
)  # fmt: skip

OF_EXPONENTS = declare(
    Line(
        "single_transition_load", r"\alpha_{\rm one}", "transition load of one pattern",
        "one pattern alone has the lowest free energy up to this load; phase and transition_load "
        "count all of them", "T", "dotted",
    ),
    Line(
        "condensation_load", r"\alpha_d", "condensation load",
        "few patterns make the energy of a typical configuration up to this load", "T", "dashdot",
    ),
    Line(
        "single_flip_load", r"\alpha_{\rm flip}", "single-flip load",
        "no single flip lowers the energy of a pattern up to this load, at T = 0", "T",
        predicted=False,
    ),
)  # fmt: skip

OF_STUDENTS = declare(
    *(line for line in UNDER_LOAD if line.name != "critical_load"),
    Line(
        "learning_load", r"\alpha_L", "learning load",
        "the student may know its teacher from this load on", "T", "dashed",
        same_as="spinodal_temperature",
    ),
)  # fmt: skip
