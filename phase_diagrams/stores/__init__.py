"""Results on disk: written so that nothing finished is lost, checked when read.

From the bottom up: `headers` and `labelled` variables are written and verified, `files` appear
whole or not at all, a `journal` holds the points of a part as they are computed, the `store` of
a study its parts.  Above it `integrity` names damage, `annotation` keeps what was derived beside
the results, `opening` reads a store as labelled data, `table_file` makes rows of them, `merging`
unites stores.
"""
