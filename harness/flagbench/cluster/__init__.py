"""One run on the workers of a Dask cluster: its chunks are shards, merged as such."""
