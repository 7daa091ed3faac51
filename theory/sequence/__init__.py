"""Sequences: the replay in the limit of large networks.

==============  =====================================================================
`polynomial`    what the theory knows of `hebbian.Sequence`
`exponential`   what the theory knows of `hebbian.ExponentialSequence`
--------------  ---------------------------------------------------------------------
`errors`        how long a finite network replays without a wrong spin
`replaying`     what both have: starts, the dynamics that replays, basins
`replicas`      overlap of two replicas of a replay
`stationary`    fixed points, and where they end
`replay`        the step map and its derivation
==============  =====================================================================
"""
