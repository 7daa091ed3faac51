"""How the networks are sampled: exact single-spin Monte Carlo with error bars.

========================  ======================================================
`montecarlo.simulate`     the one runner: samples x temperatures x replicas
`montecarlo.schedule`     warm-up, length and stride
`montecarlo.dynamics`     heat bath, Metropolis, zero temperature
`montecarlo.state`        where a chain starts
`montecarlo.chain`        one chain from its start to its series
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
from .run import Run
from .schedule import Cooling, Schedule
from .simulate import simulate

__all__ = ["Cooling", "Estimate", "Run", "Schedule", "integrated_time", "simulate"]
