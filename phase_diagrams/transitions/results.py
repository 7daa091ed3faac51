"""What was found, labelled, extrapolated and said in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from .exchange import EDGES
from .extrapolation import limit
from .networks import Network, pairs

__all__ = ["labelled", "summary"]

#: Weight of retrieval by which starts and halves may differ, errors included.
TOLERATED_GAP = 0.1

#: Power of 1/N in which branches of order 2 approach infinite size: the disordered one is a glass.
GLASS_POWER = 2 / 3

_WORDS = {
    "transition": ("T_N", "transition temperature of finite networks, mean over samples"),
    "transition_err": (r"\delta T_N", "standard error of the transition temperature"),
    "transition_samples": ("T_s", "transition temperature of a sample"),
    "latent_heat": (r"\Delta e", "latent heat per spin"),
    "latent_heat_err": (r"\delta \Delta e", "standard error of the latent heat"),
    "expected": (r"T_N^{\rm th}", "transition temperature of a finite network in theory"),
    "entropy": (r"\ln(2K)/N", "entropy of the choice among the patterns per spin"),
    "n_patterns": ("K", "number of patterns"),
    "located": ("n_T", "samples whose transition was found"),
    "distribution": ("P(e)", "distribution of the energy where both phases weigh the same"),
    "barrier": (r"\Delta F/T", "barrier between the phases: ln of peak over minimum of P(e)"),
    "barrier_error": (r"\delta \Delta F/T", "jackknife error of the barrier"),
    "start_gap": (r"\Delta w", "weight of retrieval, start in a pattern minus random start"),
    "start_gap_error": (r"\delta \Delta w", "standard error of that difference"),
    "swap_rate": ("A", "smallest swap rate of neighbours in the ladder"),
    "round_trips": ("n_r", "round trips of all walkers"),
    "drift": (r"\Delta w'", "weight of retrieval, second half of the measurements minus first"),
    "drift_error": (r"\delta \Delta w'", "standard error of that difference"),
    "equilibrium": ("", "whether both starts and both halves are known to agree to a tenth"),
    "limit": ("T_c", "transition temperature extrapolated to infinite size"),
    "limit_err": (r"\delta T_c", "its standard error"),
    "slope": (r"d\beta/dx", "slope of the inverse temperature in the abscissa"),
    "slope_err": (r"\delta d\beta/dx", "its standard error"),
    "chi2": (r"\chi^2", "of the extrapolation"),
    "dof": ("", "its degrees of freedom"),
    "theory": ("T_c", "transition temperature in theory"),
    "z": ("z", "limit minus theory in standard errors"),
}


def labelled(
    networks: list[list[Network]],
    found: list[list[dict[str, Any]]],
    expected: np.ndarray,
    known: np.ndarray,
    method: str,
) -> xr.Dataset:
    """Put everything into one data set, with the extrapolation."""
    plane = ("alpha", "n_spins")
    beta, latent = (
        np.array([[one[name] for one in row] for row in found]) for name in ("beta", "latent_heat")
    )
    located = np.isfinite(beta).sum(axis=-1)
    T, T_error = _over_samples(1 / beta)
    mean, error = _over_samples(beta)
    heat, heat_error = _over_samples(latent)
    entropy = np.array([[one.entropy for one in row] for row in networks])
    sizes = np.array([one.n_spins for one in networks[0]])
    power = GLASS_POWER if pairs(networks[0][0].model) else 1.0
    x = entropy if method == "exchange" else np.broadcast_to(sizes**-power, entropy.shape)
    fits = [limit(*row) for row in zip(x, mean, error, strict=True)]
    variables: dict[str, Any] = {
        "transition": (plane, T),
        "transition_err": (plane, T_error),
        "transition_samples": ((*plane, "sample"), 1 / beta),
        "latent_heat": (plane, heat),
        "latent_heat_err": (plane, heat_error),
        "expected": (plane, expected),
        "entropy": (plane, entropy),
        "n_patterns": (plane, [[one.n_patterns for one in row] for row in networks]),
        "located": (plane, located),
        "limit": ("alpha", [fit.T for fit in fits]),
        "limit_err": ("alpha", [fit.error for fit in fits]),
        "slope": ("alpha", [fit.slope for fit in fits]),
        "slope_err": ("alpha", [fit.slope_error for fit in fits]),
        "chi2": ("alpha", [fit.chi2 for fit in fits]),
        "dof": ("alpha", [fit.dof for fit in fits]),
        "theory": ("alpha", known),
    }
    for name in found[0][0].keys() - {"beta", "latent_heat"}:
        values = np.array([[one[name] for one in row] for row in found])
        variables[name] = ((*plane, "energy")[: values.ndim], values)
    coords: dict[str, Any] = {
        "alpha": [row[0].alpha for row in networks],
        "n_spins": sizes,
        "sample": np.arange(beta.shape[-1]),
    }
    if "distribution" in variables:
        coords["energy"] = 0.5 * (EDGES[1:] + EDGES[:-1])
    result = xr.Dataset(variables, coords=coords, attrs={"method": method})
    result["z"] = (result["limit"] - result["theory"]) / result["limit_err"]
    if "start_gap" in result:
        result["equilibrium"] = _agree(result, "start_gap") & _agree(result, "drift")
    known_names = [name for name in _WORDS if name in result]
    for name in known_names:
        symbol, words = _WORDS[name]
        result[name].attrs = {"symbol": symbol, "long_name": words, "units": "1"}
    return result[known_names]


def _agree(result: xr.Dataset, name: str) -> xr.DataArray:
    """Return whether a difference of weights is known to be small."""
    return abs(result[name]) + result[f"{name}_error"] < TOLERATED_GAP


def _over_samples(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard error over the last axis; NaN where under half is known."""
    known = np.isfinite(values)
    n = known.sum(axis=-1)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=-1) / n
        square = np.where(known, (values - mean[..., None]) ** 2, 0.0).sum(axis=-1)
        error = np.sqrt(square / (n - 1) / n)
    few = n < np.maximum(2, 0.5 * values.shape[-1])
    return np.where(few, np.nan, mean), np.where(few, np.nan, error)


def summary(found: xr.Dataset) -> str:
    """Say in a sentence per load where the transition is."""
    words = []
    for alpha in found["alpha"].values:
        one = found.sel(alpha=alpha)
        if not np.isfinite(float(one["limit"])):
            words.append(f"alpha = {alpha:g}: no transition was located at two sizes.")
            continue
        text = (
            f"alpha = {alpha:g}: T_c = {float(one['limit']):.4f} +- {float(one['limit_err']):.4f}, "
            f"theory {float(one['theory']):.4f} (z = {float(one['z']):.1f}"
        )
        if int(one["dof"]) > 0:
            text += f", chi2 = {float(one['chi2']):.1f} of {int(one['dof'])}"
        text += ")"
        if "equilibrium" in one and not bool(one["equilibrium"].all()):
            late = ", ".join(str(n) for n in one["n_spins"].values[~one["equilibrium"].values])
            text += f"; equilibrium is not shown at N = {late}"
        words.append(text + ".")
    return " ".join(words)
