"""Final against initial overlap, and the critical initial overlap against the load."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.figure import Figure

import montecarlo
import theory
from hebbian import Model
from phase_diagrams.figures import drawing
from phase_diagrams.retrieval import RETRIEVED

from .orders import by_order, network
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, measured, positive


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For every order its size and loads; temperature and initial overlaps."""

    orders: list[int]
    n_spins: list[int]
    T: float
    loads: list[list[float]]
    overlaps: list[float]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Measure the basin at every load."""
    T = parameters.T
    rows = zip(parameters.orders, parameters.n_spins, parameters.loads, strict=True)
    for order, n_spins, loads in rows:
        model = network(order)
        basins = [
            montecarlo.basin(
                model, overlaps=parameters.overlaps, alpha=alpha, T=T, n_spins=n_spins,
                **parameters.settings(),
            )
            for alpha in loads
        ]  # fmt: skip
        data = {
            "final": (("alpha", "overlap"), [found.final for found in basins]),
            "final_err": (("alpha", "overlap"), [found.error for found in basins]),
            "critical": ("alpha", [float(found.critical) for found in basins]),
            "critical_err": ("alpha", [float(found.critical_error) for found in basins]),
        }
        places = {"alpha": loads, "overlap": basins[0].overlaps, "n_spins": n_spins}
        yield f"/order_{order}/simulation", xr.Dataset(data, places)
        capacity = float(theory.critical_load(model, T))
        alpha = np.linspace(0, capacity, 101)
        barrier = {"barrier": ("alpha", _barrier(model, alpha, T))}
        yield f"/order_{order}/theory", xr.Dataset(barrier, {"alpha": alpha, "capacity": capacity})
    yield "/", xr.Dataset(attrs={"T": T, "n_samples": parameters.n_samples})


def _barrier(model: Model, alpha: np.ndarray, T: float) -> np.ndarray:
    """Return the overlap above which one parallel step gains overlap; 0 if it always does.

    Without crosstalk every step is like the first: there it is the unstable fixed point of
    m = tanh(P m^(P-1) / 2T) and the border of the basin.
    """
    start = np.linspace(0, 1, 2001)[1:]
    after = theory.signal_to_noise(model, alpha=alpha[:, None], T=T, start_overlap=start).m
    gain = after - start
    first = np.argmax(gain > 0, axis=1)
    rows, before = np.arange(len(alpha)), np.maximum(first - 1, 0)
    low, high = gain[rows, before], gain[rows, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = start[before] + (start[first] - start[before]) * low / (low - high)
    return np.where(first == 0, np.where(gain[:, 0] > 0, 0.0, np.nan), crossing)


def draw(tree: xr.DataTree) -> Figure:
    """Final overlaps of every order, and the critical overlaps of all."""
    figure = Figure(figsize=(7.0, 2.5))
    *panels, last = figure.subplots(1, len(tree.children) + 1)
    pairs = zip(panels, by_order(tree, "simulation", "theory"), strict=True)
    for number, (ax, (order, data, known)) in enumerate(pairs):
        shades = colormaps["cividis"](np.linspace(0, 0.9, data.sizes["alpha"]))
        for i, colour in enumerate(shades):
            one = data.isel(alpha=i)
            drawing.points(
                ax, one["overlap"], one["final"], one["final_err"], fmt="o-", ms=1.8,
                color=colour, label=f"{float(one['alpha']):g}",
            )  # fmt: skip
        ax.plot([0, 1], [0, 1], "0.7", lw=0.6, ls=":")
        ax.set_title(f"$P = {order}$")
        ax.set(xlabel="initial overlap", ylabel="final overlap", ylim=(-0.2, 1.05))
        ax.legend(title=r"$\alpha$", fontsize=5, title_fontsize=6)
        capacity, colour = float(known["capacity"]), f"C{number}"
        last.plot(known["alpha"] / capacity, known["barrier"], color=colour, lw=0.9, ls="--")
        drawing.points(
            last, data["alpha"] / capacity, data["critical"], data["critical_err"],
            color=colour, label=f"$P = {order}$",
        )  # fmt: skip
    last.set(xlabel=r"load $\alpha/\alpha_c(T)$", ylabel="critical initial overlap")
    last.set(ylim=(-0.02, 1))
    last.legend()
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for order, data, known in by_order(tree, "simulation", "theory"):
        first = data.isel(alpha=0)
        words.append(
            f"P = {order}: N = {int(data['n_spins'])}, capacity "
            f"{float(known['capacity']):.4f}, critical overlap {float(first['critical']):.2f} +- "
            f"{float(first['critical_err']):.2f} at alpha = {float(first['alpha']):g} and "
            f"{float(known['barrier'][0]):.2f} in the theory without crosstalk"
        )
    return {"found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    dof, lowest = tree.attrs["n_samples"] - 1, []
    for order, data in by_order(tree, "simulation"):
        final = measured(data, "final", dof=dof)
        beyond = data["overlap"] > data["critical"] + 3 * data["critical_err"]
        least, most = (measured(data.isel(alpha=k), "critical", dof=dof) for k in (0, -1))
        lowest.append(least)
        words = f"P = {order}: starts beyond the critical overlap end above {RETRIEVED:g}"
        yield positive(words, (final - RETRIEVED).where(beyond))
        yield positive(f"P = {order}: the critical overlap rises with the load", most - least)
    words = "a network of more bodies asks for a larger overlap"
    yield positive(words, lowest[-1] - lowest[0])
