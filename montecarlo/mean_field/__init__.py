"""Deterministic dynamics of the local magnetizations, as an alternative to Monte Carlo.

`equations` are those of any network, `reaction` the second order of the Plefka expansion made
of the `moments` of the rows.  Two jobs of `montecarlo.engine` are an `iteration` of them:
`fixed_points`, run by `plefka`, and `trajectories`, run by `montecarlo.simulate`.
"""
