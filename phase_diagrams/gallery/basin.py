r"""Final against initial overlap, and the critical initial overlap against the load.

The dynamics is parallel, that of statistical neurodynamics (S. Amari, K. Maginu, Neural Networks
1, 63 (1988)), which treats the crosstalk at time t as Gaussian noise of variance
:math:`\sigma_t^2`, z a standard Gaussian:

.. math:: m_{t+1} = \langle \tanh\beta h \rangle_z, \qquad
          h = \tfrac P2 m_t^{P-1} + \sigma_t z .

For pairs the overlaps with the other patterns are carried on by the susceptibility
:math:`\chi_t = \beta\langle 1 - \tanh^2 \beta h\rangle`,

.. math:: \sigma_{t+1}^2 = \alpha + \chi_t^2\sigma_t^2 + 2\alpha\chi_t m_t m_{t+1},

where :math:`m_t m_{t+1}` stands for the correlation of successive states of the spins, and
correlations over more steps are left out.  Those are what it gets wrong.  With P > 2 distinct
spins these overlaps add nothing to the variance, :math:`\sigma^2 = \alpha P/2` at every step;
what is left out is the reaction of a spin on itself through earlier states.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.figure import Figure

import montecarlo
import theory
from phase_diagrams.figures import drawing
from phase_diagrams.retrieval import RETRIEVED

from .orders import by_order, network
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal, measured, positive

#: Parallel steps of the theory: more than it takes from just above the border.
N_STEPS = 100


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
                dynamics="parallel", **parameters.settings(),
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
        alpha = np.linspace(0, max(loads), 101)[1:]
        border = {"border": ("alpha", border_of_basin(order, alpha, T))}
        yield f"/order_{order}/theory", xr.Dataset(border, {"alpha": alpha, "capacity": capacity})
    yield "/", xr.Dataset(attrs={"T": T, "n_samples": parameters.n_samples})


def neurodynamics(order: int, alpha: Any, T: float, start: Any, n_steps: int) -> np.ndarray:
    """Return the overlap after some parallel steps in statistical neurodynamics.

    Parameters
    ----------
    order : int
        P.
    alpha, start : float or array_like
        Load, and overlap of the start.
    T : float
        Positive.
    n_steps : int
    """
    z = np.linspace(-6, 6, 241)
    weight = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    alpha, m = (np.array(values, float) for values in np.broadcast_arrays(alpha, start))
    variance = alpha * order / 2
    for _ in range(n_steps):
        field = (order / 2 * m ** (order - 1))[..., None] + np.sqrt(variance)[..., None] * z
        mean = np.tanh(field / T)
        before, m = m, mean @ weight
        if order == 2:
            chi = (1 - mean**2) @ weight / T
            variance = alpha + chi**2 * variance + 2 * alpha * chi * m * before
    return m


def border_of_basin(order: int, alpha: np.ndarray, T: float) -> np.ndarray:
    """Return the smallest overlap of a start that retrieves; NaN where none does."""

    def retrieved(start: Any) -> np.ndarray:
        return neurodynamics(order, alpha, T, start, N_STEPS) > RETRIEVED

    low, high = np.zeros_like(alpha), np.ones_like(alpha)
    for _ in range(20):
        middle = (low + high) / 2
        good = retrieved(middle)
        low, high = np.where(good, low, middle), np.where(good, middle, high)
    return np.where(retrieved(1.0), high, np.nan)


def draw(tree: xr.DataTree) -> Figure:
    """Final overlaps of every order, and the critical overlaps of all."""
    figure = Figure(figsize=(7.0, 2.6))
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
        ax.legend(title=r"$\alpha$", fontsize=5, title_fontsize=6,
                  loc="lower right" if order == 2 else "center left")  # fmt: skip
        capacity, colour = float(known["capacity"]), f"C{number}"
        last.plot(known["alpha"] / capacity, known["border"], color=colour, lw=0.9, ls="--")
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
        gap = _beyond_the_theory(data, known, np.inf)
        words.append(
            f"P = {order}: N = {int(data['n_spins'])}, capacity {float(known['capacity']):.4f}, "
            f"critical overlap {_range(data['critical'], '.2f')}, larger than in the theory by "
            f"{_range(gap.value, '.2f')} (+- {float(gap.error.mean()):.2f} on average)"
        )
    return {"found": "; ".join(words)}


def _range(values: Any, form: str) -> str:
    return f"{float(np.nanmin(values)):{form}} to {float(np.nanmax(values)):{form}}"


def _beyond_the_theory(data: xr.Dataset, known: xr.Dataset, dof: float) -> Measured:
    """Return by how much the critical overlap exceeds that of statistical neurodynamics."""
    return measured(data, "critical", dof=dof) - known["border"].interp(alpha=data["alpha"])


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    dof, lowest = tree.attrs["n_samples"] - 1, []
    for order, data, known in by_order(tree, "simulation", "theory"):
        final = measured(data, "final", dof=dof)
        beyond = data["overlap"] > data["critical"] + 3 * data["critical_err"]
        least, most = (measured(data.isel(alpha=k), "critical", dof=dof) for k in (0, -1))
        lowest.append(least)
        words = f"P = {order}: starts beyond the critical overlap end above {RETRIEVED:g}"
        yield positive(words, (final - RETRIEVED).where(beyond))
        yield positive(f"P = {order}: the critical overlap rises with the load", most - least)
        gap = _beyond_the_theory(data, known, dof)
        if order == 2:
            yield positive("P = 2: it is larger than in statistical neurodynamics", gap)
        else:
            words = f"P = {order}: it is that of statistical neurodynamics"
            yield equal(words, gap, tolerance=int(data["n_spins"]) ** -0.5, resolution=0.25)
    words = "a network of more bodies asks for a larger overlap"
    yield positive(words, lowest[-1] - lowest[0])
