"""Learning from noisy examples: how many are enough, and what becomes of a single one.

`thresholds` counts the examples, `example_symmetry` asks whether they stay alike without a
teacher, `single_example` follows the retrieval of one of them, `noisy` adds noise that
grows with the size of the network, and `regimes` says what spare couplings can be spent on.
"""
