"""Result files for programs: JSON lines, Parquet, and the history of runs."""
