"""What all sequences have: the pattern that is due, a start, and one dynamics."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from hebbian import domain
from theory.closure import Closure
from theory.course import Course
from theory.one_pattern.closure import NAMED
from theory.one_pattern.dynamics.border import exact_borders

__all__ = ["Replaying"]


class Replaying(Closure):
    """Replay of a cycle of patterns by all spins at once, of which nothing is sampled."""

    starts: ClassVar[tuple[str, ...]] = ("retrieval", "paramagnet")
    has_load: ClassVar[bool] = True

    @abstractmethod
    def overlaps(
        self, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, n_steps: int
    ) -> np.ndarray:
        """Return m of all times on a last axis, at points (j,)."""

    def branches(self, start: str | float) -> tuple[str, ...]:
        """Return the replay and what is left without; the latter alone from a random start."""
        return self.starts[1:] if start == "random" else self.starts

    def start_overlaps(self, start: Any) -> np.ndarray:
        """Return overlaps with the first pattern in [-1, 1]: ``pattern`` is 1, ``random`` 0."""
        if isinstance(start, str):
            start = NAMED[domain.choice("start", start, NAMED)]
        return domain.real_array("start", start, "[-1, 1]")

    def basin(
        self,
        alpha: np.ndarray,
        T: np.ndarray,
        times: np.ndarray,
        threshold: float,
        course: Course,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Bisect over starts."""
        self.check(course)
        return exact_borders(
            lambda start, t: self.overlaps(alpha, T, start, t)[:, t],
            alpha.shape, times, threshold,
        )  # fmt: skip

    def check(self, course: Course) -> None:
        """Refuse dynamics of single spins.

        Raises
        ------
        ValueError
            Naming the one that replays.
        """
        if course.dynamics != "parallel":
            raise ValueError(
                f"dynamics = {course.dynamics!r}: {self.model!r} replays by dynamics = 'parallel'; "
                "spins that move one at a time mix its patterns"
            )
