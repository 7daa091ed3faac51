"""Recall from a cue: one layer of an assembly is shown a pattern, and the others complete it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked_with
from hebbian.result import Result
from hebbian.tables import Display, Shown
from montecarlo.destinations import late
from montecarlo.layers import check_layers
from montecarlo.run import Run
from montecarlo.simulate import simulate
from montecarlo.statistics.estimators import over_samples
from montecarlo.statistics.proportion import Proportion, proportion

__all__ = ["Recall", "recall"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Recall(Display, Result):
    """What every layer ends with.

    Parameters
    ----------
    layer : int
        The one that was shown archetype 0.
    cue : float
        Its overlap at the start.
    final, error : numpy.ndarray
        Axes (T..., layer): overlap over the second half of the chains, averaged over replicas and
        samples, and its standard error over samples.
    overlaps : numpy.ndarray
        Axes (T..., sample, replica, layer): of every chain.
    worst : numpy.ndarray
        Axes (T..., sample, replica): the smallest overlap of a layer.
    success : Proportion
        Axes (T...): chains whose worst layer reaches `threshold`.
    threshold : float
    run : Run
    """

    axes: ClassVar[dict[str, str]] = {
        "final": "... layer", "error": "... layer", "overlaps": "... sample replica layer",
        "worst": "... sample replica", "success": "...",
    }  # fmt: skip

    layer: int
    cue: float
    final: np.ndarray
    error: np.ndarray
    overlaps: np.ndarray
    worst: np.ndarray
    success: Proportion
    threshold: float
    run: Run

    def _shown(self) -> Shown:
        success, lines = self.success, []
        for index in np.ndindex(success.mean.shape):
            at = f"T[{', '.join(map(str, index))}]" if index else "all layers"
            interval = f"{success.low[index]:.3f} to {success.high[index]:.3f}"
            lines.append((at, f"{success.mean[index]:.3f}", interval))
            pairs = zip(self.final[index], self.error[index], strict=True)
            lines += [
                (f"  m of layer {A}", f"{m:.4f}", f"+- {e:.4f}") for A, (m, e) in enumerate(pairs)
            ]
        title = f"Recall from an overlap of {self.cue:g} in layer {self.layer}"
        return Shown(title, ("", "success", "95 %"), lines)


@checked_with(simulate)
def recall(
    model: Model, *, cue: float = 1.0, layer: int = 0, threshold: float = 0.7, **settings: Any
) -> Recall:
    """Show one layer of an assembly its word of archetype 0, and see what the others recall.

    Every other layer reads the cue once: it starts from the sign of the field that it has from
    there, at random where it has none.  From spins at random the cue would be gone before it is
    read, where its layer is visited first.

    Parameters
    ----------
    model : Model
        An `hebbian.Assembly` of two layers or more.
    cue : float
        Overlap with archetype 0 that `layer` starts from, in [0, 1].
    layer : int
    threshold : float
        Overlap that counts as recall, in [0, 1].
    **settings
        As for `montecarlo.simulate`, without `start` and `patterns`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has one layer.

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import BAM
    >>> found = montecarlo.recall(BAM(), cue=0.8, alpha=0.05, T=0.2, n_spins=600, n_samples=2,
    ...                           dynamics="layers")
    >>> float(found.success.mean), found.final.shape
    (1.0, (2,))
    """
    check_layers(model)
    layer = domain.integer("layer", layer, f"[0, {model.n_layers - 1}]")
    cue, threshold = (
        domain.real(name, value, "[0, 1]")
        for name, value in (("cue", cue), ("threshold", threshold))
    )
    for name in ("start", "patterns"):
        if name in settings:
            raise ValueError(f"{name} is not a choice here: the cue is the start")
    run = simulate(model, start=f"cue:{layer}:{cue:.12g}", **settings)
    overlaps = late(np.moveaxis(run.series["m"], -1, -2))
    final, error = over_samples(np.moveaxis(overlaps.mean(axis=-2), -1, -2))
    worst = overlaps.min(axis=-1)
    measured = run.series["m"].shape[-2] > 0
    return Recall(
        layer=layer,
        cue=cue,
        final=final,
        error=error,
        overlaps=overlaps,
        worst=worst,
        success=proportion(worst >= threshold if measured else worst[..., :0, :0] > 0),
        threshold=threshold,
        run=run,
    )
