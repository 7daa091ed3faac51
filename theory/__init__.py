"""What statistical mechanics predicts. No sampling, no plotting.

=====================  ==============================================================
`solve`                equations of state of any model: `closure` finds its law
`boundaries`           lines of the phase diagram of networks with a load
`signal_to_noise`      one step of the dynamics
`learning`             thresholds and symmetries of learning from noisy examples
`regimes`              ultra-storage and ultra-detection
`multitasking`         networks of diluted patterns: states, lines, thresholds
`columns`              averages over the pattern entries that one of their spins sees
`one_step`             one step of replica-symmetry breaking on the retrieval branch
`conventions`          the units of the literature
=====================  ==============================================================

Networks with a load (`hopfield`, `dense`), from the bottom up: `gaussian` and
`example_law` average over a site, `crosstalk` is the noise of the other patterns,
`replica` puts them into equations and a free energy.  `low_load` and `isotherm` find every
retrieval state at one temperature, `spin_glass`, `symmetry_breaking` and `metastable_glass`
the states without retrieval, `fixed_point` whatever an initial condition leads to;
`branches` fills grids, `transitions` and `stability` compare the states, `inversion` turns
lines of loads into lines of temperatures.
"""

from .boundaries import (
    critical_load,
    glass_temperature,
    replicon_temperature,
    spinodal_temperature,
    transition_temperature,
)
from .learning.example_symmetry import example_stability
from .learning.noisy import noisy_learning_capacity, noisy_learning_overlap
from .learning.regimes import (
    UltraDetection,
    UltraStorage,
    effective_load,
    tolerable_noise,
    ultra_detection,
    ultra_storage,
)
from .learning.single_example import SingleExample, single_example
from .learning.thresholds import examples_needed, noise_ratio
from .many_patterns.equations import MultitaskingSolution
from .many_patterns.states import State, ground_state, stable_states
from .one_pattern import dense, hopfield  # noqa: F401 - registers the closures
from .one_pattern.branches import ReplicaSolution
from .one_pattern.broken.branches import OneStepSolution
from .signal_to_noise import OneStep, signal_to_noise
from .solution import Solution
from .solve import solve

__all__ = [
    "MultitaskingSolution",
    "OneStep",
    "OneStepSolution",
    "ReplicaSolution",
    "SingleExample",
    "Solution",
    "State",
    "UltraDetection",
    "UltraStorage",
    "critical_load",
    "effective_load",
    "example_stability",
    "examples_needed",
    "glass_temperature",
    "ground_state",
    "noise_ratio",
    "noisy_learning_capacity",
    "noisy_learning_overlap",
    "replicon_temperature",
    "signal_to_noise",
    "single_example",
    "solve",
    "spinodal_temperature",
    "stable_states",
    "tolerable_noise",
    "transition_temperature",
    "ultra_detection",
    "ultra_storage",
]
