"""How a study is computed: its settings, their form in files and their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from hebbian import Model, domain
from hebbian.documents import convert, decode
from hebbian.streams import canonical

from .results import RESULTS, TRAJECTORY, Result, of_observables

__all__ = ["RANGES", "Described", "Settings", "Tables"]

#: Ranges of the numbers among the settings.
RANGES = {
    "n_samples": "[1, 1000000]",
    "n_replicas": "[1, 1000000]",
    "warmup": "[0, 1000000000000]",
    "sweeps": "[0, 1000000000000]",
    "stride": "[1, 1000000000000]",
    "n_steps": "[1, 100000]",
    "seed": "[0, inf)",
}

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
    n_steps : int, optional
        Keep the trajectory of this many sweeps, or parallel steps, from the start on, in the
        place of means over time; then `warmup` is 0, `sweeps` this and `stride` 1, and nothing is
        cooled.
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
    n_steps: int | None = None
    law: str = "binomial"
    simulate: bool = True
    theory: bool = True

    def checked(self) -> Settings:
        """Return the settings as plain Python numbers.

        Raises
        ------
        ValueError
            If a type is wrong, a number outside its range or nothing asked for; words are the
            business of the simulation.
        """
        plain = {name: getattr(self, name) for name in self.__struct_fields__}
        for name, allowed in RANGES.items():
            if name != "n_steps" or self.n_steps is not None:
                plain[name] = domain.integer(name, plain[name], allowed)
        if not isinstance(self.start, str):
            plain["start"] = domain.real("start", self.start, "[0, 1]")
        domain.choice("law", self.law, ("binomial", "gaussian"))
        if self.cooling is not None:
            plain["cooling"] = _cooling(self.cooling)
        if self.n_steps is not None:
            plain |= _from_the_start(plain)
        if not (self.simulate or self.theory):
            raise ValueError("simulate and theory are both off: there is nothing to compute")
        found = convert(plain, Settings, "settings")
        return msgspec.structs.replace(found, observables=tuple(sorted({*found.observables})))

    @property
    def results(self) -> tuple[Result, ...]:
        """What is kept of every point."""
        known = RESULTS if self.n_steps is None else TRAJECTORY
        if not self.observables:
            return known
        from montecarlo.quantities import checked_observables

        return known + of_observables([*checked_observables(self.observables).values()], known)

    def lengths(
        self, components: Mapping[str, int], n_samples: int | None = None
    ) -> dict[str, int]:
        """Return the length of every axis that results have beyond those of the grid.

        Parameters
        ----------
        components : mapping
            `phase_diagrams.grid.Grid.components`.
        n_samples : int, optional
        """
        one = {"pattern": 1, "layer": 1, "sample": n_samples or self.n_samples}
        lengths = one | dict(components)
        return lengths if self.n_steps is None else lengths | {"t": self.n_steps + 1}

    def plain(self) -> dict[str, Any]:
        """Return plain data; `n_steps` is left out of a study of means over time."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        if self.n_steps is None:
            del found["n_steps"]
        return found

    def of_bits(self) -> dict[str, Any]:
        """Return the settings on which the bits of a simulated point depend.

        How it is computed is none of them, unless the dynamics is of magnetizations.
        """
        silent = {"form", "law", "simulate", "theory"}
        if self.dynamics not in _ROUNDED:
            silent.add("backend")
        return {n: x for n, x in self.plain().items() if n not in silent}


def _from_the_start(plain: dict[str, Any]) -> dict[str, Any]:
    """Return the schedule of a trajectory, which names no other.

    Raises
    ------
    ValueError
        For another.
    """
    schedule = {"warmup": 0, "sweeps": plain["n_steps"], "stride": 1, "cooling": None}
    usual = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    for name, value in schedule.items():
        if plain[name] not in (value, usual[name]):
            raise ValueError(
                f"{name} = {plain[name]!r} has no effect with n_steps = {plain['n_steps']}: every "
                "sweep from the start on is kept"
            )
    return schedule


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


class Described(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The form of `Study.describe`: the settings, all of them, and what they are of.

    Parameters
    ----------
    version : str
    model, grid : dict
        As for `Tables`.
    """

    version: str
    model: dict[str, Any]
    grid: dict[str, Any]

    @staticmethod
    def of(description: str | dict[str, Any]) -> tuple[Model, Described, Settings]:
        """Read a description, the JSON text of a header or plain data.

        Raises
        ------
        ValueError
            For whatever `Study.describe` never says.
        """
        if isinstance(description, str):
            given = decode(description, dict[str, Any], "study")
        else:
            given = convert(description, dict[str, Any], "study")
        found = convert(given, Described, "study")
        for name in Settings.__struct_fields__:
            if name not in given and name != "n_steps":
                raise ValueError(f"study: {name} is missing")
        settings = Settings(**{n: getattr(found, n) for n in Settings.__struct_fields__})
        return Model.build(found.model), found, settings.checked()
