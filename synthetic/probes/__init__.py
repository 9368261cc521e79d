"""Browserless, read-only checks over HTTP."""
