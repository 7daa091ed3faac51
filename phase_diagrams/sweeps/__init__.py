"""How the points of a study are computed, by one process or many, and survive their end.

`sweeping` is the public verb and `running` its loop: `dispatch` sends `batches` of `cells` to one
of the `executors` (`clusters` and `slurm` for more than one machine) and takes results back.
`planning` says beforehand what it will take; `shards` tell several jobs whose points are whose;
`checkpointed` keeps the progress of one long point; `leaving` ends an interrupted command.
"""
