"""Forms of a network: the arrays that kernels work on, and which of them is the fastest.

`lowering` goes from rows and an interaction to arrays, by the exact tables of `levels`; `pairs`
holds two-body networks, `costs` the model of the time of a visit that chooses.
"""
