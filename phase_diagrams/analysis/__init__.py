"""What a study says: theory against simulation, boundaries, infinite size, and where to look next.

`comparison` gives residuals and z-scores; `crossings` finds where an overlap falls and
`boundaries` sets that beside the theory's line; `scaling` extrapolates in the size, with
`power_fit`; `refining` chooses further points.  `dilution_map` is the (d, T) diagram of
multitasking networks, `loss_trajectory` the cost and the losses along one trajectory.
"""
