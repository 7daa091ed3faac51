"""What a sweep is asked for, and the fingerprint that tells one study from another."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import msgspec

import hebbian
from hebbian import Model, domain
from hebbian.streams import canonical

from .grid import Grid
from .points import Points

__all__ = ["Settings", "Study", "Tables"]


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
        Name of a start state, or its overlap with the first pattern.
    seed : int
        Root seed.
    law : str
        Law of the example mean in the theory.
    simulate, theory : bool
        Which of the two to compute.
    """

    n_samples: int = 4
    n_replicas: int = 2
    warmup: int = 200
    sweeps: int = 1000
    stride: int = 5
    dynamics: str = "glauber"
    site_order: str = "sequential"
    cooling: float | str | None = None
    start: str | float = "pattern"
    seed: int = 0
    backend: str = "auto"
    form: str = "auto"
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
        if not (self.simulate or self.theory):
            raise ValueError("simulate and theory are both off: there is nothing to compute")
        return msgspec.convert(plain, Settings)


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
    """

    grid: Grid
    settings: Settings

    def describe(self) -> dict[str, Any]:
        """Return plain data from which `Study.build` makes the study again.

        Settings that earlier versions did not know are named where they are used.
        """
        settings = msgspec.to_builtins(self.settings)
        for name, unused in (("site_order", "sequential"), ("cooling", None), ("form", "auto")):
            if settings[name] == unused:
                del settings[name]
        return {
            "version": hebbian.__version__,
            "model": self.grid.model.describe(),
            "grid": self.grid.describe(),
            **settings,
        }

    @staticmethod
    def build(description: dict[str, Any]) -> Study:
        """Make a study from plain data: the inverse of `describe`."""
        model, values = Model.build(description["model"]), dict(description["grid"])
        columns = values.pop("points", None)
        grid = Grid(model, values) if columns is None else Points(model, columns, values)
        return Study(grid=grid, settings=_settings(description))

    @staticmethod
    def stored(description: dict[str, Any], n_patterns: int | None) -> Study:
        """Make a study as a store describes it, see `Grid.stored`."""
        kind = Points if "points" in description["grid"] else Grid
        grid = kind.stored(Model.build(description["model"]), description["grid"], n_patterns)
        return Study(grid=grid, settings=_settings(description))

    def fingerprint(self) -> str:
        """Return the hash of what determines the numbers.

        The order of axes and of their values is left out: no number depends on it.
        """
        text = json.dumps(_unordered(self.describe()), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def difference(self, stored: dict[str, Any]) -> str:
        """Say where this study differs from the description of a stored one, in one line."""
        ours, theirs = _entries(self.describe()), _entries(stored)
        return "; ".join(
            f"{name} is {_short(theirs.get(name))} there, {_short(ours.get(name))} here"
            for name in sorted({*ours, *theirs})
            if ours.get(name) != theirs.get(name)
        )


def _settings(description: dict[str, Any]) -> Settings:
    given = {k: v for k, v in description.items() if k not in ("version", "model", "grid")}
    return msgspec.convert(given, Settings)


def _entries(description: dict[str, Any]) -> dict[str, Any]:
    """Return every entry of a description under a name of its own."""
    entries = _unordered(description)
    tables = {table: entries.pop(table) for table in ("model", "grid")}
    return entries | {f"{t}.{name}": v for t, table in tables.items() for name, v in table.items()}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 60 else f"{text[:28]} ... {text[-28:]}"


def _unordered(description: dict[str, Any]) -> dict[str, Any]:
    grid = {
        name: sorted(values) if isinstance(values, list) else values
        for name, values in description["grid"].items()
    }
    return {**description, "grid": grid}
