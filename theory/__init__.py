"""What statistical mechanics predicts. No sampling, no plotting.

=====================  ==============================================================
`solve`                equations of state of any model: `closure` finds its law
`boundaries`           lines of the phase diagram of networks with a load
`signal_to_noise`      one step of the dynamics
`learning`             how many noisy examples are enough
`example_symmetry`     whether examples without a teacher stay alike, or
`single_example`       a single one is retrieved
`regimes`              ultra-storage and ultra-detection, with `noisy_learning`
`conventions`          the units of the literature
=====================  ==============================================================

Networks with a load (`hopfield`, `dense`), from the bottom up: `gaussian` and
`example_law` average over a site, `crosstalk` is the noise of the other patterns,
`replica` puts them into equations and a free energy.  `low_load` and `isotherm` find every
retrieval state at one temperature, `spin_glass` and `symmetry_breaking` the states without
retrieval, `fixed_point` whatever an initial condition leads to; `branches` fills grids,
`transitions` and `stability` compare the states.  `one_step` and its neighbours break replica
symmetry on the retrieval branch.

Networks of diluted patterns (`multitasking`, `multitasking_states`): `columns` is the law of
a pattern entry, `column_averages` what is averaged with it, by enumeration or by a Fourier
integral, and `descent` finds the states.  Their lines are in `multitasking_lines`,
`multitasking_parallel`, `multitasking_zero_temperature` and `multitasking_limits`, their
thresholds of learning in `multitasking_learning`.
"""

from . import dense, hopfield  # noqa: F401 - registers the closures
from .boundaries import (
    critical_load,
    glass_temperature,
    replicon_temperature,
    spinodal_temperature,
    transition_temperature,
)
from .branches import ReplicaSolution
from .example_symmetry import example_stability
from .learning import examples_needed, noise_ratio
from .multitasking import MultitaskingSolution
from .multitasking_states import State, ground_state, stable_states
from .noisy_learning import noisy_learning_capacity, noisy_learning_overlap
from .one_step_branches import OneStepSolution
from .regimes import (
    UltraDetection,
    UltraStorage,
    effective_load,
    tolerable_noise,
    ultra_detection,
    ultra_storage,
)
from .signal_to_noise import OneStep, signal_to_noise
from .single_example import SingleExample, single_example
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
