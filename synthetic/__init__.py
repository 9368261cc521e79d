"""synthetic: a synthetic monitor for two-party video products."""

__version__ = "0.1.0"
