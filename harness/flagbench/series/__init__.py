"""Series: the cells of a scenario under a combination, their control, and the verdict."""
