"""Networks of several orders P in one claim: a group ``order_P`` for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xarray as xr

from hebbian import Dense, Hopfield, Model

__all__ = ["by_order", "network"]


def network(order: int) -> Model:
    """Return the network of order P that stores its archetypes."""
    return Hopfield() if order == 2 else Dense(order=order)


def by_order(tree: xr.DataTree, *names: str) -> Iterator[tuple[Any, ...]]:
    """Yield every order P and the data sets of these names in its group."""
    for name, node in tree.children.items():
        yield int(name.removeprefix("order_")), *(node[part].to_dataset() for part in names)
