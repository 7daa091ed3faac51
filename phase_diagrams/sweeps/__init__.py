"""How the points of a study are computed, by one process or many, and survive their end.

`sweeping` is the public verb and `running` its loop: `dispatch` sends `batches` of `cells` to one
of the `executors` (`clusters` and `slurm` for more than one machine) and takes results back;
`checkpoints` keep the progress of a long point.  `planning` says beforehand what it will take;
`checkpointed` is one network kept in a file by hand.
"""
