r"""Replay of a sequence: how far, how exactly and at which pattern it ends.

Chains start near the first pattern, and after t steps pattern t mod K is due.  A replay lasts until
the overlap with the pattern that is due falls below a threshold; the *length* is the number of
that step.  It *slips* where another pattern has the largest overlap, and is *exact* where every
spin is that of the pattern that is due.

At finite N a replay ends at a weak memory, not where the mean overlap of a step says: its patterns
are recalled one after the other, and one that fails ends it.  At T = 0 with a threshold of 1 it is
the first one whose step is not exact; below the threshold of retrieval weak memories have to follow
each other.  How weak a memory is, the step from it tells,

.. math:: m_1(\mu) = \frac1N \sum_i \xi_i^{\mu+1} \tanh \beta h_i(\xi^\mu),

the mean overlap with the next pattern one step after the pattern itself, sign at T = 0.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import Dataset, Model, domain
from hebbian.calling import checked_with
from hebbian.packed import take
from hebbian.result import Result
from hebbian.tables import Display, Shown, labelled
from montecarlo.destinations import overlap_blocks
from montecarlo.observables import Configurations
from montecarlo.overlaps import overlaps
from montecarlo.run import Run
from montecarlo.schedule import Schedule
from montecarlo.simulate import simulate
from montecarlo.statistics.estimators import over_samples
from montecarlo.statistics.proportion import Proportion, proportion
from montecarlo.statistics.timescales import FirstPassage, first_passage

__all__ = ["Replay", "one_step_overlaps", "replay"]

CHAINS = 256  # patterns that a step is made from at a time
MOST_LINES = 12

#: What a replay chooses itself.
CHOSEN = ("dynamics", "schedule", "patterns", "observables", "first_sweep", "keep_spins")


@dataclass(frozen=True, kw_only=True, repr=False)
class Replay(Display, Result):
    """What became of the replays of a sequence.

    Parameters
    ----------
    times : numpy.ndarray
        Shape (n_steps + 1,): 0, 1, ... steps.
    m, error : numpy.ndarray
        Shape (T..., n_steps + 1): overlap with the pattern that is due, averaged over replicas
        and samples, and its standard error over samples.
    series : dict of str to numpy.ndarray
        Axes (T..., sample, replica, step), from step 0 on: ``m``; ``lag``, how many places behind
        the pattern that is due the one with the largest overlap is, 0 for itself; ``first``,
        overlap with the first pattern.
    length : FirstPassage
        Step at which m is first below `threshold`, axes (T..., sample, replica); replays that
        did not end in `n_steps` are censored.
    exact : Proportion
        Axes (T..., step): share of chains that are the pattern that is due to the last spin.
    period : numpy.ndarray
        Axes (T..., sample, replica): step at which the first pattern is back, that is when its
        overlap is again at least `threshold`; K in an intact replay, NaN if it is not seen.
    one_step : numpy.ndarray or None
        Shape (T..., sample, K): mean overlap with the next pattern one step after each pattern.
    threshold : float
    run : Run
    """

    axes: ClassVar[dict[str, str]] = {
        "m": "... t", "error": "... t", "length": "...", "exact": "... t",
        "period": "... sample replica", "one_step": "... sample pattern",
    }  # fmt: skip

    times: np.ndarray
    m: np.ndarray
    error: np.ndarray
    series: dict[str, np.ndarray]
    length: FirstPassage
    exact: Proportion
    period: np.ndarray
    one_step: np.ndarray | None
    threshold: float
    run: Run = dataclasses.field(repr=False)

    @property
    def n_patterns(self) -> int:
        """Length K of the cycle."""
        return self.run.n_patterns

    @property
    def slips(self) -> np.ndarray:
        """Axes (T..., sample, replica, step): whether another pattern has the largest overlap."""
        return self.series["lag"] != 0

    @property
    def ended_at(self) -> np.ndarray:
        """Axes (T..., sample, replica): the pattern that replays ended at, -1 where none did.

        The one from which on the overlap fell at every step, until it was below the threshold.
        """
        m, at = self.series["m"], self.length.times
        falls = np.diff(m, axis=-1) < 0
        before = np.arange(falls.shape[-1]) < at[..., None]
        held = before & ~falls
        last = np.where(held.any(axis=-1), falls.shape[-1] - held[..., ::-1].argmax(axis=-1), 0)
        return np.where(self.length.censored, -1, last % self.n_patterns)

    @property
    def weakest(self) -> np.ndarray:
        """Shape (T..., sample): pattern with the least overlap after one step.

        Raises
        ------
        ValueError
            If the replay was asked for without `one_step`.
        """
        return self._of_steps().argmin(axis=-1)

    @property
    def weakness(self) -> np.ndarray:
        """Axes (T..., sample, replica): rank among all patterns of the one that it ended at.

        The share of patterns that are weaker, and half of those that are as weak: near 0 where
        replays end at the weakest memory, on average 1/2 if the place were chance.  NaN where none
        ended.

        Raises
        ------
        ValueError
            If the replay was asked for without `one_step`.
        """
        steps, ended = self._of_steps(), self.ended_at
        at = np.take_along_axis(steps, np.maximum(ended, 0), axis=-1)
        weaker, alike = (
            relation(steps[..., None, :], at[..., None]).mean(axis=-1)
            for relation in (np.less, np.equal)
        )
        return np.where(ended < 0, np.nan, weaker + 0.5 * alike)

    def _of_steps(self) -> np.ndarray:
        if self.one_step is None:
            raise ValueError("one_step = False: the replay knows of no step from each pattern")
        return self.one_step

    def _shown(self) -> Shown:
        last = len(self.times) - 1
        shown = np.unique(np.linspace(0, last, min(MOST_LINES, last + 1)).round().astype(int))
        slips = self.slips.mean(axis=(-3, -2))
        lines = []
        for label, index in labelled(self.m.shape[:-1]):
            for t in shown:
                at = (*index, int(t))
                lines.append(
                    (
                        f"{t}" + (f" at T[{label}]" if label else ""),
                        f"{self.m[at]:.4f} +- {self.error[at]:.4f}",
                        f"{self.exact.mean[at]:.3f}",
                        f"{slips[at]:.3f}",
                    )
                )
        crossed = ~self.length.censored
        ends = (
            f"ended: {int(crossed.sum())} of {crossed.size} replays of {self.n_patterns} patterns"
        )
        return Shown("Replay", ("step", "m", "exact", "slips"), lines, (ends,))


@checked_with(simulate)
def replay(
    model: Model,
    *,
    alpha: float | None = None,
    T: Any,
    n_spins: int | None = None,
    n_replicas: int = 1,
    n_steps: int,
    start: float = 1.0,
    threshold: float = 0.7,
    one_step: bool = True,
    **settings: Any,
) -> Replay:
    """Replay a sequence from its first pattern.

    Parameters
    ----------
    model : Sequence or ExponentialSequence
    alpha : float, optional
        Load; absent if `data` is given.
    T : float or array_like
        Temperatures in [0, inf).
    n_spins : int, optional
        Size of the network; absent if `data` is given.
    n_replicas : int
        Chains on every disorder sample, at least 1.
    n_steps : int
        Parallel steps, in [1, 10000000].
    start : float
        Overlap of the first configuration with the first pattern, in [0, 1].
    threshold : float
        Overlap below which a replay has ended, in (0, 1].
    one_step : bool
        Whether to make a step from every pattern, the work of K more steps on each sample.
    **settings
        As for `montecarlo.simulate`: ``n_samples``, ``seed``, ``data``, ``backend``,
        ``n_threads``, ``progress``, ``checkpoint``, ``checkpoint_every``.

    Returns
    -------
    Replay

    Raises
    ------
    ValueError
        If the model is no sequence or a parameter is outside its range, or the checkpoint is of
        no use (`simulate`).

    Notes
    -----
    The number of patterns with the largest overlap is looked for at every step, which costs as
    much as the step itself.

    Examples
    --------
    Ten patterns in a cycle, replayed three times:

    >>> from hebbian import Sequence
    >>> found = replay(Sequence(), alpha=0.05, T=0.0, n_spins=200, n_steps=30, n_samples=2)
    >>> found.n_patterns, found.period.ravel(), bool(found.length.censored.all())
    (10, array([10., 10.]), True)
    """
    if not model.replays:
        raise ValueError(
            f"model = {model!r} has no pattern that is due: a replay is that of a Sequence or an "
            "ExponentialSequence"
        )
    n_steps = domain.integer("n_steps", n_steps, "[1, 10000000]")
    start = domain.real("start", start, "[0, 1]")
    threshold = domain.real("threshold", threshold, "(0, 1]")
    one_step = domain.boolean("one_step", one_step)
    for name in CHOSEN:
        if name in settings:
            raise ValueError(
                f"{name} is not a choice here: a replay is of parallel steps, all seen"
            )
    run = simulate(
        model,
        alpha=alpha,
        T=T,
        n_spins=n_spins,
        n_replicas=n_replicas,
        start=start,
        dynamics="parallel",
        schedule=Schedule(warmup=0, sweeps=n_steps, stride=1),
        observables={"lag": _lag, "first": _first_overlap},
        **settings,
    )
    series = {
        name: np.concatenate([run.first[name][..., None], run.series[name]], axis=-1)
        for name in ("m", "lag", "first")
    }
    m, error = over_samples(np.moveaxis(series["m"].mean(axis=-2), -2, -1))
    back = series["first"][..., 1:] >= threshold
    period = np.where(back.any(axis=-1), back.argmax(axis=-1) + 1.0, np.nan)
    return Replay(
        times=np.arange(n_steps + 1),
        m=m,
        error=error,
        series=series,
        length=first_passage(run.series["m"] < threshold, 1),
        exact=proportion(np.moveaxis(series["m"] == 1.0, -1, -3)),
        period=period,
        one_step=_steps_of(run, model, settings.get("data")) if one_step else None,
        threshold=threshold,
        run=run,
    )


def _lag(state: Configurations) -> np.ndarray:
    """Places that the pattern of the largest overlap is behind the one that is due."""
    K, model = state.data.n_patterns, state.data.model
    due = np.array([int(model.due(np.zeros(1, np.intp), K, t)[0]) for t in state.times.tolist()])
    of_due = np.full(len(due), -np.inf)
    largest, where, first = of_due.copy(), np.zeros(len(due), np.intp), 0
    for sums, _ in overlap_blocks(state.data, state.spins):
        here = (due >= first) & (due < first + sums.shape[1])
        of_due[here] = sums[here, due[here] - first]
        best = sums.max(axis=1)
        where = np.where(best > largest, first + sums.argmax(axis=1), where)
        largest = np.maximum(largest, best)
        first += sums.shape[1]
    return np.where(of_due == largest, 0, (due - where) % K).astype(np.float64)


def _first_overlap(state: Configurations) -> np.ndarray:
    """Overlap with the first pattern."""
    return overlaps(state.spins, state.data.observed([0])[0])[:, 0]


def _steps_of(run: Run, model: Model, data: Dataset | None) -> np.ndarray:
    """One-step overlaps of every sample at every temperature: (T..., sample, K)."""
    from hebbian import draw

    asked, temperatures = run.settings, np.asarray(run.settings["T"], np.float64)
    found = []
    for sample in range(run.start_overlaps.shape[-2]):
        drawn = data or draw(
            model,
            n_spins=asked["n_spins"],
            alpha=asked["alpha"],
            seed=asked["seed"],
            sample=sample,
        )
        found.append(one_step_overlaps(drawn, temperatures))
    return np.stack(found, axis=-2)


def one_step_overlaps(data: Dataset, T: np.ndarray) -> np.ndarray:
    """Return the mean overlap with the next pattern one step after each pattern.

    Parameters
    ----------
    data : Dataset
        Of a sequence.
    T : numpy.ndarray
        Temperatures; at T = 0 a site without a field counts as 0.

    Returns
    -------
    numpy.ndarray
        Shape (T..., K).
    """
    from montecarlo.kernels.parallel import steps

    network, K = steps.lower(data.memory), data.n_patterns
    found = np.empty((*T.shape, K))
    for first in range(0, K, CHAINS):
        these = np.arange(first, min(first + CHAINS, K))
        spins = take(data.kept_archetypes, these).astype(np.float32)
        following = take(data.kept_archetypes, data.model.due(these, K, 1))
        h = network.weight * steps.fields(network, spins)
        for index in np.ndindex(T.shape):
            means = np.sign(h) if T[index] == 0 else np.tanh(h / T[index])
            found[(*index, these)] = (means * following).mean(axis=1)
    return found
