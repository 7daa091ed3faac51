r"""Basin of attraction: the final overlap as a function of the initial one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked_with
from hebbian.result import Result, Variable
from hebbian.tables import Display, Shown
from montecarlo.engine.checkpoint import Place, checkpointed
from montecarlo.run import Run
from montecarlo.simulate import simulate
from montecarlo.statistics.estimators import over_samples
from montecarlo.statistics.proportion import Proportion, proportion

__all__ = ["Basin", "basin", "critical_overlap"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Basin(Display, Result):
    """Final against initial overlap.

    Parameters
    ----------
    overlaps : numpy.ndarray
        Shape (n_overlaps,): initial overlaps, ascending.
    final, error : numpy.ndarray
        Shape (n_overlaps, T...): m over the second half of the chains, averaged over
        replicas and samples, and its standard error over samples.
    success : Proportion
        Axes (n_overlaps, T...): chains whose final overlap reaches `threshold`.
    critical : numpy.ndarray
        Axes (T...): initial overlap from which half of the chains retrieve; NaN where the
        overlaps do not enclose it.
    critical_error : numpy.ndarray
        Axes (T...): from the scatter over samples and the spacing of the overlaps.
    threshold : float
    runs : tuple of Run
        One for each initial overlap.
    """

    axes: ClassVar[dict[str, str]] = {
        "final": "start ...", "error": "start ...", "success": "start ...", "critical": "...",
        "critical_error": "...",
    }  # fmt: skip

    overlaps: np.ndarray
    final: np.ndarray
    error: np.ndarray
    success: Proportion
    critical: np.ndarray
    critical_error: np.ndarray
    threshold: float
    runs: tuple[Run, ...]

    def grid(self) -> tuple[tuple[str, ...], dict[str, Variable]]:
        """Return the axes of temperatures, and the initial overlaps."""
        dims, coordinates = super().grid()
        return dims, coordinates | {"start": Variable(("start",), self.overlaps)}

    def _shown(self) -> Shown:
        success = self.success
        lines = [
            (
                f"{self.overlaps[index[0]]:.4g}"
                + (f" at T[{', '.join(map(str, index[1:]))}]" if index[1:] else ""),
                f"{self.final[index]:.4f} +- {self.error[index]:.4f}",
                f"{success.mean[index]:.3f}",
                f"{success.low[index]:.3f} to {success.high[index]:.3f}",
            )
            for index in np.ndindex(self.final.shape)
        ]

        pairs = zip(self.critical.flat, self.critical_error.flat, strict=True)
        critical = "critical overlap: " + ", ".join(f"{m:.3f} +- {e:.3f}" for m, e in pairs)
        return Shown("Basin", ("initial", "final", "success", "95 %"), lines, (critical,))


@checked_with(simulate)
def basin(
    model: Model,
    *,
    overlaps: Any,
    threshold: float = 0.7,
    checkpoint: Place = None,
    checkpoint_every: float = 10.0,
    **settings: Any,
) -> Basin:
    r"""Measure the basin of attraction of archetype 0.

    Chains start at every overlap on the same disorder samples, with the same noise and with
    nested sets of reversed spins, so that the curve is smooth in the initial overlap.

    Parameters
    ----------
    model : Model
    overlaps : array_like
        Initial overlaps in [0, 1], at least one, no two equal.
    threshold : float
        Final overlap that counts as retrieval, in [0, 1].
    checkpoint, checkpoint_every
        As in `simulate`; one file keeps the chains of all overlaps.
    **settings
        As for `montecarlo.simulate`, without `start` and `patterns`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the checkpoint is of no use (`simulate`).

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import Hopfield
    >>> found = montecarlo.basin(
    ...     Hopfield(), overlaps=[0.02, 0.9], alpha=0.05, T=0.0, n_spins=400, seed=1,
    ...     schedule=montecarlo.Schedule(warmup=0, sweeps=40, stride=2),
    ... )
    >>> found.success.mean
    array([0., 1.])
    """
    initial = np.sort(domain.real_array("overlaps", overlaps, "[0, 1]").ravel())
    if initial.size == 0 or (np.diff(initial) == 0).any():
        raise ValueError(f"overlaps = {overlaps!r} is empty or names an overlap twice")
    threshold = domain.real("threshold", threshold, "[0, 1]")
    for name in ("start", "patterns"):
        if name in settings:
            raise ValueError(f"{name} is not a choice here: the overlaps are the starts")
    asked = {"run": "basin", "overlaps": initial.tolist()}
    with checkpointed(checkpoint, checkpoint_every, asked) as file:
        runs = tuple(
            simulate(model, start=float(m0), checkpoint=file, **settings) for m0 in initial
        )
    late = np.stack([run.late_m for run in runs])
    final, error = over_samples(late.mean(axis=-1))
    happened = late >= threshold
    if np.isnan(late).all():
        happened = happened[..., :0, :0]
    fractions = happened.sum(axis=-1) / max(1, happened.shape[-1])
    critical, critical_error = critical_overlap(initial, fractions)
    return Basin(
        overlaps=initial,
        final=final,
        error=error,
        success=proportion(happened),
        critical=critical,
        critical_error=critical_error,
        threshold=threshold,
        runs=runs,
    )


def critical_overlap(overlaps: np.ndarray, success: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Initial overlap at which the success probability crosses one half.

    The fractions are made monotone (pool adjacent violators, the least-squares increasing
    curve) and interpolated.  The error adds the jackknife's over samples and that of a
    uniform position between the two overlaps around the crossing, spacing/sqrt(12).

    Parameters
    ----------
    overlaps : numpy.ndarray
        Shape (n_overlaps,), ascending.
    success : numpy.ndarray
        Shape (n_overlaps, ..., n_samples): fraction of the replicas.

    Returns
    -------
    value, error : numpy.ndarray
        Shape (...); NaN where success does not go from below to above one half.

    Examples
    --------
    >>> critical_overlap(np.array([0.1, 0.3, 0.5]), np.array([[0.0], [0.25], [0.75]]))[0]
    array(0.4)
    """
    shape, n_samples = success.shape[1:-1], success.shape[-1]
    value, error = np.full(shape, np.nan), np.full(shape, np.nan)
    for index in np.ndindex(shape):
        fractions = success[(slice(None), *index)]
        crossing, spacing = (
            _crossing(overlaps, fractions.mean(axis=-1)) if n_samples else (np.nan,) * 2
        )
        value[index] = crossing
        scatter = 0.0
        if n_samples > 1:
            total = fractions.sum(axis=-1)
            without = [
                _crossing(overlaps, (total - one) / (n_samples - 1))[0] for one in fractions.T
            ]
            scatter = np.sqrt((n_samples - 1) * np.var(without))
        error[index] = np.hypot(scatter, spacing / np.sqrt(12))
    return value, error


def _crossing(overlaps: np.ndarray, fractions: np.ndarray) -> tuple[float, float]:
    """Return the crossing of one half and the spacing of the overlaps around it."""
    from scipy.optimize import isotonic_regression

    curve = isotonic_regression(fractions).x
    if not curve[0] < 0.5 <= curve[-1]:
        return np.nan, np.nan
    after = int(np.argmax(curve >= 0.5))
    (x0, x1), (y0, y1) = overlaps[after - 1 : after + 1], curve[after - 1 : after + 1]
    return float(x0 + (0.5 - y0) / (y1 - y0) * (x1 - x0)), float(x1 - x0)
