"""The ids by which a run is a trace, and its attempts and steps are spans. Pure.

They follow from the run's id, so that what is sent twice is the same trace, and what pages carry
while a run goes on fits what is sent at its end. Hexadecimal, as the W3C's Trace Context has them.
"""

from __future__ import annotations

from hashlib import sha256


def trace_id(run_id: str) -> str:
    """16 bytes."""
    return sha256(f"trace {run_id}".encode()).hexdigest()[:32]


def run_span(run_id: str) -> str:
    """8 bytes: the root of the trace."""
    return _span(run_id)


def journey_span(run_id: str, journey: str, attempt: int) -> str:
    """An attempt at a journey."""
    return _span(run_id, journey, attempt)


def step_span(run_id: str, journey: str, attempt: int, number: int) -> str:
    """A step of an attempt; ``number`` is how many steps came before it."""
    return _span(run_id, journey, attempt, number)


def traceparent(run_id: str, span: str) -> str:
    """The header by which a server's spans become children of ``span``; the trace is sampled."""
    return f"00-{trace_id(run_id)}-{span}-01"


def _span(*of: object) -> str:
    return sha256(repr(of).encode()).hexdigest()[:16]
