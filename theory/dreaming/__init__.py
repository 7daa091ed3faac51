"""Networks that have slept: between Hebb's rule and the pseudo-inverse.

From the bottom up: `spectrum` is what a state sees of the couplings, `replica` the equations and
the free energy.  `isotherm` finds every retrieval state at one temperature, `spin_glass` the
states without retrieval, `fixed_point` whatever an initial condition leads to; `branches` fills
grids and `boundaries` draws lines.  `closure` offers all this to the public functions.
"""
