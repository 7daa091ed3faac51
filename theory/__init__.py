"""What statistical mechanics predicts. No sampling, no plotting."""

from . import dense, hopfield  # noqa: F401 - registers the closures
from .boundaries import (
    critical_load,
    glass_temperature,
    replicon_temperature,
    spinodal_temperature,
    transition_temperature,
)
from .branches import ReplicaSolution
from .multitasking import MultitaskingSolution
from .multitasking_states import State, ground_state, stable_states
from .solution import Solution
from .solve import solve

__all__ = [
    "MultitaskingSolution",
    "ReplicaSolution",
    "Solution",
    "State",
    "critical_load",
    "glass_temperature",
    "ground_state",
    "replicon_temperature",
    "solve",
    "spinodal_temperature",
    "stable_states",
    "transition_temperature",
]
