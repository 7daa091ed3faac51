"""Results in files: whole objects, bit for bit, beside what others read of them.

A file is the `xarray.DataTree` of the result, and a group ``state`` from which it is made again:
a description in JSON, in which numbers of arrays stand for the variables that hold them.
Classes are those of this toolkit alone; models and functions of a user's are looked for by name.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import domain, references
from .model import Model

if TYPE_CHECKING:
    from xarray import Dataset, DataTree

__all__ = ["SUFFIXES", "read", "write"]

SUFFIXES = (".nc", ".zarr")
_ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")
_LONGEST = 1 << 28


def write(result: Any, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write a result to a file; see `hebbian.result.Result.save`."""
    import tempfile

    target = Path(path)
    _check_suffix(target)
    if target.exists() and not domain.boolean("overwrite", overwrite):
        raise ValueError(f"path = {str(target)!r} exists: overwrite=True replaces it")
    if not target.parent.is_dir():
        raise ValueError(f"path = {str(target)!r}: there is no folder {target.parent}")
    arrays: list[np.ndarray] = []
    state = json.dumps(_packed(result, arrays, type(result).__name__), allow_nan=False)
    tree = _with_state(result.to_datatree(), state, arrays)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".saving") as folder:
        beside = Path(folder, target.name)
        if target.suffix == ".nc":
            tree.to_netcdf(beside, engine="h5netcdf")
        else:
            with warnings.catch_warnings():  # of zarr 3.1.0; what is loaded holds no texts
                warnings.filterwarnings("ignore", "The codec `vlen-utf8`", UserWarning)
                tree.to_zarr(beside, consolidated=False)
        if target.is_dir():  # a folder does not replace one: the old one goes with this one here
            target.replace(Path(folder, "replaced"))
        beside.replace(target)


def read(path: str | os.PathLike[str]) -> Any:
    """Read a result from a file; see `hebbian.result.Result.load`."""
    import xarray as xr

    from .documents import decode

    source = Path(path)
    _check_suffix(source)
    if not source.exists():
        raise ValueError(f"path = {str(source)!r}: there is no such file")
    options: Any = {"engine": "h5netcdf"}
    if source.suffix == ".zarr":
        options = {"engine": "zarr", "consolidated": False, "chunks": None}
    try:
        with xr.open_dataset(source, group="state", decode_times=False, **options) as found:
            kept = found.load()
        text = kept.attrs["state"]
    except Exception as error:  # noqa: BLE001 - whatever a damaged file makes its reader do
        words = " ".join(str(error).split())[:200]
        raise ValueError(f"path = {str(source)!r} is no saved result: {words}") from None
    state = decode(str(text), dict[str, Any], str(source), longest=_LONGEST, deepest=100)
    try:
        arrays = [kept[f"a{k}"].values for k in range(len(kept.variables))]
        return _made(state, arrays)
    except (KeyError, IndexError, TypeError, AttributeError, ImportError) as error:
        words = " ".join(str(error).split())[:200]
        raise ValueError(f"path = {str(source)!r} is of another version: {words}") from None
    except ValueError as error:
        raise ValueError(f"path = {str(source)!r}: {error}") from None


def _check_suffix(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        allowed = " or ".join(SUFFIXES)
        raise ValueError(f"path = {str(path)!r} does not end in {allowed}")


def _with_state(tree: DataTree, state: str, arrays: list[np.ndarray]) -> DataTree:
    import xarray as xr

    variables = {}
    for number, array in enumerate(arrays):
        lengths = enumerate(array.shape)
        dims = [f"d{n}_{array.shape[:k].count(n)}" for k, n in lengths]  # shared by equal lengths
        variables[f"a{number}"] = (dims, array)
    tree["state"] = xr.DataTree(xr.Dataset(variables, attrs={"state": state}))
    return tree.map_over_datasets(_writable)


def _writable(data: Dataset) -> Dataset:
    """Return data without words of one length, which not all formats know."""
    words = {name: x.astype(object) for name, x in data.variables.items() if x.dtype.kind == "U"}
    return data.assign(words)


def _packed(value: Any, arrays: list[np.ndarray], where: str) -> Any:
    """Return plain data for a value, and put its arrays on the list."""
    known = value is None or isinstance(value, str | bool | int | float)
    if known and not isinstance(value, np.generic):
        finite = not isinstance(value, float) or math.isfinite(value)
        return value if finite else {"float": repr(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "U":
            return {"strings": [value.dtype.str, list(value.shape), value.ravel().tolist()]}
        if value.dtype.kind not in "biuf":
            raise ValueError(f"{where} of type {value.dtype} cannot be saved")
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, np.generic):
        arrays.append(np.asarray(value))
        return {"array": len(arrays) - 1, "scalar": True}
    if isinstance(value, Model):
        value.check_portable()
        return {"model": _packed(value.describe(), arrays, where)}
    if isinstance(value, Mapping):
        pairs = [[k, _packed(v, arrays, f"{where}.{k}")] for k, v in value.items()]
        return {"dict": pairs}
    kind = type(value)
    if dataclasses.is_dataclass(value) or hasattr(value, "_asdict"):
        name = f"{kind.__module__}:{kind.__qualname__}"
        names = [f.name for f in dataclasses.fields(value)] if _is_data(value) else kind._fields
        fields = {n: _packed(getattr(value, n), arrays, f"{where}.{n}") for n in names}
        made = {"object": name, "fields": fields}
        asked = getattr(value, "__dict__", {}).get("settings", {})
        if asked and "settings" not in fields:
            made["settings"] = _packed(asked, arrays, where)
        return made
    if isinstance(value, list | tuple):
        items = [_packed(v, arrays, f"{where}[{k}]") for k, v in enumerate(value)]
        return {"tuple" if isinstance(value, tuple) else "list": items}
    if hasattr(value, "to_dict") and hasattr(value, "dims"):
        labels = {str(k): np.asarray(v.values) for k, v in value.coords.items()}
        kept = _packed(labels, arrays, where)
        dims = {str(k): list(map(str, v.dims)) for k, v in value.coords.items()}
        values = _packed(np.asarray(value.values), arrays, where)
        names = list(map(str, value.dims))
        about = _packed(value.attrs, arrays, where)
        return {"labelled": [names, values, kept, dims, about, value.name]}
    if callable(value):
        return {"function": references.place(value) or "", "words": repr(value)}
    raise ValueError(f"{where} = {value!r} is known to this process alone: it cannot be saved")


def _is_data(value: Any) -> bool:
    return dataclasses.is_dataclass(value)


def _made(state: Any, arrays: list[np.ndarray]) -> Any:
    """Return the value that plain data describes."""
    if not isinstance(state, dict):
        return state
    if "array" in state:
        found = arrays[state["array"]]
        return found[()] if state.get("scalar") else found
    if "model" in state:
        return Model.build(_made(state["model"], arrays))
    if "float" in state:
        return float(state["float"])
    if "strings" in state:
        kind, shape, words = state["strings"]
        return np.array(words, kind).reshape(shape)
    if "dict" in state:
        return {key: _made(value, arrays) for key, value in state["dict"]}
    if "list" in state:
        return [_made(value, arrays) for value in state["list"]]
    if "tuple" in state:
        return tuple(_made(value, arrays) for value in state["tuple"])
    if "function" in state:
        return _function(**state)
    if "labelled" in state:
        return _labelled(state["labelled"], arrays)
    kind = _class(state["object"])
    made = kind(**{name: _made(value, arrays) for name, value in state["fields"].items()})
    if "settings" in state:
        object.__setattr__(made, "settings", _made(state["settings"], arrays))
    return made


def _function(function: str, words: str) -> Callable[..., Any]:
    """Return a function by its name, or one that says that it has none here."""
    try:
        return references.attribute("function", function)
    except ValueError:

        def unknown(*_: Any) -> Any:
            raise ValueError(f"{words} was known to the process alone that saved this result")

        return unknown


def _labelled(state: list[Any], arrays: list[np.ndarray]) -> Any:
    import xarray as xr

    dims, values, labels, dims_of, attrs, name = state
    coords = {k: (dims_of[k], v) for k, v in _made(labels, arrays).items()}
    about = _made(attrs, arrays)
    return xr.DataArray(_made(values, arrays), coords, dims, name=name, attrs=about)


def _class(name: str) -> Any:
    """Return a class of data of this toolkit by its name."""
    module, _, what = name.partition(":")
    if module.partition(".")[0] not in _ROOMS:
        raise ValueError(f"{name} is no class of this toolkit")
    kind = getattr(import_module(module), what)
    data = _is_data(kind) or hasattr(kind, "_fields")
    if not isinstance(kind, type) or kind.__module__ != module or not data:
        raise ValueError(f"{name} is no class of results")
    return kind
