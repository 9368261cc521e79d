"""The stand-in: a small, real, local two-party video product, reached only over the network."""

from synthetic import __version__

HEADER = "X-Synthetic-Standin"
"""On every response: how a suite knows that it is not looking at the product."""

DEFAULT_PORT = 7680
"""Where one that is to be broken while it runs is looked for, unless told otherwise."""

__all__ = ["DEFAULT_PORT", "HEADER", "__version__"]
