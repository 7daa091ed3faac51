"""All lines of a student as curves of the plane (alpha, T), in the range where it learns."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from theory.lines import Curve

__all__ = ["Student", "diagram"]

#: How far the curves go, in the load at which a student at T = 0 begins to learn.
BEYOND = 3.0


class Student(Protocol):
    """What the curves need of a closure."""

    model: Any

    def line(self, name: str, values: np.ndarray, **options: Any) -> np.ndarray:
        """Return values of a line."""

    def largest_example_load(self, T: np.ndarray) -> np.ndarray:
        """Return the load up to which an example is kept."""


def diagram(student: Student, n_points: int, rsb: int) -> dict[str, Curve]:
    """Return the curves of `theory.phase_lines`."""
    most = BEYOND * student.line("learning_load", np.zeros(1))
    loads = most * np.linspace(0.0, 1.0, n_points)
    T = np.linspace(0.0, student.line("spinodal_temperature", most)[0], n_points)
    transition = student.line("transition_load", T, rsb=rsb)
    glass = student.line("glass_temperature", loads)
    dynamic = student.line("glass_temperature", loads, kind="dynamic")
    found = {
        "spinodal": Curve(
            student.line("learning_load", T), T, "learning transition",
            "the replica-symmetric state that knows the teacher exists from this load on",
        ),
        "transition": Curve(
            transition, T, "transition",
            "to know the teacher is the global minimum of the free energy from this load on",
        ),
        "glass": Curve(
            loads, glass, "glass transition", "the state that knows no teacher is a glass below it",
            loads <= np.interp(glass, T, transition), "thermodynamic",
            "whether to know the teacher is not the ground state",
        ),
    }  # fmt: skip
    if (dynamic != glass)[1:].any():
        found["dynamic"] = Curve(
            loads, dynamic, "dynamic transition",
            "metastable glassy states trap the dynamics below it",
        )  # fmt: skip
    replicon = student.line("replicon_temperature", loads)
    there = np.isfinite(replicon)
    found["replicon"] = Curve(
        loads[there], replicon[there], "replicon line",
        "the state that knows the teacher breaks replica symmetry below it",
    )  # fmt: skip
    kept = student.largest_example_load(T)
    there = kept > 0
    found["example"] = Curve(
        kept[there], T[there], "examples", "a single example is kept up to this load",
    )  # fmt: skip
    found["nishimori"] = Curve(
        loads, np.full(n_points, student.model.nishimori_temperature), "Nishimori line",
        "the student has the temperature of its teacher, and m = q",
    )  # fmt: skip
    return found
