"""Networks of diluted patterns: many retrieved at once.

`columns` averages over the entries that a spin sees, `equations` are the equations of state and
their free energy, `descent` minimises it, `states` finds all stable states and `labels` names
them.  Lines of the phase diagram are in `lines`, `parallel`, `zero_temperature` and `limits`,
those of noisy examples with the help of `noisy_parallel` and `learnt_lines`; `thresholds` counts
the examples, `example_states` tells them apart.  Of a network of N spins `finite_size` says
which levels survive, `equilibrium` what its overlaps are, and `permutations` for how long.
`closure` offers all this to the public functions.
"""
