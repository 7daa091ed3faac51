r"""Teacher and student: a pattern that shows itself through many weak examples.

The teacher :math:`\xi` draws examples from its own P-body law,

.. math:: p(\eta) \propto \exp\Bigl[\frac{\beta^* N}{2}\, m(\eta, \xi)^P\Bigr],

and the student stores them all, :math:`H(s) = -(N/2) \sum_a m(s, \eta^a)^P`, both without
self-interaction (F. Alemanno, L. Camanzi, G. Manzan, D. Tantari, arXiv:2304.13710 for P = 2;
R. Theriault, D. Tantari, arXiv:2401.04191 for P >= 3).  The student is a Hebbian network without
a teacher (`hebbian.Unsupervised`) whose examples are too weak to be patterns: their quality
falls like :math:`N^{-1/2}` at P = 2, :math:`r^2 N \to w`, and only all of them together say
where :math:`\xi` is.  The load counts examples, :math:`\alpha = (P!/2) M / N^{P-1}`.

The signal w is :math:`\beta^*/(1 - \beta^*)` at P = 2, where it is all that matters of the
examples, and :math:`\beta^*` itself at P >= 3.  The student at the teacher's temperature
:math:`1/\beta^*` infers as well as one can (the Nishimori line).

Pattern 0 is the teacher, pattern a the a-th example, so that overlaps with both are observed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np

from . import domain, patterns
from .calling import checked
from .dense import PBody, archetype_count, archetype_load, lower_dense
from .memory import Memory
from .packed import Packed
from .streams import philox

__all__ = ["TeacherStudent", "agreement_law"]

_BLOCK_WORDS = 1 << 10  # of 64 examples, drawn at a time


@checked
@dataclass(frozen=True, kw_only=True)
class TeacherStudent(PBody):
    r"""Student that stores examples which a teacher draws from its own law.

    Parameters
    ----------
    order : int
        P, 2 to 8, of teacher and student alike.
    signal : float, optional
        w, positive: the inverse temperature of the teacher at P >= 3, and at P = 2 the limit of
        :math:`r^2 N`, r the quality of the examples.
    teacher_temperature : float, optional
        :math:`1/\beta^*` in the place of the signal.  Examples must not be copies of the teacher:
        above 1 at P = 2, above the transition of the ferromagnet of P bodies at P >= 3.
    rule : Storing
        The student stores what it is shown.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or not one of `signal` and `teacher_temperature`.

    Examples
    --------
    >>> model = TeacherStudent(order=2, signal=3.0)
    >>> model.count(alpha=0.5, n_spins=200), model.nishimori_temperature
    (101, 1.3333333333333333)
    """

    order: int = 2
    signal: float | None = None
    teacher_temperature: float | None = None

    indices: ClassVar[str] = "distinct"
    extensive: ClassVar[bool] = False
    unstored: ClassVar[int] = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "order", domain.integer("order", self.order, "[2, 8]"))
        if self.rule.has_examples:
            raise ValueError(
                f"rule = {self.rule!r}: the examples of TeacherStudent are those of its teacher, "
                "each stored by itself: rule = Storing()"
            )
        if (self.signal is None) == (self.teacher_temperature is None):
            raise ValueError(
                f"signal = {self.signal} and teacher_temperature = {self.teacher_temperature}: "
                "TeacherStudent needs one of them"
            )
        largest = largest_inverse_temperature(self.order)
        if self.signal is not None:
            allowed = "(0, inf)" if self.order == 2 else f"(0, {largest:.6g})"
            object.__setattr__(self, "signal", domain.real("signal", self.signal, allowed))
        else:
            found = domain.real(
                "teacher_temperature", self.teacher_temperature, f"({1 / largest:.6g}, inf)"
            )
            object.__setattr__(self, "teacher_temperature", found)

    def __repr__(self) -> str:
        given = "signal" if self.signal is not None else "teacher_temperature"
        return f"TeacherStudent(order={self.order}, {given}={getattr(self, given)})"

    @property
    def teacher_beta(self) -> float:
        r"""Inverse temperature :math:`\beta^*` of the teacher."""
        if self.signal is None:
            assert self.teacher_temperature is not None
            return 1 / self.teacher_temperature
        return self.signal / (1 + self.signal) if self.order == 2 else self.signal

    @property
    def nishimori_temperature(self) -> float:
        """Temperature of the teacher, at which the student has its law."""
        return 1 / self.teacher_beta

    @property
    def effective_signal(self) -> float:
        r"""The signal w: :math:`\beta^*/(1 - \beta^*)` at P = 2, :math:`\beta^*` at P >= 3."""
        if self.signal is not None:
            return self.signal
        return self.teacher_beta / (1 - self.teacher_beta) if self.order == 2 else self.teacher_beta

    def replace(self, **changes: Any) -> Self:
        """Return the model with some parameters changed; signal and temperature are one."""
        for new, old in (("signal", "teacher_temperature"), ("teacher_temperature", "signal")):
            if changes.get(new) is not None:
                changes.setdefault(old, None)
        return super().replace(**changes)

    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return 1 + M, the teacher and the examples of this load, one at least."""
        return 1 + archetype_count(alpha, n_spins, self.order)

    def load(self, n_patterns: int, n_spins: int) -> float:
        """Return the load (P!/2) M / N^(P-1) of all but the teacher."""
        return archetype_load(n_patterns - 1, n_spins, self.order)

    def weakened(self, factor: float) -> TeacherStudent:
        """Return the student of a teacher whose couplings are weaker by a factor."""
        return self.replace(teacher_temperature=self.nishimori_temperature / factor)

    @property
    def drawable(self) -> bool:
        """False: examples depend on each other through the teacher."""
        return False

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> Packed:
        """Draw the teacher, and examples from its law."""
        teacher = patterns.rademacher(key, 1, n_spins)[0]
        below = np.cumsum(agreement_law(self.order, self.teacher_beta, n_spins))
        bits = np.zeros((n_spins, -(-n_patterns // 64)), np.uint64)
        for first in range(0, bits.shape[1], _BLOCK_WORDS):
            words = slice(first, min(first + _BLOCK_WORDS, bits.shape[1]))
            _draw_examples(key, teacher, below, first, bits[:, words])
        bits[:, 0] = bits[:, 0] & ~np.uint64(1) | (teacher > 0).astype(np.uint64)
        if n_patterns % 64:
            bits[:, -1] &= np.uint64((1 << n_patterns % 64) - 1)
        return Packed(bits, n_patterns)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower the examples, without the teacher; see `Model.lower`.

        Raises
        ------
        ValueError
            If there is no example.
        """
        if rows.shape[0] < 2:
            raise ValueError("archetypes: the teacher is the first, at least one example follows")
        examples = _without_first(rows) if isinstance(rows, Packed) else rows[1:]
        return lower_dense(self.rule, self.order, self.indices, examples)


def agreement_law(order: int, beta: float, n_spins: int) -> np.ndarray:
    r"""Return the law of the number of spins in which an example agrees with its teacher.

    :math:`p(u) \propto \binom N u \exp[\beta^* (P!/2) N^{1-P} e_P(u)]`, :math:`e_P` the elementary
    symmetric polynomial of u signs +1 and N - u signs -1: exact at any N.

    Parameters
    ----------
    order : int
        P.
    beta : float
        Inverse temperature of the teacher.
    n_spins : int

    Returns
    -------
    numpy.ndarray
        Shape (n_spins + 1,): probabilities of u = 0 ... N.

    Examples
    --------
    >>> law = agreement_law(2, 0.75, 400)
    >>> m = np.linspace(-1, 1, 401)
    >>> round(float(law @ m**2) * 400, 2)  # r^2 N + 1 = 1/(1 - beta), nearly
    3.89
    """
    overlap = np.arange(-n_spins, n_spins + 1, 2, dtype=np.float64)
    before, power = np.zeros_like(overlap), np.ones_like(overlap)
    for k in range(order):  # of e_{k+1}, times N^-(k+1)
        after = (overlap * power - (n_spins - k + 1) / n_spins * before) / n_spins / (k + 1)
        before, power = power, after
    lives = np.array([math.lgamma(u + 1) for u in range(n_spins + 1)])
    logarithm = 0.5 * beta * n_spins * math.factorial(order) * power - lives - lives[::-1]
    law = np.exp(logarithm - logarithm.max())
    return np.asarray(law / law.sum())


@lru_cache
def largest_inverse_temperature(order: int) -> float:
    r"""Return :math:`\beta^*` from which on examples are copies of the teacher.

    The ferromagnet of P bodies is magnetized from the least :math:`\beta` on at which
    :math:`\beta m^P/2` makes up for the loss of entropy at some m: 1 for P = 2.
    """
    m = np.sin(np.linspace(0, math.pi / 2, 200001)[1:-1])
    lost = 0.5 * ((1 + m) * np.log1p(m) + (1 - m) * np.log1p(-m))
    return 1.0 if order == 2 else float((2 * lost / m**order).min())


def _draw_examples(
    key: np.ndarray, teacher: np.ndarray, below: np.ndarray, first: int, bits: np.ndarray
) -> None:
    """Fill words from the number `first` on: patterns 64 first ..., all as examples.

    The sites on which an example agrees are taken one after the other without replacement:
    each agrees with the probability that the rest of the example leaves to it.
    """
    numbers = np.arange(64 * first, 64 * (first + bits.shape[1]))
    chance = philox(key, numbers, 0, 2).astype(np.uint64)
    uniform = ((chance[:, 0] << np.uint64(32) | chance[:, 1]) >> np.uint64(11)) * 2.0**-53
    left = np.searchsorted(below, uniform * below[-1], side="right").astype(np.uint64)
    for i, own in enumerate(teacher):
        words = philox(key, i, numbers[::4] // 4, 1).ravel().astype(np.uint64)
        agrees = words * np.uint64(len(teacher) - i) < left << np.uint64(32)
        left -= agrees
        positive = agrees if own > 0 else ~agrees
        bits[i] = np.packbits(positive, bitorder="little").view(np.uint64)


def _without_first(rows: Packed) -> Packed:
    """Return all rows but the first."""
    n_rows = len(rows) - 1
    bits = rows.bits >> np.uint64(1)
    bits[:, :-1] |= rows.bits[:, 1:] << np.uint64(63)
    return Packed(np.ascontiguousarray(bits[:, : -(-n_rows // 64)]), n_rows)
