"""Runs a program of this checkout with the settings that the repository has as variables.

The exit code is the program's.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from synthetic.github.job import TELLS_NOBODY, Job

BIN = Path(".venv/bin")


def main(words: Sequence[str]) -> int:
    """Run it; the exit code."""
    environ = {**Job.here().environ, **TELLS_NOBODY}
    name, *arguments = words
    return subprocess.run([BIN / name, *arguments], env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
