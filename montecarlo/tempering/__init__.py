"""Parallel tempering.

`temper` runs ladders of `walkers` that `exchange` their temperatures, `tempered` is the
result, and `ladder` chooses the temperatures.
"""
