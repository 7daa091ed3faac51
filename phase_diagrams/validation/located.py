"""First-order transitions of retrieval, located by simulation and extrapolated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import xarray as xr

from hebbian import Dense, Hopfield, Model
from phase_diagrams import locate_transition

__all__ = ["SEARCHES", "Search", "measured", "section"]


class Search(NamedTuple):
    """One call of `phase_diagrams.locate_transition`."""

    model: Model
    alpha: float
    n_spins: list[int]
    n_samples: int


#: Minutes each on two cores.
SEARCHES = (
    Search(Dense(order=4), 0.05, [40, 60, 80, 100], 16),
    Search(Dense(order=4), 0.1, [40, 60, 80, 100], 16),
    Search(Hopfield(), 0.03, [4000, 8000, 16000], 8),
)


def measured(searches: Iterable[Search] = SEARCHES) -> list[tuple[Search, xr.Dataset]]:
    """Locate every transition."""
    return [(search, _located(*search)) for search in searches]


def _located(model: Model, alpha: float, n_spins: list[int], n_samples: int) -> xr.Dataset:
    found = locate_transition(model, alpha=alpha, n_spins=n_spins, n_samples=n_samples, seed=1)
    return found.isel(alpha=0)


def section(found: Iterable[tuple[Search, xr.Dataset]]) -> list[str]:
    """Return the section of the page, line by line."""
    return [
        "## Located transitions",
        "",
        "Temperatures at which retrieval and the disordered phase have the same weight, in units "
        "of the infinite network (`phase_diagrams.locate_transition`): for P >= 3 by replica "
        "exchange, extrapolated in ln(2K)/N, for P = 2 by integration of the free energies, "
        "extrapolated in N^(-2/3). z is the difference from theory in errors of the limit.",
        "",
        "| model | alpha | sizes | T_c at these sizes | T_c | theory | z | difference |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(search, one) for search, one in found),
        "",
    ]


def _row(search: Search, found: xr.Dataset) -> str:
    finite = ", ".join(
        _with_error(value, error)
        for value, error in zip(
            found["transition"].values, found["transition_err"].values, strict=True
        )
    )
    limit, known = float(found["limit"]), float(found["theory"])
    sizes = ", ".join(map(str, search.n_spins))
    return (
        f"| `{search.model}` | {search.alpha:g} | {sizes} | {finite} | "
        f"{_with_error(limit, found['limit_err'])} | {known:.4f} | {float(found['z']):.1f} | "
        f"{limit / known - 1:+.1%} |"
    )


def _with_error(value: Any, error: Any) -> str:
    return f"{float(value):.4f}({float(error):.4f})"
