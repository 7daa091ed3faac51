r"""Ladders of temperatures with one swap rate between all neighbours.

Between close temperatures the energies are Gaussian and a swap is accepted with
probability

.. math:: A = \operatorname{erfc}\left(\frac{\ell}{2 \sqrt 2}\right), \qquad
          \ell = \int \sqrt{2 \operatorname{Var}_\beta E} \; d\beta,

so that equal rates [1]_ [2]_ are equal steps of the length :math:`\ell`, which is additive
along the ladder.  Two neighbours yield it in two ways: from the rate measured between
them, and, where that is too small to be measured, from their mean energies,
:math:`\ell^2 = 2 \Delta\beta \, \Delta E`, since :math:`dE/d\beta = -\operatorname{Var} E`.

References
----------
.. [1] D. A. Kofke, J. Chem. Phys. 117, 6911 (2002), doi:10.1063/1.1507776.
.. [2] C. Predescu, M. Predescu, C. V. Ciobanu, J. Chem. Phys. 120, 4119 (2004),
   doi:10.1063/1.1644093.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, ClassVar

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked_with
from hebbian.result import Result, Variable
from hebbian.tables import Display, Shown
from montecarlo.engine.checkpoint import Place, checkpointed
from montecarlo.schedule import Schedule, checked_schedule

from .temper import checked_ladder, temper
from .tempered import Tempered

__all__ = ["TunedLadder", "swap_length", "swap_rate", "tune_ladder"]

MEASURABLE = (0.02, 0.98)  # rates between these fix the length of a step better than energies
MOST = 1000


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TunedLadder(Display, Result):
    """A ladder and the swap rates between its neighbours.

    Parameters
    ----------
    T : (n_T,) numpy.ndarray
        Increasing temperatures.
    predicted : (n_T - 1,) numpy.ndarray
        Rates expected from the runs that led to this ladder.
    measured : (n_T - 1,) numpy.ndarray
        Rates of the last run, on this ladder itself.
    target : float
        The rate asked for.
    run : Tempered
        The last run.
    """

    axes: ClassVar[dict[str, str]] = {"predicted": "swap", "measured": "swap", "T": "T"}

    T: np.ndarray
    predicted: np.ndarray
    measured: np.ndarray
    target: float
    run: Tempered

    def grid(self) -> tuple[tuple[str, ...], dict[str, Variable]]:
        """Return nothing but the ladder: its temperatures were not asked for."""
        return (), {}

    def _shown(self) -> Shown:
        pairs = zip(self.T[:-1], self.T[1:], self.predicted, self.measured, strict=True)
        lines = [(f"{a:.4g}, {b:.4g}", f"{p:.3f}", f"{q:.3f}") for a, b, p, q in pairs]
        title = f"TunedLadder of {len(self.T)} temperatures, target {self.target}"
        return Shown(title, ("temperatures", "predicted", "measured"), lines)


def swap_rate(length: float) -> float:
    r"""Return the rate :math:`\operatorname{erfc}(\ell/(2\sqrt 2))` of a step of this length.

    Examples
    --------
    >>> swap_rate(0.0)
    1.0
    """
    return 2 * NormalDist().cdf(-length / 2)


def swap_length(rate: float) -> float:
    """Return the length of a step with this rate in (0, 1]: the inverse of `swap_rate`.

    Examples
    --------
    >>> round(swap_length(swap_rate(1.5)), 12)
    1.5
    """
    return -2 * NormalDist().inv_cdf(rate / 2)


@checked_with(temper)
def tune_ladder(
    model: Model,
    *,
    T: Any,
    target: float = 0.3,
    rounds: int = 3,
    schedule: Schedule | None = None,
    checkpoint: Place = None,
    checkpoint_every: float = 10.0,
    **settings: Any,
) -> TunedLadder:
    """Find a ladder whose neighbours all swap at the rate `target`.

    A geometric ladder is run first; every round places the temperatures at equal steps of
    the length measured by the round before it, as many as the target asks for, and runs
    them.

    Parameters
    ----------
    model : Model
    T : array_like
        (T_min, T_max), kept as the ends, or a whole first ladder.
    target : float
        Rate in (0, 1); efficient ladders have about 0.2 to 0.4 [1]_.
    rounds : int
        Ladders tried after the first, 1 to 20.
    schedule : Schedule
        Length of each run; default 200 sweeps of warm-up and 400 measured.
    checkpoint, checkpoint_every
        As in `simulate`; one file keeps all rounds.
    **settings
        Further arguments of `temper`: alpha, n_spins, n_samples, seed.

    Returns
    -------
    TunedLadder

    Raises
    ------
    ValueError
        If a parameter is outside its range, the ladder needs over 1000 temperatures, or the
        checkpoint is of no use (`simulate`).

    Notes
    -----
    Rates are averages over disorder samples: a single sample may have a narrower passage.
    At a discontinuous transition energies are not Gaussian and no ladder has the target
    rate there for long; compare `TunedLadder.measured` with `TunedLadder.predicted`.

    References
    ----------
    .. [1] N. Rathore, M. Chopra, J. J. de Pablo, J. Chem. Phys. 122, 024111 (2005),
       doi:10.1063/1.1831273.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> ladder = tune_ladder(Hopfield(), alpha=0.1, T=(0.4, 1.2), n_spins=60, n_samples=2)
    >>> bool(abs(ladder.measured - 0.3).max() < 0.1)
    True
    """
    temperatures = checked_ladder(T)
    target = domain.real("target", target, "(0, 1)")
    rounds = domain.integer("rounds", rounds, "[1, 20]")
    if schedule is None:
        schedule = Schedule(warmup=200, sweeps=400, stride=1)
    schedule = checked_schedule(schedule)
    if schedule.n_measurements == 0:
        raise ValueError("schedule: tuning needs measurements, sweeps = 0 gives none")
    if temperatures.size == 2:
        temperatures = np.geomspace(temperatures[0], temperatures[1], 8)
    asked = {
        "run": "tune_ladder",
        "T": temperatures.tolist(),
        "target": target,
        "rounds": rounds,
    }
    settings["schedule"] = schedule
    with checkpointed(checkpoint, checkpoint_every, asked) as file:
        for _ in range(rounds):
            run = temper(model, T=temperatures, checkpoint=file, **settings)
            temperatures, predicted = _equal_steps(run, target)
        run = temper(model, T=temperatures, checkpoint=file, **settings)
    return TunedLadder(
        T=temperatures, predicted=predicted, measured=run.swap_rates, target=target, run=run
    )


def _equal_steps(run: Tempered, target: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a ladder of equal steps between the same ends and its expected rates."""
    beta = 1 / run.T
    energy = run.energy.mean * run.settings["n_spins"]
    lengths = np.sqrt(np.maximum(-2 * np.diff(beta) * np.diff(energy), 1e-12))
    for pair, rate in enumerate(run.swap_rates):
        if MEASURABLE[0] < rate < MEASURABLE[1]:
            lengths[pair] = swap_length(rate)
    travelled = np.concatenate([[0.0], np.cumsum(lengths)])
    n_steps = max(1, round(travelled[-1] / swap_length(target)))
    if n_steps >= MOST:
        raise ValueError(
            f"target = {target} needs {n_steps + 1} temperatures between {run.T[0]} and "
            f"{run.T[-1]}, more than {MOST}: lower the target or narrow the range"
        )
    stops = np.linspace(0.0, travelled[-1], n_steps + 1)
    ladder = 1 / np.interp(stops, travelled, beta)
    ladder[[0, -1]] = run.T[[0, -1]]
    return ladder, np.full(n_steps, swap_rate(travelled[-1] / n_steps))
