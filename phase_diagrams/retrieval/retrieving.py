r"""Retrieval of an image from a corrupted cue, by networks of several orders.

The examples of every class make one network per order P; an image that was not among
them is binarised (`binarisation`), corrupted, and single-spin dynamics starts from it.

Archetypes of real classes stay correlated.  At low load the field is
:math:`\frac P2 \sum_\mu m_\mu^{P-1} \xi^\mu`: two bodies mix the classes in proportion to
their overlaps with the state, four bodies by the third power.  What limits retrieval with
the default settings is the cue: it succeeds about as often as the cue is nearest to the
right archetype (see the table of `phase_diagrams.retrieval.binarisation`).

Real examples are not archetypes with independent noise, and `Supervised` and
`Unsupervised` feel it (ten digits, 80 examples, 40 images).  Classes differ in quality, and
the entries of an example sum are spread like Gaussians rather than around two values: of
their pairwise networks the leading direction alone is stable, the class of highest quality
or its reverse (right class: 0.10), while four bodies retrieve 0.47.  Single examples of
r = 0.23 are so far apart that four bodies without a teacher retrieve one of them, nine
times in ten of the right class, and not the archetype, as theory has it for M < r^-P.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import montecarlo
from hebbian import Dense, Hopfield, Model, Rule, Supervised, domain, from_examples
from hebbian.calling import checked

from .binarisation import Binarisation
from .images import archetypes, corrupt, quality, split
from .labels import named
from .outcome import Retrieval
from .pictures import grey

__all__ = ["network", "retrieve"]


@checked
def retrieve(
    images: Any,
    labels: Any,
    *,
    n_examples: int = 80,
    rule: str = "storing",
    orders: Sequence[int] = (2, 4),
    model: Model | None = None,
    threshold: str | float = "projected",
    corruption: float = 0.2,
    held_out: int | None = None,
    label: int | str | None = None,
    classes: Sequence[int | str] | None = None,
    T: float = 0.0,
    sweeps: int = 20,
    seed: int = 0,
    backend: str = "auto",
    shape: tuple[int, int] | None = None,
) -> Retrieval:
    """Learn from examples of every class and retrieve an image that was held out.

    Parameters
    ----------
    images : array-like
        Shape (n_images, rows, columns), grey levels of any scale, or
        (n_images, n_pixels) (`phase_diagrams.retrieval.pictures.grey`).
    labels : array-like
        Shape (n_images,) or (n_images, 1), whole numbers or words, by position
        (`phase_diagrams.retrieval.labels.named`).
    n_examples : int
        Examples per class.
    rule : {"storing", "supervised", "unsupervised"}
        Store the majority of the examples of each class, their sum, or every example.
    orders : sequence of int
        Orders P of the networks, 2 to 8; 2 is the Hopfield network.
    model : Model, optional
        One more network, which learns by `rule`: `Dreaming`, whose pseudo-inverse takes the
        correlations out of the classes, `Exponential`, `SparseDistributed`, ...
    threshold : str or float
        Binarisation: see `phase_diagrams.retrieval.binarisation.Binarisation.fit`.
    corruption : float
        Fraction of the spins reversed, in [0, 1].
    held_out, label, classes
        See `phase_diagrams.retrieval.images.split`.
    T : float
        Temperature in [0, inf).  A cue of overlap m0 is forgotten where
        tanh((P/2) m0^(P-1) / T) < m0: four bodies at T = 0.1 need m0 > 0.23.
    sweeps : int
        Length of the dynamics, at least 1.
    seed : int
        Of examples, image, corruption and dynamics.
    backend : str
        See `montecarlo.simulate`.
    shape : tuple of int, optional
        (rows, columns) where images are rows of pixels; default: they are squares.

    Returns
    -------
    Retrieval

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the examples of a class agree no better
        than by chance and `rule` needs their quality.
    """
    sweeps = domain.integer("sweeps", sweeps, "[1, 100000]")
    T = domain.real("T", T, "[0, inf)")
    if (not orders and model is None) or len(set(orders)) != len(orders):
        raise ValueError(f"orders = {list(orders)}: name each order once")
    orders = [domain.integer("orders", order, "[2, 8]") for order in orders]
    domain.choice("rule", rule, ("storing", "supervised", "unsupervised"))
    other = None if model is None else _named(model)
    images = grey(images, shape)
    labels = named(labels, len(images))
    chosen = split(labels, n_examples, held_out=held_out, label=label, classes=classes, seed=seed)
    shown = images[chosen.examples.ravel()]
    binarisation = Binarisation.fit(threshold, shown)
    if binarisation.n_spins < max(orders, default=2):
        raise ValueError(f"orders = {orders}: the images give only {binarisation.n_spins} spins")
    examples = binarisation.spins(shown).reshape(*chosen.examples.shape, -1)
    learnt = archetypes(examples)
    r = quality(examples)
    shown_grey = images[chosen.held_out]
    image = binarisation.spins(shown_grey[None])[0]
    cue = corrupt(image, corruption, seed)
    trajectories: dict[int | str, np.ndarray] = {}
    names: list[int | str] = [*orders] if other is None else [*orders, other]
    for name in names:
        taught = network(name if isinstance(name, int) else 2, rule, r, examples.shape[1])
        if model is not None and name == other:
            taught = dataclasses.replace(model, rule=taught.rule)
        run = montecarlo.simulate(
            taught,
            data=from_examples(taught, learnt, examples),
            T=T,
            n_replicas=1,
            schedule=montecarlo.Schedule(warmup=0, sweeps=sweeps, stride=1),
            dynamics="parallel" if taught.parallel_only else "glauber",
            start=cue,
            seed=seed,
            backend=backend,
            keep_spins=True,
        )
        assert run.spins is not None
        trajectories[name] = run.spins[0, 0]
    measured = math.nan
    if not math.isnan(r):
        measured = Supervised(quality=r, n_examples=examples.shape[1]).dataset_entropy
    return Retrieval(
        grey=shown_grey,
        image=image,
        cue=cue,
        archetypes=learnt,
        examples=examples,
        trajectories=trajectories,
        chosen=chosen,
        binarisation=binarisation,
        quality=r,
        dataset_entropy=measured,
        settings={
            "rule": rule,
            "orders": orders,
            **({} if model is None else {"model": model.describe()}),
            "corruption": float(corruption),
            "T": T,
            "sweeps": sweeps,
            "seed": int(seed),
        },
    )


def _named(model: Model) -> str:
    """Return the name of a model that learns images and keeps them."""
    if model.n_layers > 1 or model.replays or not model.learns:
        raise ValueError(
            f"model = {model!r} retrieves no images: layers, sequences and given couplings do not"
        )
    return type(model).__name__.lower()


def network(order: int, rule: str, r: float, n_examples: int) -> Model:
    """Return the network of a rule for examples of measured quality.

    Parameters
    ----------
    order : int
        P, 2 is the Hopfield network.
    rule : {"storing", "supervised", "unsupervised"}
    r : float
        Quality, as `phase_diagrams.retrieval.images.quality` measures it.  With one example
        per class it does not enter the couplings and may be NaN.
    n_examples : int
        Examples per class.

    Raises
    ------
    ValueError
        If the quality is NaN and needed.
    """
    if n_examples == 1:
        r = 1.0  # one example per class: no quality enters the couplings
    if rule != "storing" and math.isnan(r):
        raise ValueError("the examples of a class agree no better than by chance: quality 0")
    learning = Rule.build({"rule": rule, "quality": r, "n_examples": n_examples})
    return Hopfield(rule=learning) if order == 2 else Dense(order=order, rule=learning)
