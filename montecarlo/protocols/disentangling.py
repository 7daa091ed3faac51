r"""Disentangling: every layer of an assembly starts from one mixture, and ends on a part of it.

Two mixtures can be taken apart.

* Of patterns: layer A starts from :math:`\operatorname{sign} \sum_{\mu < n} \xi^{A\mu}`, its own
  words of n patterns, and each layer should end on another pattern (E. Agliari et al.,
  arXiv:2501.16789).  In a configuration with layer A on pattern :math:`\mu_A` the field of that
  layer is :math:`\sum_B G_{AB}\, g_B\, \xi^{A \mu_B}`: at rest where :math:`G_{AA}\, g_A` exceeds
  what the others give together, and lower in energy than all layers on one pattern where the
  others are negative.  Layers that are coupled to each other alone, as those of a
  `hebbian.BAM` or `hebbian.TAM`, have no such state.
* Of words: all layers, of one size, start from the same
  :math:`\operatorname{sign} \sum_A \xi^{A 0}`, which has an overlap of one half (three layers) with
  the word that each of them has stored.  Each layer should end on another word: its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked_with
from hebbian.result import Result
from hebbian.tables import Display, Shown
from montecarlo.destinations import late
from montecarlo.layers import check_layers, word_overlaps
from montecarlo.quantities import Observable, checked_observables
from montecarlo.run import Run
from montecarlo.simulate import simulate
from montecarlo.statistics.proportion import Proportion, proportion

__all__ = ["Disentanglement", "disentangle"]

MIXED = ("patterns", "words")
WORDS = Observable(name="word_overlaps", function=word_overlaps)


@dataclass(frozen=True, kw_only=True, repr=False)
class Disentanglement(Display, Result):
    """Where layers that started from one mixture have ended.

    Parameters
    ----------
    mixed : {"patterns", "words"}
    overlaps : numpy.ndarray
        Axes (T..., sample, replica, part, layer): overlap of every layer with every part of the
        mixture, over the second half of the chain.
    recalled : numpy.ndarray
        Axes (T..., sample, replica, layer), int64: the part on which a layer ended, with the
        largest absolute overlap, or -1 where none reaches `threshold`.
    success : Proportion
        Axes (T...): chains whose layers all ended on parts, no two of them on the same.
    together : Proportion
        Chains whose layers all ended on the same part.
    unsettled : Proportion
        Chains of which a layer ended on no part.
    threshold : float
    run : Run
    """

    axes: ClassVar[dict[str, str]] = {
        "overlaps": "... sample replica part layer", "recalled": "... sample replica layer",
        "success": "...", "together": "...", "unsettled": "...",
    }  # fmt: skip

    mixed: str
    overlaps: np.ndarray
    recalled: np.ndarray
    success: Proportion
    together: Proportion
    unsettled: Proportion
    threshold: float
    run: Run

    def _shown(self) -> Shown:
        kinds = {
            "no two layers alike": self.success,
            "all layers alike": self.together,
            "a layer on none": self.unsettled,
        }
        lines = [
            (
                name + (f" at T[{', '.join(map(str, index))}]" if index else ""),
                f"{found.mean[index]:.3f}",
                f"{found.low[index]:.3f} to {found.high[index]:.3f}",
            )
            for index in np.ndindex(self.success.mean.shape)
            for name, found in kinds.items()
        ]
        title = f"Layers from a mixture of {self.overlaps.shape[-2]} {self.mixed}"
        return Shown(title, ("chains with", "fraction", "95 %"), lines)


@checked_with(simulate)
def disentangle(
    model: Model,
    *,
    mixed: str = "patterns",
    n_mixed: int = 3,
    threshold: float = 0.7,
    **settings: Any,
) -> Disentanglement:
    """Start all layers of an assembly from one mixture, and see which part each ends on.

    Parameters
    ----------
    model : Model
        An `hebbian.Assembly` of two layers or more.
    mixed : {"patterns", "words"}
        The mixture: in each layer of its own words of the first `n_mixed` patterns; or of the
        words that all layers have of pattern 0, the same in every layer, which have one size.
    n_mixed : int
        Number of patterns, from the number of layers on; without effect on words.
    threshold : float
        Absolute overlap from which a layer has ended on a part, in [0, 1].
    **settings
        As for `montecarlo.simulate`, without `start` and `patterns`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, the model has one layer, or words are mixed of
        layers of several sizes.

    Examples
    --------
    Layers that hold patterns of their own and repel each other's:

    >>> import montecarlo
    >>> from hebbian import Assembly
    >>> G = [[1, -0.1, -0.1], [-0.1, 1, -0.1], [-0.1, -0.1, 1]]
    >>> found = montecarlo.disentangle(
    ...     Assembly(couplings=G), alpha=0.003, T=0.3, n_spins=3000, n_samples=4,
    ...     schedule=montecarlo.Schedule(warmup=200, sweeps=40), seed=1)
    >>> bool(found.success.mean > 0.7)
    True
    """
    check_layers(model)
    domain.choice("mixed", mixed, MIXED)
    L = model.n_layers
    n_mixed = L if mixed == "words" else domain.integer("n_mixed", n_mixed, f"[{L}, inf)")
    threshold = domain.real("threshold", threshold, "[0, 1]")
    for name in ("start", "patterns"):
        if name in settings:
            raise ValueError(f"{name} is not a choice here: the mixture is the start")
    if mixed == "words":
        own = checked_observables(settings.pop("observables", None), model)
        run = simulate(model, start="words", observables=[*own.values(), WORDS], **settings)
        series = run.series[WORDS.name]
    else:
        start = f"mixture:{n_mixed}"
        run = simulate(model, start=start, patterns=range(n_mixed), **settings)
        series = run.series["m"]
    overlaps = late(np.moveaxis(series, -1, -2))
    overlaps = overlaps.reshape(*overlaps.shape[:-1], n_mixed, L)
    largest = np.abs(overlaps).max(axis=-2)
    recalled = np.where(largest >= threshold, np.abs(overlaps).argmax(axis=-2), -1)
    ranked = np.sort(recalled, axis=-1)
    settled, steps = ranked[..., 0] >= 0, np.diff(ranked, axis=-1)
    kinds = [settled & (steps > 0).all(axis=-1), settled & (steps == 0).all(axis=-1), ~settled]
    measured = series.shape[-2] > 0
    success, together, unsettled = (
        proportion(kind if measured else kind[..., :0, :0]) for kind in kinds
    )
    return Disentanglement(
        mixed=mixed,
        overlaps=overlaps,
        recalled=recalled,
        success=success,
        together=together,
        unsettled=unsettled,
        threshold=threshold,
        run=run,
    )
