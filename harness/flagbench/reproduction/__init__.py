"""Tables, reports and bundles, made again from their stated inputs and compared."""
