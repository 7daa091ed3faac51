r"""Equilibrium seen from two sides: chains from a pattern and from a random state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked_with
from hebbian.result import Result, Variable
from hebbian.tables import Display, Shown, labelled
from montecarlo.engine.checkpoint import Place, checkpointed
from montecarlo.run import Run
from montecarlo.simulate import simulate
from montecarlo.statistics.convergence import blocking, split_rhat
from montecarlo.statistics.estimators import estimate, in_units

__all__ = ["Equilibration", "deviate", "equilibrated", "normal_deviate"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Equilibration(Display, Result):
    """Agreement of the two starts.

    Parameters
    ----------
    z : dict of str to numpy.ndarray
        ``energy`` and ``m2``, the square of m: their differences, pattern minus random, in
        units of their errors, axes (T...).
    rhat : numpy.ndarray
        Axes (T...): the largest split R-hat of the energy over samples, all chains of both
        starts together.
    short : numpy.ndarray of bool
        Axes (T...): whether chains are too short for an opinion.
    agree : numpy.ndarray of bool
        Axes (T...): whether every abs(z) is at most `limit` and chains are not short.
    limit : float
    pattern, random : Run
        The two runs.
    """

    z: dict[str, np.ndarray]
    rhat: np.ndarray
    short: np.ndarray
    agree: np.ndarray
    limit: float
    pattern: Run
    random: Run

    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Yield the deviates of both quantities, and the verdicts."""
        for name, values in self.z.items():
            yield f"z_{name}", Variable(("...",), values)
        for name in ("rhat", "short", "agree"):
            yield name, Variable(("...",), getattr(self, name))

    def _shown(self) -> Shown:
        lines = [
            (
                label,
                f"{self.z['energy'][index]:.2f}",
                f"{self.z['m2'][index]:.2f}",
                f"{self.rhat[index]:.3f}",
                "yes" if self.agree[index] else "short" if self.short[index] else "no",
            )
            for label, index in labelled(self.agree.shape)
        ]
        return Shown("Equilibration", ("", "z(energy)", "z(m2)", "R-hat", "agree"), lines)


@checked_with(simulate)
def equilibrated(
    model: Model,
    *,
    limit: float = 2.5,
    checkpoint: Place = None,
    checkpoint_every: float = 10.0,
    **settings: Any,
) -> Equilibration:
    r"""Compare chains that start from archetype 0 with chains that start from random spins.

    Both starts run on the same disorder samples with the same noise, so that chains may even
    meet.  Differences of the thermal means are taken sample by sample, so that the disorder
    drops out, and compared with their own scatter over samples; that ratio follows Student's
    law and is given as the normal deviate of the same probability.  A single sample is
    compared with its thermal error.  Agreement is necessary for equilibrium, not sufficient.

    Parameters
    ----------
    model : Model
    limit : float
        Largest abs(z) that counts as agreement, in (0, 100].
    checkpoint, checkpoint_every
        As in `simulate`; one file keeps both runs.
    **settings
        As for `montecarlo.simulate`, without `start`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, the model has no energy, or the checkpoint is of no
        use (`simulate`).

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import Hopfield
    >>> hot = montecarlo.equilibrated(Hopfield(), alpha=0.05, T=2.0, n_spins=100, n_samples=6)
    >>> bool(hot.agree)
    True
    """
    limit = domain.real("limit", limit, "(0, 100]")
    if "start" in settings:
        raise ValueError("start is not a choice here: both starts are compared")
    if model.parallel_only:
        raise ValueError(
            f"model = {model!r} has dynamics = 'parallel' alone and no energy, whose means the two "
            "starts compare"
        )
    with checkpointed(checkpoint, checkpoint_every, {"run": "equilibrated"}) as file:
        pattern, random = (
            simulate(model, start=start, checkpoint=file, **settings)
            for start in ("pattern", "random")
        )
    energies = pattern.series["energy"], random.series["energy"]
    pairs = {"energy": energies, "m2": (_m2(pattern), _m2(random))}
    z = {name: deviate(*pair) for name, pair in pairs.items()}
    short = np.zeros(pattern.energy.mean.shape, bool)
    for pair in pairs.values():
        for series in pair:
            short |= estimate(series, pattern.stride).short
    near = [np.abs(value) <= limit for value in z.values()]
    return Equilibration(
        z=z,
        rhat=split_rhat(np.concatenate(energies, axis=-2)).max(axis=-1),
        short=short,
        agree=np.logical_and.reduce(near) & ~short,
        limit=limit,
        pattern=pattern,
        random=random,
    )


def _m2(run: Run) -> np.ndarray:
    """Sum of m**2 over the observed patterns: blind to signs and to the order of patterns."""
    square = np.square(run.series["m"])
    return square.sum(axis=-1) if run.several else square


def deviate(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Difference of two means on the same samples in units of its error.

    Parameters
    ----------
    first, second : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).

    Returns
    -------
    numpy.ndarray
        Shape (...): normal deviates; 0 where the two are equal to the last bit, NaN where
        there is no error to compare with.
    """
    if 0 in first.shape[-3:]:
        return np.full(first.shape[:-3], np.nan)
    n_samples, n_replicas = first.shape[-3:-1]
    both, _ = in_units(np.concatenate([first, second], axis=-2), axes=(-1, -2, -3))
    first, second = np.split(both, [n_replicas], axis=-2)
    difference = first.mean(axis=(-1, -2)) - second.mean(axis=(-1, -2))
    if n_samples > 1:
        error = difference.std(axis=-1, ddof=1) / np.sqrt(n_samples)
    else:
        error = np.hypot(blocking(first), blocking(second))[..., 0]
    mean = difference.mean(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(mean == 0, 0.0, mean / error)
    return normal_deviate(ratio, n_samples - 1) if n_samples > 1 else ratio


def normal_deviate(t: np.ndarray, freedom: int) -> np.ndarray:
    r"""Turn Student's t into the normal deviate of the same probability.

    Examples
    --------
    >>> float(normal_deviate(np.array(2.776), 4).round(2))
    1.96
    """
    from scipy.special import ndtri, stdtr

    return -np.sign(t) * ndtri(stdtr(freedom, -np.abs(t)))
