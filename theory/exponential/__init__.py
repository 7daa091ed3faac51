"""Exponential memories: closed forms for patterns of three laws.

=============  ======================================================================
`law`          the formulas, one implementation for all laws of patterns
`binary`       fair signs, those that `hebbian.Exponential` stores
`sphere`       patterns and spins on the sphere
`gaussian`     Gaussian overlaps: the approximation behind a published capacity
`closure`      what the theory knows of `hebbian.Exponential`
`reading`      one pass at exponential load, of any kernel
=============  ======================================================================
"""

from .binary import Binary
from .continuous import Gaussian, Sphere
from .law import PatternLaw

__all__ = ["PatternLaw", "binary", "gaussian", "sphere"]

binary = Binary()
sphere = Sphere()
gaussian = Gaussian()
