"""Figures: each module is a command that prints its own; ``make bench`` writes them all."""
