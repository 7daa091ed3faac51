"""Many chains of one sample at once, visited spin by spin: a lane of the vector for each.

A single chain is a scalar loop around sums over rows: a random number, a logarithm, a sum across
lanes and a comparison wait for each other at every visit.  With the chains in the lanes nothing is
summed across them, and all of that is vector code; rows are shared, and in the order of the
sites all chains look at the same entries of them.

=============  =============================================================
`visits`       the kernel of the contract: blocks of 16 or 32 chains
`in_order`     a sweep in the order of the sites, four of them at a time
`singly`       a sweep visit by visit: any order, any interaction
`signs`        rows +-1, two bodies
`coefficients` integer rows, two bodies
`tabulated`    rows +-1, any polynomial
`acceptance`   heat bath and Metropolis, in single precision where that decides
`blocks`       products of rows on a block of sites
`wide`         sums of 16 bits that 16 bits do not hold
`words`        the random words of the contract
`state`        a block of chains, and scratch memory
`entries`      entries of the rows at one site, or at one of each lane
`memory`       rows of arrays as vectors
`vectors`      the type of a vector
`forms`        which of the forms is the fastest
=============  =============================================================

Streams, whole-number fields and the decision of a visit are those of the contract
(`montecarlo.kernels`), so that the bits of a chain are those of `montecarlo.kernels.single`.
"""
