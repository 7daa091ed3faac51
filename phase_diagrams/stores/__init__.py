"""Results on disk: written so that nothing finished is lost, checked when read.

`store` is the store of a study: its `journal` holds the points as they are computed, `writing`
writes files whole or not at all, `integrity` checks them; `rounds` of refinement are stores inside
it.  `opening` reads a store as labelled data, `merging` unites shards, `annotation` keeps what was
derived beside the results, `table_file` makes rows of them, `provenance` says where they come from.
"""
