r"""Outer-product memories: tokens, their frequencies, their weights and their classes.

A memory of tokens x with embeddings :math:`e_x` in d dimensions and classes y with orthonormal
:math:`u_y`,

.. math:: W = \sum_x q(x)\, u_{f(x)} e_x^\top, \qquad \hat y(x) = \arg\max_y u_y^\top W e_x,

recalls x if :math:`\hat y(x) = f(x)` (V. Cabannes, E. Dohmatob, A. Bietti, arXiv:2310.02984).
Its error is the probability of a wrong answer, tokens being asked for as often as they occur.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from . import domain
from .calling import checked

__all__ = ["EMBEDDINGS", "WEIGHTS", "Tokens", "dimensions", "samples", "tokens", "zipf"]

#: Entries of the law N(0, 1/d), or directions of unit length.
EMBEDDINGS = ("gaussian", "sphere")

#: Names of weights and the ranges of their parameters.
WEIGHTS = {"uniform": "", "frequency": "", "threshold": "[1, inf)", "power": "[0, 100]"}

MOST_TOKENS = 10_000_000


class Tokens(NamedTuple):
    """Tokens of an outer-product memory; arrays of shape (n_tokens,).

    Parameters
    ----------
    p : numpy.ndarray
        Frequencies, of sum 1.
    q : numpy.ndarray
        Weights.
    classes : numpy.ndarray of int
        The class of each.
    n_classes : int
        Classes from 0 to ``n_classes - 1``; those without a token are answers, too.
    """

    p: np.ndarray
    q: np.ndarray
    classes: np.ndarray
    n_classes: int


@checked
def zipf(n_tokens: int, exponent: float) -> np.ndarray:
    r"""Return Zipf's law :math:`p(x) \propto x^{-a}` of the tokens x = 1, ..., N.

    Parameters
    ----------
    n_tokens : int
        N, at least 1.
    exponent : float
        a in [0, 100].

    Returns
    -------
    numpy.ndarray
        Shape (n_tokens,), of sum 1.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> zipf(3, 1.0).round(4)
    array([0.5455, 0.2727, 0.1818])
    """
    count = domain.integer("n_tokens", n_tokens, f"[1, {MOST_TOKENS}]")
    law = np.arange(1.0, count + 1) ** -domain.real("exponent", exponent, "[0, 100]")
    return np.asarray(law / law.sum())


def tokens(p: Any, q: Any, classes: Any) -> Tokens:
    r"""Check tokens and return them.

    Parameters
    ----------
    p : array_like
        Frequencies p(x) >= 0, of sum 1.
    q : array_like or str
        As many weights q(x) >= 0; ``"uniform"`` (1), ``"frequency"`` (p), ``"power:rho"``
        (:math:`p^\rho`) or ``"threshold:m"``, 1 for the m most frequent tokens, in the order of
        the array where they are equally frequent, and 0 for others.
    classes : array_like of int
        The class f(x) of each token, from 0.

    Raises
    ------
    ValueError
        Naming what is outside its range or of another length.

    Examples
    --------
    >>> tokens([0.5, 0.3, 0.2], "threshold:2", [0, 1, 1]).q
    array([1., 1., 0.])
    """
    frequencies = domain.real_array("p", p, "[0, 1]")
    if frequencies.ndim != 1 or not 1 <= frequencies.size <= MOST_TOKENS:
        raise ValueError(
            f"p of shape {frequencies.shape}: one frequency for each of 1 to {MOST_TOKENS} tokens"
        )
    total = float(frequencies.sum())
    if not math.isclose(total, 1.0, abs_tol=1e-9):
        raise ValueError(f"p = {domain.shown(p)} has the sum {total:.12g}, not 1")
    of = domain.real_array("classes", classes, f"[0, {MOST_TOKENS}]")
    if of.shape != frequencies.shape or (of != np.floor(of)).any():
        raise ValueError(
            f"classes = {domain.shown(classes)}: one whole number for each of "
            f"{frequencies.size} tokens"
        )
    weights = (
        _named(q, frequencies) if isinstance(q, str) else domain.real_array("q", q, "[0, inf)")
    )
    if weights.shape != frequencies.shape:
        raise ValueError(
            f"q of shape {weights.shape}: one weight for each of {frequencies.size} tokens"
        )
    answers = of.astype(np.int64)
    return Tokens(frequencies, weights, answers, int(answers.max()) + 1)


def _named(name: str, p: np.ndarray) -> np.ndarray:
    """Return the weights of a name."""
    law, _, parameter = name.partition(":")
    if law not in WEIGHTS or bool(parameter) != bool(WEIGHTS[law]):
        known = ", ".join(f"{law}:X" if allowed else law for law, allowed in WEIGHTS.items())
        words = f"q = {domain.shown(name)} is not one of {known}, nor numbers"
        raise domain.UnknownWord(words, law, list(WEIGHTS))
    if not parameter:
        return np.ones_like(p) if law == "uniform" else p.copy()
    try:
        number = float(parameter)
    except ValueError:
        number = math.nan
    number = domain.real(f"q = {law}", number, WEIGHTS[law])
    if law == "power":
        return np.asarray(p**number)
    kept = domain.integer(f"q = {law}", number, f"[1, {p.size}]")
    weights = np.zeros_like(p)
    weights[np.argsort(-p, kind="stable")[:kept]] = 1.0
    return weights


def dimensions(d: Any) -> np.ndarray:
    """Return dimensions, whole numbers from 1, as floats.

    Raises
    ------
    ValueError
        For others.
    """
    return _whole("d", d)


def samples(n_samples: Any) -> np.ndarray:
    """Return numbers of observed samples, whole numbers from 0, as floats.

    Raises
    ------
    ValueError
        For others.
    """
    return _whole("n_samples", n_samples, 0)


def _whole(name: str, values: Any, least: int = 1) -> np.ndarray:
    found = domain.real_array(name, values, f"[{least}, 1e15]")
    for value in found[found != np.floor(found)][:1]:
        raise ValueError(f"{name} = {value:g} is not a whole number in [{least}, 1e15]")
    return found
