"""Where a replay starts, and by which dynamics it runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import Model, domain
from theory.course import Course
from theory.one_pattern.closure import NAMED

__all__ = ["check_parallel", "named_overlaps"]


def named_overlaps(start: Any) -> np.ndarray:
    """Return overlaps of a start with the first pattern, by its name or checked.

    Examples
    --------
    >>> named_overlaps("pattern"), named_overlaps([0.2, 0.5])
    (array(1.), array([0.2, 0.5]))
    """
    if isinstance(start, str):
        start = NAMED[domain.choice("start", start, NAMED)]
    return domain.real_array("start", start, "[-1, 1]")


def check_parallel(model: Model, course: Course) -> None:
    """Refuse dynamics of single spins.

    Raises
    ------
    ValueError
        Naming the one that replays.
    """
    if course.dynamics != "parallel":
        raise ValueError(
            f"dynamics = {course.dynamics!r}: {model!r} replays by dynamics = 'parallel'; spins "
            "that move one at a time mix its patterns"
        )
