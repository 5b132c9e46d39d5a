"""Reports, one file per format, all from the same frozen `RunReport`."""
