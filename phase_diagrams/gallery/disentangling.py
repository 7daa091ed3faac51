"""Mixtures taken apart by the layers of an assembly, with pictures.

Layers that are coupled to each other start from one and the same mixture of the words that they
have of a pattern, and each ends on its own.  Mixtures of patterns, which every layer has of its
own words, are another matter: layers that attract each other stay mixed or end on one pattern,
layers that hold patterns of their own and repel each other on different ones
(`montecarlo.disentangle`).
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from PIL import Image, ImageDraw, ImageFont

import montecarlo
from hebbian import TAM, Assembly, from_examples, streams

from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, exact, positive, rate

#: Words of the pattern that is shown, one for each layer.
LETTERS = "TAM"
#: Rows and columns of a letter.
SIDE = 32
#: Coupling of layers that repel each other, weaker than what holds their own patterns.
REPELLING = -0.1
#: Share of three choices of three patterns that are all different.
CHANCE = 2 / 9
#: Overlap from which a layer has ended on a word.
THRESHOLD = 0.7


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Spins of a layer; loads of mixtures of words; couplings, load and T of those of patterns."""

    layer: int
    shown: int
    loads: list[float]
    couplings: list[float]
    alpha: float
    T: float


def compute(parameters: Parameters, session: Session) -> Groups:
    """Mix letters, the words of random patterns, and patterns."""
    p = parameters
    yield "/pictures", _pictures(p)
    settings = {"n_spins": 3 * p.layer, "threshold": THRESHOLD, **p.settings()}
    words = [
        montecarlo.disentangle(
            TAM(), mixed="words", alpha=alpha, T=0.0, dynamics="layers", **settings
        )
        for alpha in p.loads
    ]
    own = [float((one.recalled == np.arange(3)).all(axis=-1).mean()) for one in words]
    yield "/words", xr.Dataset({"own": ("alpha", own)}, {"alpha": p.loads})
    patterns = [
        montecarlo.disentangle(
            Assembly(couplings=_around(g)), n_mixed=3, alpha=p.alpha, T=p.T,
            **settings,
        )
        for g in p.couplings
    ]  # fmt: skip
    kinds = {
        name: ("coupling", [float(getattr(one, name).mean) for one in patterns])
        for name in ("success", "together", "unsettled")
    }
    yield "/patterns", xr.Dataset(kinds, {"coupling": p.couplings})
    yield "/", xr.Dataset(attrs={"n_chains": p.n_samples * p.n_replicas})


def _around(coupling: float) -> tuple[tuple[float, ...], ...]:
    """Return the couplings of three layers, 1 of each to itself."""
    return tuple(tuple(1.0 if a == b else coupling for b in range(3)) for a in range(3))


def _letter(letter: str) -> np.ndarray:
    """Return a letter as spins, shape (SIDE**2,)."""
    image = Image.new("L", (SIDE, SIDE))
    font = ImageFont.truetype(findfont("DejaVu Sans:bold"), SIDE)
    ImageDraw.Draw(image).text((SIDE / 2, SIDE / 2), letter, fill=255, font=font, anchor="mm")
    return np.where(np.asarray(image).ravel() > 127, 1, -1).astype(np.int8)


def _pictures(p: Parameters) -> xr.Dataset:
    """Store letters beside random patterns, start all layers from their mixture."""
    words = np.array([_letter(letter) for letter in LETTERS])
    key = np.random.Philox(streams.stream(p.seed, "patterns beside letters"))
    others = np.random.Generator(key).choice([-1, 1], (p.shown - 1, words.size))
    stored = np.concatenate([words.reshape(1, -1), others]).astype(np.int8)
    mixture = np.tile(np.sign(words.sum(axis=0)), 3)
    run = montecarlo.simulate(
        TAM(), data=from_examples(TAM(), stored), T=0.0, n_replicas=1, dynamics="layers",
        start=mixture[None, None], keep_spins=True, seed=p.seed,
        schedule=montecarlo.Schedule(warmup=p.warmup, sweeps=1, stride=1),
    )  # fmt: skip
    assert run.spins is not None
    states = [words.ravel(), mixture, run.spins[0, 0, -1]]
    panels = ["word", "start", "end"]
    pictures = np.reshape(states, (len(panels), 3, SIDE, SIDE)).astype(np.int8)
    wrong = [(state != words.ravel()).mean() for state in states]
    return xr.Dataset(
        {"picture": (("panel", "layer", "row", "column"), pictures), "wrong": ("panel", wrong)},
        {"panel": panels},
    )


def draw(tree: xr.DataTree) -> Figure:
    """Pictures of the layers on the left, shares of the chains on the right."""
    figure = Figure(figsize=(7.0, 2.8))
    left, right = np.ravel(figure.subfigures(1, 2, squeeze=False, width_ratios=(1, 1.5)))
    pictures = tree["pictures"].to_dataset()
    panels = pictures["panel"].values
    grid = left.subplots(3, len(panels))
    for (layer, column), ax in np.ndenumerate(grid):
        ax.imshow(pictures["picture"][column, layer], cmap="gray", vmin=-1, vmax=1,
                  interpolation="nearest")  # fmt: skip
        ax.set(xticks=[], yticks=[])
        if layer == 0:
            ax.set_title(panels[column], fontsize=7)
        if column == 0:
            ax.set_ylabel(f"layer {layer + 1}", fontsize=7)
    of_words, of_patterns = right.subplots(1, 2)
    words, patterns = (tree[name].to_dataset() for name in ("words", "patterns"))
    of_words.plot(words["alpha"], words["own"], "o-", ms=3, lw=0.9)
    of_words.set(xlabel=r"load $\alpha = K/N$", ylabel="share of chains", ylim=(-0.03, 1.05))
    of_words.set_title("words: each its own")
    looks = {"success": ("C0o-", "all different"), "together": ("C3s-", "all alike")}
    for name, (style, label) in looks.items():
        of_patterns.plot(
            patterns["coupling"], patterns[name], style, ms=3, lw=0.9, label=label
        )  # fmt: skip
    of_patterns.axvline(0, color="0.6", lw=0.6, ls=":")
    of_patterns.set(xlabel="coupling of two layers", ylim=(-0.03, 1.05))
    of_patterns.set_title("patterns of the layers")
    of_patterns.legend(loc="upper left", fontsize=6)
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words, patterns = (tree[name].to_dataset() for name in ("words", "patterns"))
    wrong = tree["pictures"].to_dataset()["wrong"]
    return {
        "wrong": float(wrong.sel(panel="start")),
        "left": float(wrong.sel(panel="end")),
        "found": f"words: {float(words['own'][0]):.0%} of the chains at the smallest load, "
        f"{float(words['own'][-1]):.0%} at the largest; patterns: all different in "
        f"{float(patterns['success'].sel(coupling=REPELLING)):.0%} at the coupling "
        f"{REPELLING:g}, all alike in {float(patterns['together'][-1]):.0%} "
        f"at {float(patterns['coupling'][-1]):g}",
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    wrong = tree["pictures"].to_dataset()["wrong"]
    start, end = (float(wrong.sel(panel=name)) for name in ("start", "end"))
    yield exact(
        f"of the letters {start:.1%} are wrong at the start, {end:.1%} in the end", end < start / 5
    )
    n_chains = tree.attrs["n_chains"]
    own, patterns = tree["words"].to_dataset()["own"], tree["patterns"].to_dataset()
    apart = patterns["success"].sel(coupling=REPELLING)

    def share(values: xr.DataArray) -> Measured:
        return rate(float(values), n_chains)

    yield positive("at a small load each layer ends on its own word", share(own[0]) - 0.5)
    yield positive("at a large load they do not", -(share(own[-1]) - 0.5))
    yield positive(
        "layers that repel each other take patterns apart, more often than layers that know "
        "nothing of each other would, 2/9",
        share(apart) - CHANCE,
    )
    yield positive(
        "layers that attract each other do not", -(share(patterns["success"][-1]) - CHANCE)
    )
