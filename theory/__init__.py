"""What statistical mechanics predicts. No sampling, no plotting.

=====================  ==============================================================
`solve`                equations of state of any model
`by_rank`              of every pattern of a network, which may be of unequal strengths
`forgetting`           how many patterns a palimpsest keeps, and at which rate the most
`states`               all stable states of a network without a load
`boundaries`           lines of the phase diagram of networks with a load
`transition`           where retrieval is their ground state; of finite ones, too
`complexity`           those of exponentially many patterns
`phase_lines`          all of them as one labelled data set
`signal_to_noise`      one parallel step of the dynamics
`trajectory`           the dynamics of retrieval, step after step
`basin`                from how far it retrieves
`recovery`             how fast, and for how long
`exact_replay`         how long finite sequences are replayed without a wrong spin
`reading`              capacities of reading exponentially many patterns
`students`             how many examples a student needs, and one that is told more
`learning`             thresholds and symmetries of learning from noisy examples
`conventions`          the units of the literature
---------------------  --------------------------------------------------------------
`closure`              what a model's theory can be asked for: one verb for each of the
                       functions above, and how a model gets one
`lines`                the table of all lines: names, symbols, what they run along
---------------------  --------------------------------------------------------------
`sparse_distributed`   sparse distributed memory: one reading, radii, attention weights
`assembly`             layers of networks that store patterns together
`one_pattern`          networks under a load, replica symmetric and broken
`many_patterns`        networks of diluted patterns: states, lines, thresholds
`dreaming`             networks that have slept, up to the pseudo-inverse
`exponential`          exponential memories: closed forms for three laws of patterns
`sequence`             sequences: the replay, step after step and stationary
`teacher_student`      students that store weak examples of one teacher
`outer_product`        outer-product memories: error and best weights
---------------------  --------------------------------------------------------------
`averages`             over one site: a spin in a Gaussian field, the mean of its examples
`roots`                bracketed roots and largest values
`unloaded`             dynamics without a load
`solution`             what solvers return; `course` what dynamics does
`foundation`           the models are those of this toolkit
=====================  ==============================================================

Imports run downwards in this table.
"""

from . import foundation as _foundation  # noqa: F401 - first of all
from .assembly import closure as _of_layers  # noqa: F401 - registers the closure
from .assembly.closure import AssemblySolution
from .basin import BasinBoundary, basin
from .boundaries import (
    critical_load,
    glass_temperature,
    replicon_temperature,
    spinodal_load,
    spinodal_temperature,
)
from .by_rank import RankSolution, by_rank
from .complexity import condensation_load, single_flip_load, single_transition_load
from .course import Trajectory
from .dreaming import closure as _of_sleep  # noqa: F401 - registers the closure
from .exact_replay import exact_replay
from .exponential import closure as _of_exponents  # noqa: F401 - registers the closure
from .exponential.reading import kernel_capacity
from .forgetting import Forgetting, best_forgetting, forgetting_age
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
from .many_patterns import closure as _of_many  # noqa: F401 - registers the closures
from .many_patterns.equations import MultitaskingSolution
from .nucleation import nucleation_barrier
from .one_pattern import dense as _dense  # noqa: F401
from .one_pattern.branches import ReplicaSolution
from .one_pattern.broken.branches import BrokenSolution
from .outer_product.error import OuterProduct, outer_product
from .outer_product.weights import BestWeights, best_outer_weights
from .phase_lines import phase_lines
from .reading import reading_capacity, shannon_bound
from .recovery import Convergence, Recovery, convergence_time, recovery
from .sequence import exponential as _of_long_sequences  # noqa: F401
from .sequence import polynomial as _of_sequences  # noqa: F401
from .sequence.polynomial import ReplaySolution
from .signal_to_noise import signal_to_noise
from .solution import SignalToNoise, Solution, State
from .solve import solve
from .sparse_distributed import closure as _of_addresses  # noqa: F401
from .states import ground_state, stable_states
from .students import learning_load, supervised_student
from .teacher_student import closure as _of_students  # noqa: F401 - registers the closure
from .trajectory import trajectory
from .transition import transition_load, transition_temperature

__all__ = [
    "AssemblySolution",
    "BasinBoundary",
    "BestWeights",
    "BrokenSolution",
    "Convergence",
    "Forgetting",
    "MultitaskingSolution",
    "OuterProduct",
    "RankSolution",
    "Recovery",
    "ReplaySolution",
    "ReplicaSolution",
    "SignalToNoise",
    "SingleExample",
    "Solution",
    "State",
    "Trajectory",
    "UltraDetection",
    "UltraStorage",
    "basin",
    "best_forgetting",
    "best_outer_weights",
    "by_rank",
    "condensation_load",
    "convergence_time",
    "critical_load",
    "effective_load",
    "exact_replay",
    "example_stability",
    "examples_needed",
    "forgetting_age",
    "glass_temperature",
    "ground_state",
    "kernel_capacity",
    "learning_load",
    "noise_ratio",
    "noisy_learning_capacity",
    "noisy_learning_overlap",
    "nucleation_barrier",
    "outer_product",
    "phase_lines",
    "reading_capacity",
    "recovery",
    "replicon_temperature",
    "shannon_bound",
    "signal_to_noise",
    "single_example",
    "single_flip_load",
    "single_transition_load",
    "solve",
    "spinodal_load",
    "spinodal_temperature",
    "stable_states",
    "supervised_student",
    "tolerable_noise",
    "trajectory",
    "transition_load",
    "transition_temperature",
    "ultra_detection",
    "ultra_storage",
]


def __dir__() -> list[str]:
    from hebbian import rooms

    return rooms.members(__name__)
