"""Plan × history × now: pure functions."""
