"""What the theory knows of a student that stores a teacher's examples."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from functools import partial
from typing import ClassVar

import numpy as np

from hebbian import Dense, TeacherStudent
from theory.closure import Closure, closure, equations
from theory.lines import OF_STUDENTS, Curve, Line
from theory.one_pattern.branches import ReplicaSolution
from theory.one_pattern.closure import ReplicaSymmetric
from theory.one_pattern.first_step import first_step
from theory.solution import SignalToNoise, Solution

from . import pair_lines, rays
from .branches import solve_pairs
from .diagram import diagram
from .example import largest_loads, solve_example
from .scaled import in_units, scaled
from .step import first_pair_step
from .supervised import solve_supervised

__all__ = ["StudentOfMany", "StudentOfPairs"]


class _Student(Closure):
    """Theory of a student of one teacher.

    Parameters
    ----------
    model : TeacherStudent
    """

    starts: ClassVar[tuple[str, ...]] = ("retrieval", "example", "glass", "paramagnet")
    has_load: ClassVar[bool] = True
    lines: ClassVar[tuple[Line, ...]] = OF_STUDENTS

    def __init__(self, model: TeacherStudent) -> None:
        self.model = model
        found = equations(Dense(order=model.order))
        assert isinstance(found, ReplicaSymmetric)
        #: The network to which examples are patterns.
        self.stored = found

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Return what a simulation follows, and what it ends in.

        With pairs nothing is between a random start, or a lost example, and the teacher, whose
        state grows out of those without it; with more bodies a barrier is.
        """
        learnt = self.starts[:1] if self.model.order == 2 else ()
        if start == "random":
            return (*self.starts[2:], *learnt)
        if start == "example":
            return ("example", *learnt, *self.starts[2:])
        return ("retrieval", *self.starts[2:])

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve one branch.

        m is the overlap with the teacher: positive in ``"retrieval"``, 0 in the others.  n is that
        with one example in ``"example"``, and else m, as in simulations, where the pattern that
        is observed is the teacher.
        """
        if isinstance(start, str) and start in self.starts[2:]:
            return self.stored.solve(alpha, T, start)
        if isinstance(start, str) and start == "example":
            found = self.example(alpha, T)
            return dataclasses.replace(found, m=0 * found.m, n=found.m)
        return self.learnt(alpha, T, start)

    @abstractmethod
    def learnt(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Return the state that knows the teacher."""

    @abstractmethod
    def example(self, alpha: np.ndarray, T: np.ndarray) -> ReplicaSolution:
        """Return the state that keeps an example, as retrieval."""

    def largest_example_load(self, T: np.ndarray) -> np.ndarray:
        """Return the load up to which an example is kept."""
        return self.stored.critical_load(T)

    def glass_temperature(self, alpha: np.ndarray, kind: str = "static") -> np.ndarray:
        """Return T_g of as many stored patterns."""
        return self.stored.glass_temperature(alpha, kind)

    def curves(self, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
        """Return the curves of `theory.teacher_student.diagram`."""
        self.infinite(n_spins)
        return diagram(self, n_points, rsb)


class StudentOfPairs(_Student):
    """Order 2: only the signal w matters."""

    steps: ClassVar[int] = 0

    def learnt(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Return the one solution with m > 0."""
        return solve_pairs(self.model.effective_signal, alpha, T, start)

    def example(self, alpha: np.ndarray, T: np.ndarray) -> ReplicaSolution:
        """Return the state unless it slides down to the teacher."""
        return solve_example(self.stored, self.model.effective_signal, alpha, T)

    def largest_example_load(self, T: np.ndarray) -> np.ndarray:
        """Return the load up to which an example is kept."""
        return largest_loads(self.stored, self.model.effective_signal, T)

    def signal_to_noise(
        self, alpha: np.ndarray, T: np.ndarray, start_overlap: np.ndarray
    ) -> SignalToNoise:
        """Let all examples act on the sites."""
        return first_pair_step(self.model.effective_signal, alpha, T, start_overlap)

    def supervised(self, alpha: np.ndarray, T: np.ndarray) -> Solution:
        """Return the state of a student that is told the orientations of its examples."""
        return solve_supervised(self.model.effective_signal, alpha, T)

    def learning_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the load from which on the teacher is known, continuously."""
        return pair_lines.learning_loads(self.model.effective_signal, T)

    def spinodal_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return T_M."""
        return pair_lines.learning_temperatures(self.model.effective_signal, alpha)

    def transition_load(
        self, T: np.ndarray, rsb: int = 0, n_spins: int | None = None
    ) -> np.ndarray:
        """Return the load from which on to know the teacher is better than to keep an example."""
        self.infinite(n_spins)
        return pair_lines.transition_loads(self.stored, self.model.effective_signal, T)

    def transition_temperature(
        self, alpha: np.ndarray, rsb: int = 0, n_spins: int | None = None
    ) -> np.ndarray:
        """Return T_M: there are no examples to keep at these temperatures."""
        self.infinite(n_spins)
        return self.spinodal_temperature(alpha)

    def replicon_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return the de Almeida-Thouless line of the state that knows the teacher."""
        return pair_lines.replicon_temperatures(self.model.effective_signal, alpha)


class StudentOfMany(_Student):
    """Order 3 and more: a dense network in other units (`theory.teacher_student.scaled`)."""

    def breaks(self, start: str) -> bool:
        """Return whether there is a state with one step of breaking."""
        return self.stored.breaks("retrieval" if start == "example" else start)

    def learnt(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Return retrieval of the dense network; an array `start` has the pairs (m, q)."""
        unit, load, heat = scaled(self.model.teacher_beta, alpha, T)
        return in_units(self.stored.solve(load, heat, start), unit)

    def example(self, alpha: np.ndarray, T: np.ndarray) -> ReplicaSolution:
        """Return retrieval of stored patterns: fields of the teacher are of higher order in m."""
        return self.stored.solve(alpha, T, "retrieval")

    def solve_broken(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve one of the named branches."""
        if isinstance(start, str) and start in self.starts[2:]:
            return self.stored.solve_broken(alpha, T, start)
        if isinstance(start, str) and start == "example":
            found = self.stored.solve_broken(alpha, T, "retrieval")
            return dataclasses.replace(found, m=0 * found.m, n=found.m)
        unit, load, heat = scaled(self.model.teacher_beta, alpha, T)
        return in_units(self.stored.solve_broken(load, heat, start), unit)

    def signal_to_noise(
        self, alpha: np.ndarray, T: np.ndarray, start_overlap: np.ndarray
    ) -> SignalToNoise:
        """Take the step of the dense network."""
        unit, load, heat = scaled(self.model.teacher_beta, alpha, T)
        step = first_step(self.stored.field, load, heat, start_overlap)
        noise = first_step(self.stored.field, alpha, T, 0 * start_overlap)
        there = unit > 0
        return SignalToNoise(
            m=np.where(there, step.m, 0.0),
            field_mean=unit * step.field_mean,
            field_variance=noise.field_variance,
        )

    def supervised(self, alpha: np.ndarray, T: np.ndarray) -> Solution:
        """Refuse: the sum of more than N oriented examples is the teacher."""
        raise ValueError(
            f"order = {self.model.order}: oriented examples, {self.model.order - 1} powers of N "
            "many, add up to the teacher itself; a supervised student has order 2"
        )

    def learning_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the spinodal."""
        return self._meets(partial(self.stored.critical_load, rsb=rsb), "spinodal_temperature", T)

    def transition_load(
        self, T: np.ndarray, rsb: int = 1, n_spins: int | None = None
    ) -> np.ndarray:
        """Return the load from which on to know the teacher is the ground state."""
        self.infinite(n_spins)
        line = partial(self.stored.transition_load, rsb=rsb)
        return self._meets(line, "transition_temperature", T)

    def _meets(self, line: rays.Loads, temperature: str, T: np.ndarray) -> np.ndarray:
        top = float(self.stored.line(temperature, np.zeros(1))[0])
        return rays.loads(line, top, self.model.teacher_beta, T)

    def spinodal_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return T_M."""
        return self._scaled("spinodal_temperature", alpha)

    def transition_temperature(
        self, alpha: np.ndarray, rsb: int = 1, n_spins: int | None = None
    ) -> np.ndarray:
        """Return T_c."""
        self.infinite(n_spins)
        return self._scaled("transition_temperature", alpha, rsb=rsb)

    def replicon_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return the de Almeida-Thouless line of the state that knows the teacher."""
        return self._scaled("replicon_temperature", alpha)

    def _scaled(self, name: str, alpha: np.ndarray, **options: int) -> np.ndarray:
        unit, load, _ = scaled(self.model.teacher_beta, alpha, alpha)
        found = unit * self.stored.line(name, load, **options)
        return np.where(unit > 0, found, np.nan)


@closure.register
def _(model: TeacherStudent, law: str = "binomial") -> StudentOfPairs | StudentOfMany:
    return (StudentOfPairs if model.order == 2 else StudentOfMany)(model)
