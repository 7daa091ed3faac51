"""The door for one's own models: `check_model`.

What is checked with numpy alone stands in `hebbian.promises`; the rooms above add theirs
(`montecarlo.testing`: the sampled distribution against exact enumeration).
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .calling import checked
from .datasets import Dataset
from .model import Model
from .promises import CHECKS, Subject

__all__ = ["Report", "check_model"]

#: Modules of the rooms above with a tuple ``CHECKS`` of their own.  They are loaded by name:
#: imports run downwards, hebbian is whole without them, and a model has one door.
ROOMS = ("montecarlo.testing",)


#: Spins of a network of a size of its own.
MOST_SPINS = 12


@dataclass(frozen=True)
class Report:
    """What was checked.

    Parameters
    ----------
    model : Model
    found : dict of str
        What every check found, by its name.
    absent : tuple of str
        Rooms that are not installed, whose checks were not made.
    """

    model: Model
    found: dict[str, str]
    absent: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.model!r} keeps what is promised of a model"]
        lines += [f"  {name.replace('_', ' '):22s} {said}" for name, said in self.found.items()]
        return "\n".join([*lines, *(f"  {room} is not installed" for room in self.absent)])

    __repr__ = __str__


@checked
def check_model(
    model: Model,
    *,
    energy: Callable[[Dataset, np.ndarray], float] | None = None,
    seed: int = 0,
) -> Report:
    """Check what every model promises, for one's own.

    With `montecarlo` installed, every dynamics, order of the sites and kernel of the CPU is
    checked against exact enumeration too; this takes seconds.

    Parameters
    ----------
    model : Model
        With few patterns and examples: networks of some ten spins are enumerated.
    energy : callable, optional
        The Hamiltonian as it is written, (data, spins) -> H, of a `Dataset` and a
        configuration of shape (n_spins,): without it a wrong factor goes unnoticed.
    seed : int
        Root seed of all that is drawn, at least 0.

    Returns
    -------
    Report

    Raises
    ------
    AssertionError
        Naming the check that failed, and the numbers.
    ValueError
        If `model` is not an instance of a `Model`, or has more spins than can be enumerated.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> def energy(data, spins):
    ...     m = data.archetypes @ spins / data.n_spins
    ...     return -data.n_spins / 2 * (m @ m) + data.n_patterns / 2
    >>> report = check_model(Hopfield(), energy=energy)
    >>> report.found["rows"]
    '4 rows of signs, 560 bytes'
    """
    if not isinstance(model, Model):
        raise ValueError(f"model = {model!r} is not an instance of hebbian.Model")
    if model.size is not None and model.size > MOST_SPINS:
        raise ValueError(
            f"model = {model!r} has {model.size} spins, more than the {MOST_SPINS} that are "
            "enumerated"
        )
    subject = Subject(model=model, energy=energy, seed=seed)
    checks, absent = list(CHECKS), []
    for name in ROOMS:
        room = name.split(".")[0]
        if importlib.util.find_spec(room) is None:
            absent.append(room)
        else:
            checks += importlib.import_module(name).CHECKS
    found = {}
    for check in checks:
        try:
            found[check.__name__] = check(subject)
        except Exception as error:
            reason = error if isinstance(error, AssertionError) else repr(error)
            raise AssertionError(f"{check.__name__} of {model!r}: {reason}") from error
    return Report(model, found, tuple(absent))
