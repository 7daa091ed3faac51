"""How the networks are sampled: exact single-spin Monte Carlo with error bars.

========================  ======================================================
`montecarlo.simulate`     the one runner: samples x temperatures x replicas
`montecarlo.schedule`     warm-up, length and stride
`montecarlo.dynamics`     heat bath, Metropolis, zero temperature
`montecarlo.state`        where a chain starts
`montecarlo.chain`        one chain from its start to its series
`montecarlo.tempering`    replica exchange over a ladder of temperatures
`montecarlo.exchange`     the swaps of one ladder
`montecarlo.ladder`       ladders with one swap rate between all neighbours
`montecarlo.plefka`       deterministic dynamics of the magnetizations
`montecarlo.relaxation`   that dynamics as a run of `simulate`
`montecarlo.mean_field`   mean energy and local fields of any network
`montecarlo.reaction`     the second order of the Plefka expansion
`montecarlo.samples`      disorder samples shared by the threads
`montecarlo.run`          raw series and estimates
`montecarlo.observables`  overlaps with patterns and between replicas
`montecarlo.estimators`   means, errors over samples, autocorrelation times
`montecarlo.lowering`     from rows and an interaction to kernel arrays
`montecarlo.backend`      from a name to a kernel
`montecarlo.kernels`      the kernel contract and the kernels
========================  ======================================================
"""

from .estimators import Estimate, integrated_time
from .ladder import TunedLadder, tune_ladder
from .plefka import Magnetizations, plefka
from .run import Run
from .schedule import Schedule
from .simulate import simulate
from .tempering import Tempered, temper

__all__ = [
    "Estimate",
    "Magnetizations",
    "Run",
    "Schedule",
    "Tempered",
    "TunedLadder",
    "integrated_time",
    "plefka",
    "simulate",
    "temper",
    "tune_ladder",
]
