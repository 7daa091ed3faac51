r"""How the error of an outer-product memory falls with its dimension and with what it has seen.

Under Zipf's law :math:`p(x) \propto x^{-a}` the error of the weights :math:`q = p^\rho` falls as
:math:`d^{-(a-1)/(2 a \rho)}`, but no faster than that of the best threshold, :math:`d^{-(a-1)}`;
that of a memory which has seen T samples, as :math:`T^{-1+1/a}` if its dimension is large enough.
Exponents are slopes of least squares in the logarithms, those of simulations with the weights and
errors of their points.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
import theory
from hebbian import zipf
from phase_diagrams.figures import drawing

from .running import Groups, Numbers, Session
from .verdicts import Findings, Measured, equal, exact, measured, positive

#: Weights: exponent rho of q = p^rho, None for the threshold.
FAMILIES = {"frequency": 1.0, "power": 0.5, "threshold": None}
SHOWN = {"frequency": "$q = p$", "power": "$q = p^{1/2}$", "threshold": "$q = 1$, $x \\leq d/8$"}

#: The threshold is d over this.
SHARE = 8
#: Slopes of finite dimensions, from those of infinite ones.
CLOSE = 0.03


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tokens, their law and classes; dimensions and numbers of samples; draws.

    Numbers of samples are those of a memory of `wide` dimensions; theory runs to `far`.
    """

    n_tokens: int
    exponent: float
    n_classes: int
    dimensions: list[int]
    far: int
    samples: list[int]
    wide: int
    n_draws: int
    seed: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Measure errors, and compute those of the theory at the same and at other dimensions."""
    p = parameters
    # Where thresholds are whole numbers: between them errors go in steps.
    fine = SHARE * np.unique(
        np.rint(np.geomspace(min(p.dimensions), p.far, 25) / SHARE).astype(int)
    )
    names = list(FAMILIES)
    simulated = [[_simulated(p, name, d) for d in p.dimensions] for name in names]
    yield (
        "/dimensions",
        _points(
            simulated,
            [[_theory(p, name, d) for d in p.dimensions] for name in names],
            {"weights": names, "d": p.dimensions},
        ),
    )
    lines = [[_theory(p, name, int(d)) for d in fine] for name in names]
    yield "/lines", xr.Dataset({"theory": (("weights", "d"), lines)}, {"weights": names, "d": fine})
    found = [_simulated(p, "threshold", p.wide, T) for T in p.samples]
    yield (
        "/samples",
        _points(found, [_theory(p, "threshold", p.wide, T) for T in p.samples], {"T": p.samples}),
    )
    seen = np.unique(np.geomspace(min(p.samples), max(p.samples), 13).astype(int))
    lines_T = _theory(p, "threshold", p.wide, seen)
    yield "/samples_lines", xr.Dataset({"theory": ("T", lines_T)}, {"T": seen})
    yield "/", xr.Dataset(attrs={"n_samples": p.n_draws, "a": p.exponent})


def _memory(p: Parameters, name: str, d: int) -> dict[str, Any]:
    kept = min(max(1, d // SHARE), p.n_tokens)
    q = {"frequency": "frequency", "power": f"power:{FAMILIES['power']}"}.get(
        name, f"threshold:{kept}"
    )
    classes = np.arange(1, p.n_tokens + 1) % p.n_classes
    return {"p": zipf(p.n_tokens, p.exponent), "q": q, "classes": classes, "d": d}


def _theory(p: Parameters, name: str, d: int, T: Any = None) -> Any:
    return theory.outer_product(**_memory(p, name, d), n_samples=T).error


def _simulated(p: Parameters, name: str, d: int, T: int | None = None) -> tuple[float, float]:
    # More where they are cheap: frequent tokens are rarely right, or rarely wrong, and then weigh.
    count = round(p.n_draws * math.sqrt(max(1.0, p.wide / d)))
    found = montecarlo.outer_product(
        **_memory(p, name, d), n_samples=T, n_draws=count, seed=p.seed, n_threads=1
    )
    return float(found.mean), float(found.error)


def _points(simulated: Any, predicted: Any, coords: dict[str, Any]) -> xr.Dataset:
    values, dims = np.array(simulated), tuple(coords)
    both = {"error": values[..., 0], "error_err": values[..., 1], "theory": np.array(predicted)}
    return xr.Dataset({name: (dims, value) for name, value in both.items()}, coords)


def draw(tree: xr.DataTree) -> Figure:
    """Errors against the dimension, local exponents, and errors against the samples."""
    figure = Figure(figsize=(7.0, 2.6))
    left, middle, right = figure.subplots(1, 3)
    points, lines = tree["dimensions"].to_dataset(), tree["lines"].to_dataset()
    for k, name in enumerate(FAMILIES):
        one, line = points.sel(weights=name), lines["theory"].sel(weights=name)
        left.plot(line["d"], line, color=f"C{k}")
        drawing.points(left, one["d"], one["error"], one["error_err"], color=f"C{k}", ms=3.5,
                       label=SHOWN[name])  # fmt: skip
        d, local = _local(line, "d")
        middle.plot(d, local, color=f"C{k}")
        middle.axhline(_expected(tree.attrs["a"], name), color=f"C{k}", ls=":", lw=0.8)
    left.set(xscale="log", yscale="log", xlabel="dimension $d$", ylabel="error")
    left.legend(loc="lower left")
    middle.set(xscale="log", xlabel="dimension $d$", ylabel="local exponent")
    seen, line = tree["samples"].to_dataset(), tree["samples_lines"].to_dataset()["theory"]
    right.plot(line["T"], line, color="C2")
    drawing.points(right, seen["T"], seen["error"], seen["error_err"], color="C2", ms=3.5)
    slope = -1 + 1 / tree.attrs["a"]
    right.plot(line["T"], line[0].item() * (line["T"] / line["T"][0]) ** slope, "k:", lw=0.8)
    right.set(xscale="log", yscale="log", xlabel="samples $T$", ylabel="error")
    return figure


def _local(line: xr.DataArray, dim: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the slopes between neighbours, and where they are."""
    x, y = np.log(line[dim].values), np.log(line.values)
    return np.exp(0.5 * (x[1:] + x[:-1])), np.diff(y) / np.diff(x)


def _expected(a: float, name: str) -> float:
    rho = FAMILIES[name]
    return -(a - 1) if rho is None else -min((a - 1) / (2 * a * rho), a - 1)


def _slope(x: Any, y: Any, error: Any = None) -> tuple[float, float]:
    """Return the slope in the logarithms and its error, from the scatter where none is given."""
    design = np.stack([np.ones(len(x)), np.log(x)], axis=-1)
    sigma = np.ones(len(x)) if error is None else np.asarray(error) / np.asarray(y)
    parameters, squares, *_ = np.linalg.lstsq(
        design / sigma[:, None], np.log(y) / sigma, rcond=None
    )
    scatter = float(squares[0]) / (len(x) - 2) if error is None and len(x) > 2 else 1.0
    inverse = np.linalg.inv(design.T @ (design / sigma[:, None] ** 2))
    return float(parameters[1]), math.sqrt(scatter * inverse[1, 1])


def _slopes(tree: xr.DataTree) -> dict[str, tuple[float, ...]]:
    """Return by weights the exponent expected, the theory's, the simulated one, with errors."""
    points, lines = tree["dimensions"].to_dataset(), tree["lines"].to_dataset()
    upper = lines["d"] >= math.sqrt(float(lines["d"][0]) * float(lines["d"][-1]))
    found: dict[str, tuple[float, ...]] = {}
    for name in FAMILIES:
        line, one = (
            lines["theory"].sel(weights=name)[upper],
            points.sel(weights=name)[{"d": slice(1, None)}],
        )
        found[name] = (
            _expected(tree.attrs["a"], name),
            *_slope(line["d"], line),
            *_slope(one["d"], one["error"], one["error_err"]),
        )
    seen, line = tree["samples"].to_dataset(), tree["samples_lines"].to_dataset()["theory"]
    found["samples"] = (
        -1 + 1 / tree.attrs["a"],
        *_slope(line["T"], line),
        *_slope(seen["T"], seen["error"], seen["error_err"]),
    )
    return found


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = [
        f"{name} {expected:.3f}: theory {ours:.3f} +- {error:.3f}, drawn "
        f"{drawn:.3f} +- {spread:.3f}"
        for name, (expected, ours, error, drawn, spread) in _slopes(tree).items()
    ]
    return {"found": "Exponents: " + "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for name in ("dimensions", "samples"):
        group = tree[name].to_dataset()
        dof = tree.attrs["n_samples"] - 1
        yield equal(
            f"theory agrees with drawn memories, {name}",
            (measured(group, "error", dof=dof) - group["theory"]) / group["theory"],
            resolution=0.4,
        )
    for name, (expected, ours, *_) in _slopes(tree).items():
        yield exact(
            f"exponent {ours:.3f} of {name} is {expected:.3f} within {CLOSE}",
            abs(ours - expected) < CLOSE,
        )
    error = tree["lines"].to_dataset()["theory"]
    first, second, third = (error.sel(weights=name, drop=True) for name in FAMILIES)
    large = error["d"] >= 100
    yield positive("a threshold is better than the power", Measured((second - third).where(large)))
    yield positive(
        "the power is better than the frequencies", Measured((first - second).where(large))
    )
