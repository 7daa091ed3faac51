"""Where the macroscopic law of a model attaches to the model.

A new model registers one function here, in a file of its own:

>>> from theory.closure import closure
>>> @closure.register                                       # doctest: +SKIP
... def _(model: Mixed, law: str = "binomial") -> Closure: ...
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import reduce, singledispatch
from typing import ClassVar

import numpy as np

from hebbian import Model, registry

from .solution import Solution

__all__ = ["Closure", "closure"]


class Closure(ABC):
    """The macroscopic law of one model at fixed parameters."""

    #: Names of the states the solver can start from.
    starts: ClassVar[tuple[str, ...]]
    #: Whether the load alpha is a control parameter.
    has_load: ClassVar[bool]

    @abstractmethod
    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> Solution:
        """Solve the self-consistency equations.

        Parameters
        ----------
        alpha, T : numpy.ndarray
            Load and temperature, already validated and broadcast to one shape; `alpha` is 0
            where the model has no load.
        start : str or numpy.ndarray
            One of `starts`, or initial order parameters.
        """

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

    def ground_state(self, T: np.ndarray) -> Solution:
        """Return the state of lowest free energy of those that `starts` names, without a load."""
        found = [self.solve(np.zeros_like(T), T, start) for start in self.starts]
        return reduce(lambda best, other: best.lower(other), found)


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
