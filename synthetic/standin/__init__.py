"""The stand-in: a small, real, local two-party video product, reached only over the network."""

from synthetic import __version__

HEADER = "X-Synthetic-Standin"
"""On every response: how a suite knows that it is not looking at the product."""

__all__ = ["HEADER", "__version__"]
