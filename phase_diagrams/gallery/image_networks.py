r"""Networks that learn classes of images, and the random theory that describes them.

Random archetypes of N spins overlap by :math:`1/\sqrt N`, those of real classes by much
more.  What the crosstalk is like is measured by the number of independent spins that would
give the same mean square overlap, :math:`N_{eff} = 1/\langle q_{\mu\nu}^2 \rangle`, which
makes an effective load :math:`\alpha = (P!/2) K / N_{eff}^{P-1}`.

Quality is another matter: the random theory gives every spin the same r.  In images the
mean :math:`r_i` of the examples of a class differs from spin to spin.  Where a spin sees
many pixels at random it is Gaussian, and its sign is the archetype.  The majority of M
examples has then the overlap :math:`\langle B_M(|r_i|) \rangle`, :math:`B_M(r)` being that of
equal qualities (`majority_overlap`).  For many examples

.. math:: m = \frac2\pi \arcsin \frac1{\sqrt{1 + \rho}}, \qquad \rho = \frac{1-r^2}{M r^2},
          \qquad r^2 = \langle r_i^2 \rangle

(two Gaussians of correlation :math:`(1+\rho)^{-1/2}`: Sheppard's theorem) in place of
:math:`\mathrm{erf}(1/\sqrt{2\rho})`: 1 - m falls as :math:`M^{-1/2}`, not exponentially.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from scipy.stats import binom

import montecarlo
import theory
from hebbian import from_examples, streams
from phase_diagrams.retrieval import network
from phase_diagrams.retrieval.binarisation import Binarisation
from phase_diagrams.retrieval.images import archetypes, corrupt, overlaps, quality, split
from theory.conventions import load

from .image_data import Images

__all__ = [
    "RULES",
    "Cues",
    "Division",
    "corrupted",
    "divide",
    "final_overlaps",
    "final_states",
    "gaussian_majority_overlap",
    "majority_overlap",
    "predict",
    "seeds",
]

RULES = ("storing", "supervised", "unsupervised")


@dataclass(frozen=True, kw_only=True, eq=False)
class Division:
    """A random division of a data set into what is known, learnt and shown.

    Parameters
    ----------
    references : numpy.ndarray
        Shape (K, n_spins): majority of the reference images of every class.
    examples, cues : numpy.ndarray
        Shape (K, n_images, n_spins): other images, none in common.
    quality, n_effective : float
        r and :math:`N_{eff}`, measured on the reference images.
    class_quality : numpy.ndarray
        Shape (K,).
    """

    references: np.ndarray
    examples: np.ndarray
    cues: np.ndarray
    quality: float
    class_quality: np.ndarray
    n_effective: float


def seeds(seed: int, n_splits: int) -> list[int]:
    """Return one seed for each random division."""
    return [
        int(streams.stream(seed, "division of images", split=k).generate_state(1)[0])
        for k in range(n_splits)
    ]


class Cues(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of claims that show images of every class to networks of several orders."""

    orders: list[int]
    n_cues: int
    n_splits: int
    sweeps: int
    seed: int

    def divisions(self, images: Images, **counts: int) -> Iterator[tuple[int, Division]]:
        """Yield random divisions, see `divide`, and their seeds."""
        for seed in seeds(self.seed, self.n_splits):
            yield seed, divide(images, **{"n_cues": self.n_cues} | counts, seed=seed)


def divide(
    images: Images, *, n_reference: int, n_cues: int, n_examples: int = 0, seed: int
) -> Division:
    """Divide the images of every class at random; more examples keep the others.

    Raises
    ------
    ValueError
        If a class has too few images.
    """
    total = n_reference + n_cues + n_examples
    chosen = split(images.labels, total, seed=seed).examples
    known = images.pixels[chosen[:, :n_reference].ravel()]
    binarisation = Binarisation.fit("projected", known)
    spins = binarisation.spins(images.pixels[chosen.ravel()]).reshape(*chosen.shape, -1)
    reference, cues, examples = np.split(spins, [n_reference, n_reference + n_cues], axis=1)
    majority = archetypes(reference)
    crosstalk = overlaps(majority, majority)[~np.eye(len(majority), dtype=bool)]
    return Division(
        references=majority,
        examples=examples,
        cues=cues,
        quality=quality(reference),
        class_quality=np.array([quality(of_class[None]) for of_class in reference]),
        n_effective=float(1 / np.mean(crosstalk**2)),
    )


def corrupted(spins: np.ndarray, corruption: float, seed: int) -> np.ndarray:
    """Reverse a fraction of the spins of every image of shape (K, n_images, n_spins)."""
    flat = spins.reshape(-1, spins.shape[-1])
    keys = streams.stream(seed, "cues").generate_state(len(flat))
    cues = [corrupt(image, corruption, int(key)) for image, key in zip(flat, keys, strict=True)]
    return np.stack(cues).reshape(spins.shape)


def final_states(
    order: int, rule: str, examples: np.ndarray, starts: np.ndarray, *, r: float, sweeps: int
) -> np.ndarray:
    """Descend at T = 0 from starts (n_starts, n_spins) in the network of examples.

    These have the shape (K, n_examples, n_spins) and the quality r; the rule is one of `RULES`.
    """
    model = network(order, rule, r, examples.shape[1])
    run = montecarlo.simulate(
        model,
        data=from_examples(model, archetypes(examples), examples),
        T=0.0,
        n_replicas=len(starts),
        schedule=montecarlo.Schedule(warmup=sweeps - 1, sweeps=1, stride=1),
        dynamics="zero-temperature",
        start=starts[None],
        keep_spins=True,
    )
    assert run.spins is not None
    return run.spins[0, :, -1]


def final_overlaps(order: int, stored: np.ndarray, cues: np.ndarray, *, sweeps: int) -> np.ndarray:
    """Descend from cues (..., n_spins) where archetypes are stored; return overlaps (..., K)."""
    starts = cues.reshape(-1, cues.shape[-1])
    states = final_states(order, "storing", stored[:, None], starts, r=1.0, sweeps=sweeps)
    return overlaps(states, stored).reshape(*cues.shape[:-1], -1)


def predict(
    order: int, rule: str, counts: Any, *, r: float, n_effective: float, n_classes: int
) -> np.ndarray:
    """Solve the random theory at T = 0, the effective load and the measured quality.

    Returns the overlap of the retrieval state with the archetype for every number of examples;
    NaN where there is none.  The majority that `Storing` stores has an overlap of its own.
    """
    alpha = float(load(n_classes, n_spins=n_effective, order=order))
    if rule == "storing":
        m = theory.solve(network(order, rule, r, 1), alpha=alpha, T=0.0).m
        return m * majority_overlap(r, counts)
    model = network(order, rule, r, 2)
    return np.asarray(theory.solve(model, alpha=alpha, T=0.0, n_examples=counts).m)


def majority_overlap(r: Any, counts: Any) -> np.ndarray:
    """Return the overlap of the majority of examples with the archetype; ties are 0.

    Parameters
    ----------
    r : float or array_like
        Quality in [-1, 1], the same for every spin.
    counts : int or array_like
        Examples.

    Examples
    --------
    >>> majority_overlap(0.5, [1, 2, 3]).round(4).tolist()
    [0.5, 0.5, 0.6875]
    """
    k, faithful = np.asarray(counts), (1 + np.asarray(r)) / 2
    return np.asarray(binom.sf(k // 2, k, faithful) - binom.cdf((k - 1) // 2, k, faithful))


def gaussian_majority_overlap(r: float, counts: Any, n_reference: int) -> np.ndarray:
    """Return the overlap of two majorities where the qualities of spins are Gaussian.

    Parameters
    ----------
    r : float
        Root mean square of the qualities in (0, 1]; those beyond 1 count as 1.
    counts : array_like of int
        Examples of one majority.
    n_reference : int
        Images of the other.

    Examples
    --------
    Of many examples the majorities agree:

    >>> gaussian_majority_overlap(0.2, [1, 10**6], 10**6).round(3).tolist()
    [0.16, 0.995]
    """
    g = 0.002 * (np.arange(4000) + 0.5)  # the majority of many examples jumps at 0
    weight = np.exp(-(g**2) / 2)
    quality = np.clip(r * g, -1, 1)[:, None]
    both = majority_overlap(quality, np.asarray(counts)) * majority_overlap(quality, n_reference)
    return np.asarray(weight @ both / weight.sum())
