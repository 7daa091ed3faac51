"""Deterministic dynamics of the local magnetizations, as an alternative to Monte Carlo.

`equations` are those of any network, `reaction` the second order of the Plefka expansion;
`plefka` iterates them, `relaxation` does it in the place of the chains of a run.
"""
