"""Where a discontinuous transition is, by simulation.

`locating` is the door; `exchange` measures by replica exchange, `integration` by free energies of
two branches, `extrapolation` goes to infinite size, `networks` knows finite networks and what
theory expects of them.
"""
