"""What a retrieval learnt, showed and brought back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian.result import Result, Variable

from .binarisation import Binarisation
from .images import Split, overlaps

__all__ = ["RETRIEVED", "Retrieval"]

#: A class counts as retrieved above this overlap with its archetype: more than the 0.5 of
#: a symmetric mixture of three, less than what noise leaves of a retrieval state.
RETRIEVED = 0.7


def _courses(result: Retrieval, ax: Any, look: Any, *, network: int | str | None = None) -> None:
    """Draw the overlaps of one network with all archetypes along time, from the cue on."""
    from phase_diagrams.figures import styling
    from phase_diagrams.figures.contrast import next_colour

    known = list(result.trajectories)
    network = known[0] if network is None else network
    if network not in known:
        raise ValueError(f"network = {network!r} is not one of {', '.join(map(str, known))}")
    states = np.vstack([result.cue, result.trajectories[network]])
    named = {result.chosen.label, result.nearest(network)}
    style = look.of_lines(alone=True)
    for label, m in zip(result.chosen.classes, result.overlaps(states).T, strict=True):
        own = {"color": "0.6", "linewidth": 0.6, "zorder": 1}
        if label in named:
            shown = " (shown)" if label == result.chosen.label else ""
            own = {"color": next_colour(ax), "linewidth": 1.2, "label": f"class {label}{shown}"}
        ax.plot(np.arange(len(m)), m, **own | style)
    styling.label_axes(ax, "sweeps $t$", r"overlap with the archetypes $m_\mu$")


@dataclass(frozen=True, kw_only=True, eq=False)
class Retrieval(Result):
    """What was learnt, what was shown and what came back.

    Parameters
    ----------
    grey : numpy.ndarray
        Shape (rows, columns): the image held out.
    image, cue : numpy.ndarray
        Shape (n_spins,), +-1: its spins, before and after the corruption.
    archetypes : numpy.ndarray
        Shape (n_classes, n_spins), +-1.
    examples : numpy.ndarray
        Shape (n_classes, n_examples, n_spins), +-1.
    trajectories : dict of int or str to numpy.ndarray
        For each order, and the name of another model, shape (sweeps, n_spins): the state after
        every sweep.
    chosen : Split
        Which images were learnt and held out.
    binarisation : Binarisation
        How pixels became spins.
    quality, dataset_entropy : float
        r and rho measured on the examples (`phase_diagrams.retrieval.images.quality`).
    settings : dict
        Rule, corruption, temperature, sweeps, seed.
    """

    grey: np.ndarray
    image: np.ndarray
    cue: np.ndarray
    archetypes: np.ndarray
    examples: np.ndarray
    trajectories: dict[int | str, np.ndarray]
    chosen: Split
    binarisation: Binarisation
    quality: float
    dataset_entropy: float
    settings: dict[str, Any]

    axes: ClassVar[Mapping[str, str]] = {
        "grey": "row column", "image": "site", "cue": "site", "archetypes": "class site",
        "examples": "class example site", "quality": "", "dataset_entropy": "",
    }  # fmt: skip
    pictures: ClassVar[Mapping[str, Callable[..., None]]] = {"overlaps": _courses}

    def grid(self) -> tuple[tuple[str, ...], dict[str, Variable]]:
        """Return the classes, the times, and what was asked for."""
        dims, coordinates = super().grid()
        own = {
            "class": np.array(self.chosen.classes),
            "t": np.arange(1, self.settings["sweeps"] + 1),
        }
        return dims, coordinates | {name: Variable((name,), x) for name, x in own.items()}

    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Yield images, archetypes, and the overlaps ``m_2``, ``m_4``, ... of every network."""
        yield from super().variables()
        for network, states in self.trajectories.items():
            yield f"m_{network}", Variable(("t", "class"), self.overlaps(states))

    def groups(self) -> dict[str, dict[str, Variable]]:
        """Return the configurations after every sweep."""
        paths = {str(k): Variable(("t", "site"), x) for k, x in self.trajectories.items()}
        return {"configurations": paths}

    def overlaps(self, states: np.ndarray) -> np.ndarray:
        """Return the overlaps (..., n_classes) of states (..., n_spins) with every archetype."""
        return overlaps(states, self.archetypes)

    def nearest(self, network: int | str) -> int | str:
        """Return the class whose archetype has the largest overlap with the final state."""
        final = self.overlaps(self.trajectories[network][-1])
        return self.chosen.classes[int(np.argmax(final))]

    def retrieved(self, network: int | str) -> int | str | None:
        """Return the nearest class if its overlap exceeds `RETRIEVED`, else None."""
        best = self.overlaps(self.trajectories[network][-1]).max()
        return self.nearest(network) if best > RETRIEVED else None

    def example(self, network: int | str) -> tuple[int | str, float]:
        """Return the class of the example nearest to the final state, and their overlap.

        Without a teacher a network may retrieve single examples instead of archetypes.
        """
        final = self.trajectories[network][-1]
        nearest = [float(overlaps(final, of_class).max()) for of_class in self.examples]
        row = int(np.argmax(nearest))
        return self.chosen.classes[row], nearest[row]

    def report(self) -> dict[str, Any]:
        """Return the numbers as plain data."""
        crosstalk = self.overlaps(self.archetypes)[~np.eye(len(self.archetypes), dtype=bool)]
        final = {str(P): self.overlaps(s[-1]).tolist() for P, s in self.trajectories.items()}
        return {
            "held_out": self.chosen.held_out,
            "class": self.chosen.label,
            "classes": list(self.chosen.classes),
            "n_examples": self.chosen.examples.shape[1],
            **self.settings,
            "threshold": self.binarisation.method,
            "n_pixels": len(self.binarisation.pixels),
            "n_spins": self.binarisation.n_spins,
            "quality": None if math.isnan(self.quality) else self.quality,
            "dataset_entropy": None if math.isnan(self.quality) else self.dataset_entropy,
            "archetype_overlap_rms": float(np.sqrt(np.mean(crosstalk**2))),
            "archetype_mean": float(self.archetypes.mean()),
            "overlaps": {
                "image": self.overlaps(self.image).tolist(),
                "cue": self.overlaps(self.cue).tolist(),
                "final": final,
            },
            "nearest": {str(P): self.nearest(P) for P in self.trajectories},
            "retrieved": {str(P): self.retrieved(P) for P in self.trajectories},
            "nearest_example": {
                str(P): dict(zip(("class", "overlap"), self.example(P), strict=True))
                for P in self.trajectories
            },
        }
