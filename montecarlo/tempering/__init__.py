"""Parallel tempering.

`temper` runs `ladders`, whose walkers `exchange` their temperatures; `tempered` is the
result, and `tuning` chooses the temperatures.
"""
