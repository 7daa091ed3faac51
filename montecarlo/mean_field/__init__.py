"""Deterministic dynamics of the local magnetizations, as an alternative to Monte Carlo.

`equations` are those of any network, `reaction` the second order of the Plefka expansion made
of the `moments` of the rows, and `networks` the host or device that sums over these.  Two jobs
of `montecarlo.engine` iterate them: `fixed_points`, run by `plefka`, and `trajectories`, run by
`montecarlo.simulate`.
"""
