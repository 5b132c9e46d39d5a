"""A Dask cluster: the chunks of a run, which are shards, and the trials of a recording."""
