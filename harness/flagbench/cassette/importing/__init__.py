"""Import of recordings and logs of other tools as cassettes."""
