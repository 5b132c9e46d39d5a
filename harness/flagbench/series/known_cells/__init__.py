"""Known cells: those whose inputs are as they were when they were measured."""
