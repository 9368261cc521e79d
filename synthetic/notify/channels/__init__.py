"""Channels by which people are told: each composes its own message, purely, and sends it."""
