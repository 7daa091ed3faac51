"""Inside and outside the region of retrieval: what a simulation must show of the theory's lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from theory.conventions import finite_size_factor

from .verdicts import Findings, measured, positive

__all__ = ["finite_spinodal", "retrieval_region"]

#: Between the overlap of a retrieval state and that of a chain which has left it.
HALF = 0.5
#: Distance from the spinodal in units of its temperature: closer, small networks blur it.
CLEAR = 0.2
#: In colder networks, in units of the temperature up to which one pattern is retrieved, a lost one
#: leaves a remanence, beyond the capacity too.
REMANENT = 0.3


def finite_spinodal(lines: xr.Dataset, alpha: Any, n_spins: int, order: int) -> np.ndarray:
    r"""Return the spinodal of the couplings of N spins, :math:`\Pi T_M(\alpha/\Pi)`.

    Parameters
    ----------
    lines : xarray.Dataset
        ``spinodal_temperature`` along ``alpha``, NaN beyond the capacity, where 0 is returned.
    alpha : array_like
    n_spins, order : int
    """
    factor = float(finite_size_factor(n_spins, order=order))
    known = lines["spinodal_temperature"].fillna(0.0)
    return factor * np.interp(alpha / factor, lines["alpha"], known, right=0.0)


def retrieval_region(
    simulation: xr.Dataset,
    lines: xr.Dataset,
    order: int,
    *,
    title: str | None = None,
    unit: float = 1.0,
) -> Findings:
    """Judge whether chains from a pattern keep it below the spinodal and lose it above.

    Parameters
    ----------
    simulation : xarray.Dataset
        ``m`` and ``m_err`` on (alpha, T), and the scalar ``n_spins``.
    lines : xarray.Dataset
        See `finite_spinodal`.
    order : int
        P.
    title : str, optional
        Of the network; default: its order.
    unit : float
        Temperature up to which one pattern is retrieved.
    """
    title = f"P = {order}" if title is None else title
    m, T = measured(simulation), simulation["T"]
    known = finite_spinodal(lines, simulation["alpha"], int(simulation["n_spins"]), order)
    spinodal = simulation["alpha"].copy(data=known)
    inside = (1 - CLEAR) * spinodal > T
    outside = ((1 + CLEAR) * spinodal < T) & (REMANENT * unit <= T)
    yield positive(
        f"{title}: more than {HALF:g} of the overlap is kept below {1 - CLEAR:g} T_M",
        (m - HALF).where(inside),
    )
    yield positive(
        f"{title}: the pattern is lost above {1 + CLEAR:g} T_M", -(m - HALF).where(outside)
    )
