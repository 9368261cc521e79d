"""Runs of the suites against what is broken on purpose: as tests/journeys has them."""

from tests.journeys.conftest import closed_port, serve, smoke, standin, start, still, web

__all__ = ["closed_port", "serve", "smoke", "standin", "start", "still", "web"]
