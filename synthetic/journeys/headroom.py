"""What this machine had to give while a step went on: processors, memory, disk, files, clock."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LEAST_MEMORY_MB = 150.0
LEAST_DISK_MB = 50.0
LEAST_FILES = 32
MOST_STOLEN = 0.3  # of all processors, by the other guests of a virtual machine's host
CLOCK_JUMP_S = 1.0


@dataclass(frozen=True)
class Reading:
    """A moment of this machine; times in seconds, the processors' summed over all of them.

    ``idle_s`` holds what went to work that stands back for ours, too: that of a lower priority,
    unless ours has one itself.
    """

    wall_s: float
    steady_s: float
    total_s: float
    idle_s: float
    stolen_s: float


@dataclass(frozen=True)
class Headroom:
    """What a stretch of time left us; shares are of all processors together."""

    seconds: float
    busy: float
    stolen: float
    clock_jump_s: float
    """By how much the wall clock went ahead of the steady one; it may be negative."""
    memory_mb: float
    disk_mb: float
    files: int
    """How many more files this process may open."""


def reading() -> Reading:
    """Now; costs some 50 µs."""
    times = psutil.cpu_times()
    behind_s = getattr(times, "nice", 0) if os.getpriority(os.PRIO_PROCESS, 0) <= 0 else 0
    return Reading(
        wall_s=time.time(),
        steady_s=time.monotonic(),
        total_s=sum(times) - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0),
        idle_s=times.idle + getattr(times, "iowait", 0) + behind_s,
        stolen_s=getattr(times, "steal", 0),
    )


def headroom(before: Reading, after: Reading, writes_to: Path) -> Headroom:
    """What was left between two readings, and is left now where ``writes_to`` lies."""
    total_s = _total_s(before, after)
    steady_s = after.steady_s - before.steady_s
    return Headroom(
        seconds=steady_s,
        busy=busy_share(before, after),
        stolen=_share((after.stolen_s - before.stolen_s) / total_s),
        clock_jump_s=after.wall_s - before.wall_s - steady_s,
        memory_mb=psutil.virtual_memory().available / 1e6,
        disk_mb=psutil.disk_usage(str(writes_to)).free / 1e6,
        files=resource.getrlimit(resource.RLIMIT_NOFILE)[0] - psutil.Process().num_fds(),
    )


def busy_share(before: Reading, after: Reading) -> float:
    """The share of all processors that was taken between two readings."""
    return _share(1 - (after.idle_s - before.idle_s) / _total_s(before, after))


def shortages(left: Headroom) -> Sequence[str]:
    """What was not enough to judge anybody by, in clauses."""
    checks = (
        (left.memory_mb < LEAST_MEMORY_MB, f"only {left.memory_mb:.0f} MB of memory were left"),
        (left.disk_mb < LEAST_DISK_MB, f"only {left.disk_mb:.0f} MB of disk were left"),
        (left.files < LEAST_FILES, f"we could open only {left.files} more files"),
        (left.stolen > MOST_STOLEN, f"{left.stolen:.0%} of our processors went to others"),
    )
    return [said for short, said in checks if short]


def _total_s(before: Reading, after: Reading) -> float:
    return max(after.total_s - before.total_s, 1e-6)


def _share(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 3)
