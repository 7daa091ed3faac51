"""Experiments made of many runs: ramps, basins, spurious states, two-sided starts."""
