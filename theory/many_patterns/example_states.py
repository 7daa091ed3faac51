r"""States of a network without a teacher that treat the examples of a pattern differently.

The state in which all examples of a pattern are alike, that of `theory.solve`, is one of
many.  In general the M examples of a pattern fall into groups of sizes g with one overlap
:math:`n_g = \frac1N \sum_i \eta_i s_i` each, and with :math:`S_g` the sum of the signs of a group

.. math::
    f = \sum_g \frac{g\, n_g^2}{2 r^2 M} - T\, E \ln 2\cosh\frac{x}{T}, \qquad
    x = \frac{1}{r^2 M} \sum_g \xi S_g n_g,

exactly, at every M and T: the energy of the single examples (arXiv:2308.04106) on the
subspace that the permutations within groups leave.  A group of g > 1 examples stays
together where

.. math:: \lambda_g = 1 - \frac{1}{r^2 M T} E\Big[\xi^2 \frac{g^2 - S_g^2}{g (g - 1)}
          (1 - \tanh^2(x/T))\Big] > 0.

The simplest is the retrieval of a single example, groups of 1 and M - 1: where the examples
are few and noisy it exists next to, or in place of, the retrieval of the pattern.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import Multitasking, Rule, domain
from hebbian.calling import checked
from hebbian.result import Result
from theory.many_patterns.columns.enumeration import RARE, ColumnSum

from .descent import descend
from .equations import COLDEST, check_model

__all__ = ["ExampleState", "example_state"]

#: Most columns that are listed.
LARGEST = 300_000
#: Asymmetry of the start of examples that are each by themselves.
NUDGE = 0.1


@dataclass(frozen=True, kw_only=True)
class ExampleState(Result):
    r"""A state in the overlaps with all K M examples.

    Parameters
    ----------
    m : numpy.ndarray
        Shape (K,): overlaps with the archetypes.
    example_overlaps : numpy.ndarray
        Shape (K, M), :math:`n_{\mu a}`.
    free_energy, energy : float
    min_eigenvalue : float
        Smallest one of the Hessian in all K M overlaps: locally stable where positive.
    converged : bool
        Where False all other numbers are NaN.
    residual : float
        Largest violation of the equations of state.
    """

    axes: ClassVar[dict[str, str]] = {
        "m": "pattern", "example_overlaps": "pattern example", "free_energy": "", "energy": "",
        "min_eigenvalue": "", "converged": "", "residual": "",
    }  # fmt: skip

    m: np.ndarray
    example_overlaps: np.ndarray
    free_energy: float
    energy: float
    min_eigenvalue: float
    converged: bool
    residual: float


@checked
def example_state(
    model: Multitasking,
    T: float,
    *,
    groups: str | Sequence[Sequence[int]] = "single",
    start: Any = None,
) -> ExampleState:
    r"""Solve for a state in which the examples of a pattern are not all alike.

    Parameters
    ----------
    model : Multitasking
        With the rule `Unsupervised`, at least 2 examples, and quality below 1.
    T : float
        Temperature in [0, inf).
    groups : {"single", "all"} or sequence of sequences of int
        For every pattern the sizes of the groups of its examples.  ``"single"``: one example
        of the first pattern and all others of each pattern together; ``"all"``: every
        example by itself, which is what the network has, :math:`(2^M + 1)^K` columns.
    start : array_like, optional
        One overlap in [-1, 1] for each group, pattern after pattern, from which f is descended.
        By default that of a network which retrieves the first group of the first pattern
        wherever it is not blank, else the second pattern, and so on; for ``"all"`` a
        hierarchy with a small asymmetry of the examples.

    Returns
    -------
    ExampleState
        Where the descent has ended: it may be the symmetric state of `theory.solve`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the columns are more than 300000.

    Examples
    --------
    Three poor examples: one of them is remembered, with the pattern only as its shadow.

    >>> from hebbian import Unsupervised
    >>> rule = Unsupervised(quality=0.3, n_examples=3)
    >>> state = example_state(Multitasking(n_patterns=1, dilution=0.3, rule=rule), 0.1)
    >>> state.example_overlaps.round(3), state.min_eigenvalue > 0
    (array([[0.7  , 0.063, 0.063]]), True)
    """
    rule = _rule(model)
    temperature = domain.real("T", T, "[0, inf)")
    temperature = 0.0 if temperature < COLDEST else temperature
    K, M, r, d = model.n_patterns, rule.n_examples, rule.quality, model.dilution
    sizes = _sizes(groups, K, M)
    g = np.concatenate(sizes)
    unit = np.sqrt(g) / (r * math.sqrt(M))  # of n in the norm of f
    n = _start(sizes, r, d, groups == "all") if start is None else _given(start, g.size)
    columns = _columns(sizes, d, r, M)
    end = descend(columns, (unit * n)[None], np.array([temperature]))
    if not end.converged[0]:
        nothing = np.full(K, np.nan), np.full((K, M), np.nan)
        return ExampleState(
            m=nothing[0], example_overlaps=nothing[1], free_energy=math.nan, energy=math.nan,
            min_eigenvalue=math.nan, converged=False, residual=float(end.residual[0]),
        )  # fmt: skip
    told = columns.responses(end.n, np.array([temperature]))
    together = np.linalg.eigvalsh(np.eye(g.size) - end.averages.curvature[0])[0]
    if end.averages.singular[0]:
        together = -np.inf
    apart = 1 - told.flexible[0][g > 1] / (r * r * M)
    square = 0.5 * float(end.n[0] @ end.n[0])
    return ExampleState(
        m=told.m[0],
        example_overlaps=np.repeat(end.n[0] / unit, g).reshape(K, M),
        free_energy=square - float(end.averages.potential[0]),
        energy=-square,
        min_eigenvalue=float(min(together, apart.min(initial=np.inf))),
        converged=True,
        residual=float(end.residual[0]),
    )


def _rule(model: Multitasking) -> Rule:
    rule = check_model(model).rule
    if rule.rows_per_pattern == 1 or rule.quality == 1:
        raise ValueError(f"rule = {rule!r} has no noisy examples that are stored by themselves")
    return rule


def _sizes(groups: str | Sequence[Sequence[int]], K: int, M: int) -> list[np.ndarray]:
    """Return the sizes of the groups of every pattern."""
    if isinstance(groups, str):
        domain.choice("groups", groups, ("single", "all"))
        if groups == "all":
            return [np.ones(M, int)] * K
        return [np.array([1, M - 1]), *[np.array([M])] * (K - 1)]
    if len(groups) != K:
        raise ValueError(f"groups = {groups!r}: one sequence of sizes for each of {K} patterns")
    sizes = [
        np.array([domain.integer("size of a group", g, f"[1, {M}]") for g in row], int)
        for row in groups
    ]
    if any(row.sum() != M for row in sizes):
        raise ValueError(f"groups = {groups!r}: the sizes of each pattern must sum to {M} examples")
    return sizes


def _start(sizes: list[np.ndarray], r: float, d: float, each: bool) -> np.ndarray:
    """Return the overlaps of the configuration that follows the first group of each pattern."""
    rows = []
    for mu, row in enumerate(sizes):
        level = (1 - d) * max(d, 1e-3) ** mu
        if each:
            a = np.arange(row.size)
            rows.append(level * r * (1 + NUDGE * np.cos(1 + a * (a + mu + 1))))
        elif row.size == 1:
            rows.append(np.array([level * r]))
        else:
            rows.append(level * np.where(np.arange(row.size) == 0, row[0] ** -0.5, r * r))
    return np.concatenate(rows)


def _given(start: Any, size: int) -> np.ndarray:
    n = domain.real_array("start", start, "[-1, 1]")
    if n.shape != (size,):
        raise ValueError(f"start of shape {n.shape} is not of shape ({size},): one for each group")
    return n


def _columns(sizes: list[np.ndarray], d: float, r: float, M: int) -> ColumnSum:
    """List the columns of group sums S_g, in units in which f = |x|^2/2 - Psi(x)."""
    count = math.prod(math.prod(int(g) + 1 for g in row) + 1 for row in sizes)
    domain.integer("columns of n_patterns and n_examples", count, f"[1, {LARGEST}]")
    entries = [_entry(row, d, r, M) for row in sizes]
    index = np.indices(tuple(len(entry[0]) for entry in entries)).reshape(len(sizes), -1)
    v, xi, flexible = (
        np.concatenate([entry[k][i] for entry, i in zip(entries, index, strict=True)], axis=1)
        for k in range(3)
    )
    weight = np.prod([e[3][i] for e, i in zip(entries, index, strict=True)], axis=0)
    return ColumnSum(v, xi, flexible, weight, RARE * (1 - d))


def _entry(
    row: np.ndarray, d: float, r: float, M: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return v, E[xi | S], what is flexible in each group, and the chance; a blank first."""
    from scipy.special import gammaln

    ups = np.indices(tuple(row + 1)).reshape(row.size, -1).T
    S = 2.0 * ups - row
    ways = gammaln(row + 1) - gammaln(ups + 1) - gammaln(row - ups + 1)
    total = S.sum(axis=1)
    # gauge symmetry: xi = 1 and -1 with the odds exp(2 total atanh r)
    along = np.log1p(r) * (M + total) / 2 + np.log1p(-r) * (M - total) / 2
    against = np.log1p(r) * (M - total) / 2 + np.log1p(-r) * (M + total) / 2
    chance = np.exp(ways.sum(axis=1) + np.logaddexp(along, against) - (M + 1) * np.log(2))
    flexible = (row**2 - S**2) / np.maximum(row * (row - 1), 1)
    xi = np.tanh(total * np.arctanh(r))[:, None]
    blank = np.zeros((1, row.size))
    return (
        np.concatenate([blank, S / (r * np.sqrt(M * row))]),
        np.concatenate([np.zeros((1, 1)), xi]),
        np.concatenate([blank, flexible]),
        np.append(d, (1 - d) * chance),
    )
