"""Where the macroscopic law of a model attaches to the model.

A new model registers one function here, in a file of its own:

>>> from theory.closure import closure
>>> @closure.register                                       # doctest: +SKIP
... def _(model: Mixed, law: str = "binomial") -> Closure: ...
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import reduce, singledispatch
from typing import Any, ClassVar, NoReturn

import numpy as np

from hebbian import QUANTITIES, Model, Rule, Storing, Supervised, Unsupervised, domain, registry

from .course import Course, Trajectory
from .lines import LINES, Curve, Line, declare
from .solution import SignalToNoise, Solution, State

__all__ = ["Closure", "closure", "equations", "known_rule"]


class Closure(ABC):
    """The macroscopic law of one model at fixed parameters.

    Only `solve` must be there.  Every other verb serves the public function of its name and
    answers by default that models of this type have no such thing.  Arguments arrive
    validated and broadcast.
    """

    #: Names of the states the solver can start from.
    starts: ClassVar[tuple[str, ...]]
    #: Whether the load alpha is a control parameter.
    has_load: ClassVar[bool]
    #: Lines of the phase diagram.  Each is the method of its name, which takes values of the
    #: parameter that it runs along, shape (n,), and returns as many, NaN where there is none;
    #: with the keywords of the public function, where one has that name.
    lines: ClassVar[tuple[Line, ...]] = ()
    #: The most steps of replica-symmetry breaking of the lines.
    steps: ClassVar[int] = 1
    #: Criteria of `examples_needed`.
    criteria: ClassVar[tuple[str, ...]] = ()

    #: Whose law it is, and the law of the example mean; set by `equations`.
    model: Any
    law: str

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        declare(*cls.lines)

    @abstractmethod
    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve the self-consistency equations.

        Parameters
        ----------
        alpha, T : numpy.ndarray
            Load and temperature of one shape; `alpha` is 0 where the model has no load.
        start : str or numpy.ndarray
            One of `starts`, or initial order parameters.
        """

    def solve_broken(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve with one step of replica-symmetry breaking; arguments as for `solve`."""
        self._refuse(1)

    def infinite(self, n_spins: int | None) -> None:
        """Refuse the size of a finite network: lines are those of infinite size.

        Raises
        ------
        ValueError
            If `n_spins` is given.
        """
        if n_spins is not None:
            raise ValueError(
                f"n_spins = {n_spins}: the lines of {self._kind} are of infinite size; leave it out"
            )

    def breaks(self, start: str) -> bool:
        """Return whether `solve_broken` knows the state that one of `starts` names."""
        return False

    def diagonal_energy(self, alpha: np.ndarray, n_spins: int) -> np.ndarray:
        """Return what H/N of a finite network has beyond `solve`, whatever its state.

        That of the terms in which every site occurs an even number of times, where it has no
        limit; here 0.
        """
        return np.zeros(alpha.shape)

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Name the branch that a simulation follows, and those that it decays to.

        Here the first of `starts`, whatever the simulation starts from.

        Parameters
        ----------
        start : str or float
            Start of the simulation: ``"pattern"``, ``"random"``, an overlap in [0, 1], ...

        Returns
        -------
        tuple of str
            Of `starts`: where the first does not exist a chain ends in the next.
        """
        return self.starts[:1]

    def ground_state(self, T: np.ndarray, n_starts: int | None = None) -> Solution:
        """Return the state of lowest free energy, without a load.

        Here of those that `starts` names; a search may take `n_starts` starting points, by
        default as few as a prediction on a grid can afford.
        """
        if self.has_load:
            self.lacks("ground state without a load")
        found = [self.solve(np.zeros_like(T), T, start) for start in self.starts]
        return reduce(lambda best, other: best.lower(other), found)

    def stable_states(self, T: float, n_starts: int) -> list[State]:
        """Find all stable states from `n_starts` starting points, by ascending free energy."""
        self.lacks("list of stable states")

    def signal_to_noise(
        self, alpha: np.ndarray, T: np.ndarray, start_overlap: np.ndarray
    ) -> SignalToNoise:
        """Analyse one parallel step of the dynamics."""
        self.lacks("signal-to-noise analysis")

    def start_overlaps(self, start: Any) -> np.ndarray:
        """Return the overlaps of a start of `trajectory`, by its name or checked.

        Raises
        ------
        ValueError
            If there is no such start.
        """
        self.lacks("theory of retrieval dynamics")

    def trajectory(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
    ) -> Trajectory:
        """Follow the retrieval dynamics from `start_overlaps`."""
        self.lacks("theory of retrieval dynamics")

    def basin(
        self,
        alpha: np.ndarray,
        T: np.ndarray,
        times: np.ndarray,
        threshold: float,
        course: Course,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the least start that is retrieved at ascending times, and its error.

        At points (j,), of shape (j, times); the last time is that of the course.
        """
        self.lacks("boundary of a basin of attraction")

    def reading_capacity(self, start_overlap: np.ndarray, dynamics: str) -> np.ndarray:
        """Return the largest ln K / N that one pass of this dynamics reads, at T = 0."""
        self.lacks("reading capacity")

    def exact_replay(
        self, alpha: np.ndarray, T: np.ndarray, n_spins: int, n_steps: int | None
    ) -> np.ndarray:
        """Return the probability of so many exact steps of N spins; None is one cycle."""
        self.lacks("exact replay")

    def noise_power(self) -> float:
        """Return the variance of the crosstalk in one parallel step, per unit load."""
        self.lacks("crosstalk of a load")

    def nucleation_barrier(self, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return the barrier per spin between retrieval and its escape."""
        self.lacks("nucleation barrier")

    def examples_needed(
        self, alpha: np.ndarray, T: np.ndarray, criterion: str, threshold: float
    ) -> np.ndarray:
        """Return the number of examples that one of `criteria` asks for; NaN for none."""
        self.lacks("learning threshold")

    def supervised(self, alpha: np.ndarray, T: np.ndarray) -> Solution:
        """Return the state of a student that is told how its examples are oriented."""
        self.lacks("student that could be told more")

    def knows(self, name: str) -> bool:
        """Return whether a line is one of `lines`."""
        return name in {line.name for line in self.lines}

    def up_to(self, rsb: int | None) -> int:
        """Return the steps of replica-symmetry breaking of lines, by default the most.

        Raises
        ------
        ValueError
            If these are more than there are equations for.
        """
        if rsb is not None and rsb > self.steps:
            self._refuse(rsb)
        return self.steps if rsb is None else rsb

    def line(self, name: str, values: np.ndarray, **options: Any) -> np.ndarray:
        """Evaluate one of `lines` at values, of any shape, of what it runs along.

        Raises
        ------
        ValueError
            If the model has no such line, or not with this many steps of breaking.
        """
        self.up_to(options.get("rsb"))
        if not self.knows(name):
            along = LINES[name].along if name in LINES else ""
            along = f" along the {QUANTITIES[along].long_name}" if along in QUANTITIES else ""
            self.lacks(name.replace("_", " ") + along)
        found = getattr(self, name)(values.flatten(), **options)
        return np.asarray(found).reshape(values.shape)[()]

    def curves(self, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
        """Return the lines of the diagram by name, each on its own grid of points.

        Parameters
        ----------
        n_points : int
            Of each curve.
        rsb : {0, 1}
            Steps of replica-symmetry breaking.
        n_spins : int or None
            Size of a finite network, whose own units the curves are in.
        """
        self.lacks("diagram of lines")

    @property
    def curves_along(self) -> str:
        """Return the control parameter of `curves` besides the temperature."""
        return "alpha" if self.has_load else "dilution"

    def controls(self, alpha: Any, **arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the load and other control parameters, broadcast to one shape.

        Raises
        ------
        ValueError
            If a load is missing, out of range or one too many, or the shapes do not fit.
        """
        if self.has_load == (alpha is None):
            needs = "needs a load in [0, inf)" if self.has_load else "has no load"
            raise ValueError(f"alpha = {alpha}: {self._kind} {needs}")
        if alpha is not None:
            arrays = {"alpha": domain.real_array("alpha", alpha, "[0, inf)"), **arrays}
        try:
            found = np.broadcast_arrays(*arrays.values())
        except ValueError:
            shapes = " and ".join(f"{name} of shape {a.shape}" for name, a in arrays.items())
            raise ValueError(f"{shapes} do not broadcast") from None
        return tuple(found) if alpha is not None else (np.zeros(found[0].shape), *found)

    def lacks(self, what: str) -> NoReturn:
        """Raise a ValueError: there is none for this type of model."""
        raise ValueError(f"models of type {self._kind} have no {what}")

    def _refuse(self, rsb: int) -> NoReturn:
        raise ValueError(
            f"rsb = {rsb}: models of type {self._kind} have no equations with broken replica "
            "symmetry"
        )

    @property
    def _kind(self) -> str:
        return type(getattr(self, "model", self)).__name__


@singledispatch
def closure(model: Model, law: str = "binomial") -> Closure:
    """Return the macroscopic law of `model`, which its package may have still to register.

    Parameters
    ----------
    model : Model
    law : {"binomial", "gaussian"}
        Law of the example mean: exact at finite M, or its large-M limit.

    Raises
    ------
    ValueError
        If no theory is registered for this kind of model.
    """
    kind = type(model)
    if registry.load(kind.__name__.lower()) and closure.dispatch(kind) is not closure.dispatch(
        object
    ):
        return closure(model, law)
    raise ValueError(f"there is no theory for models of type {type(model).__name__}")


def known_rule(model: Model) -> Rule:
    """Return the rule of a model, one whose data the theory of this package describes.

    Raises
    ------
    ValueError
        For a rule of one's own: which law its rows have, its author's closure has to say.
    """
    if type(model.rule) not in (Storing, Supervised, Unsupervised):
        raise ValueError(f"there is no theory for the rule {type(model.rule).__name__}")
    return model.rule


def equations(model: Model, law: str = "binomial") -> Closure:
    """Return the `closure` of a model, which knows whose it is.

    Raises
    ------
    ValueError
        If there is no such law, or no theory of the model.
    """
    domain.choice("law", law, ("binomial", "gaussian"))
    found = closure(model, law)
    found.model, found.law = model, law
    return found
