"""Replay of a cycle step by step, in theory and in finite networks, and where it ends.

In the limit of large networks all steps of a replay are alike.  In a finite one the crosstalk of
some steps is larger than that of others: below the capacity a replay ends, if it does, at the
step that it does not survive, whatever the pattern it starts from.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import hebbian
import montecarlo
from hebbian import Sequence
from phase_diagrams.figures import drawing
from theory.conventions import weakness

from .courses import Followed, followed, predicted
from .orders import by_order
from .running import Groups, Numbers, Session, averaged
from .verdicts import Findings, equal, measured, positive

#: Overlap with the pattern that is due below which a replay has ended.
LOST = 0.5
#: Share of pairs of replays of one network that end at one pattern: more than by chance.
TOGETHER = 0.5


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order with its size, and loads below and above the capacity, followed from a pattern."""

    order: int
    n_spins: int
    below: list[float]
    above: list[float]


class Ends(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sizes of networks at one load below the capacity, replayed from several patterns."""

    order: int
    n_spins: list[int]
    alpha: float
    n_starts: int
    n_samples: int


class Parameters(Followed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Networks that are followed, and networks whose replays end."""

    networks: list[Network]
    ends: Ends


def compute(parameters: Parameters, session: Session) -> Groups:
    """Follow every network by theory and simulation, and whole cycles of small ones."""
    p = parameters
    for one in p.networks:
        model, group = Sequence(order=one.order), f"/order_{one.order}"
        states: dict[str, Any] = {"alpha": [*one.below, *one.above], "start": [1.0]}
        data = followed(model, p, n_spins=[one.n_spins], **states)
        known = predicted(model, p, **states)
        kept = {"retrieved": ("alpha", [load in one.below for load in data["alpha"].values])}
        yield f"{group}/simulation", data.squeeze(["n_spins", "start"]).drop_vars("m_samples")
        yield f"{group}/theory", known.squeeze("start").assign(kept)
    yield "/ends", _ended(p.ends, p.seed)
    yield "/", xr.Dataset(attrs={"end_load": p.ends.alpha})


def _ended(p: Ends, seed: int) -> xr.Dataset:
    """Replay one cycle from several patterns of every network, at T = 0."""
    model, cases = Sequence(order=p.order), range(p.n_samples)
    lengths = np.array(
        [[_lengths(model, p, size, seed, sample) for sample in cases] for size in p.n_spins]
    )
    starts, n_patterns = lengths[..., 0, :], lengths[..., 1, :]
    length = lengths[..., 2, :]
    ended = length > 0
    place = np.where(ended, (starts + length) % n_patterns, -1)
    pairs = np.triu(np.ones((p.n_starts, p.n_starts), bool), 1)
    same = (place[..., :, None] == place[..., None, :]) & ended[..., None]
    both = ended[..., :, None] & ended[..., None, :]
    with np.errstate(invalid="ignore"):
        together = (same & pairs).sum(axis=(-1, -2)) / (both & pairs).sum(axis=(-1, -2))
    axes = ("n_spins", "sample")
    data: dict[str, Any] = {"together": (axes, together)}
    data |= {
        name: ((*axes, "start"), values)
        for name, values in (("first", starts), ("end", place), ("length", length))
    }
    data |= averaged({"ended": np.moveaxis(ended.mean(axis=-1), 1, 0)}, ("n_spins",))
    data["n_patterns"] = ("n_spins", n_patterns[:, 0, 0])
    return xr.Dataset(data, {"n_spins": p.n_spins}, {"n_samples": p.n_samples})


def _lengths(model: Sequence, p: Ends, n_spins: int, seed: int, sample: int) -> np.ndarray:
    """Return starts, the number of patterns, and steps to the end, 0 for none in one cycle."""
    alpha = weakness(model, n_spins) * p.alpha
    data = hebbian.draw(model, alpha=alpha, n_spins=n_spins, seed=seed, sample=sample)
    starts = np.arange(p.n_starts) * data.n_patterns // p.n_starts
    patterns, _ = data.observed(starts.tolist())
    run = montecarlo.simulate(
        model, data=data, T=0.0, n_replicas=p.n_starts, dynamics="parallel", start=patterns[None],
        patterns=starts.tolist(), seed=seed,
        schedule=montecarlo.Schedule(warmup=0, sweeps=data.n_patterns, stride=1),
    )  # fmt: skip
    own = run.series["m"][0, range(p.n_starts), :, range(p.n_starts)]
    gone = own < LOST
    length = np.where(gone.any(axis=1), gone.argmax(axis=1) + 1, 0)
    return np.stack([starts, np.full_like(starts, data.n_patterns), length])


def draw(tree: xr.DataTree) -> Figure:
    """Trajectories of every order, and where the replays of a network end."""
    orders = list(by_order(_followed(tree), "simulation", "theory"))
    figure = Figure(figsize=(7.0, 2.5))
    *panels, last = figure.subplots(1, len(orders) + 1)
    for ax, (order, data, known) in zip(panels, orders, strict=True):
        for k, load in enumerate(known["alpha"].values):
            line, points = known.sel(alpha=load), data.sel(alpha=load)
            ax.plot(line["t"], line["m"], color=f"C{k}", lw=0.9)
            drawing.points(
                ax, points["t"], points["m"], points["m_err"], ms=1.6, lw=0.5, capsize=0.8,
                color=f"C{k}", label=rf"$\alpha = {load:g}$",
            )  # fmt: skip
        ax.set(xlabel="step $t$", ylim=(-0.1, 1.05))
        ax.set_title(f"$P = {order}$, $N = {int(data['n_spins'])}$")
        ax.legend(loc="lower left", fontsize=6)
    panels[0].set_ylabel("overlap with the pattern due")
    _ends(last, tree["ends"].to_dataset())
    return figure


def _followed(tree: xr.DataTree) -> xr.DataTree:
    return xr.DataTree.from_dict(
        {name: node for name, node in tree.children.items() if name.startswith("order_")}
    )


def _ends(ax: Axes, data: xr.Dataset) -> None:
    smallest = data.isel(n_spins=0)
    K = int(smallest["n_patterns"])
    for sample in smallest["sample"].values[:3]:
        one = smallest.isel(sample=int(sample))
        end = one["end"].where(one["end"] >= 0) / K
        ax.plot(one["first"] / K, end, "osD"[sample], ms=3, label=f"network {sample + 1}")
    ax.plot([0, 1], [0, 1], "0.7", lw=0.6, ls=":")
    ax.set(xlabel="start of the replay, in cycles", ylabel="its end", xlim=(-0.02, 1), ylim=(0, 1))
    ax.set_title(f"$N = {int(smallest['n_spins'])}$, $K = {K}$")
    ax.legend(loc="upper left", fontsize=6)


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    ends, words = tree["ends"].to_dataset(), []
    for order, data, known in by_order(_followed(tree), "simulation", "theory"):
        gap = abs(data["m"] - known["m"]).where(known["retrieved"])
        words.append(f"P = {order}: below the capacity within {float(gap.max()):.3f} of theory")
    for size in ends["n_spins"].values:
        one = ends.sel(n_spins=size)
        words.append(
            f"N = {size}, K = {int(one['n_patterns'])}: {float(one['ended']):.0%} of the replays "
            "end within one cycle"
        )
    return {"found": "; ".join(words), "together": float(_together(ends).mean())}


def _together(ends: xr.Dataset) -> xr.DataArray:
    """Return the share of pairs that end together, in the smallest networks where two end."""
    return ends["together"].isel(n_spins=0).dropna("sample")


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for order, data, known in by_order(_followed(tree), "simulation", "theory"):
        m, last = measured(data), measured(data.isel(t=-1))
        below = known["retrieved"]
        yield equal(
            f"P = {order}: below the capacity m(t) is that of theory at every step",
            (m - known["m"]).where(below),
            tolerance=0.5 * int(data["n_spins"]) ** -0.5,
        )
        yield positive(f"P = {order}: the replay goes on", (last - LOST).where(below))
        yield positive(f"P = {order}: above the capacity it ends", (-(last - LOST)).where(~below))
    ends = tree["ends"].to_dataset()
    together = _together(ends)
    known = averaged({"together": together.values}, ())
    shared = xr.Dataset(known, attrs={"n_samples": together.size})
    yield positive(
        f"N = {int(ends['n_spins'][0])}: more than {TOGETHER:.0%} of two replays of a network end "
        "at the same pattern, wherever they start",
        measured(shared, "together") - TOGETHER,
    )
    first, last = (measured(ends.isel(n_spins=k), "ended") for k in (0, -1))
    yield positive("of larger networks fewer replays end", first - last)
