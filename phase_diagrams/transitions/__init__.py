"""Where a discontinuous transition is, by simulation.

`locating` is the door; `exchange` measures by replica exchange, `integration` by free energies of
two branches, in which `patterns` gives the energies of the patterns; `extrapolation` goes to
infinite size, `results` labels what was found, `networks` knows finite networks and what theory
expects of them.
"""
