r"""Fields of any function of the overlaps, from whole numbers.

Rows +-1 are counted by their level and by whether they agree with a spin
(`montecarlo.kernels.lanes.agreements`): :math:`A_{ui}` rows of level u agree at site i, the
other :math:`n_u - A_{ui}` do not.  Then

* slopes f: :math:`h_i = w s_i \sum_u f_u (2 A_{ui} - n_u)`, with the logarithm of a sum times
  the softmax :math:`p_u = e^{F_u} / \sum_v n_v e^{F_v}`; where other signs answer the rows of
  level u, A counts how many of these agree;
* energies: :math:`h_i = (w/2) s_i \sum_u [D_{u-1} A_{ui} - D_u (n_u - A_{ui})]` with
  :math:`D_u = F_{u+1} - F_u`; for the logarithm :math:`(w/2) s_i \ln(S / S_i)`, the
  sums of :math:`e^F` before and after the flip of site i.

Whole numbers that share a coefficient are added first: what cancels leaves exactly nothing, and
the bits depend on no order of the rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.lanes.agreements import count_agreements, count_levels
from montecarlo.kernels.lanes.registers import SITES
from montecarlo.kernels.lanes.signs import aligned
from montecarlo.kernels.shared.philox import njit

from . import blocks
from .words import Words, spin_words, words_of

__all__ = ["Levels", "energies", "field_sums", "lower"]

SUM, SOFTMAX, RATIO = 0, 1, 2


class Coefficients(NamedTuple):
    """Whole numbers (alpha A + beta n) of levels, and what their sums are multiplied by.

    Parameters
    ----------
    level, alpha, beta : (n,) int64
        Terms, those with a common coefficient in a row.
    first : (n_coefficients + 1,) int64
        Where the terms of a coefficient begin.
    factor, exponent : (n_coefficients,) float64
        The coefficient is factor, times the exponential of exponent but for `SUM`.
    """

    level: np.ndarray
    alpha: np.ndarray
    beta: np.ndarray
    first: np.ndarray
    factor: np.ndarray
    exponent: np.ndarray


class Levels(NamedTuple):
    """Rows +-1, to be counted by level.

    Parameters
    ----------
    memory : Memory
    words : Words
    answers : Words or None
        What answers the rows, if not they themselves.
    table : (n_spins + 1,) or (0,) float64
        ln F, where the energy is the logarithm of a sum.
    kind : {SUM, SOFTMAX, RATIO}
    coefficients : Coefficients
    wanted : (n_spins + 1,) bool
        Levels that are counted: those that count for a field.
    """

    memory: Memory
    words: Words
    answers: Words | None
    table: np.ndarray
    kind: int
    coefficients: Coefficients
    wanted: np.ndarray


def lower(memory: Memory) -> Levels:
    """Tabulate the coefficients, and keep the words of the rows where they are few."""
    kind, coefficients = _coefficients(memory)
    wanted = np.full(memory.n_spins + 1, kind != SUM)
    wanted[coefficients.level] = True
    of_log = memory.outer == "log"
    return Levels(
        memory=memory,
        words=words_of(memory),
        answers=None if memory.values is None else words_of(memory, memory.values),
        table=np.ascontiguousarray(memory.table if of_log else [], np.float64),
        kind=kind,
        coefficients=coefficients,
        wanted=wanted,
    )


def _coefficients(memory: Memory) -> tuple[int, Coefficients]:
    """Return how fields are made, and of which terms."""
    n, table, slopes = memory.n_spins, memory.table, memory.slopes
    u = np.arange(n + 1)
    if slopes is not None:
        exponents = np.zeros(n + 1) if memory.outer == "identity" else table
        terms = (u, np.full(n + 1, 2), np.full(n + 1, -1), slopes, exponents)
        return (SOFTMAX if memory.outer == "log" else SUM), _merged(*terms)
    assert table is not None
    agree, differ = u[1:], u[:-1]
    levels = np.concatenate([agree, differ])
    one, none = np.ones(n, int), np.zeros(n, int)
    if memory.outer == "log":
        # Rows that agree at the site lose a level, the others gain one.
        alpha, beta = np.concatenate([one, -one]), np.concatenate([none, one])
        exponents = np.concatenate([table[agree - 1], table[differ + 1]])
        return RATIO, _merged(levels, alpha, beta, np.ones(2 * n), exponents)
    steps = 0.5 * np.diff(table)
    alpha, beta = np.ones(2 * n, int), np.concatenate([none, -one])
    return SUM, _merged(levels, alpha, beta, np.tile(steps, 2), np.zeros(2 * n))


def _merged(
    level: np.ndarray,
    alpha: np.ndarray,
    beta: np.ndarray,
    factor: np.ndarray,
    exponent: np.ndarray,
) -> Coefficients:
    """Give terms a common coefficient where theirs differ in the sign at most; drop zeros."""
    keys, which = np.unique(
        np.stack([exponent, np.abs(factor)], axis=1), axis=0, return_inverse=True
    )
    order = np.argsort(which, kind="stable")
    order = order[factor[order] != 0]
    sign = np.sign(factor[order]).astype(np.int64)
    used, starts = np.unique(which[order], return_index=True)
    return Coefficients(
        level=level[order].astype(np.int64),
        alpha=alpha[order] * sign,
        beta=beta[order] * sign,
        first=np.append(starts, len(order)).astype(np.int64),
        factor=np.ascontiguousarray(keys[used, 1]),
        exponent=np.ascontiguousarray(keys[used, 0]),
    )


def field_sums(network: Levels, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the fields over w, (c, i), and 0 (c,); see `montecarlo.kernels.parallel.steps`."""
    rows, words, sums = network.words, spin_words(spins), np.empty(spins.shape)
    shape = (spins.shape[1] + 1, SITES * words.shape[1])
    octets = aligned(shape, np.uint8)
    octets[:] = 0
    if rows.kept is not None:
        counts, numbers = np.zeros((1, *shape), np.int64), np.zeros((1, shape[0]), np.int64)
        block, answers = next(_blocks(network))
        _fill_one_by_one(
            block, answers, words, rows.masks, network.wanted, octets, counts, numbers, spins,
            network.kind, network.coefficients, network.table, sums,
        )  # fmt: skip
        return sums, np.zeros(len(spins))
    # Rows that are made anew are made for as many chains as possible.
    together = min(max(1, blocks.BLOCK_BYTES // (8 * math.prod(shape))), len(spins))
    counts, numbers = (np.zeros((together, *axes), np.int64) for axes in (shape, shape[:1]))
    for first in range(0, len(spins), together):
        these = slice(first, first + together)
        for block, answers in _blocks(network):
            _count(
                block, answers, words[these], rows.masks, network.wanted, octets, counts, numbers
            )
        _fill(
            counts, numbers, spins[these], network.kind, network.coefficients, network.table,
            sums[these],
        )  # fmt: skip
    return sums, np.zeros(len(spins))


def _blocks(network: Levels) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the words of some rows and of what answers them."""
    if network.answers is None:
        yield from ((block, block) for _, block in network.words.blocks())
        return
    pairs = zip(network.words.blocks(), network.answers.blocks(), strict=True)
    yield from ((block, answers) for (_, block), (_, answers) in pairs)


@njit
def _fill_one_by_one(
    words, answers, spin_words, masks, wanted, octets, counts, numbers, spins, kind, coefficients,
    table, sums,
):  # fmt: skip
    for c in range(spins.shape[0]):
        _count(words, answers, spin_words[c : c + 1], masks, wanted, octets, counts, numbers)
        _fill(counts, numbers, spins[c : c + 1], kind, coefficients, table, sums[c : c + 1])


@njit
def _count(words, answers, spins, masks, wanted, octets, counts, numbers):
    for c in range(spins.shape[0]):
        count_agreements(
            words, answers, spins[c : c + 1], masks, wanted, octets, counts[c], numbers[c]
        )


@njit
def _fill(counts, numbers, spins, kind, coefficients, table, sums):
    """Fill sums (c, n_spins) with the fields over w, and clear the counts."""
    for c in range(spins.shape[0]):
        if kind == RATIO:
            _add_ratio(counts[c], numbers[c], coefficients, table, sums[c])
        else:
            top, total = 0.0, 1.0
            if kind == SOFTMAX:
                top, total = _sum_of_exponentials(numbers[c], table)
            _add_terms(counts[c], numbers[c], coefficients, kind, top, total, sums[c])
        for i in range(spins.shape[1]):
            sums[c, i] *= spins[c, i]
        for u in range(numbers.shape[1]):
            if numbers[c, u] > 0:
                counts[c, u] = 0
                numbers[c, u] = 0


@njit
def _sum_of_exponentials(numbers, table):
    """Return t, the largest F of a row, and the sum of exp(F - t) over all rows."""
    top = -np.inf
    for u in range(table.shape[0]):
        if numbers[u] > 0:
            top = max(top, table[u])
    total = 0.0
    for u in range(table.shape[0]):
        if numbers[u] > 0:
            total += numbers[u] * math.exp(table[u] - top)
    return top, total


@njit
def _gather(counts, numbers, coefficients, k, whole):
    """Fill whole (n_spins,) with the sums of the terms of coefficient k; say if there are any."""
    any_rows = False
    whole[:] = 0.0  # whole numbers below 2**53
    for term in range(coefficients.first[k], coefficients.first[k + 1]):
        u = coefficients.level[term]
        if numbers[u] > 0:
            any_rows = True
            alpha = np.float64(coefficients.alpha[term])
            constant = np.float64(coefficients.beta[term] * numbers[u])
            for i in range(whole.shape[0]):
                whole[i] += alpha * np.float64(counts[u, i]) + constant
    return any_rows


@njit
def _add_terms(counts, numbers, coefficients, kind, top, total, sums):
    whole = np.empty(sums.shape[0])
    sums[:] = 0.0
    for k in range(coefficients.factor.shape[0]):
        if _gather(counts, numbers, coefficients, k, whole):
            factor = coefficients.factor[k]
            if kind == SOFTMAX:
                factor *= math.exp(coefficients.exponent[k] - top) / total
            for i in range(sums.shape[0]):
                sums[i] += factor * whole[i]


@njit
def _add_ratio(counts, numbers, coefficients, table, sums):
    """Fill sums with (ln S - ln S_i) / 2, both sums from the largest exponential on."""
    n_spins = sums.shape[0]
    whole, tops, totals = np.empty(n_spins), np.empty(n_spins), np.zeros(n_spins)
    for k in range(coefficients.factor.shape[0] - 1, -1, -1):
        if _gather(counts, numbers, coefficients, k, whole):
            exponent = coefficients.exponent[k]
            for i in range(n_spins):
                if whole[i] > 0:
                    if totals[i] == 0.0:
                        tops[i] = exponent
                    totals[i] += whole[i] * math.exp(exponent - tops[i])
    top, total = _descending(numbers, coefficients, table)
    for i in range(n_spins):
        sums[i] = 0.5 * ((top - tops[i]) + math.log(total / totals[i]))


@njit
def _descending(numbers, coefficients, table):
    """Return ln S as `_add_ratio` adds up S_i: to the last bit where the two are one sum."""
    top, total = 0.0, 0.0
    for k in range(coefficients.factor.shape[0] - 1, -1, -1):
        whole = 0
        for u in range(table.shape[0]):
            if table[u] == coefficients.exponent[k]:
                whole += numbers[u]
        if whole > 0:
            if total == 0.0:
                top = coefficients.exponent[k]
            total += whole * math.exp(coefficients.exponent[k] - top)
    return top, total


def energies(network: Levels, spins: np.ndarray) -> np.ndarray:
    """Return the energies of all chains, NaN where there are none: shape (c,)."""
    memory, table = network.memory, network.memory.table
    if table is None:
        return np.full(len(spins), np.nan)
    words, found = spin_words(spins), np.empty(len(spins))
    numbers = np.zeros((len(spins), memory.n_spins + 1), np.int64)
    for _, block in network.words.blocks():
        _count_levels(block, words, network.words.masks, numbers)
    for c, counted in enumerate(numbers):
        if memory.outer == "log":
            top, total = _sum_of_exponentials(counted, network.table)
            found[c] = top + math.log(total)
        else:
            found[c] = math.fsum(counted * table)
    return -memory.weight * found


@njit
def _count_levels(words, spins, masks, numbers):
    for c in range(spins.shape[0]):
        count_levels(words, spins[c : c + 1], masks, numbers[c])
