"""Parallel tempering: `temper` runs ladders, `exchange` swaps walkers, `ladder` tunes."""
