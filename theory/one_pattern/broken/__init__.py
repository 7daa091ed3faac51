"""One step of replica-symmetry breaking (1RSB).

`site` averages over a spin, `equations` are the equations of state of retrieval, `curve` traces
their solutions in the load; `glass` tabulates the state without retrieval, `metastable` is its
continuation to the dynamic transition, `glass_states` both at single points; `branches` fills
grids and finds the last load.
"""
