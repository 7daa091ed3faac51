"""The state of one chain, whatever the form of its network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["State"]


class State(NamedTuple):
    """One chain.

    Parameters
    ----------
    spins : (n_spins,) int8
    overlaps : (1, n_rows), or (n_odd, n_rows) int64 for `Polynomial`
        Level u for `Binary`, of the smallest unsigned type that holds it, and overlap M for
        `Pairs`, int16 or int32 (both padded to 64 n_words, where rows are -1); overlap M,
        int32, for `Quadratic`; power sums 1, 3, ... for `Polynomial`; for `Couplings` the
        integer local fields (1, n_spins) int32.
    values : (64 n_words,) of the table's type
        For `Binary` the tabulated A of every row, 0 past the last row, or int8 and empty where
        fields are made of the levels (`montecarlo.kernels.lanes.moments`); for `Polynomial`
        the elementary symmetric polynomials 0..order of the rows, made of the power sums
        anew at every flip; else unused.
    totals : (2,) int64 or float64
        For `Binary` the sums of A and of B over rows, times their denominator where there are
        no values; for `Pairs` the sum of M over rows, of
        shape (1,); for `Polynomial` scratch of shape
        (order + 1, ROW_BLOCK); else unused.
    """

    spins: np.ndarray
    overlaps: np.ndarray
    values: np.ndarray
    totals: np.ndarray
