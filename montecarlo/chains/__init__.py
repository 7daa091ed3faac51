"""Chains of a run, from their start to their series, on threads or on a device.

`setup` checks what a run is asked for.  `chain` runs one chain, or a batch, on one of the
`samples`; `record` is what it leaves behind and `collect` makes a run of all records.  `tasks`
cuts a run into chains: `running` shares them among threads, `launch` puts them on a device.
`progress` is what a chain has done so far, `watch` whom it tells, `ledger` the progress of all
chains, `checkpoint` the file of it, laid out by `archive`; `interruption` has the signals that
call for one.
"""
