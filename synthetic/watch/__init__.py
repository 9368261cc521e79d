"""Keeping watch between runs: what is done when, and the process that does it."""
