"""The monitoring plan as data."""
