"""What the theory knows of an assembly of Hebbian networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from hebbian import Assembly
from theory.closure import Closure, closure, known_rule
from theory.lines import UNDER_LOAD, Curve, Line
from theory.one_pattern.branches import TOLERANCE, ReplicaSolution
from theory.one_pattern.diagram import diagram

from . import lines as of_layers
from .layers import Layers, components
from .states import BRANCHES, observed, settled

__all__ = ["AssemblyClosure", "AssemblySolution"]


@dataclass(frozen=True, kw_only=True, repr=False)
class AssemblySolution(ReplicaSolution):
    """Replica-symmetric order parameters of an assembly.

    m, n, q and the susceptibility are by layer, on a last axis of length L.
    """

    last_axis: ClassVar[str] = "layer"


class AssemblyClosure(Closure):
    """Replica-symmetric theory of an assembly, as of `theory.assembly.layers`.

    Parameters
    ----------
    parts : list of tuple
        Of `theory.assembly.layers.components`: sets of layers that do not see each other, each
        with equations of its own.
    share : numpy.ndarray
        Sizes of all layers.
    overlap : float
        n per unit of the overlap with normalised rows.
    """

    starts: ClassVar[tuple[str, ...]] = tuple(BRANCHES)
    has_load: ClassVar[bool] = True
    lines: ClassVar[tuple[Line, ...]] = UNDER_LOAD
    steps: ClassVar[int] = 0

    def __init__(
        self, parts: list[tuple[np.ndarray, Layers]], share: np.ndarray, overlap: float
    ) -> None:
        self.parts, self.share, self.overlap = parts, share, overlap

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Return retrieval, the glass, the paramagnet: the last two from a random start."""
        return self.starts[1:] if start == "random" else self.starts

    def solve(self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray) -> AssemblySolution:
        """Solve one branch; an array `start` has (n, q) of every layer on its last two axes.

        Retrieval is a state with an overlap in any layer.  Layers that do not see those with an
        overlap are in their glass or paramagnet.
        """
        shape = alpha.shape
        if not isinstance(start, str):
            alpha, T, start = self._broadcast(alpha, T, start)
            shape, start = alpha.shape, start.reshape(-1, len(self.share), 2)
        loads, heat = alpha.flatten(), T.flatten()
        return self._composed(loads, heat, start, shape)

    def _broadcast(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        last = (len(self.share), 2)
        if start.shape[-2:] != last:
            raise ValueError(
                f"start of shape {start.shape} has not (n, q) of {last[0]} layers on its last two "
                f"axes, {last}"
            )
        try:
            shape = np.broadcast_shapes(alpha.shape, start.shape[:-2])
        except ValueError:
            raise ValueError(
                f"start of shape {start.shape} does not broadcast with the grid of shape "
                f"{alpha.shape}"
            ) from None
        wide = np.broadcast_to(start, (*shape, *last))
        return np.broadcast_to(alpha, shape), np.broadcast_to(T, shape), wide

    def _composed(
        self, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray, shape: tuple[int, ...]
    ) -> AssemblySolution:
        size, n_layers = len(alpha), len(self.share)
        by_layer = np.zeros((4, size, n_layers))
        with np.errstate(divide="ignore"):
            by_layer[3] = (1 / T)[:, None]
        # Layers without any coupling are free.
        free = np.setdiff1d(np.arange(n_layers), np.concatenate([p for p, _ in self.parts]))
        totals = np.zeros((2, size))
        totals[0] -= T * math.log(2) * self.share[free].sum()
        fluctuation, residual = np.zeros(size), np.zeros(size)
        n_iter, known = np.zeros(size, np.int64), np.ones(size, bool)
        asked = np.zeros(size, bool)
        for places, layers in self.parts:
            if isinstance(start, str):
                y, steps = BRANCHES[start](layers, alpha, T)
            else:
                part = start[:, places]
                y, steps = settled(layers, alpha, T, part[..., 0] / self.overlap, part[..., 1])
            asked |= np.isfinite(y[:, 0])
            if len(self.parts) > 1 and isinstance(start, str):
                for other in self.starts[self.starts.index(start) + 1 :]:
                    lost = np.flatnonzero(np.isnan(y[:, 0]))
                    y[lost], steps[lost] = BRANCHES[other](layers, alpha[lost], T[lost])
            found = np.flatnonzero(np.isfinite(y[:, 0]))
            known &= np.isfinite(y[:, 0])
            of = observed(layers, T[found], y[found])
            by_layer[np.ix_(np.arange(4), found, places)] = np.stack(of[:4])
            totals[:, found] += np.stack([of.free_energy, of.energy])
            fluctuation[found] = np.maximum(fluctuation[found], of.fluctuation)
            residual[found] = np.maximum(residual[found], of.residual)
            n_iter = np.maximum(n_iter, steps)
        by_layer[1] *= self.overlap
        totals[1] = np.where(T == 0, totals[0], totals[1])
        with np.errstate(divide="ignore", invalid="ignore"):
            replicon = np.where(T > 0, 1 - fluctuation / T, -np.inf)
        replicon[alpha == 0] = 1.0
        converged = known & asked & (residual <= TOLERANCE)
        totals /= self.share.sum()
        names = ("m", "n", "q", "susceptibility")
        values = dict(zip(names, by_layer, strict=True))
        values |= {"free_energy": totals[0], "energy": totals[1]}
        values |= {"replicon": replicon, "residual": residual}
        for array in values.values():
            array[~converged] = np.nan
        return AssemblySolution(
            **{name: array.reshape(shape + array.shape[1:]) for name, array in values.items()},
            converged=converged.reshape(shape),
            n_iter=n_iter.reshape(shape),
        )

    def curves(self, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
        """Return the curves of `theory.one_pattern.diagram`."""
        self.infinite(n_spins)
        return diagram(self, n_points, rsb, n_spins)

    def _highest(self, line: Callable[[Layers], np.ndarray]) -> np.ndarray:
        """Return the largest value of a line over sets of layers that do not see each other."""
        return np.asarray(np.fmax.reduce([line(layers) for _, layers in self.parts]))

    def critical_load(self, T: np.ndarray, rsb: int = 0) -> np.ndarray:
        """Return the largest loads with an overlap in any layer."""
        loads = self._highest(lambda layers: of_layers.spinodal_loads(layers, T))
        return np.where(loads > 0, loads, np.nan)

    def spinodal_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return T_M; at alpha = 0 the largest eigenvalue of G with weights g."""
        return self._highest(partial(self._temperatures, of_layers.spinodal_loads, alpha))

    def transition_load(
        self, T: np.ndarray, rsb: int = 0, n_spins: int | None = None
    ) -> np.ndarray:
        """Return the load up to which retrieval has a lower free energy than the glass."""
        self.infinite(n_spins)
        loads = self._highest(lambda layers: of_layers.transition_loads(layers, T))
        return np.where(loads > 0, loads, np.nan)

    def transition_temperature(
        self, alpha: np.ndarray, rsb: int = 0, n_spins: int | None = None
    ) -> np.ndarray:
        """Return T_c."""
        self.infinite(n_spins)
        return self._highest(partial(self._temperatures, of_layers.transition_loads, alpha))

    @staticmethod
    def _temperatures(
        line: Callable[[Layers, np.ndarray], np.ndarray], alpha: np.ndarray, layers: Layers
    ) -> np.ndarray:
        if layers.top <= 0:
            return np.full(alpha.shape, np.nan)
        return of_layers.largest_temperatures(partial(line, layers), layers.top, alpha)

    def glass_temperature(self, alpha: np.ndarray, kind: str = "static") -> np.ndarray:
        """Return T_g, of the layers that freeze first; continuous, so of either kind."""
        return self._highest(lambda layers: of_layers.glass_temperatures(layers, alpha))

    def replicon_temperature(self, alpha: np.ndarray) -> np.ndarray:
        """Return the de Almeida-Thouless line."""

        def line(layers: Layers) -> np.ndarray:
            ends = self._temperatures(of_layers.spinodal_loads, alpha, layers)
            return of_layers.replicon_temperatures(layers, alpha, ends)

        return self._highest(line)


@closure.register
def _(model: Assembly, law: str = "binomial") -> AssemblyClosure:
    known_rule(model)
    parts = components(model, law)
    overlap = parts[0][1].field.law.mean
    return AssemblyClosure(parts, model.shares, overlap)
