"""Observables as objects: what is measured, how it becomes a number, how it is written.

An `Observable` is defined once and travels by its name: `montecarlo.simulate` measures it,
``Run.estimate(name)`` reduces it, and a sweep stores, compares and draws it like m.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np

from hebbian import QUANTITIES, Model, domain, references
from hebbian.calling import checked

from .layers import check_layers, worst_layer
from .observables import Configurations, largest_overlap, participation, softmax_weight
from .softmax import check_softmax
from .stability import check_pairs, least_stability
from .statistics.convergence import split_rhat
from .statistics.estimate import Estimate
from .statistics.estimators import energy_estimate, estimate, overlap_estimate, reduce
from .statistics.fluctuations import binder, variance_estimate
from .statistics.ordering import by_size
from .statistics.timescales import relaxation

__all__ = ["OBSERVABLES", "Observable", "Series", "checked_observables", "reference"]

#: Series that every run has, in the order of tables.
MEASURED = ("m", "n", "q", "energy", "acceptance")

#: Names that mean something else in a run or a store.
TAKEN = (*MEASURED, "packed", "spins", "tau", "n_eff", "escaped", "switched", "m_samples", "status")

GROUP = "hebbian.observables"  # of entry points


class Series(NamedTuple):
    """What an estimator sees.

    Parameters
    ----------
    values : numpy.ndarray
        Axes (T..., component, sample, replica, measurement).
    stride : int
        Sweeps between measurements.
    n_spins : int
    beta : numpy.ndarray
        1/T, broadcasts to (T..., component); NaN at T = 0.
    """

    values: np.ndarray
    stride: int
    n_spins: int
    beta: np.ndarray


#: What makes an estimate of a series.
Estimator = Callable[[Series], Estimate]


def mean(series: Series) -> Estimate:
    """Mean over time, replicas and samples."""
    return estimate(series.values, series.stride)


def overlap(series: Series) -> Estimate:
    """Mean of an overlap, which knows what one reversed spin changes."""
    return overlap_estimate(series.values, series.n_spins, series.stride)


def energy(series: Series) -> Estimate:
    """Mean of energies per spin, which knows of reversed spins."""
    return energy_estimate(series.values, series.n_spins, series.stride)


def response(series: Series) -> Estimate:
    r"""Response to a field: :math:`(N/T) [\langle x^2 \rangle - \langle x \rangle^2]`.

    One spin that differs between two replicas makes it 2/(N T), all of them N/(2 T).
    """
    event, collective = 2 * series.beta / series.n_spins, series.n_spins**2 / 4
    factor = series.n_spins * series.beta
    return variance_estimate(series.values, factor, series.stride, event, collective)


def heat(series: Series) -> Estimate:
    r""":math:`(N/T^2) [\langle e^2 \rangle - \langle e \rangle^2]`, of energies per spin."""
    return variance_estimate(series.values, series.n_spins * series.beta**2, series.stride)


def sorted_overlaps(series: Series) -> Estimate:
    """Mean of the patterns of every chain in the order of their size, made positive."""
    overlaps = np.moveaxis(series.values, -4, -1)
    if overlaps.shape[-2] == 0:
        return overlap(series)
    ranked, sign = by_size(overlaps)
    ordered = np.take_along_axis(overlaps, ranked, axis=-1) * sign
    return overlap(series._replace(values=np.moveaxis(ordered, -1, -4)))


def cumulant(series: Series) -> Estimate:
    """Binder cumulant (`montecarlo.statistics.fluctuations.binder`)."""
    return binder(series.values, series.stride)


def worst_rhat(series: Series) -> Estimate:
    """Largest split R-hat of the samples; it has no error."""
    found = split_rhat(series.values)
    known = np.where(np.isnan(found), -np.inf, found).max(axis=-1, initial=-np.inf)
    largest = np.where(known == -np.inf, np.nan, known)
    return reduce(largest, series.values, series.stride, error=np.full_like(largest, np.nan))


def slowness(series: Series) -> Estimate:
    """Integrated autocorrelation time in sweeps, with Sokal's error."""
    times = relaxation(series.values, series.stride)
    return reduce(times.integrated, series.values, series.stride, error=times.integrated_error)


@checked
@dataclass(frozen=True, kw_only=True)
class Observable:
    """A quantity of a simulation.

    Parameters
    ----------
    name : str
        Its name in runs, stores, figures and commands.
    function : callable, optional
        `Configurations` -> real numbers of shape (n_measurements,) or (n_measurements, k).
        It is called from several threads and must depend on nothing but its argument.
    series : str, optional
        In the place of a function: the name of a series that the run has anyway, ``"m"``,
        ``"n"``, ``"q"``, ``"energy"`` or another observable's.
    estimator : callable
        `Series` -> `Estimate`; default: the mean over time, replicas and samples.
    per_pattern : bool
        Whether the numbers of a measurement belong to the observed patterns, one each.
    check : callable, optional
        Is given the model before anything runs, and raises a ValueError for one of which the
        function makes no sense.
    symbol, long_name, definition : str
        LaTeX without dollar signs, words for an axis, one sentence; by default the entry of
        `hebbian.QUANTITIES`, and without one the name itself.

    Raises
    ------
    ValueError
        If there is not one of `function` and `series`, or one of them has the wrong type.

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import Hopfield
    >>> def opposed(state):
    ...     return (state.spins * state.archetypes[0] < 0).mean(axis=1)
    >>> errors = Observable(name="errors", function=opposed, symbol="p", long_name="wrong spins")
    >>> run = montecarlo.simulate(Hopfield(), alpha=0.05, T=0.3, n_spins=200,
    ...                           observables=[errors, "susceptibility"])
    >>> bool(abs(run.estimate("errors").mean - (1 - run.m.mean) / 2) < 1e-12)
    True
    """

    name: str
    function: Callable[[Configurations], Any] | None = None
    series: str | None = None
    estimator: Estimator = mean
    per_pattern: bool = False
    check: Callable[[Model], None] | None = None
    symbol: str = ""
    long_name: str = ""
    definition: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"observables: {self.name!r} is not a name")
        if (self.function is None) == (self.series is None):
            raise ValueError(f"observables: {self.name!r} needs either a function or a series")
        if self.function is not None and not callable(self.function):
            raise ValueError(f"observables: {self.name!r} is {self.function!r}, not a function")
        if not callable(self.estimator):
            raise ValueError(
                f"observables: the estimator of {self.name!r} is {self.estimator!r}, not a function"
            )
        known = QUANTITIES.get(self.name)
        symbol, words, sentence = known or ("", self.name.replace("_", " "), "")
        object.__setattr__(self, "symbol", self.symbol or symbol)
        object.__setattr__(self, "long_name", self.long_name or words)
        object.__setattr__(self, "definition", self.definition or sentence)

    @property
    def source(self) -> str:
        """Name of the series that is reduced."""
        return self.series or self.name


#: Quantities by name: those that every run has, and those that can be asked for.
OBSERVABLES = {
    observable.name: observable
    for observable in (
        Observable(name="m", series="m", estimator=overlap, per_pattern=True),
        Observable(name="n", series="n", estimator=overlap, per_pattern=True),
        Observable(name="q", series="q", estimator=overlap),
        Observable(name="energy", series="energy", estimator=energy),
        Observable(name="acceptance", series="acceptance"),
        Observable(name="susceptibility", series="m", estimator=response, per_pattern=True),
        Observable(name="specific_heat", series="energy", estimator=heat),
        Observable(name="binder", series="m", estimator=cumulant, per_pattern=True),
        Observable(name="binder_q", series="q", estimator=cumulant),
        Observable(name="rhat", series="m", estimator=worst_rhat, per_pattern=True),
        Observable(name="tau_m", series="m", estimator=slowness, per_pattern=True),
        Observable(name="tau_energy", series="energy", estimator=slowness),
        Observable(name="m_sorted", series="m", estimator=sorted_overlaps, per_pattern=True),
        Observable(name="n_sorted", series="n", estimator=sorted_overlaps, per_pattern=True),
        Observable(name="largest_overlap", function=largest_overlap),
        Observable(
            name="softmax_weight", function=softmax_weight, per_pattern=True, check=check_softmax
        ),
        Observable(name="worst_layer", function=worst_layer, per_pattern=True, check=check_layers),
        Observable(name="participation", function=participation, check=check_softmax),
        Observable(name="least_stability", function=least_stability, check=check_pairs),
    )
}


def checked_observables(observables: Any, model: Model | None = None) -> dict[str, Observable]:
    """Return the observables asked for, by name.

    Parameters
    ----------
    observables : iterable of Observable or str, mapping of str to callable, or None
        A name is one of `OBSERVABLES`, of an entry point of the group
        ``"hebbian.observables"``, or ``"module:attribute"``; a mapping gives functions names.
    model : Model, optional
        What they are measured on.

    Raises
    ------
    ValueError
        If one is none of these, if a name is taken or named twice, if the series of one is
        not there, or if one makes no sense for the model.
    """
    if observables is None:
        return {}
    if isinstance(observables, Mapping):
        observables = [_named(name, given) for name, given in observables.items()]
    elif isinstance(observables, str | Observable) or not isinstance(observables, Iterable):
        raise ValueError(
            f"observables = {observables!r} is not a sequence of observables or of their "
            f"names, as [{observables!r}] is, nor a dict of name: function"
        )
    found: dict[str, Observable] = {}
    for given in observables:
        observable = find(given) if isinstance(given, str) else given
        if not isinstance(observable, Observable):
            raise ValueError(f"observables: {given!r} is neither an Observable nor a name of one")
        name = observable.name
        if name in TAKEN or name in found or OBSERVABLES.get(name, observable) is not observable:
            taken = ", ".join(dict.fromkeys([*TAKEN, *OBSERVABLES, *found]))
            raise ValueError(f"observables: {name!r} is not a new name (taken: {taken})")
        found[name] = observable
    measured = (*MEASURED, *(name for name, one in found.items() if one.function))
    for observable in found.values():
        domain.choice(f"series of {observable.name!r}", observable.source, measured)
        if model is not None and observable.check is not None:
            try:
                observable.check(model)
            except ValueError as error:
                raise ValueError(f"observables: {observable.name!r}: {error}") from None
    return found


def _named(name: Any, given: Any) -> Observable:
    if isinstance(given, Observable):
        if given.name != name:
            raise ValueError(f"observables: {name!r} is {given.name!r} by its own name")
        return given
    if not callable(given):
        raise ValueError(f"observables: {name!r} is {given!r}, not a function")
    return Observable(name=name, function=given)


def find(text: str) -> Observable:
    """Return the observable that a text names; see `checked_observables`.

    Raises
    ------
    ValueError
        If there is none, or what offers it cannot be imported.
    """
    if text in OBSERVABLES:
        return OBSERVABLES[text]
    offered = {entry.name: entry for entry in metadata.entry_points(group=GROUP)}
    if text not in offered and ":" not in text:
        known = [*OBSERVABLES, *offered]
        message = f"observables: {text!r} is not one of {', '.join(known)}, nor module:name"
        raise domain.UnknownWord(message, text, known)
    load = offered[text].load if text in offered else None
    found = references.attribute("observables", text, load)
    if not isinstance(found, Observable):
        raise ValueError(f"observables: {text!r} is {found!r}, not an Observable")
    return found


def reference(observable: Observable) -> str:
    """Return a text by which another process finds an observable.

    Raises
    ------
    ValueError
        If it is no attribute of a module.
    """
    if OBSERVABLES.get(observable.name) is observable:
        return observable.name
    home = inspect.getmodule(observable.function or observable.estimator)
    text = references.place(observable, home)
    if text is not None:
        return text
    raise ValueError(
        f"observables: {observable.name!r} is not defined at the top level of a module, where "
        "workers and later sessions would find it"
    )
