"""Numbers and identities of outer-product memories."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.stats import t as student

import theory
from hebbian import zipf

from .entries import Entry

__all__ = ["identities", "numbers"]

LAWS = "Cabannes, Dohmatob, Bietti, arXiv:2310.02984"
SECOND = "average over embeddings on fine grids, second evaluation (model: arXiv:2310.02984)"

#: Weights and embeddings -> error of 1000 tokens, five classes, a = 2, d = 100.
ERRORS = {
    ("uniform", "sphere"): 0.6014152, ("uniform", "gaussian"): 0.6018983,
    ("frequency", "sphere"): 0.1026534, ("frequency", "gaussian"): 0.1029817,
    ("threshold:12", "sphere"): 0.0385186, ("threshold:12", "gaussian"): 0.0385261,
}  # fmt: skip

#: Exponent of q = p^rho -> that of the error in d, at a = 2.
POWERS = {1.0: -0.25, 0.5: -0.5}


def numbers() -> list[Entry]:
    """Return the numbers."""
    return [
        *(Entry(f"error of an outer-product memory, q {q}, embeddings {embedding}, d = 100", SECOND,
                error, 2e-7, partial(_error, q, 100, embedding=embedding))
          for (q, embedding), error in ERRORS.items()),
        *(Entry(f"exponent of its error in d, a = 2, q = p^{rho:g}", f"{LAWS}: -(a-1)/(2 a rho)",
                expected, 0.02, partial(_exponent, partial(_power, rho)))
          for rho, expected in POWERS.items()),
        Entry("exponent of its error in d, a = 2, d/8 tokens of one weight", f"{LAWS}: -(a-1)",
              -1.0, 0.03, partial(_exponent, _threshold)),
        Entry("exponent of its error in T, a = 2, large d", f"{LAWS}: -1 + 1/a", -0.5, 0.02, _seen),
    ]  # fmt: skip


def _error(
    q: str, d: int, n_tokens: int = 1000, T: int | None = None, *, embedding: str = "gaussian"
) -> float:
    p, classes = zipf(n_tokens, 2.0), np.arange(1, n_tokens + 1) % 5
    return float(theory.outer_product(p, q, classes, d, T, embedding=embedding).error)


def _power(rho: float, d: int) -> str:
    return f"power:{rho}"


def _threshold(d: int) -> str:
    return f"threshold:{d // 8}"


def _exponent(weights: Callable[[int], str]) -> float:
    """Return the slope between d = 200 and d = 800."""
    near, far = (_error(weights(d), d, 20_000) for d in (200, 800))
    return float(np.log(far / near) / np.log(4))


def _seen() -> float:
    near, far = (_error("threshold:250", 10**4, 20_000, T) for T in (100, 1000))
    return float(np.log10(far / near))


def identities() -> list[Entry]:
    """Return the identities."""

    def ours() -> float:
        q1, q2, d = 0.8, 1.3, 7
        found = theory.outer_product([0.5, 0.5], [q1, q2], [0, 1], d).recalled[0]
        return float(found - student.cdf(q1 / q2 * d**0.5, d))

    what = "recall of one of two tokens, d = 7 - Student's law of q_1 sqrt(d)/q_2"
    return [Entry(what, "a Gaussian over a length", 0.0, 1e-8, ours)]
