"""Experiments made of many runs: ramps, basins of attraction, two-sided starts."""
