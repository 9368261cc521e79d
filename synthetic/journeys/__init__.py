"""Journeys: what actors do, step by step, and what is recorded of it."""
