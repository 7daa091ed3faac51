"""The largest number of patterns that a network of a given size retrieves."""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Dense
from phase_diagrams.figures import drawing
from theory.conventions import finite_size_factor

from .crossings import crossing, power
from .orders import by_order
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal

#: Mean overlap at which a load counts as the capacity: between 1 of retrieval and the
#: remanence that descent from a pattern keeps beyond it.
HALF = 0.75


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders, their sizes, and the loads among which the capacity is sought."""

    orders: list[int]
    n_spins: list[list[int]]
    loads: list[float]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Descend from a pattern at T = 0 and find the load where the overlap falls to `HALF`."""
    for order, sizes in zip(parameters.orders, parameters.n_spins, strict=True):
        model = Dense(order=order)
        grid = {"alpha": parameters.loads, "T": 0.0, "n_spins": sizes}
        simulation = session.simulation(
            f"order_{order}", model, grid, parameters, dynamics="zero-temperature"
        )
        curves = [simulation.sel(n_spins=size) for size in sizes]
        found = [crossing(one["alpha"], one["m"].values, one["m_err"], HALF) for one in curves]
        loads, errors = zip(*found, strict=True)
        counts = [model.count(load, size) for load, size in zip(loads, sizes, strict=True)]
        limit = theory.ultra_storage(order)
        capacity = {"load": loads, "load_err": errors, "n_patterns": counts}
        yield f"/order_{order}/capacity", xr.Dataset(
            {name: ("n_spins", list(values)) for name, values in capacity.items()},
            coords={"n_spins": sizes},
            attrs={
                "predicted_exponent": limit.exponent, "amplitude": limit.amplitude,
            },
        )  # fmt: skip
        yield f"/order_{order}/simulation", simulation


def draw(tree: xr.DataTree) -> Figure:
    """Number of patterns against size, both logarithmic."""
    figure = Figure()
    ax = figure.add_subplot()
    for i, (order, found) in enumerate(by_order(tree, "capacity")):
        size = found["n_spins"]
        label = f"$P = {order}$: slope {_slope(found)}"
        count, relative = found["n_patterns"], found["load_err"] / found["load"]
        drawing.points(ax, size, count, count * relative, color=f"C{i}", ms=3.5, label=label)
        exponent = found.attrs["predicted_exponent"]
        predicted = found.attrs["amplitude"] * size.astype(float) ** exponent
        ax.plot(size, predicted, color=f"C{i}", lw=0.9)
    ax.set(xlabel="number of spins $N$", ylabel="largest number of patterns $K$")
    ax.set(xscale="log", yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        drawing.logarithmic(axis)
    ax.legend(loc="upper right")
    return figure


def _exponent(found: xr.Dataset) -> Measured:
    return power(found["n_spins"], found["n_patterns"], found["load_err"] / found["load"])


def _slope(found: xr.Dataset) -> str:
    slope = _exponent(found)
    return f"{slope.value:.2f} +- {slope.error:.2f}"


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    found = by_order(tree, "capacity")
    slopes = ", ".join(f"{_slope(data)} for P = {order}" for order, data in found)
    return {"half": HALF, "slopes": slopes}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for order, found in by_order(tree, "capacity"):
        size = found["n_spins"].values
        weaker = power(size, finite_size_factor(size, order=order))
        expected = found.attrs["predicted_exponent"] + weaker.value
        slope = _exponent(found)
        words = f"P = {order}: K grows like N^{slope.value:.2f}, {expected:.2f} by the theory of "
        yield equal(f"{words}these sizes", slope - expected, tolerance=0.1, resolution=0.5)
