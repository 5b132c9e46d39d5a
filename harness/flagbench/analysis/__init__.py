"""Statistics, comparison, attribution, and claims over measured cells."""
