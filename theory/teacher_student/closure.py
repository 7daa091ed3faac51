"""What the theory knows of a student that stores a teacher's examples."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from hebbian import Dense, TeacherStudent
from theory.closure import Closure, closure
from theory.lines import Line
from theory.one_pattern.closure import ReplicaSymmetric
from theory.solution import Solution

from .branches import solve_pairs
from .scaled import in_units, scaled

__all__ = ["TeacherStudentClosure"]


class TeacherStudentClosure(Closure):
    """Theory of a student of one teacher.

    Parameters
    ----------
    model : TeacherStudent
    """

    starts: ClassVar[tuple[str, ...]] = ("retrieval", "example", "glass", "paramagnet")
    has_load: ClassVar[bool] = True
    lines: ClassVar[tuple[Line, ...]] = ()

    def __init__(self, model: TeacherStudent) -> None:
        self.model = model
        found = closure(Dense(order=model.order))
        assert isinstance(found, ReplicaSymmetric)
        self.stored = found
        self.steps = 0 if model.order == 2 else 1

    def breaks(self, start: str) -> bool:
        """Return whether there is a state with one step of breaking; not at order 2."""
        return self.model.order > 2 and self.stored.breaks(_as_stored(start))

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve one branch.

        ``"retrieval"`` knows the teacher: m is the overlap with it, n = 0.  In ``"example"`` n is
        that with one example, and m = 0 as in ``"glass"`` and ``"paramagnet"``.
        """
        return self._solve(alpha, T, start, 0)

    def solve_broken(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve one of the named branches; order 3 at least."""
        if self.model.order == 2:
            self._refuse(1)
        return self._solve(alpha, T, start, 1)

    def _solve(
        self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray, rsb: int
    ) -> Solution:
        stored = self.stored.solve_broken if rsb else self.stored.solve
        if isinstance(start, str) and start != "retrieval":
            found = stored(alpha, T, _as_stored(start))
            return dataclasses.replace(found, m=0 * found.m, n=found.m)
        if self.model.order == 2:
            return solve_pairs(self.model.strength, alpha, T, start)
        unit, load, heat = scaled(self.model.teacher_beta, alpha, T)
        found = in_units(stored(load, heat, start), unit)
        return dataclasses.replace(found, n=0 * found.m)


def _as_stored(start: str) -> str:
    """Return the name of a state without the teacher among those of stored patterns."""
    return "retrieval" if start == "example" else start


@closure.register
def _(model: TeacherStudent, law: str = "binomial") -> TeacherStudentClosure:
    return TeacherStudentClosure(model)
