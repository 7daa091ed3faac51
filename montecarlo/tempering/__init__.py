"""Parallel tempering: `temper` runs ladders of `walkers`, `exchange` swaps them, `ladder` tunes."""
