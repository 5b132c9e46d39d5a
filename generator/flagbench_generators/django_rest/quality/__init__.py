"""Quality of a file, assessed without running it."""

from flagbench_generators.django_rest.quality.assess import WEIGHTS, Layer, Quality, assess

__all__ = ["WEIGHTS", "Layer", "Quality", "assess"]
