"""Labelled arrays in, labelled arrays out.

A function decorated with `labelled` takes `xarray.DataArray` wherever it takes arrays:
they are broadcast by their dimensions, and the result has the same dimensions and
coordinates.  xarray itself is not needed: whatever has the same methods will do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

from hebbian import QUANTITIES
from hebbian.result import Result as Computed

__all__ = ["labelled", "pointwise"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def labelled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let a function of arrays take labelled arrays and return them.

    Examples
    --------
    >>> import xarray as xr
    >>> import theory
    >>> from hebbian import Hopfield
    >>> T = xr.DataArray([0.1, 0.5], coords={"T": [0.1, 0.5]}, dims="T")
    >>> alpha = xr.DataArray([0.02, 0.05, 0.1], coords={"alpha": [0.02, 0.05, 0.1]}, dims="alpha")
    >>> s = theory.solve(Hopfield(), alpha=alpha, T=T)
    >>> s.m.dims, float(s.m.sel(alpha=0.05, T=0.5).round(6))
    (('alpha', 'T'), 0.904106)
    """

    @wraps(function)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        everything: tuple[Any, ...] = (*args, *kwargs.values())
        given = [x for x in everything if _is_labelled(x)]
        if not given:
            return function(*args, **kwargs)
        template = given[0]
        for other in given[1:]:
            template = template.broadcast_like(other)
        template = template.transpose(*dict.fromkeys(dim for x in given for dim in x.dims))

        def plain(x: Any) -> Any:
            if not _is_labelled(x):
                return x
            return x.broadcast_like(template).transpose(*template.dims).values

        unlabelled: Any = function
        result = unlabelled(*map(plain, args), **{k: plain(v) for k, v in kwargs.items()})
        return _label(result, template, function.__name__)

    return wrapped


def pointwise(function: Callable[..., float], *values: Any) -> Any:
    """Return a function of numbers at every point of arrays, broadcast against each other.

    Not `numpy.vectorize`, which warns of what floating-point flags its calls leave.
    """
    arrays = np.broadcast_arrays(*values)
    points = zip(*(array.ravel().tolist() for array in arrays), strict=True)
    return np.array([function(*point) for point in points], float).reshape(arrays[0].shape)[()]


def _is_labelled(x: Any) -> bool:
    return all(hasattr(x, name) for name in ("dims", "coords", "broadcast_like"))


def _label(result: Any, template: Any, name: str, last_axis: str = "pattern") -> Any:
    """Put the labels of `template` on an array, or on the arrays of a result.

    The name of an axis more is `last_axis`, for results of a class that of its own.
    """
    if isinstance(result, Computed):
        fields = _fields(result.fields(), template, result.last_axis)
        named = type(result)(**fields)
        object.__setattr__(named, "settings", result.settings)
        return named
    if isinstance(result, tuple) and hasattr(result, "_asdict"):
        return type(result)(**_fields(result._asdict(), template))
    values = np.asarray(result)
    extra = values.shape[template.ndim :]
    if values.shape[: template.ndim] != template.shape or len(extra) > 1:
        raise ValueError(
            f"a result of shape {values.shape} does not fit the dimensions {template.dims}: "
            "label all arrays or none"
        )
    labels = template.copy(deep=False)
    if extra:
        labels = labels.expand_dims({last_axis: extra[0]}, axis=template.ndim)
    labels = labels.copy(data=values).rename(name)
    labels.attrs = {}
    if name in QUANTITIES:
        labels.attrs = {"long_name": QUANTITIES[name].long_name, "symbol": QUANTITIES[name].symbol}
    return labels


def _fields(fields: dict[str, Any], template: Any, last_axis: str = "pattern") -> dict[str, Any]:
    return {
        name: _label(value, template, name, last_axis)
        if isinstance(value, np.ndarray | np.generic | float)
        else value
        for name, value in fields.items()
    }
