"""Networks by name, and the flags of their parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .values import couplings, listed, weights

__all__ = ["ARRAYS", "BUILT_IN", "NAMED", "NUMBERS", "WORDS", "Models"]

#: Models of this package, as a help names them: `hebbian` itself takes too long to import.
BUILT_IN = (
    "hopfield",
    "dense",
    "multitasking",
    "exponential",
    "sparsedistributed",
    "tabulated",
    "dreaming",
    "couplings",
    "assembly",
    "sequence",
    "exponentialsequence",
    "teacherstudent",
)

#: Those with some parameters fixed, `hebbian.Model.named`.
NAMED = ("bam", "tam")


class Models:
    """Names of the models there are, looked up when a help or a completion asks.

    Whoever builds a model judges its name.
    """

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        from importlib.metadata import entry_points

        offered = (point.name.lower() for point in entry_points(group="hebbian.models"))
        return iter(dict.fromkeys((*BUILT_IN, *NAMED, *sorted(offered))))


#: Flags of the model that take a word.
WORDS = {
    "model": "%(choices)s",
    "rule": "storing (default), supervised or unsupervised",
    "indices": "distinct (default: no self-interaction) or all",
    "own_site": "sparse distributed memory: whether the site that is updated belongs to the query: "
    "included (default) or excluded",
    "sampling": "diluted patterns: stratified over the sites (default) or independent entries",
}

#: Those that take more than a word or a number: how each is read, and its help.
ARRAYS: dict[str, tuple[Callable[[str], Any], str, str]] = {
    "couplings": (
        couplings, "J",
        "assembly: those between its layers, row by row as in 0,1;1,0 (default); couplings: the "
        "file of a matrix, J.npy, or sherrington-kirkpatrick (default)",
    ),
    "weights": (
        weights, "G",
        "strengths of the patterns of a Hopfield or dense network: zipf:A, palimpsest:L, as many "
        "numbers as patterns, 1,0.5,0.25, or their file, G.npy or G.txt (default: all 1)",
    ),
    "sizes": (listed, "S,S", "sizes of the layers of an assembly in proportion (default: equal)"),
}  # fmt: skip

#: Those of the model and its state that take one number, a list or a range.
NUMBERS = {
    "order": ("P", "order of a dense network: spins per interaction, 2 to 8 (default 4; of a "
              "sequence, of teacher and student 2)"),
    "signal": ("W", "teacher and student: signal of the weak examples, positive: N r^2 at order 2, "
               "r their quality; at higher orders 1/T of the teacher"),
    "teacher_temperature": ("T", "of the teacher, in the place of the signal; above 1 at order 2"),
    "sleep": ("T", "sleep of a dreaming network, in [0, inf]: 0 Hopfield, inf the pseudo-inverse "
              "(default 1)"),
    "sharpness": ("L", "sharpness of an exponential memory or sequence, in [1e-6, 1e3] (default "
                  "1)"),
    "radius": ("R", "radius of sparse distributed memory over N, in (0, 1/2) (default 0.2)"),
    "n_neurons": ("N", "hard neurons of it, at least 1 (default: infinitely many)"),
    "quality": ("R", "quality r of the examples, in (0, 1]: P(chi = +-1) = (1 +- r)/2"),
    "n_examples": ("M", "examples per archetype, at least 1"),
    "dilution": ("D", "probability of a blank pattern entry, in [0, 1) (default 0.3)"),
    "n_patterns": ("K", "patterns of a multitasking network, at least 1 (default 3)"),
    "alpha": (
        "A",
        "load in [0, inf): (P!/2) K / N^(P-1), K/N for P = 2, K the examples of a teacher; "
        "ln K / N of exponential and sparse distributed memories; K over the geometric mean of the "
        "sizes of the layers of an assembly",
    ),
    "T": ("T", "temperature in [0, inf), k_B = 1, weight exp(-H/T)"),
}  # fmt: skip
