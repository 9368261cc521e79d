"""The smoke suite against the product; without one it refuses: no stand-in takes its place."""

from __future__ import annotations

import os
import sys

from synthetic.settings import load

if load().base_url is None:
    sys.exit("SYNTHETIC_BASE_URL is not set: put `base_url` into the product's synthetic.toml.")
os.execvp("pytest", ["pytest", "-m", "smoke"])
