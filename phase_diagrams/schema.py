"""Names, axes and attributes of labelled results."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from hebbian import QUANTITIES, Model
from hebbian.streams import canonical
from hebbian.vocabulary import Quantity
from theory.lines import LINES

from .grid import Grid
from .loads import of_grid
from .phases import Phase
from .results import DAMAGED, DONE, FAILED, OVERLAPS, PENDING, Result
from .study import Study

__all__ = [
    "SCHEMA_VERSION",
    "arranged",
    "coordinates",
    "describe",
    "relabelled",
    "study_attributes",
    "unpack",
    "with_times",
]

#: Of the layout of a store.
SCHEMA_VERSION = 5

#: What only studies and ramps have.
STUDIES = {
    "start": Quantity("m_0", "start overlap", "overlap of the start with archetype 0"),
    "rsb": Quantity(
        "k", "steps of replica-symmetry breaking",
        "0 or 1, of the state that phase names and q, energy and free_energy are of",
    ),
    "step": Quantity("k", "step", "number of a step of a ramp"),
    "lost": Quantity("T_s", "temperature of loss", "where the overlap of a sample crosses a level"),
    "T_M": Quantity(
        r"T_M^{(N)}", "mean temperature of loss", "over the samples that lose retrieval"
    ),
    "fraction": Quantity("p", "fraction of loss", "samples that lose retrieval, of all"),
    "T_M_limit": Quantity(
        r"T_M^{(\infty)}", "temperature of loss at infinite size", "extrapolated in N^(-2/3)"
    ),
}  # fmt: skip


def _known() -> dict[str, Quantity]:
    """Return what is known of every name, in the order of the vocabulary."""
    return QUANTITIES | {name: line.quantity for name, line in LINES.items()} | STUDIES


def _attributes(name: str, known: Mapping[str, Quantity]) -> dict[str, Any]:
    word = name.removesuffix("_err")
    symbol, words, comment = known.get(word, Quantity("", word.replace("_", " "), ""))
    if name.endswith("_err"):
        symbol, words = rf"\delta {symbol}", f"standard error of the {words}"
        comment = "standard error over disorder samples"
    attributes: dict[str, Any] = {
        "long_name": words,
        "symbol": symbol,
        "units": "1",
        "comment": comment,
    }
    if name == "phase":
        attributes |= Phase.flags()
    if name == "status":
        values = np.array([PENDING, DONE, FAILED, DAMAGED], np.int8)
        attributes |= {"flag_values": values, "flag_meanings": "pending done failed damaged"}
    return attributes


#: What is said of a quantity beyond its definition, where a model has the property.
NOTES: tuple[tuple[Callable[[Model], bool], tuple[str, ...], str], ...] = (
    (lambda model: model.n_layers > 1, ("m", "n", "q"), "in each layer, over its sites"),
    (
        lambda model: model.unstored > 0,
        ("m", "n"),
        "of the teacher, or an example that runs start from",
    ),
    (lambda model: not model.uniform, ("m", "n"), "of the pattern that runs start from"),
    (lambda model: model.replays, ("m", "n"), "with the pattern that is due"),
    (lambda model: model.parallel_only, ("energy", "free_energy"), "NaN: there is no energy"),
)


def describe(
    dataset: xr.Dataset, model: Model | None = None, results: Sequence[Result] = ()
) -> xr.Dataset:
    """Put long name, symbol, units and definition on every variable.

    Parameters
    ----------
    dataset : xarray.Dataset
    model : Model, optional
        Whose numbers they are.
    results : sequence of Result
        They may bring words of their own.
    """
    known = _known() | {r.name.removesuffix("_err"): r.quantity for r in results if r.quantity}
    for name in dataset.variables:
        dataset[name].attrs = _attributes(str(name), known)
    for has, names, note in NOTES:
        for name in names if model is not None and has(model) else ():
            if name in dataset:
                dataset[name].attrs["comment"] += f"; {note}"
    return dataset


def arranged(dataset: xr.Dataset) -> xr.Dataset:
    """Return the variables in the order of the vocabulary, others behind them."""
    order = list(_known())

    def place(name: Hashable) -> tuple[int, str]:
        word = str(name).removesuffix("_err")
        return order.index(word) if word in order else len(order), str(name)

    return dataset[sorted(dataset.data_vars, key=place)]


def coordinates(grid: Grid, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the coordinates of a data set on `grid`: the labels of its axes and fixed values."""
    named: dict[str, Any] = {name: (name, list(axis)) for name, axis in grid.axes.items()}
    for name, labels in grid.labels.items():
        if name in grid.columns:
            named[name] = ("point" if grid.scattered else name, list(labels))
        else:
            named[name] = labels
    named |= {dim: (dim, np.arange(length)) for dim, length in grid.components.items()}
    return {name: value for name, value in named.items() if name not in without}


def relabelled(dataset: xr.Dataset, grid: Grid) -> xr.Dataset:
    """Return a data set with the labels of a grid where its numbers are those of the grid.

    So points of several calls that name one number by two floats stand at one label.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> grid = Grid(Hopfield(), {"alpha": [0.1, 0.1 + 0.05], "T": 0.1})
    >>> data = xr.Dataset(coords={"alpha": [0.15, 0.2], "T": 0.1})
    >>> relabelled(data, grid)["alpha"].values.tolist()
    [0.15000000000000002, 0.2]
    """
    changed = {}
    for name in grid.labels.keys() & dataset.coords.keys():
        found, names = dataset[name], grid.names(name)
        if not np.isin(found.values, list(names.values())).all():
            given = found.values.ravel().tolist()
            labels = [names.get(float(canonical(x)), x) for x in given]
            changed[name] = found.copy(data=np.reshape(labels, found.shape))
    return dataset.assign_coords(changed)


def with_times(dataset: xr.Dataset) -> xr.Dataset:
    """Return a data set with the coordinate t, 0 ... n_steps, where it has that axis."""
    if "t" not in dataset.dims:
        return dataset
    times = dataset.assign_coords(t=np.arange(dataset.sizes["t"]))
    times["t"].attrs = _attributes("t", _known())
    return times


def unpack(
    grid: Grid,
    results: Sequence[Result],
    lengths: Mapping[str, int],
    columns: Mapping[str, np.ndarray],
    status: np.ndarray,
) -> xr.Dataset:
    """Turn the columns of a journal into labelled variables.

    Parameters
    ----------
    grid : Grid
    results : sequence of Result
    lengths : mapping
        Of the axes that they have beyond those of the grid.
    columns : mapping
        Name of every result to its values, ``grid.shape`` + (length,).
    status : numpy.ndarray
        Shape ``grid.shape``.
    """
    dims = tuple(grid.axes)
    coords = coordinates(grid)
    variables: dict[str, Any] = {}
    for name, _, own, _ in results:
        axes = [dim for dim in own if dim not in OVERLAPS or dim in grid.components]
        coords |= {dim: (dim, np.arange(lengths[dim])) for dim in axes}
        shape = (*grid.shape, *(lengths[dim] for dim in axes))
        variables[name] = ((*dims, *axes), columns[name].reshape(shape))
    variables["status"] = (dims, status.astype(np.int8))
    if loads := of_grid(grid):
        variables["alpha_effective"] = (dims, loads.alpha)
        if "n_patterns" not in coords:
            variables["n_patterns"] = (dims, loads.n_patterns)
    return describe(xr.Dataset(variables, coords=coords), grid.model, results)


def study_attributes(study: Study, origin: Mapping[str, str]) -> dict[str, Any]:
    """Return the attributes of a data set of `study`: what was asked, and its origin."""
    settings = study.settings
    schedule = {name: getattr(settings, name) for name in ("warmup", "sweeps", "stride")}
    return {
        "title": f"phase diagram of {study.grid.model!r}",
        "model": json.dumps(study.grid.model.describe()),
        "study": json.dumps(study.describe()),
        "fingerprint": study.fingerprint(),
        "schedule": json.dumps(schedule),
        "seed": settings.seed,
        "n_samples": settings.n_samples,
        "n_replicas": settings.n_replicas,
        "dynamics": settings.dynamics,
        "start": settings.start,
        "law": settings.law,
        "schema_version": SCHEMA_VERSION,
        **origin,
    }
