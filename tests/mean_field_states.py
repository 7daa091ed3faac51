"""The mean-field equations of one network at one state."""

import numpy as np

from montecarlo.mean_field.equations import Equations

FIRST = np.zeros(1, int)


def energy_and_field(memory, m):
    """Mean energy, extensive, and local fields."""
    energies, fields = Equations.on_host(memory).fields(FIRST, m[None])
    return energies[0], fields[0]


def point(memory, m, beta, reaction):
    """Everything; without `reaction` to first order."""
    (found,) = Equations.on_host(memory, reaction).at(FIRST, np.array([beta]), m[None])
    return found
