r"""How many patterns an exponential memory keeps on the sphere, binary or Gaussian.

At a pattern :math:`\xi^1` its own term :math:`e^{\lambda d}` meets the sum of all others,
:math:`\sum_\mu e^{\lambda d m_\mu}` with overlaps m of the law :math:`e^{-d I(m)}`.  It
outweighs them below

.. math:: \alpha_1 = \lambda - \max_m (\lambda m - I(m)), \qquad \alpha = \ln K / d,

I(m) being :math:`-\ln(1 - m^2)/2` on the sphere and :math:`m^2/2` for Gaussian entries, against
patterns of the length :math:`\sqrt d`: two laws that agree where overlaps are small, and it is
large ones that decide.  The mean of those of the other terms that are smaller than the own one
is known at every dimension,

.. math:: E\,[e^{\lambda d m}; m < 1] = \cosh^d \lambda, \quad
          \Gamma(\tfrac d2) (\tfrac 2{\lambda d})^{d/2-1} I_{d/2-1}(\lambda d), \quad
          e^{\lambda^2 d/2}\, \Phi(\sqrt d (1 - \lambda))

(binary, sphere, Gaussian; I the modified Bessel function, :math:`\Phi` the normal law), and the
sum is close to its mean.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.figure import Figure
from scipy.special import gammaln, ive, log_ndtr

from hebbian import streams
from montecarlo.protocols.basin import critical_overlap
from phase_diagrams.figures import drawing
from theory.exponential import binary, gaussian, sphere

from .running import Groups, Numbers, Session, averaged
from .verdicts import Findings, equal, exact, measured, positive

#: Law of the patterns -> its theory, and how it is drawn.
LAWS = {
    "sphere": (sphere, "C0", "o"),
    "binary": (binary, "C2", "s"),
    "gaussian": (gaussian, "C3", "D"),
}
#: alpha_c(0) of arXiv:2603.13350.
PUBLISHED = 0.5
#: A statement about infinitely many dimensions, from a few of them.
CLOSE = 0.02

_BLOCK = 1 << 18  # patterns that are drawn at a time


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dimensions, sharpnesses and which are shown; loads from, to and their number.

    Patterns are at most `most`; `n_tested` are looked at in each sample.
    """

    dimensions: list[int]
    compared: int
    shown: float
    sharpness: list[float]
    loads: tuple[float, float, int]
    most: float
    n_tested: int
    n_samples: int
    seed: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Count the patterns whose own term outweighs the others, and find where it is half of them."""
    p = parameters
    low, high, n_loads = p.loads
    alpha = np.linspace(low, high, n_loads)
    for name, (law, *_) in LAWS.items():
        counts = np.array([_dominated(name, d, alpha, p) for d in p.dimensions])
        kept = averaged({"kept": np.moveaxis(counts, 1, 0)}, ("dimension", "sharpness", "alpha"))
        coords = {"dimension": p.dimensions, "sharpness": p.sharpness, "alpha": alpha}
        found = xr.Dataset(kept, coords)
        half = [[_half(alpha, of[:, j]) for j in range(len(p.sharpness))] for of in counts]
        for k, variable in enumerate(("half", "half_err")):
            found[variable] = ("dimension", "sharpness"), np.array(half)[..., k]
        sharp = np.array(p.sharpness)
        mean = np.array([sharp - _log_mean(name, d, sharp) / d for d in p.dimensions])
        found["mean_theory"] = ("dimension", "sharpness"), mean
        found["capacity"] = "sharpness", law.transition_load(sharp, 0.0)
        yield f"/{name}", found
    fine = np.linspace(min(p.sharpness) / 2, 1.1 * max(p.sharpness), 101)
    inverse = np.linspace(1e-3, 1.1 / min(p.dimensions), 60)
    curves = {
        name: ("sharpness", law.transition_load(fine, 0.0)) for name, (law, *_) in LAWS.items()
    }
    sizes = {
        f"{name}_half": ("inverse", p.shown - _log_mean(name, 1 / inverse, p.shown) * inverse)
        for name in LAWS
    }
    yield "/curves", xr.Dataset(curves | sizes, {"sharpness": fine, "inverse": inverse})
    yield "/", xr.Dataset(attrs={n: getattr(p, n) for n in ("shown", "compared", "n_samples")})


def _dominated(name: str, d: int, alpha: np.ndarray, p: Parameters) -> np.ndarray:
    """Return the fraction of the tested patterns that are kept: (sample, sharpness, load).

    A larger load has the patterns of a smaller one; NaN where there would be too many.
    """
    counts = np.rint(np.exp(alpha * d)).astype(np.int64)
    possible = counts <= p.most
    kept = np.full((p.n_samples, len(p.sharpness), len(alpha)), np.nan)
    for s in range(p.n_samples):
        key = np.random.Philox(streams.stream(p.seed, "patterns", law=name, d=d, sample=s))
        generator = np.random.Generator(key)
        tested = _patterns(generator, name, p.n_tested, d)
        # Gaussian patterns have lengths of their own: what is asked is the direction.
        tested *= d**0.5 / np.linalg.norm(tested, axis=1, keepdims=True)
        others = np.zeros((len(p.sharpness), p.n_tested))
        drawn = 1
        for k in np.flatnonzero(possible):
            while drawn < counts[k]:
                rows = _patterns(generator, name, min(_BLOCK, int(counts[k]) - drawn), d)
                overlaps = rows @ tested.T
                for j, sharpness in enumerate(p.sharpness):
                    others[j] += np.exp(sharpness * overlaps).sum(axis=0, dtype=np.float64)
                drawn += len(rows)
            own = np.exp(np.array(p.sharpness) * d)
            kept[s, :, k] = (others < own[:, None]).mean(axis=1)
    return kept


def _patterns(generator: np.random.Generator, name: str, count: int, d: int) -> np.ndarray:
    """Draw patterns of shape (count, d) in single precision."""
    if name == "binary":
        bits = generator.integers(0, 2, (count, d), np.int8)
        return (2 * bits - 1).astype(np.float32)
    entries = generator.standard_normal((count, d), np.float32)
    if name == "sphere":
        entries *= d**0.5 / np.linalg.norm(entries, axis=1, keepdims=True)
    return entries


def _log_mean(name: str, d: Any, sharpness: Any) -> np.ndarray:
    """Return the logarithm of the mean of another term that is smaller than the own one."""
    if name == "gaussian":
        return np.asarray(d * sharpness**2 / 2 + log_ndtr(d**0.5 * (1 - sharpness)))
    if name == "binary":
        return np.asarray(d * binary.cumulant(sharpness))
    order, x = d / 2 - 1, sharpness * d
    return np.asarray(gammaln(order + 1) + order * np.log(2 / x) + np.log(ive(order, x)) + x)


def _half(alpha: np.ndarray, kept: np.ndarray) -> tuple[float, float]:
    """Return where half of the patterns are kept; NaN where the loads do not enclose it.

    Fractions (sample, load) fall with the load, so `critical_overlap` takes it upside down.
    """
    known = np.isfinite(kept).all(axis=0)
    place, error = critical_overlap(-alpha[known][::-1], kept[:, known].T[::-1])
    return -float(place), float(error)


def draw(tree: xr.DataTree) -> Figure:
    """Fractions on the sphere; capacities against dimension and against sharpness."""
    figure = Figure(figsize=(7.0, 2.5))
    left, middle, right = figure.subplots(1, 3)
    shown, curves = tree.attrs["shown"], tree["curves"].to_dataset()
    ball = tree["sphere"].to_dataset().sel(sharpness=shown)
    shades = colormaps["cividis"](np.linspace(0, 0.85, ball.sizes["dimension"]))
    for i, (d, shade) in enumerate(zip(ball["dimension"].values, shades, strict=True)):
        one = ball.sel(dimension=d).dropna("alpha")
        drawing.points(
            left, one["alpha"], one["kept"], one["kept_err"], fmt="osD^v"[i % 5] + "-", ms=1.8,
            lw=0.5, color=shade, label=f"$d = {d}$",
        )  # fmt: skip
    for place in (PUBLISHED, float(ball["capacity"])):
        left.axvline(place, color="0.4", lw=0.8, ls=":", zorder=0)
        left.text(place, 1.06, f"{place:.4g}", ha="center", va="bottom", fontsize=6)
    left.set(xlabel=r"load $\alpha = \ln K/d$", ylabel="patterns kept", ylim=(-0.05, 1.05))
    left.set_xlim(PUBLISHED - 0.15, None)
    left.legend(loc="upper right")
    for name, (_, colour, mark) in LAWS.items():
        data = tree[name].to_dataset()
        one = data.sel(sharpness=shown)
        drawing.points(
            middle, 1 / one["dimension"], one["half"], one["half_err"], fmt=mark, color=colour
        )
        known = curves[f"{name}_half"]
        middle.plot(curves["inverse"], known, color=colour, lw=0.9)
        last = data.sel(dimension=tree.attrs["compared"])
        drawing.points(
            right, last["sharpness"], last["half"], last["half_err"], fmt=mark, color=colour,
            label=name.capitalize() if name == "gaussian" else name,
        )  # fmt: skip
        right.plot(curves["sharpness"], curves[name], color=colour, lw=0.9)
    middle.set(xlabel="$1/d$", ylabel=r"half are kept at $\alpha$", xlim=(0, None))
    right.set(xlabel=r"sharpness $\lambda$", ylabel=r"capacity $\alpha_1(T = 0)$")
    right.set_title(f"points: $d = {tree.attrs['compared']}$", fontsize=7)
    right.legend(loc="lower right")
    middle.axhline(PUBLISHED, color="0.4", lw=0.8, ls=":", zorder=0)
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    shown, words = tree.attrs["shown"], []
    for name in LAWS:
        last = tree[name].to_dataset().sel(sharpness=shown).dropna("dimension", subset=["half"])
        one = last.isel(dimension=-1)
        words.append(
            f"{name}: {float(one['half']):.4f} +- {float(one['half_err']):.4f} in "
            f"{int(one['dimension'])} dimensions, {float(one['capacity']):.4f} in infinitely many"
        )
    ball = tree["sphere"].to_dataset()
    return {
        "limit": float(ball["capacity"].sel(sharpness=shown)),
        "found": "; ".join(words),
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    shown, dof = tree.attrs["shown"], tree.attrs["n_samples"] - 1
    ball = tree["sphere"].to_dataset()
    one = ball.sel(sharpness=shown)
    limit = float(one["capacity"])
    yield exact(f"the capacity on the sphere is {limit:.6f}", abs(limit - 0.622572) < 1e-6)
    half = measured(one, "half", dof=dof)
    yield positive(
        f"half of the patterns of the sphere are kept beyond the published {PUBLISHED:g}",
        half - PUBLISHED,
    )
    yield equal(f"up to {limit:.4f} within {CLOSE:g}", half - limit, tolerance=CLOSE)
    for name in LAWS:
        data = tree[name].to_dataset()
        yield equal(
            f"{name}: the mean of the sum tells where, at every sharpness and dimension",
            measured(data, "half", dof=dof) - data["mean_theory"],
            tolerance=CLOSE,
        )
    flat = tree["gaussian"].to_dataset().sel(sharpness=shown)
    yield exact(
        f"Gaussian overlaps have the capacity {PUBLISHED:g}",
        abs(float(flat["capacity"]) - PUBLISHED) < 1e-9,
    )
