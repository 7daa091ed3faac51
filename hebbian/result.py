"""What a computation returns: its numbers, what they were computed from, and the ways out."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from . import labels, saved
from .labels import Variable
from .model import Model
from .rules import Rule

if TYPE_CHECKING:
    from xarray import Dataset, DataTree

__all__ = ["Result", "Variable", "plain"]


class Result:
    """Numbers with what they were computed from: base of all results.

    Attributes
    ----------
    settings : dict
        What was asked for: the arguments of the call, of runs also sizes and version.  Each of
        them is an attribute, too, unless the result has another of that name; ``model`` is the
        model itself.

    Examples
    --------
    >>> import theory
    >>> from hebbian import Hopfield
    >>> solution = theory.solve(Hopfield(), alpha=[0.02, 0.05], T=0.3)
    >>> solution.alpha, solution.T, solution.model
    (array([0.02, 0.05]), 0.3, Hopfield(rule=Storing()))
    >>> solution.to_dataset()["m"].sel(alpha=0.05).round(4).item()
    0.9912
    """

    #: Axes of what `to_dataset` holds, names separated by blanks; "..." are those of the grid.
    axes: ClassVar[Mapping[str, str]] = {}
    #: Without that: the axis that some of the numbers have beyond the grid.
    last_axis: ClassVar[str] = "pattern"

    if TYPE_CHECKING:  # found by __getattr__ where a class has no field of the name
        settings: Mapping[str, Any]
        model: Model
        alpha: Any
        T: Any
    else:

        def __getattr__(self, name: str) -> Any:
            if name == "settings":
                return getattr(vars(self)["run"], name) if "run" in vars(self) else {}
            if name.startswith("__") or name not in self.settings:
                raise AttributeError(f"{type(self).__name__} has no {name!r}")
            value = self.settings[name]
            if name == "model":
                return Model.build(dict(value))
            return plain(value) if isinstance(value, list) else value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.settings})

    def record(self, function: str, arguments: Mapping[str, Any]) -> None:
        """Keep what was asked for, unless the result has settings of its own."""
        if "settings" not in getattr(self, "__dataclass_fields__", {}):
            kept = {k: plain(v) for k, v in arguments.items() if v is not None}
            object.__setattr__(self, "settings", {"function": function, **kept})

    def to_dataset(self) -> Dataset:
        """Return the numbers with named axes, coordinates and units.

        Returns
        -------
        xarray.Dataset
            Its attributes say what was computed, with which settings, and by which version
            and commit.

        Raises
        ------
        ModuleNotFoundError
            Without xarray.
        """
        return labels.dataset(self)

    def to_datatree(self) -> DataTree:
        """Return `to_dataset`, and in groups what else there is: raw series, configurations.

        Returns
        -------
        xarray.DataTree
        """
        return labels.tree(self)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write everything to a file that `load`, and xarray, read.

        Parameters
        ----------
        path : path
            Ends in ``.nc`` (netCDF) or ``.zarr``.  Appears whole or not at all.
        overwrite : bool
            Whether it may replace what is there.

        Raises
        ------
        ValueError
            For another suffix, a path that exists, or a result that holds what only this
            process has.

        Examples
        --------
        >>> import tempfile, theory
        >>> from hebbian import Hopfield
        >>> solution = theory.solve(Hopfield(), alpha=0.05, T=[0.1, 0.5])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     solution.save(f"{folder}/solution.nc")
        ...     again = theory.Solution.load(f"{folder}/solution.nc")
        >>> bool((again.m == solution.m).all()), again.alpha
        (True, 0.05)
        """
        saved.write(self, path, overwrite=overwrite)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote, bit for bit.

        Functions of yours in it, observables say, are imported by their names: load files of
        people you would run a program of.

        Raises
        ------
        ValueError
            If it is no saved result, or one of another kind.
        """
        found = saved.read(path)
        if not isinstance(found, cls):
            kind = type(found).__name__
            raise ValueError(f"{os.fspath(path)} holds a {kind}, not a {cls.__name__}")
        return found

    def plot(self, kind: str | None = None, *, ax: Any = None, **style: Any) -> Any:
        """Draw it (`phase_diagrams.figures`).

        Parameters
        ----------
        kind : str, optional
            Which picture, of those that there are of such a result; default: the first.
        ax : matplotlib.axes.Axes, optional
        **style
            Passed on to matplotlib.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ValueError
            If there is no such picture of it.
        """
        # Nothing below the room of figures imports it: it is looked for by its name.
        figures = import_module("phase_diagrams.figures")
        return figures.plot_result(self, ax, kind=kind, **style)

    def fields(self) -> dict[str, Any]:
        """Return the numbers by name, without the settings of the call."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    def grid(self) -> tuple[tuple[str, ...], dict[str, Variable]]:
        """Return the names of the axes that "..." stands for, and coordinates."""
        return labels.grid_of(self.settings)

    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Yield what `to_dataset` holds."""
        named = self.axes or dict.fromkeys(self.fields(), f"... {self.last_axis}")
        for name, axes in named.items():
            value = getattr(self, name)
            if value is None:
                continue
            if hasattr(value, "parts") or np.asarray(value).dtype.kind in "biufU":
                yield from parts(name, value, tuple(axes.split()))

    def groups(self) -> dict[str, dict[str, Variable]]:
        """Return what `to_datatree` holds beyond that."""
        return {}


def parts(name: str, value: Any, dims: tuple[str, ...]) -> Iterator[tuple[str, Variable]]:
    """Yield a number, or what a number with an error or an interval is made of."""
    made = value.parts() if hasattr(value, "parts") else {"": value}
    for suffix, values in made.items():
        yield name + suffix, Variable(dims, values)


def plain(value: Any) -> Any:
    """Return an argument of a call as data: what has a description by that, else by its words."""
    if isinstance(value, Model):
        return value.describe()
    if isinstance(value, Rule):
        return repr(value)
    if value is None or isinstance(value, str | bool | int | float | np.ndarray):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "dims") and hasattr(value, "values"):
        return np.asarray(value.values)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | range):
        try:
            numbers = np.asarray(value)
        except ValueError:
            return [plain(v) for v in value]
        return numbers if numbers.dtype.kind in "iufb" else [plain(v) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return repr(value)
