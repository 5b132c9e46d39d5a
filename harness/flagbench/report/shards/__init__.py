"""Parts of a run that other machines did: what identifies them, their file, and their merging."""
