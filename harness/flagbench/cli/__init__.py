"""The `flagbench` command: one file a subcommand, no arithmetic."""
