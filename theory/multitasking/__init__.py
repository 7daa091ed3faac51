"""Networks of diluted patterns: many retrieved at once.

`equations` are the equations of state and their free energy, `descent` minimises it,
`states` finds all stable states and `labels` names them.  Lines of the phase diagram are in
`lines`, `parallel`, `zero_temperature` and `limits`; `learning` has the thresholds and
`finite_size` says which levels survive in a network of N spins.
"""
