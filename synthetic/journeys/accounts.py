"""Whose account signs up: a fresh address a run."""

from __future__ import annotations


def fresh_address(pattern: str, run_id: str, number: int = 0) -> str:
    """``host@x.test`` for run R becomes ``host+R@x.test``; later ones of a run get a suffix."""
    local, _, domain = pattern.partition("@")
    suffix = f"-{number}" if number else ""
    return f"{local}+{run_id.lower()}{suffix}@{domain}"
