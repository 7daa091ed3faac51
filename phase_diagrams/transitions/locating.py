"""The door: where retrieval and the state without it change places, by simulation."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import theory
from hebbian import Model, domain
from montecarlo import Schedule
from montecarlo.engine.checkpoint import checkpointed
from montecarlo.schedule import checked_schedule
from phase_diagrams.stores.files import replacing
from phase_diagrams.stores.provenance import provenance

from .exchange import EDGES, by_exchange
from .extrapolation import limit
from .integration import by_integration
from .networks import Network, network

__all__ = ["METHODS", "locate_transition", "schedule_of", "summary"]

METHODS = {"exchange": by_exchange, "integration": by_integration}

#: By method: sweeps, sizes and disorder samples of the default.
SCHEDULES = {
    "exchange": Schedule(warmup=1000, sweeps=2000, stride=5),
    "integration": Schedule(warmup=20, sweeps=40, stride=2),
}
SIZES = {"exchange": [40, 60, 80, 100], "integration": [4000, 8000, 16000]}
SAMPLES = {"exchange": 16, "integration": 8}

#: Weight of retrieval by which starts and halves may differ beside their errors.
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
    "equilibrium": ("", "whether both starts and both halves of the measurements agree"),
    "limit": ("T_c", "transition temperature extrapolated to infinite size"),
    "limit_err": (r"\delta T_c", "its standard error"),
    "slope": (r"d\beta/dx", "slope of the inverse temperature in the abscissa"),
    "slope_err": (r"\delta d\beta/dx", "its standard error"),
    "chi2": (r"\chi^2", "of the extrapolation"),
    "dof": ("", "its degrees of freedom"),
    "theory": ("T_c", "transition temperature in theory"),
    "z": ("z", "limit minus theory in standard errors"),
}


def locate_transition(
    model: Model,
    *,
    alpha: Any,
    n_spins: Sequence[int] | None = None,
    n_samples: int | None = None,
    seed: int = 0,
    method: str | None = None,
    T: float | None = None,
    schedule: Schedule | None = None,
    law: str = "binomial",
    out: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 10.0,
    n_threads: int | None = None,
    backend: str = "auto",
    progress: bool = False,
) -> xr.Dataset:
    r"""Locate the first-order transition of retrieval by simulation and extrapolate it.

    Networks of every size get the couplings of the infinite one: with distinct indices the load
    :math:`\alpha \Pi`, and temperatures and energies are reported in units of
    :math:`\Pi = \prod_{k<P} (1 - k/N)`.

    Parameters
    ----------
    model : Hopfield or Dense
    alpha : float or sequence of float
        Loads of the infinite network, positive.
    n_spins : sequence of int, optional
        Sizes; two for an extrapolation, three to judge it.  Default 40, 60, 80, 100 (exchange)
        or 4000, 8000, 16000 (integration).
    n_samples : int, optional
        Disorder samples of every size; default 16 (exchange) or 8 (integration).
    seed : int
    method : {"exchange", "integration"}, optional
        ``"exchange"``: ladders of temperatures in which both phases come and go, and the
        temperature at which all patterns together have half of the weight: the
        transition of the finite network, extrapolated in :math:`\ln(2K)/N`.  The default for
        P >= 3, at sizes (N up to 100 or so) at which walkers change phase.
        ``"integration"``: free energies of both branches from T = 0 and from infinite
        temperature, and where one retrieval state crosses the disordered one; extrapolated in
        1/N, at P = 2, where the disordered state is a glass, in :math:`N^{-2/3}`.  The default
        for P = 2, whose theory needs many patterns and so thousands of spins.
    T : float, optional
        Where to look, in units of the infinite network; default: where theory expects it.
    schedule : Schedule
        Sweeps at each temperature; default 1000 and 2000 measured (exchange), 20 and 40
        (integration).
    law : {"binomial", "gaussian"}
        Law of the example mean in the theory.
    out : path, optional
        netCDF file of the result.  An interrupted call goes on where it was, to the same bits,
        from a checkpoint beside it (``<out>.ckpt``); where the file is there already it is
        read.  A file of another call is refused.
    checkpoint_every : float
        Minutes between two checkpoints.
    n_threads, backend, progress
        As in `montecarlo.simulate`.

    Returns
    -------
    xarray.Dataset
        Along (alpha, n_spins): ``transition`` and its error over samples,
        ``transition_samples``, ``latent_heat``, ``expected`` (theory of the finite network),
        ``entropy``, ``n_patterns``, ``located`` (samples with a transition); of exchange also
        ``distribution`` P(e) at the transition, ``barrier`` (Lee and Kosterlitz), ``swap_rate``,
        ``round_trips``, ``start_gap``, ``drift`` and ``equilibrium``: whether the weight of
        retrieval is the same with both starts and in both halves of the measurements, within two
        errors and a tenth.  Along alpha: ``limit`` and its error
        (`phase_diagrams.transitions.extrapolation`), ``slope``, ``chi2``, ``dof``, ``theory`` and
        ``z``.  What was not found is NaN.

    Raises
    ------
    ValueError
        If a parameter is outside its range, theory expects no transition and T is not given,
        or the file belongs to another call.

    Notes
    -----
    ``expected`` adds the entropy :math:`\ln(2K)/N` to the retrieval state of a typical pattern.
    Patterns differ in energy by crosstalk, the lowest of them weigh most, and the paramagnet of a
    finite network has an energy of its own: measured transitions lie a few percent above it.

    ``limit_err`` holds the statistical error, enlarged where the sizes scatter about the line,
    and how much the smallest size matters; corrections that all sizes share it cannot know.

    Two idle processors need about two minutes (exchange) or four (integration) for a load with
    the defaults.

    References
    ----------
    A. M. Ferrenberg, R. H. Swendsen, Phys. Rev. Lett. 63, 1195 (1989),
    doi:10.1103/PhysRevLett.63.1195; J. Lee, J. M. Kosterlitz, Phys. Rev. Lett. 65, 137 (1990),
    doi:10.1103/PhysRevLett.65.137.

    Examples
    --------
    >>> from hebbian import Dense
    >>> from montecarlo import Schedule
    >>> found = locate_transition(Dense(order=4), alpha=0.05, n_spins=[40, 48], n_samples=3,
    ...                           schedule=Schedule(warmup=200, sweeps=400, stride=4), seed=1)
    >>> bool((abs(found["transition"] - 0.9) < 0.15).all())
    True
    """
    loads = np.atleast_1d(domain.real_array("alpha", alpha, "(0, inf)"))
    if loads.ndim != 1 or len(np.unique(loads)) < loads.size or loads.size == 0:
        raise ValueError(f"alpha = {np.asarray(alpha).tolist()} is not a list of distinct loads")
    method = _method_of(model, method)
    measure = METHODS[method]
    given = SIZES[method] if n_spins is None else np.atleast_1d(n_spins)
    sizes = [domain.integer("n_spins", n, "[8, 100000]") for n in given]
    if len(set(sizes)) < len(sizes) or not sizes:
        raise ValueError(f"n_spins = {sizes} is not a list of distinct sizes")
    n_samples = SAMPLES[method] if n_samples is None else n_samples
    n_samples = domain.integer("n_samples", n_samples, "[2, 1000000]")
    seed = domain.integer("seed", seed, "[0, inf)")
    networks = [[network(model, float(a), n) for n in sizes] for a in loads]
    schedule = checked_schedule(schedule_of(model, method) if schedule is None else schedule)
    if schedule.n_measurements < 2:
        raise ValueError("schedule: a transition needs at least two measurements")
    if T is not None:
        T = domain.real("T", T, "(0, inf)")
    expected = np.array([[one.expected(law) for one in row] for row in networks])
    known = np.asarray(theory.transition_temperature(model, loads, law=law), float)
    if T is None:
        centres = _centres(model, loads, expected, known, method, law)
    else:
        centres = np.full(expected.shape, T)
    asked = {
        "run": "locate_transition",
        "model": model.describe(),
        "alpha": loads.tolist(),
        "n_spins": sizes,
        "n_samples": n_samples,
        "seed": seed,
        "method": method,
        "T": T,
        "schedule": dataclasses.asdict(schedule),
        "law": law,
    }
    path = None if out is None else Path(out)
    if path is not None and path.exists():
        return _kept(path, asked)
    settings: dict[str, Any] = {"n_samples": n_samples, "seed": seed, "schedule": schedule}
    settings |= {"n_threads": n_threads, "backend": backend, "progress": progress}
    beside = None if path is None else path.with_name(f"{path.name}.ckpt")
    with checkpointed(beside, checkpoint_every, asked) as file:
        found = [
            [
                measure(
                    one, centre=float(centres[i, j]),
                    checkpoint=file, **settings,
                )
                for j, one in enumerate(row)
            ]
            for i, row in enumerate(networks)
        ]  # fmt: skip
    result = _labelled(networks, found, expected, known, method)
    result.attrs |= {"request": json.dumps(asked), **provenance()}
    result.attrs["summary"] = summary(result)
    if path is not None and beside is not None:
        with replacing(path) as making:
            result.to_netcdf(making, engine="h5netcdf")
        beside.unlink(missing_ok=True)
    return result


def _method_of(model: Model, method: str | None) -> str:
    """Return the method asked for, or the one for a model."""
    if method is None:
        return "integration" if getattr(model, "order", 2) == 2 else "exchange"
    return domain.choice("method", method, METHODS)


def schedule_of(model: Model, method: str | None, **changed: Any) -> Schedule:
    """Return the default schedule of a method, or of that for a model, with some changes."""
    return dataclasses.replace(SCHEDULES[_method_of(model, method)], **changed)


def _centres(
    model: Model, loads: np.ndarray, expected: np.ndarray, known: np.ndarray, method: str, law: str
) -> np.ndarray:
    """Return where to look: the spinodal where a small network has its transition beyond it."""
    if method == "integration":
        centres = np.repeat(known[:, None], expected.shape[1], axis=1)
    else:
        spinodal = np.asarray(theory.spinodal_temperature(model, loads, law=law), float)
        centres = np.where(np.isfinite(expected), expected, spinodal[:, None])
    lost = ~np.isfinite(centres).all(axis=1)
    if lost.any():
        raise ValueError(
            f"alpha = {loads[lost][0]:g}: theory expects no transition there; T says where to look"
        )
    return centres


def _kept(path: Path, asked: dict[str, Any]) -> xr.Dataset:
    """Read a result that is there already."""
    try:
        with xr.open_dataset(path, engine="h5netcdf") as stored:
            found = stored.load()
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"out = {str(path)!r} is no result of locate_transition: {error}"
        ) from None
    if found.attrs.get("request") != json.dumps(asked):
        raise ValueError(f"out = {str(path)!r} holds another result: choose another file")
    return found


def _labelled(
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
    power = GLASS_POWER if networks[0][0].order == 2 else 1.0
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
    """Return whether a difference of weights vanishes within twice its error and a tolerance."""
    apart = 2 * result[f"{name}_error"].fillna(0) + TOLERATED_GAP
    return np.abs(result[name]) < apart


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
            text += f"; not in equilibrium at N = {late}"
        words.append(text + ".")
    return " ".join(words)
