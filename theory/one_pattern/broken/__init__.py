"""One step of replica-symmetry breaking on the retrieval branch.

`site` averages over a spin, `equations` are the equations of state, `curve` traces their
solutions in the load, `glass` solves for the state without retrieval, and `branches` fills
grids and finds the last load.
"""
