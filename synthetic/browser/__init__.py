"""Actors and their browsers, the clock in their pages, and the evidence they leave."""
