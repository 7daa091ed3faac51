"""Overlaps of all patterns in time, from one cue and from what is to be retrieved."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import hebbian
import montecarlo
import theory
from hebbian import Multitasking
from montecarlo.state import initial_spins
from phase_diagrams.figures import drawing

from .running import Groups, Numbers, Session, Simulation, averaged
from .verdicts import Findings, equal, exact, measured, positive

#: States at mild and at strong dilution: names of starts and of branches of the theory.
REGIMES = ("hierarchical", "parallel")


#: Sweeps at the end over which overlaps are averaged.
SETTLED = 10


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dilution and temperature of the hierarchical and of the parallel regime."""

    n_patterns: int
    dilution: tuple[float, float]
    T: tuple[float, float]
    n_spins: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Record the overlaps after every sweep."""
    for regime, d, T in zip(REGIMES, parameters.dilution, parameters.T, strict=True):
        model = Multitasking(n_patterns=parameters.n_patterns, dilution=d, sampling="stratified")
        for name, start in (("cue", "pattern"), ("state", regime)):
            m = _trajectories(model, T, start, parameters)
            found = averaged({"m": m}, ("sweep", "pattern"))
            yield f"/{regime}/{name}", xr.Dataset(found, {"sweep": np.arange(m.shape[1])})
        levels = {"m": ("pattern", theory.solve(model, T=T, start=regime).m)}
        yield f"/{regime}/theory", xr.Dataset(levels, {"dilution": d, "T": T})
    known = {"n_spins": parameters.n_spins, "n_samples": parameters.n_samples}
    yield "/", xr.Dataset(attrs=known)


def _trajectories(model: Multitasking, T: float, start: str, parameters: Parameters) -> np.ndarray:
    """Return overlaps (sample, sweep, pattern), made positive; the cue is the first.

    The other patterns are equivalent at the beginning: they are in the order of their
    overlaps at the end.
    """
    run = montecarlo.simulate(
        model, T=T, n_spins=parameters.n_spins, start=start, **parameters.settings()
    )
    series = run.series["m"].copy()
    first = np.empty_like(series[:, :, :1])
    for sample in range(parameters.n_samples):
        data = hebbian.draw(model, n_spins=parameters.n_spins, seed=parameters.seed, sample=sample)
        for replica in range(parameters.n_replicas):
            spins = initial_spins(data, start, parameters.seed, sample, replica)
            first[sample, replica, 0] = data.archetypes @ spins.astype(float) / data.n_spins
    series = np.concatenate([first, series], axis=2)
    end = series[:, :, series.shape[2] // 2 :].mean(axis=2, keepdims=True)
    series, end = series * np.sign(end), np.abs(end)
    end[..., 0] = 2.0
    order = np.argsort(-end, axis=-1, kind="stable")
    return np.take_along_axis(series, order, axis=-1).mean(axis=1)


def draw(tree: xr.DataTree) -> Figure:
    """Regimes as rows; from the cue on the left, from the state on the right."""
    starts = {"cue": "from one pattern", "state": "from the state itself"}
    figure = Figure(figsize=(7.0, 4.0))
    panels = figure.subplots(2, 2, sharex=True, sharey="row")
    for row, regime in zip(panels, REGIMES, strict=True):
        levels = tree[f"{regime}/theory"].to_dataset()
        where = f"$d = {float(levels['dilution']):g}$, $T = {float(levels['T']):g}$"
        for ax, (name, words) in zip(row, starts.items(), strict=True):
            data = tree[f"{regime}/{name}"].to_dataset()
            for mu in range(data.sizes["pattern"]):
                one, colour = data.isel(pattern=mu), f"C{mu}"
                drawing.points(
                    ax, one["sweep"], one["m"], one["m_err"], fmt="o-", color=colour,
                    label=f"$m_{mu + 1}$",
                )  # fmt: skip
                ax.axhline(float(levels["m"][mu]), color=colour, lw=0.7, ls="--")
            ax.set(xlabel="sweep", ylabel="Mattis magnetizations $m_\\mu$")
            ax.xaxis.get_major_locator().set_params(integer=True)
            ax.set_title(f"{where}, {words}")
            ax.label_outer()
    panels[0, 0].legend()
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for regime in REGIMES:
        cue, levels = (tree[f"{regime}/{name}"].to_dataset() for name in ("cue", "theory"))
        last = cue.isel(sweep=-1)
        found = ", ".join(
            f"{m:.4f} +- {e:.4f}" for m, e in zip(last["m"], last["m_err"], strict=True)
        )
        expected = ", ".join(f"{m:.4f}" for m in levels["m"].values)
        words.append(
            f"d = {float(levels['dilution']):g}, T = {float(levels['T']):g}: overlaps {found} "
            f"at the end, {expected} in the {regime} state of the theory"
        )
    return {"found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    dof, blurred = tree.attrs["n_samples"] - 1, tree.attrs["n_spins"] ** -0.5
    levels = {name: tree[f"{name}/theory/m"] for name in REGIMES}
    for regime in REGIMES:
        last = tree[f"{regime}/cue"].to_dataset().isel(sweep=slice(-SETTLED, None))
        m = measured(last.mean("sweep"), dof=dof)  # errors of one sweep, which are no smaller
        off, words = m - levels[regime], f"{regime}: their overlaps are those of the theory"
        yield positive(f"{regime}: all patterns are retrieved from one", m)
        yield equal(words, off, tolerance=blurred)
    mild, strong = (levels[regime].diff("pattern") for regime in REGIMES)
    yield exact("they are unequal at mild dilution", mild < -blurred)
    yield exact("they are equal at strong dilution", abs(strong) < 1e-6)
