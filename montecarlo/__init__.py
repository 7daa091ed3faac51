"""How the networks are sampled: exact Monte Carlo dynamics with error bars.

==========================  ====================================================
`montecarlo.simulate`       chains at fixed temperatures: samples x temperatures x replicas
`montecarlo.schedule`       warm-up, cooling, length and stride
`montecarlo.dynamics`       heat bath, Metropolis, zero temperature, parallel; orders
`montecarlo.state`          where a chain starts
`montecarlo.observables`    what an observable sees: configurations, the disorder
`montecarlo.overlaps`       with patterns, and of replicas
`montecarlo.layers`         overlaps of the layers of an assembly
`montecarlo.softmax`        weights of the patterns in the fields of an exponential memory
`montecarlo.stability`      the smallest stability of the spins of a configuration
`montecarlo.quantities`     observables as objects, the user's own: measure, estimator, words
`montecarlo.destinations`   in which pattern, if any, chains have ended
`montecarlo.run`            raw series and estimates; `labelling` as labelled data
`montecarlo.engine`         chains on threads or a device, their progress kept in a file
`montecarlo.tempering`      replica exchange over a ladder of temperatures
`montecarlo.mean_field`     deterministic dynamics of the magnetizations (Plefka)
`montecarlo.protocols`      ramps, basins, two-sided starts, spurious states, mixtures, replays
`montecarlo.statistics`     means, errors, time scales, convergence
`montecarlo.outer_product`  outer-product memories with sampled embeddings
`montecarlo.nishimori`      the exponential memory at T = 1/sharpness, exact at every size
`montecarlo.backend`        from a name to a kernel
`montecarlo.device`         whether a CUDA device answers and is worth it
`montecarlo.kernels`        the kernel contract, the kernels, forms of a network
`montecarlo.testing`        the sampled distribution against exact enumeration
`montecarlo.foundation`     the models are those of this toolkit
==========================  ====================================================
"""

from . import foundation as _foundation  # noqa: F401 - first of all
from . import testing as testing
from .mean_field.plefka import Magnetizations, plefka
from .nishimori import nishimori_log_partition, nishimori_overlaps, nishimori_sample
from .observables import Configurations, example_overlaps
from .outer_product import outer_product
from .protocols.basin import Basin, basin
from .protocols.disentangling import Disentanglement, disentangle
from .protocols.equilibration import Equilibration, equilibrated
from .protocols.ramp import Line, Ramp, ramp
from .protocols.recall import Recall, recall
from .protocols.replay import Replay, replay
from .protocols.spurious import Spurious, spurious
from .quantities import OBSERVABLES, Observable, Series
from .run import Run
from .schedule import Cooling, Schedule
from .simulate import simulate
from .statistics.convergence import blocking, effective_size, split_rhat
from .statistics.estimate import Estimate
from .statistics.estimators import integrated_time, jackknife
from .statistics.proportion import Proportion
from .statistics.timescales import FirstPassage, Relaxation
from .tempering.temper import temper
from .tempering.tempered import Tempered
from .tempering.tuning import TunedLadder, tune_ladder

__all__ = [
    "OBSERVABLES",
    "Basin",
    "Configurations",
    "Cooling",
    "Disentanglement",
    "Equilibration",
    "Estimate",
    "FirstPassage",
    "Line",
    "Magnetizations",
    "Observable",
    "Proportion",
    "Ramp",
    "Recall",
    "Relaxation",
    "Replay",
    "Run",
    "Schedule",
    "Series",
    "Spurious",
    "Tempered",
    "TunedLadder",
    "basin",
    "blocking",
    "disentangle",
    "effective_size",
    "equilibrated",
    "example_overlaps",
    "integrated_time",
    "jackknife",
    "nishimori_log_partition",
    "nishimori_overlaps",
    "nishimori_sample",
    "outer_product",
    "plefka",
    "ramp",
    "recall",
    "replay",
    "simulate",
    "split_rhat",
    "spurious",
    "temper",
    "tune_ladder",
]


def __dir__() -> list[str]:
    from hebbian import rooms

    return rooms.members(__name__)
