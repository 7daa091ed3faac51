"""One engine for every run: what is run, on which networks, and who keeps what is done.

A run is a `plan` (networks, temperatures, starts) and a `job`, whose grid of entries
(temperature, sample, replica) `running` takes to their end in batches: on the threads of the
host, which share `samples`, or in launches of a device, whose rows are `device_samples`.
`moves` are jobs of a kernel: `chains`, and the ladders of `montecarlo.tempering`; the iterations
of `montecarlo.mean_field` are jobs too.  `measuring` is what is measured of configurations, and
`collect` makes a run of what is left of them.
`progress` is what an entry has done so far, `ledger` the progress of all entries, `checkpoint`
the file of it, laid out by `archive`; `interruption` has the signals that call for one.
"""
