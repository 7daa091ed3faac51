"""Layers of an assembly as one: it retrieves where all of them do, the worst included.

What there is one number of for every point (a phase map, a transition) is that of the worst layer;
a study at one layer, ``figures.select(tree, "layer", 1)``, is one of that layer.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

__all__ = ["worst_layer"]


def worst_layer(dataset: xr.Dataset) -> xr.Dataset:
    """Return a data set with the layer of smallest |m| at every point in the place of all.

    As it is without layers.

    Examples
    --------
    >>> m = xr.DataArray([[0.9, 0.8], [-0.1, 0.2]], dims=("T", "layer"))
    >>> worst_layer(xr.Dataset({"m": m, "m_err": m / 100}))["m_err"].values
    array([ 0.008, -0.001])
    """
    if "layer" not in dataset.dims:
        return dataset
    place = abs(dataset["m"]).fillna(np.inf).argmin("layer")
    return dataset.isel(layer=place).drop_vars("layer", errors="ignore")
