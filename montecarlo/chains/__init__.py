"""Chains of a run, from their start to their series, on threads or on a device.

`chain` runs one chain, or a batch, on one of the `samples`; `record` is what it leaves behind
and `collect` makes a run of all records.  `tasks` cuts a run into chains: `running` shares them
among threads, `launch` puts them on a device.  `progress` is what a chain has done so far,
`checkpoint` the file of it, `interruption` the signals that call for one.
"""
