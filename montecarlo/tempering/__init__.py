"""Parallel tempering.

`temper` runs `ladders`, whose walkers `exchange` their temperatures; `tempered` is the
result, and `ladder` chooses the temperatures.
"""
