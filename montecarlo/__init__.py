"""How the networks are sampled: exact Monte Carlo dynamics with error bars.

==========================  ====================================================
`montecarlo.simulate`       the one runner: samples x temperatures x replicas
`montecarlo.ramp`           chains carried through temperatures or loads
`montecarlo.schedule`       warm-up, cooling, length and stride
`montecarlo.dynamics`       heat bath, Metropolis, zero temperature, parallel; orders
`montecarlo.state`          where a chain starts
`montecarlo.chain`          one chain from its start to its series
`montecarlo.tempering`      replica exchange over a ladder of temperatures
`montecarlo.exchange`       the swaps of one ladder
`montecarlo.ladder`         ladders with one swap rate between all neighbours
`montecarlo.plefka`         deterministic dynamics of the magnetizations
`montecarlo.relaxation`     that dynamics as a run of `simulate`
`montecarlo.mean_field`     mean energy and local fields of any network
`montecarlo.reaction`       the second order of the Plefka expansion
`montecarlo.samples`        disorder samples shared by the threads
`montecarlo.tasks`          chains on the threads of the CPU or in launches of a device
`montecarlo.running`        tasks shared out among threads
`montecarlo.launch`         chains of several samples advanced together on a device
`montecarlo.chain`          one chain, or a batch, from start to series
`montecarlo.record`         what a chain leaves behind
`montecarlo.collect`        from the records of all chains to a run
`montecarlo.run`            raw series and estimates
`montecarlo.observables`    overlaps with patterns, examples, replicas; the user's own
`montecarlo.estimators`     means, errors over samples, jackknife, autocorrelation times
`montecarlo.fluctuations`   susceptibility, specific heat, Binder cumulant
`montecarlo.proportion`     fractions of chains with their intervals
`montecarlo.convergence`    R-hat, effective size, blocking
`montecarlo.equilibration`  the same equilibrium from two starts
`montecarlo.timescales`     autocorrelation and first-passage times
`montecarlo.basin`          final against initial overlap
`montecarlo.tables`         results in text and HTML
`montecarlo.progress`       what a chain has done so far
`montecarlo.checkpoint`     the progress of all chains in a file
`montecarlo.interruption`   signals that end a run in good order
`montecarlo.lowering`       from rows and an interaction to kernel arrays
`montecarlo.levels`         exact tables of an interaction
`montecarlo.pairs`          two-body networks as packed rows or as couplings
`montecarlo.costs`          which form of a network is the fastest
`montecarlo.backend`        from a name to a kernel
`montecarlo.device`         whether a CUDA device answers and is worth it
`montecarlo.kernels`        the kernel contract and the kernels
==========================  ====================================================
"""

from .basin import Basin, basin
from .convergence import blocking, effective_size, split_rhat
from .equilibration import Equilibration, equilibrated
from .estimators import Estimate, integrated_time, jackknife
from .ladder import TunedLadder, tune_ladder
from .observables import Configurations, example_overlaps
from .plefka import Magnetizations, plefka
from .proportion import Proportion
from .ramp import Line, Ramp, ramp
from .run import Run
from .schedule import Cooling, Schedule
from .simulate import simulate
from .tempering import Tempered, temper
from .timescales import FirstPassage, Relaxation

__all__ = [
    "Basin",
    "Configurations",
    "Cooling",
    "Equilibration",
    "Estimate",
    "FirstPassage",
    "Line",
    "Magnetizations",
    "Proportion",
    "Ramp",
    "Relaxation",
    "Run",
    "Schedule",
    "Tempered",
    "TunedLadder",
    "basin",
    "blocking",
    "effective_size",
    "equilibrated",
    "example_overlaps",
    "integrated_time",
    "jackknife",
    "plefka",
    "ramp",
    "simulate",
    "split_rhat",
    "temper",
    "tune_ladder",
]
