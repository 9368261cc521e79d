"""Whether the watcher of this container evaluates: ends with 0, or with 1 and a sentence.

``--alive`` asks less: that its process answers, whatever it says. While the database is away it
cannot evaluate, but keeps what it sees, and would lose that if it were started anew.
"""

from __future__ import annotations

import argparse
import sys

import httpx

from synthetic.settings import load

URL = "http://127.0.0.1:8080/healthz"
LIMIT_S = 10


def main(url: str, *, alive: bool = False) -> str | None:
    """What is wrong; nothing where all is well."""
    token = load().dashboard.token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    try:
        answer = httpx.get(url, headers=headers, timeout=LIMIT_S, trust_env=False)
    except httpx.HTTPError as error:
        return f"the watcher does not answer: {error}"
    well = alive or answer.status_code == 200
    return None if well else f"{answer.status_code}: {answer.text[:200]}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alive", action="store_true")
    parser.add_argument("url", nargs="?", default=URL)
    asked = parser.parse_args()
    sys.exit(main(asked.url, alive=asked.alive))
