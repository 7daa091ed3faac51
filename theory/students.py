"""Students that store weak examples: how many they need, and what one knows that is told more."""

from __future__ import annotations

from typing import Any

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .labelled import labelled
from .solution import Solution

__all__ = ["learning_load", "supervised_student"]


@labelled
@checked
def learning_load(model: Model, T: Any, *, rsb: int = 0) -> Any:
    r"""Return the least load of examples at which a student may know its teacher.

    Parameters
    ----------
    model : TeacherStudent
    T : float or array_like
        Temperature in [0, inf); at 0 the exact zero-temperature equations are used.
    rsb : {0, 1}
        Steps of replica-symmetry breaking, as for `critical_load`; 0 at order 2.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `T`: from this load on there is a state of positive overlap with the
        teacher.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

    Notes
    -----
    At P = 2 learning is continuous, at :math:`\alpha = (T - 1)/w` from the paramagnet and, below
    the teacher's temperature :math:`1 + 1/w`, from the glass: there :math:`\alpha w^2` rises from
    1 to :math:`\pi/2` at T = 0 as long as replicas are taken for symmetric, which in the glass
    they are not.  At the teacher's temperature :math:`\alpha = 1/w^2`, that is
    :math:`T = 1 + \sqrt\alpha` (arXiv:2304.13710).  At P >= 3 it is a spinodal
    (arXiv:2401.04191); from `transition_load` on to know the teacher is the ground state.  With
    ``rsb=0`` it is too large at low temperatures, at P = 3 even larger than `transition_load`.

    Examples
    --------
    >>> from hebbian import TeacherStudent
    >>> learning_load(TeacherStudent(signal=2.0), [0.0, 1.0, 1.5, 3.0]).round(6)
    array([0.392699, 0.264576, 0.25    , 1.      ])
    >>> float(learning_load(TeacherStudent(order=3, signal=1.0), 1.0).round(6))
    2.152501
    """
    steps = domain.integer("rsb", rsb, "[0, 1]")
    temperature = domain.real_array("T", T, "[0, inf)")
    return equations(model).line("learning_load", temperature, rsb=steps)


@labelled
@checked
def supervised_student(model: Model, *, alpha: Any, T: Any = 0.0) -> Solution:
    r"""Solve the student that is told how each of its examples is oriented, and stores their sum.

    Parameters
    ----------
    model : TeacherStudent
        Of order 2.
    alpha : float or array_like
        Load of examples in [0, inf); 0 is the limit of few.
    T : float or array_like
        Temperature in [0, inf).

    Returns
    -------
    Solution
        m is the overlap with the teacher, n that with the sum of the examples, in units in which
        n = m if they say the same.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the order is not 2: N^(P-1) oriented examples add
        up to the teacher.

    Notes
    -----
    The energy is :math:`-(N/2M) (\sum_a \epsilon_a m_a)^2`, whose paramagnet is unstable below
    :math:`1 + \alpha w` as that of the student without a teacher is; at T = 0
    :math:`m = \mathrm{erf}\sqrt{\alpha w/2}`.  Derivation, and what the orientation of an example
    is: `theory.teacher_student.supervised`.

    Examples
    --------
    >>> from hebbian import TeacherStudent
    >>> told = supervised_student(TeacherStudent(signal=3.0), alpha=[0.1, 1.0], T=1.5)
    >>> told.m.round(6)
    array([0.      , 0.824687])
    """
    temperature = domain.real_array("T", T, "[0, inf)")
    known = equations(model)
    return known.supervised(*known.controls(alpha, T=temperature))
