"""Networks that retrieve one pattern against the noise of a load of others.

From the bottom up: `crosstalk` is the noise of the other patterns, `replica` puts it into
equations and a free energy.  `low_load` and `isotherm` find every retrieval state at one
temperature, `spin_glass` the states without retrieval, `fixed_point` whatever an initial
condition leads to; `branches` fills grids, `transitions` and `stability` compare the states,
`inversion` turns lines of loads into lines of temperatures.  `broken` breaks replica
symmetry.  `first_step` is one parallel step of the dynamics, and `thresholds` the number of
examples that it or the state itself needs.  `strengths` is of patterns of unequal ones, `fading`
of those of a palimpsest.  `closure` offers all this to the public functions;
`hopfield` and `dense` say what it needs of a model.
"""
