r"""Numbers and identities of students of weak examples.

The papers on P >= 3 have :math:`H = -N \sum_a m_a^P` and :math:`M = \alpha N^{P-1}/P!`: their
temperatures and loads are twice ours.  Their curves are drawn without numbers; those below are a
solution of their equations written apart from this package.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

import theory
from hebbian import Dense, TeacherStudent
from hebbian.teacher_student import largest_inverse_temperature
from theory.teacher_student.conventions import student_load, student_temperature

from .entries import Entry

__all__ = ["identities", "numbers"]

PLANTED = "Alemanno, Camanzi, Manzan, Tantari, arXiv:2304.13710"
STUDENTS = "Theriault, Tantari, arXiv:2401.04191"
LINES = f"{STUDENTS}, Fig. 2, three digits of the authors' program"
CURVES = f"{STUDENTS}, Eqs. (4), second solver"
SECOND = "replica-symmetric equations, second solver"
DERIVED = "derived: onset at fixed signal"

#: P, their load and temperatures of student and teacher -> overlaps with the teacher, of students.
OVERLAPS = {
    (3, 3.0, 1.6, 1.6): (0.808840955562, 0.808840955562),  # Fig. 4
    (3, 6.0, 2.0, 2.0): (0.925166332584, 0.925166332584),
    (3, 9.0, 2.5, 2.5): (0.913396517387, 0.913396517387),
    (4, 3.0, 1.6, 1.6): (0.909012237466, 0.909012237466),
    (3, 4.0, 1.0, 1.5): (0.967338774118, 0.976798096412),  # Fig. 5
    (3, 4.0, 2.0, 1.5): (0.946082814378, 0.934222184620),
}

#: Signal, load, temperature -> m and q at P = 2.
PAIRS = {
    (2 / 3, 4.0, 2.5): (0.355749691, 0.355749691),
    (3.0, 1.0, 1.5): (0.765840836, 0.748850321),
    (3.0, 1.0, 2.5): (0.613466207, 0.496788662),
}


def numbers() -> list[Entry]:
    """Return the numbers."""
    three = partial(TeacherStudent, order=3)
    return [
        *(Entry(f"load from which on a student of pairs learns, T = T* = 1 + sqrt({load:g})",
                f"{PLANTED}: T = 1 + sqrt(gamma)", load, 1e-9, partial(_onset, 1 + math.sqrt(load)))
          for load in (0.25, 1.0, 4.0)),
        Entry("glass temperature of a student of pairs, alpha = 2.25",
              f"{PLANTED}: 1 + sqrt(gamma)", 2.5, 1e-12,
              lambda: theory.glass_temperature(TeacherStudent(signal=0.2), 2.25)),
        Entry("T/sqrt(2 alpha) from which on a student of three bodies can know, T = T*",
              LINES, 0.682, 5e-4, lambda: _ray(theory.learning_load(three(signal=1.0), 1.0))),
        Entry("T/sqrt(2 alpha) below which it does so in its ground state",
              f"{LINES} (the static glass of three spins, 0.6514)", 0.652, 1e-3,
              lambda: _ray(theory.transition_load(three(signal=1.0), 1.0))),
        Entry("temperature below which examples of three bodies are copies of the teacher",
              LINES, 1.49, 5e-3, lambda: 2 / largest_inverse_temperature(3)),
        *(entry for at in OVERLAPS for entry in _overlaps(*at)),
        *(entry for at in PAIRS for entry in _pairs(*at)),
        *(Entry(f"load from which on a student of pairs learns, w = {w:g}, T = {T:g}",
                f"{DERIVED}: (T - 1)/w above 1 + 1/w", (T - 1) / w, 1e-9,
                partial(theory.learning_load, TeacherStudent(signal=w), T))
          for w, T in ((3.0, 2.5), (1.0, 2.5), (0.5, 3.5))),
        Entry("load from which on a student of pairs learns, w = 3, T = 0",
              f"{DERIVED}: pi/(2 w^2)", math.pi / 18, 1e-9,
              partial(theory.learning_load, TeacherStudent(signal=3.0), 0.0)),
    ]  # fmt: skip


def _onset(teacher_temperature: float) -> float:
    model = TeacherStudent(teacher_temperature=teacher_temperature)
    return float(theory.learning_load(model, teacher_temperature))


def _ray(load: float) -> float:
    """Return T/sqrt(2 alpha) in the units of the paper of a student that has T = 1 in ours."""
    return float(1 / student_temperature(1.0) / np.sqrt(2 / student_load(1.0) * load))


def _overlaps(order: int, alpha: float, T: float, T_teacher: float) -> list[Entry]:
    heat = student_temperature
    model = TeacherStudent(order=order, teacher_temperature=float(heat(T_teacher)))
    words = f"P = {order}, their alpha = {alpha:g}, T = {T:g}, T* = {T_teacher:g}"
    solve = partial(theory.solve, model, alpha=student_load(alpha), T=heat(T))
    m, q = OVERLAPS[order, alpha, T, T_teacher]
    return [
        Entry(f"overlap with the teacher, {words}", CURVES, m, 5e-12, lambda: solve().m),
        Entry(f"overlap of students, {words}", CURVES, q, 5e-12, lambda: solve().q),
    ]


def _pairs(w: float, alpha: float, T: float) -> list[Entry]:
    solve = partial(theory.solve, TeacherStudent(signal=w), alpha=alpha, T=T)
    words = f"of pairs, w = {w:.4g}, alpha = {alpha:g}, T = {T:g}"
    m, q = PAIRS[w, alpha, T]
    return [
        Entry(f"overlap with the teacher {words}", SECOND, m, 5e-10, lambda: solve().m),
        Entry(f"overlap of students {words}", SECOND, q, 5e-10, lambda: solve().q),
    ]


def identities() -> list[Entry]:
    """Return the identities."""
    return [*(_nishimori(order) for order in (2, 3, 4, 8)), *(_glass(order) for order in (3, 4))]


def _nishimori(order: int) -> Entry:
    def ours() -> float:
        beta = np.array([0.3, 0.6, 0.9])
        found = [
            theory.solve(TeacherStudent(order=order, teacher_temperature=1 / b), T=1 / b,
                         alpha=np.array([1.1, 2.0, 5.0]) * onset)
            for b, onset in zip(beta, (1 - beta) ** 2 / beta**2 if order == 2 else 2.7 / beta**2,
                                strict=True)
        ]  # fmt: skip
        return float(max(np.abs(state.m - state.q).max() for state in found))

    what = f"largest |m - q| of students as warm as the teacher, P = {order}"
    return Entry(what, f"{PLANTED}; {STUDENTS}", 0.0, 1e-9, ours)


def _glass(order: int) -> Entry:
    def ours() -> float:
        load = float(theory.transition_load(TeacherStudent(order=order, signal=0.8), 1.25))
        return float(theory.glass_temperature(Dense(order=order), load)) - 1.25

    what = f"T* at which students of its temperature learn - T_K of random patterns, P = {order}"
    return Entry(what, f"{STUDENTS}: the two transitions coincide", 0.0, 1e-9, ours)
