"""Pages that show marked pictures in every way a product may, and what the suite makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

from synthetic.media.mark import CELLS_PER_HEIGHT, ROLES, TOP_CELLS, Mark, cells_of
from synthetic.media.microphone import TONES_HZ
from synthetic.media.proof import Picture, Wanted, picture
from synthetic.media.transport import Snapshot

NONCE = 0x2B7
HOST, GUEST = (Wanted(role, False, NONCE) for role in (0, 1))
LIMIT_MS = 8000
STILL_MS = 1000  # a picture that stands so long is no picture of a call
_FRAMES = 60
_SCRIPT = (Path(__file__).parent / "stage.js").read_text("utf-8")
# Enough frames to judge, or long enough to know that none come.
_LOOK = """async ([watchMs, tiles]) => {
  const since = performance.timeOrigin + performance.now();
  __synthetic.closely(since + watchMs);
  const over = performance.now() + watchMs;
  while (performance.now() < over) await new Promise(requestAnimationFrame);
  return { since, ...await __synthetic.snapshot(since, tiles) };
}"""


@cache
def _properties() -> dict[str, Any]:
    def cards(role: int, nonce: int) -> list[list[str]]:
        marks = (Mark(role, False, nonce, frame) for frame in range(_FRAMES))
        return [["".join(map(str, row)) for row in cells_of(mark)] for mark in marks]

    return {
        "cards": {"host": cards(0, NONCE), "guest": cards(1, NONCE), "stale": cards(1, NONCE + 1)},
        "tones": {role: TONES_HZ[role] for role in ROLES},
        "topCells": TOP_CELLS,
        "cellsPerHeight": CELLS_PER_HEIGHT,
    }


@dataclass(frozen=True)
class Stage:
    """A document in which tests act, through ``stage`` of ``stage.js``."""

    frame: Frame

    def run(self, script: str) -> Any:
        """What a JavaScript function returns, once it is there."""
        return self.frame.evaluate(script)

    def look(self, watch_ms: float = 600, tiles: Any = ()) -> Snapshot:
        """What the page logs from now on, for that long; ``since`` is when that began."""
        seen: Snapshot = self.frame.evaluate(_LOOK, [watch_ms, list(tiles)])
        return seen

    def until(self, condition: str) -> None:
        """Wait until a JavaScript expression holds, whose promises are awaited."""
        self.frame.evaluate(f"""async () => {{
          const over = performance.now() + {LIMIT_MS};
          while (!({condition})) {{
            if (performance.now() > over) throw new Error('it never held');
            await new Promise(requestAnimationFrame);
          }}
        }}""")

    def sees(self, wanted: Wanted) -> None:
        """Wait until the page shows who is wanted, where a person can see it."""
        sought = {"role": wanted.role, "screen": wanted.screen, "nonce": wanted.nonce, "since": 0}
        self.frame.wait_for_function(
            "wanted => __synthetic.firstPicture(wanted)", arg=sought, timeout=LIMIT_MS
        )


def stage_in(document: Page | Frame) -> Stage:
    """Set the stage in a page or a frame that has the suite's script."""
    frame = document.main_frame if isinstance(document, Page) else document
    frame.evaluate(_SCRIPT, _properties())
    return Stage(frame)


def judged(seen: Snapshot, wanted: Wanted = GUEST) -> Picture:
    """What the suite makes of what a page logged."""
    return picture(seen, wanted, {}, seen["since"])


def alone(seen: Snapshot, number: int) -> Snapshot:
    """The same, as if that picture were the only one of the page."""
    return {**seen, "pictures": [seen["pictures"][number]]}


def passes(found: Picture) -> bool:
    """Whether a journey would be content with the picture."""
    return found.identity == "match" and (found.longest_gap_ms or 0) <= STILL_MS
