"""The result of a simulation."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from hebbian import domain
from hebbian.result import Result
from hebbian.tables import HEADINGS, Display, Shown, cells
from montecarlo.statistics.convergence import blocking, effective_size, split_rhat
from montecarlo.statistics.estimate import Estimate
from montecarlo.statistics.fluctuations import binder
from montecarlo.statistics.proportion import Proportion, proportion
from montecarlo.statistics.timescales import FirstPassage, Relaxation, first_passage, relaxation

from .destinations import BEGUN, late, left
from .labelling import Labelled
from .quantities import OBSERVABLES, Observable, Series

__all__ = ["Run"]

Made = TypeVar("Made", bound=Result)
FIRST = ("m", "n", "q", "energy")  # in this order in the tables
MOST_LINES = 40


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Run(Display, Labelled):
    """Raw series of a simulation and the estimates made of them.

    Parameters
    ----------
    series : dict of str to numpy.ndarray
        ``m``, ``n``, ``q``, ``energy``: axes (T..., sample, replica, measurement), with
        pairs of replicas in the place of replicas for ``q`` and a last axis ``pattern``
        for ``m`` and ``n`` where several archetypes are observed (of an `hebbian.Assembly` the
        layers, of each observed archetype in turn, and of ``q`` the layers); ``acceptance``:
        flips per attempted update, axes (T..., sample, replica); and the user's observables,
        with a last axis where they return several numbers.
    start_overlaps : numpy.ndarray
        Axes (T..., sample, replica): overlap of each first configuration with the first
        archetype that is observed.
    first : dict of str to numpy.ndarray
        What was measured of each first configuration: ``m``, ``n``, ``energy`` and the user's
        observables, with the axes of `series` but that of measurements.
    stride : int
        Sweeps between measurements.
    several : bool
        Whether ``m`` and ``n`` have a last axis.
    anonymous : bool
        Whether the start left to chance in which order or with which signs the patterns of
        that axis are retrieved.  The series are of the patterns as they were drawn; the mean
        of one averages over the chances, and what compares with the theory, whose overlaps
        are sorted by size, is ``estimate("m_sorted")``.
    settings : dict
        What ran: model, sizes, schedule, dynamics, seed, backend; ``n_patterns`` is the whole
        number K of archetypes and ``alpha_effective`` its load, beside the ``alpha`` asked for.
    last : numpy.ndarray
        Last configurations, axes (T..., sample, replica, spin), int8: a start for another
        run.
    period : numpy.ndarray
        Axes (T..., sample, replica), int8: 1 where the last configuration is a fixed point
        of the zero-temperature dynamics (no spin opposes its field), 2 where it is in a
        cycle of two under parallel updates, else 0.  Spins at zero field count as at rest.
    spins : numpy.ndarray or None
        Axes (T..., sample, replica, measurement, spin), int8, when they were kept.
    elsewhere : numpy.ndarray
        Axes (T..., sample, replica), bool: whether the chain left its archetype and is in another
        state of retrieval at the end (`montecarlo.destinations`).
    observables : dict of str to Observable
        What the run was asked for beyond the series that every run has.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> import montecarlo
    >>> schedule = montecarlo.Schedule(warmup=20, sweeps=100, stride=2)
    >>> run = montecarlo.simulate(
    ...     Hopfield(), alpha=0.02, T=0.3, n_spins=200, n_samples=3, schedule=schedule, seed=1
    ... )
    >>> bool(abs(run.m.mean - 0.99) < 0.02)
    True
    """

    series: dict[str, np.ndarray]
    start_overlaps: np.ndarray
    stride: int
    several: bool
    settings: dict[str, Any]
    anonymous: bool = False
    last: np.ndarray = dataclasses.field(repr=False)
    period: np.ndarray = dataclasses.field(repr=False)
    elsewhere: np.ndarray = dataclasses.field(repr=False)
    first: dict[str, np.ndarray] = dataclasses.field(default_factory=dict, repr=False)
    spins: np.ndarray | None = dataclasses.field(default=None, repr=False)
    observables: dict[str, Observable] = dataclasses.field(default_factory=dict, repr=False)

    def _chains(self, name: str) -> np.ndarray:
        """Series with axes (T..., component, sample, replica, measurement)."""
        series = self.series[domain.choice("name", name, self.series)]
        chains = self.start_overlaps.ndim
        if series.ndim == chains:
            return series[..., None]
        return np.moveaxis(series, -1, chains - 2) if series.ndim > chains + 1 else series

    def estimate(self, name: str) -> Estimate:
        """Return the estimate of a quantity by its name.

        Parameters
        ----------
        name : str
            An observable that the run was asked for, one of `montecarlo.OBSERVABLES`, or a key
            of `series`, whose mean is taken; components are the last axis of the result.

        Raises
        ------
        ValueError
            If there is no such quantity.
        """
        known = OBSERVABLES | self.observables
        if name not in known:
            domain.choice("name", name, {**self.series, **known})
        observable = known.get(name) or Observable(name=name, series=name)
        chains = self._chains(observable.source)
        stride = 1 if observable.source == "acceptance" else self.stride
        T = np.asarray(self.settings["T"], np.float64)
        beta = np.where(T > 0, 1 / np.where(T > 0, T, 1.0), np.nan)
        beta = beta.reshape((*T.shape, *[1] * (chains.ndim - 3 - T.ndim)))
        return observable.estimator(Series(chains, stride, self.settings["n_spins"], beta))

    @cached_property
    def m(self) -> Estimate:
        """Signed Mattis magnetization; last axis pattern where several are observed.

        Of sequences that of the pattern which is due at every measurement.
        """
        return self.estimate("m")

    @cached_property
    def n(self) -> Estimate:
        """Overlap with the normalised example average."""
        return self.estimate("n")

    @cached_property
    def q(self) -> Estimate:
        """Overlap of two replicas of one sample; NaN for a single replica."""
        return self.estimate("q")

    @cached_property
    def energy(self) -> Estimate:
        """Energy per spin H/N."""
        return self.estimate("energy")

    @cached_property
    def acceptance(self) -> Estimate:
        """Flips per attempted update."""
        return self.estimate("acceptance")

    @cached_property
    def susceptibility(self) -> Estimate:
        r"""Response of m to a field along its archetype.

        :math:`\chi = (N/T) [\langle m^2 \rangle - \langle m \rangle^2]`, of the state the
        chains are in; large where the chains of a sample are in different ones.  NaN at
        T = 0.
        """
        return self.estimate("susceptibility")

    @cached_property
    def specific_heat(self) -> Estimate:
        r"""Per spin: :math:`(N/T^2) [\langle e^2 \rangle - \langle e \rangle^2]`, e = H/N."""
        return self.estimate("specific_heat")

    def binder(self, name: str = "m") -> Estimate:
        """Return the Binder cumulant of a series, `montecarlo.statistics.fluctuations.binder`.

        Parameters
        ----------
        name : str
            ``"m"``, ``"q"`` (pairs of replicas; NaN for a single one) or any series.
        """
        return binder(self._chains(name), self.stride)

    def success(self, threshold: float = 0.7, *, level: float = 0.95) -> Proportion:
        """Return the fraction of chains that retrieve.

        Parameters
        ----------
        threshold : float
            A chain retrieves where its m, averaged over the second half of its
            measurements, is at least this, in [0, 1].
        level : float
            Probability of the interval, in (0, 1).
        """
        threshold = domain.real("threshold", threshold, "[0, 1]")
        late = self.late_m
        if np.isnan(late).all():
            late = late[..., :0, :0]
        return proportion(late >= threshold, level)

    @property
    def late_m(self) -> np.ndarray:
        """Axes (T..., sample, replica): m of the first pattern over the last half of the chain."""
        return late(self.series["m"][..., 0] if self.several else self.series["m"])

    def rhat(self, name: str = "m") -> np.ndarray:
        """Return `montecarlo.split_rhat` of the replicas: axes (T..., [component,] sample)."""
        return split_rhat(self._chains(name))

    def effective_size(self, name: str = "m") -> np.ndarray:
        """Return the effective number of measurements of each sample, as `rhat`."""
        return effective_size(self._chains(name))

    def thermal_error(self, name: str = "m") -> np.ndarray:
        """Return the thermal error of the mean of each sample by blocking, as `rhat`."""
        return blocking(self._chains(name))

    def relaxation(self, name: str = "m") -> Relaxation:
        """Return the autocorrelation times of a series: axes (T..., [component])."""
        return self._of_this(relaxation(self._chains(name), self.stride))

    def first_passage(
        self, level: float | None = None, *, direction: str = "below", name: str = "m"
    ) -> FirstPassage:
        """Return when chains first crossed a level, the ones that never did included.

        Parameters
        ----------
        level : float, optional
            Default: half of the overlap that each chain started from: the time of escape.
        direction : {"below", "above"}
            ``"above"``: the time of arrival.
        name : str
            Series to watch; of several components the first.
        """
        above = domain.choice("direction", direction, ("below", "above")) == "above"
        bound = 0.5 * self.start_overlaps[..., None]
        if level is not None:
            bound = np.asarray(domain.real("level", level, "(-inf, inf)"))
        elif name != "m":
            raise ValueError("level is missing: only m has a level of its own")
        series = self._chains(name)
        if series.ndim > self.start_overlaps.ndim + 1:
            series = np.take(series, 0, axis=-4)
        across = series > bound if above else series < bound
        return self._of_this(first_passage(across, self.stride))

    def _of_this(self, result: Made) -> Made:
        """Give a result the settings of the run."""
        object.__setattr__(result, "settings", self.settings)
        return result

    @property
    def n_patterns(self) -> int:
        """Number K of archetypes of the network."""
        return int(self.settings["n_patterns"])

    @property
    def alpha_effective(self) -> float | None:
        """Load of K archetypes and N spins; `alpha` asks for the nearest there is."""
        load: float | None = self.settings["alpha_effective"]
        return load

    @property
    def fixed_point(self) -> np.ndarray:
        """Whether each last configuration is a fixed point at T = 0: ``period == 1``."""
        return self.period == 1

    @property
    def escaped(self) -> np.ndarray:
        """Fraction of chains that ended in no pattern at all, axes (T...).

        A chain left its archetype, the first that is observed, where m, averaged over the second
        half of its measurements, is below half of the overlap it started from; it escaped where no
        other pattern has caught it (`switched`).  NaN where chains start from an overlap of less
        than 0.02, and without measurements.
        """
        return self._fraction(~self.elsewhere)

    @property
    def switched(self) -> np.ndarray:
        """Fraction of chains that left their archetype and ended in another pattern, axes (T...).

        Its own reversed counts as another one (`montecarlo.destinations`); NaN as `escaped`.
        """
        return self._fraction(self.elsewhere)

    def _fraction(self, kind: np.ndarray) -> np.ndarray:
        """Fraction of the chains that left their archetype and are of a kind."""
        late_m, axes = self.late_m, (-1, -2)
        fraction = (left(late_m, self.start_overlaps) & kind).mean(axis=axes)
        began = (self.start_overlaps >= BEGUN).all(axis=axes) & ~np.isnan(late_m).any(axis=axes)
        return np.where(began, fraction, np.nan)

    def _title(self) -> str:
        parameters = ", ".join(f"{k}={v}" for k, v in self.settings["model"].items())
        sizes = [
            f"{k}={self.settings[k]}"
            for k in ("alpha", "n_spins", "n_patterns", "dynamics", "start", "seed")
        ]
        shape = self.series["energy"].shape[-3:]
        return f"Run of {parameters}; {', '.join(sizes)}; (sample, replica, measurement) = {shape}"

    def _shown(self) -> Shown:
        own = [name for name in (*self.series, *self.observables) if name not in FIRST]
        own = [name for name in dict.fromkeys(own) if name != "acceptance"]
        own += ["m_sorted"] * (self.anonymous and "m_sorted" not in own)
        lines = []
        for name in (*FIRST, *own):
            for index, *numbers in self.estimate(name).numbers():
                lines.append((f"{name}[{index}]" if index else name, *cells(numbers)))
        shown = lines[:MOST_LINES]
        if len(lines) > MOST_LINES:
            shown.append((f"... {len(lines) - MOST_LINES} more", *[""] * len(HEADINGS)))
        ends = [
            f"{name}: {np.array2string(getattr(self, name), precision=3)}"
            for name in ("escaped", "switched")
        ]
        return Shown(self._title(), ("", *HEADINGS), shown, tuple(ends))
