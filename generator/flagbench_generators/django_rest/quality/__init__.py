"""How good a file seems before anybody runs it."""

from flagbench_generators.django_rest.quality.assess import WEIGHTS, Layer, Quality, assess

__all__ = ["WEIGHTS", "Layer", "Quality", "assess"]
