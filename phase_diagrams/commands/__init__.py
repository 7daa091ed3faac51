"""The subcommands of ``hebbian``: one module each.

A module has ``NAME``, ``HELP``, ``add_arguments(parser)`` and ``run(args) -> int``, the
exit code.  Numerical packages are imported inside ``run``: help and messages about
arguments come without them.
"""
