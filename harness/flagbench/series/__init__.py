"""Series: the cells of a scenario under one combination, their control, and the verdict."""
