"""Results as labelled data: axes named after what varies along them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .vocabulary import COORDINATES, QUANTITIES

if TYPE_CHECKING:
    from xarray import Dataset, DataTree

__all__ = ["Variable", "attributes", "dataset", "described", "grid_of", "inference", "tree"]


class Variable(NamedTuple):
    """Numbers and the names of their axes; ``"..."`` stands for those of the grid."""

    dims: tuple[str, ...]
    values: Any


#: Parameters that arrays are broadcast over, beside the coordinates of studies.
_CONTROLS = (*(n for n in COORDINATES if n not in ("t", "sample", "layer")), "d")
#: What takes one overlap, and an array of several.
_OVER_STARTS = ("theory.trajectory", "theory.convergence_time", "theory.recovery")
#: Of an error the word of what it is the error of, and what is said of it.
_ENDINGS = {
    "_err": "standard error of the {}",
    "_low": "lower end of the interval of the {}",
    "_high": "upper end of the interval of the {}",
}


def grid_of(settings: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, Variable]]:
    """Return the names of the axes that control parameters span, and their coordinates.

    An axis along which one parameter varies has its name; one along which several do is called
    ``point``, and all of them are coordinates along it.

    Examples
    --------
    >>> import numpy as np
    >>> dims, coordinates = grid_of({"alpha": np.array([[0.1], [0.2]]), "T": np.array([0.0, 0.5])})
    >>> dims, coordinates["alpha"].dims
    (('alpha', 'T'), ('alpha',))
    >>> grid_of({"alpha": np.array([0.1, 0.2]), "T": np.array([0.0, 0.5])})[0]
    ('point',)
    """
    controls: dict[str, np.ndarray] = {}
    own: dict[str, int] = {}
    shape: tuple[int, ...] = ()
    for name in _CONTROLS:
        values = np.asarray(settings.get(name, ""))
        if name == "start" and values.ndim:
            values = _starts(values, settings)
        if values.dtype.kind not in "iuf":
            continue
        shape = np.broadcast_shapes(shape, values.shape)
        controls[name], own[name] = values, values.ndim
    controls = {
        name: _reduced(values.reshape((1,) * (len(shape) - values.ndim) + values.shape))
        for name, values in controls.items()
    }
    alone = []
    for k in range(len(shape)):
        moving = [name for name, x in controls.items() if x.shape[k] > 1]
        spanning = [name for name, ndim in own.items() if ndim >= len(shape) - k]
        names = moving or spanning
        alone.append(names[0] if len(names) == 1 else "point")
    dims = tuple(
        name if alone.count(name) == 1 else f"{name}_{alone[:k].count(name)}"
        for k, name in enumerate(alone)
    )
    coordinates = {}
    for name, values in controls.items():
        kept = [k for k, dim in enumerate(dims) if values.shape[k] > 1 or dim == name]
        rest = tuple(k for k in range(len(dims)) if k not in kept)
        found = Variable(tuple(dims[k] for k in kept), np.squeeze(values, axis=rest))
        coordinates[name] = found
    return dims, coordinates


def _starts(values: np.ndarray, settings: Mapping[str, Any]) -> np.ndarray:
    """Return starts as a parameter: overlaps, else numbers of states; none of configurations."""
    function = str(settings.get("function", ""))
    if function in _OVER_STARTS and "alpha" in settings:
        return values
    if not function.startswith("theory."):
        return np.asarray("")
    own = 2 if "couplings" in settings["model"] and values.ndim > 1 else 1  # by layer, too
    lead = values.shape[:-own]
    return np.arange(int(np.prod(lead))).reshape(lead) if lead else np.asarray("")


def _reduced(values: np.ndarray) -> np.ndarray:
    """Keep one entry of every axis along which nothing changes."""
    for axis, length in enumerate(values.shape):
        first = values.take([0], axis=axis) if length else values
        if length > 1 and np.array_equal(np.broadcast_to(first, values.shape), values):
            values = first
    return values


def dataset(result: Any) -> Dataset:
    """Return the numbers of a result; see `hebbian.result.Result.to_dataset`."""
    return described(result, result.variables()).assign_attrs(attributes(result))


def described(result: Any, variables: Iterable[tuple[str, Variable]]) -> Dataset:
    """Return some numbers of a result with their axes, and words and symbols for them."""
    found = _dataset(dict(variables), *result.grid())
    for name in found.variables:
        found[name].attrs = _attributes(str(name)) | found[name].attrs
    return found


def tree(result: Any) -> DataTree:
    """Return the numbers of a result and its other groups."""
    import xarray as xr

    groups = {"/": dataset(result)}
    for name, variables in result.groups().items():
        groups[f"/{name}"] = described(result, variables.items())
    return xr.DataTree.from_dict(groups)


def inference(result: Any, groups: Mapping[str, Mapping[str, Variable]]) -> DataTree:
    """Return groups in the schema of ArviZ, with its attributes."""
    import xarray as xr

    dims, coordinates = result.grid()
    about = attributes(result)
    schema = {
        "created_at": about["created"],
        "creation_library": "hebbian-toolkit",
        "creation_library_version": about["version"],
        "creation_library_language": "Python",
    }
    found = {}
    for name, variables in groups.items():
        data = _dataset(variables, dims, coordinates)
        steps = {dim: np.arange(data.sizes[dim]) for dim in ("chain", "draw") if dim in data.dims}
        found[f"/{name}"] = data.assign_coords(steps).assign_attrs(schema)
    tree = xr.DataTree.from_dict(found)
    tree.attrs = about
    return tree


def _dataset(
    variables: Mapping[str, Variable],
    dims: tuple[str, ...],
    coordinates: Mapping[str, Variable],
) -> Dataset:
    import xarray as xr

    named = {name: _with_dims(name, variable, dims) for name, variable in variables.items()}
    used = {dim for dims_of in map(_dims_of, named.values()) for dim in dims_of}
    coords = {
        name: tuple(variable)
        for name, variable in coordinates.items()
        if set(variable.dims) <= used and name not in named
    }
    if any(hasattr(values, "coords") for values in named.values()):
        coords = {k: v for k, v in coords.items() if not v[0]}  # the others are their own
    found = xr.Dataset(named, coords=coords)
    numbered = [dim for dim in found.dims if dim in COORDINATES and dim not in found.coords]
    return found.assign_coords({dim: np.arange(found.sizes[dim]) for dim in numbered})


def _with_dims(name: str, variable: Variable, grid: tuple[str, ...]) -> Any:
    """Return numbers with the names of their axes; labels of an axis along it alone."""
    if hasattr(variable.values, "dims"):
        return variable.values
    dims, values = _dims(variable, grid), np.asarray(variable.values)
    if name in dims and values.ndim > 1:
        return (name,), _reduced(values).reshape(values.shape[dims.index(name)])
    return dims, values


def _dims(variable: Variable, grid: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the axes of some numbers, which may lack the last one of them."""
    dims: list[str] = []
    for dim in variable.dims:
        dims += grid if dim == "..." else [dim]
    ndim = np.ndim(variable.values)
    if ndim == 0 or len(dims) == ndim + 1:
        return tuple(dims[:ndim])
    if len(dims) != ndim:
        dims += [f"axis_{k}" for k in range(len(dims), ndim)]
    return tuple(dims[:ndim])


def _dims_of(values: Any) -> Iterable[str]:
    return values.dims if hasattr(values, "dims") else values[0]


def _attributes(name: str) -> dict[str, Any]:
    """Return long name, symbol, units and definition of a variable."""
    word, words = name, "{}"
    for ending, said in _ENDINGS.items():
        if name.endswith(ending):
            word, words = name.removesuffix(ending), said
    known = QUANTITIES.get(word)
    long_name = words.format(known.long_name if known else word.replace("_", " "))
    about = {"long_name": long_name, "units": "1"}
    if known:
        about |= {"symbol": known.symbol, "comment": known.definition}
    return about


def attributes(result: Any) -> dict[str, Any]:
    """Return what was computed, with which settings, by which version and commit, and when."""
    from .provenance import provenance  # what it imports is of no use to who asks for no labels

    settings = {k: _listed(v) for k, v in result.settings.items()}
    about: dict[str, Any] = {"title": type(result).__name__, "settings": json.dumps(settings)}
    if "model" in settings:
        about["model"] = json.dumps(settings["model"])
        about["title"] += f" of {result.model!r}"
    if isinstance(settings.get("seed"), int):
        about["seed"] = settings["seed"]
    origin = provenance()
    about["version"] = json.loads(origin["versions"])["hebbian-toolkit"]
    return about | origin


def _listed(value: Any) -> Any:
    """Return data without arrays."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {k: _listed(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_listed(v) for v in value]
    return value
