"""What a sweep is asked for, and the fingerprint that tells one study from another."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

import hebbian
from hebbian.cards import Card

from .grid import Grid
from .keys import coordinates, find, united
from .loads import warn
from .results import RESULTS, TRAJECTORY, Result, recorded, widths
from .settings import Described, Settings
from .times import law_of

__all__ = ["Study"]

#: Bytes of the results of a study: more are a slip of the pen.
MOST_BYTES = 1 << 40


@dataclass(frozen=True, kw_only=True)
class Study(Card):
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
        sorting = settings.simulate and settings.n_steps is None
        if sorting and anonymous(grid, settings.start):
            observables = {*settings.observables, "m_sorted", "n_sorted"}
            settings = msgspec.structs.replace(settings, observables=tuple(sorted(observables)))
        for name, value in model.describe().items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{name} = {value} is not finite: no study keeps it")
        if settings.n_steps is not None and settings.theory:
            law_of(grid, settings)
        study = Study(grid=grid, settings=settings)
        study.check_size()
        if settings.simulate:
            from montecarlo.dynamics import check_model

            for _, one in grid.models():
                check_model(one, settings.dynamics, settings.backend)
            warn(grid)
        return study

    @property
    def results(self) -> tuple[Result, ...]:
        """What is kept of every point."""
        if self.recorded is None:
            return self.settings.results
        return recorded(self.recorded, RESULTS if self.settings.n_steps is None else TRAJECTORY)

    def describe(self) -> dict[str, Any]:
        """Return plain data from which `Study.build` makes the study again."""
        return {
            "version": hebbian.__version__,
            "model": self.grid.model.describe(),
            "grid": self.grid.describe(),
            **self.settings.plain(),
        }

    def _title(self) -> str:
        return f"Study of {self.grid.model!r}"

    def _parameters(self) -> dict[str, Any]:
        return {**self.grid.describe(), **self.settings.plain()}

    @staticmethod
    def build(description: str | dict[str, Any]) -> Study:
        """Make a study from plain data or their JSON text: the inverse of `describe`."""
        model, found, settings = Described.of(description)
        return Study(grid=Grid(model, found.grid), settings=settings)

    @staticmethod
    def stored(
        description: str | dict[str, Any],
        n_patterns: int | None,
        recorded: Mapping[str, Sequence[str]] | None = None,
    ) -> Study:
        """Make a study as a store describes it, in plain data or their JSON text.

        Raises
        ------
        ValueError
            For what no store holds; see `Grid.stored`.
        """
        model, found, settings = Described.of(description)
        grid = Grid.stored(model, found.grid, n_patterns)
        if not grid.values("T"):
            raise ValueError("study: its grid has no T")
        study = Study(grid=grid, settings=settings, recorded=recorded)
        if recorded is not None:
            study.check_size()
        return study

    def slots(self, grid: Grid | None = None) -> dict[str, int]:
        """Return the results of a point and how many numbers each takes, here or on `grid`."""
        return widths(self.results, self.settings.lengths((grid or self.grid).components))

    @property
    def row_bytes(self) -> int:
        """Bytes of the results of a point, its status and checksum included."""
        return 8 * (sum(self.slots().values()) + 2)

    def check_size(self) -> None:
        """Refuse results that no machine holds, before anything of their size is made.

        Raises
        ------
        ValueError
            Naming their size.
        """
        n_bytes = self.grid.size * self.row_bytes
        if n_bytes > MOST_BYTES:
            raise ValueError(
                f"results of {self.grid.size} points = {n_bytes / 2**30:.3g} GiB is outside the "
                f"allowed range [0, {MOST_BYTES / 2**30:.0f} GiB]: reduce the grid, n_samples, "
                "n_patterns or n_steps"
            )

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

    def difference(self, stored: str | dict[str, Any]) -> str:
        """Say where the identity of a stored study is another, in one line."""
        ours, (_, found, _) = self.identity(), Described.of(stored)
        theirs = Study.stored(stored, None).identity() | {"version": found.version}
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
        if settings.n_steps is not None and settings.theory:
            law_of(grid, settings)
        return Study(grid=grid, settings=settings, recorded=self.recorded)


def anonymous(grid: Grid, start: str | float) -> bool:
    """Return whether a start leaves the patterns of some point of the grid without names."""
    if grid.n_patterns is None:
        return False
    from montecarlo.state import names_patterns

    starts = grid.values("start") or (start,)
    return not all(names_patterns(grid.model, one, grid.n_patterns) for one in starts)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 60 else f"{text[:28]} ... {text[-28:]}"
