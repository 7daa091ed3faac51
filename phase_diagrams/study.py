"""What a sweep is asked for, and the fingerprint that tells one study from another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

import hebbian
from hebbian import Model, domain
from hebbian.streams import canonical

from .grid import Grid
from .keys import coordinates, find, united
from .loads import warn
from .results import RESULTS, Result, lengths, of_observables, recorded

__all__ = ["Settings", "Study", "Tables"]

#: Dynamics of magnetizations: backends agree up to rounding, not bit for bit.
_ROUNDED = ("plefka", "mean-field")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How every point is simulated and predicted; see `montecarlo.simulate`.

    Parameters
    ----------
    n_samples, n_replicas : int
        Disorder samples, and runs on each of them.
    warmup, sweeps, stride : int
        The `montecarlo.Schedule`, in sweeps.
    dynamics, site_order, backend, form : str
        Names known to `montecarlo.simulate`.
    cooling : float, str or None
        First temperature of the warm-up, ``2.0`` or ``"2.0:geometric"``; see
        `montecarlo.Cooling`.
    start : str or float
        Name of a start state, or its overlap with the first pattern; ``"auto"`` is that of
        the model (`hebbian.Model.natural_start`).
    seed : int
        Root seed.
    observables : tuple of str
        What is measured beyond m, n, q and energy: names known to `montecarlo.simulate`.
    law : str
        Law of the example mean in the theory.
    simulate, theory : bool
        Which of the two to compute.
    """

    n_samples: int = 8
    n_replicas: int = 2
    warmup: int = 200
    sweeps: int = 1000
    stride: int = 5
    dynamics: str = "glauber"
    site_order: str = "sequential"
    cooling: float | str | None = None
    start: str | float = "auto"
    seed: int = 0
    backend: str = "auto"
    form: str = "auto"
    observables: tuple[str, ...] = ()
    law: str = "binomial"
    simulate: bool = True
    theory: bool = True

    def checked(self) -> Settings:
        """Return the settings as plain Python numbers.

        Raises
        ------
        ValueError
            If a type is wrong or nothing is asked for; ranges are the business of the
            simulation and the theory.
        """
        plain = {name: getattr(self, name) for name in self.__struct_fields__}
        for name in ("n_samples", "n_replicas", "warmup", "sweeps", "stride", "seed"):
            plain[name] = domain.integer(name, plain[name], "[0, inf)")
        if not isinstance(self.start, str):
            plain["start"] = domain.real("start", self.start, "[0, 1]")
        domain.choice("law", self.law, ("binomial", "gaussian"))
        if self.cooling is not None:
            plain["cooling"] = _cooling(self.cooling)
        plain["observables"] = sorted(set(self.observables))
        _ = self.results
        if not (self.simulate or self.theory):
            raise ValueError("simulate and theory are both off: there is nothing to compute")
        return msgspec.convert(plain, Settings)

    @property
    def results(self) -> tuple[Result, ...]:
        """What is kept of every point."""
        if not self.observables:
            return RESULTS
        from montecarlo.quantities import checked_observables

        return RESULTS + of_observables([*checked_observables(self.observables).values()])

    def of_bits(self) -> dict[str, Any]:
        """Return the settings on which the bits of a simulated point depend.

        How it is computed is none of them, unless the dynamics is of magnetizations.
        """
        silent = {"form", "law", "simulate", "theory"}
        if self.dynamics not in _ROUNDED:
            silent.add("backend")
        return {n: x for n, x in msgspec.to_builtins(self).items() if n not in silent}


def _cooling(given: Any) -> str:
    """Return the one spelling of a cooling: its first temperature, a colon and its path."""
    text, _, path = given.partition(":") if isinstance(given, str) else (given, "", "")
    try:
        start = float(text)
    except (TypeError, ValueError):
        raise ValueError(f"cooling = {given!r} is not T or T:path, as in 2.0:geometric") from None
    start = domain.real("cooling", start, "[0, inf)")
    path = domain.choice("cooling path", path or "linear", ("linear", "geometric"))
    return f"{canonical(start)}:{path}"


class Tables(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The form of a study file: three tables.

    Parameters
    ----------
    model : dict
        As for `hebbian.Model.build`.
    grid : dict
        Control parameters: numbers, lists, or ranges ``lo:hi:n``.
    settings : Settings
    """

    model: dict[str, Any]
    grid: dict[str, Any]
    settings: Settings = Settings()


@dataclass(frozen=True, kw_only=True)
class Study:
    """A grid of points and the settings they share.

    Parameters
    ----------
    grid : Grid
    settings : Settings
    recorded : mapping, optional
        What a store says of its observables (`phase_diagrams.results.recorded`): whoever reads
        it does without their definitions.
    """

    grid: Grid
    settings: Settings
    recorded: Mapping[str, Sequence[str]] | None = None

    @staticmethod
    def asked(grid: Grid, settings: Settings) -> Study:
        """Make the study that a user asks for.

        The start is that of the model where none is named.  Where it leaves to chance which of
        several patterns are retrieved and with which signs, their overlaps are kept in the
        order of their size, too: it is these that the theory predicts.  Loads that are one
        network are named in a warning (`phase_diagrams.loads`).
        """
        settings, model = settings.checked(), grid.model
        if settings.start == "auto":
            settings = msgspec.structs.replace(settings, start=model.natural_start)
        if settings.simulate and anonymous(grid, settings.start):
            observables = {*settings.observables, "m_sorted", "n_sorted"}
            settings = msgspec.structs.replace(settings, observables=tuple(sorted(observables)))
        if settings.simulate:
            warn(grid)
        return Study(grid=grid, settings=settings)

    @property
    def results(self) -> tuple[Result, ...]:
        """What is kept of every point."""
        return self.settings.results if self.recorded is None else recorded(self.recorded)

    def describe(self) -> dict[str, Any]:
        """Return plain data from which `Study.build` makes the study again."""
        return {
            "version": hebbian.__version__,
            "model": self.grid.model.describe(),
            "grid": self.grid.describe(),
            **msgspec.to_builtins(self.settings),
        }

    @staticmethod
    def build(description: dict[str, Any]) -> Study:
        """Make a study from plain data: the inverse of `describe`."""
        grid = Grid(Model.build(description["model"]), description["grid"])
        return Study(grid=grid, settings=_settings(description))

    @staticmethod
    def stored(
        description: dict[str, Any],
        n_patterns: int | None,
        recorded: Mapping[str, Sequence[str]] | None = None,
    ) -> Study:
        """Make a study as a store describes it, see `Grid.stored`."""
        model = Model.build(description["model"])
        grid = Grid.stored(model, description["grid"], n_patterns)
        return Study(grid=grid, settings=_settings(description), recorded=recorded)

    def slots(self, grid: Grid | None = None) -> dict[str, int]:
        """Return the results of a point and how many numbers each takes, here or on `grid`."""
        n_patterns = (grid or self.grid).n_patterns
        return lengths(self.results, n_patterns, self.settings.n_samples)

    def identity(self) -> dict[str, Any]:
        """Return what the bits of a point depend on beyond its coordinates.

        The version, the kind of model (its numerical parameters are coordinates), and the
        settings that change bits.
        """
        here = coordinates(self.grid)
        kind = {f"model.{n}": x for n, x in self.grid.model.describe().items() if n not in here}
        return {"version": hebbian.__version__, **kind, **self.settings.of_bits()}

    def fingerprint(self) -> str:
        """Return the hash of the identity: studies that share it share their points."""
        text = json.dumps(self.identity(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def difference(self, stored: dict[str, Any]) -> str:
        """Say where the identity of a stored study is another, in one line."""
        ours = self.identity()
        theirs = Study.stored(stored, None).identity() | {"version": stored["version"]}
        return "; ".join(
            f"{name} is {_short(theirs.get(name))} there, {_short(ours.get(name))} here"
            for name in sorted({*ours, *theirs})
            if ours.get(name) != theirs.get(name)
        )

    def united(self, asked: Study) -> Study:
        """Return this study with all that another of the same fingerprint asks for.

        Raises
        ------
        ValueError
            If the points of both grids are no rectangle.
        """
        grid = united(self.grid, asked.grid)
        covered = np.zeros(grid.size, bool)
        for part in (self.grid, asked.grid):
            covered[find(grid, part)] = True
        if not covered.all():
            raise ValueError(
                f"grid: with the points that are there it is no rectangle ({grid.size} points "
                f"would be, {covered.sum()} are named): name all, or choose another path"
            )
        settings = msgspec.structs.replace(
            asked.settings,
            law=(asked if asked.settings.theory else self).settings.law,
            simulate=self.settings.simulate or asked.settings.simulate,
            theory=self.settings.theory or asked.settings.theory,
        )
        return Study(grid=grid, settings=settings, recorded=self.recorded)


def anonymous(grid: Grid, start: str | float) -> bool:
    """Return whether a start leaves the patterns of some point of the grid without names."""
    if grid.n_patterns is None:
        return False
    from montecarlo.state import names_patterns

    starts = grid.values("start") or (start,)
    return not all(names_patterns(grid.model, one, grid.n_patterns) for one in starts)


def _settings(description: dict[str, Any]) -> Settings:
    given = {k: v for k, v in description.items() if k not in ("version", "model", "grid")}
    return msgspec.convert(given, Settings)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 60 else f"{text[:28]} ... {text[-28:]}"
