"""Whether a person could see a picture: covers, tints, what its tile does to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from synthetic.browser.page_script import page_script
from synthetic.media.transport import Snapshot
from tests.unit.media.staged import Stage, alone, judged, passes, stage_in

OVER = "position: absolute; inset: 0;"
AFTER = f"content: ''; {OVER}"
COVER = f"<div style='{OVER} background: %s'></div>"
# The look of a tile and of its picture, what is drawn after it, and what lies in it: by name.
UNSEEN = {
    "hidden": {"video": "visibility: hidden"},
    "in a hidden tile": {"tile": "visibility: hidden"},
    "transparent": {"video": "opacity: 0.1"},
    "in a transparent tile": {"tile": "opacity: 0.1"},
    "not displayed": {"tile": "display: none"},
    "off-screen": {"tile": "left: 3000px"},
    "cut off by its tile": {"tile": "width: 1px; height: 1px; overflow: hidden"},
    "zero-size": {"video": "width: 0"},
    "clipped": {"video": "clip-path: circle(1%)"},
    "under what its tile draws": {"after": f"{AFTER} background: navy"},
    "behind its tile": {"video": "position: relative; z-index: -1", "tile": "background: navy"},
    "covered": {"html": COVER % "navy"},
    "covered where clicks go through": {"html": COVER % "navy; pointer-events: none"},
    "under a gradient": {"html": COVER % "linear-gradient(navy, black)"},
    "under a background": {"html": COVER % "url(data:,)"},
    "under an image": {"html": f"<img style='{OVER} width: 100%; height: 100%'>"},
    "under a drawn canvas": {"html": f"<canvas class=drawn style='{OVER}'></canvas>"},
}
SEEN = {
    "plain": {},
    "not clickable": {"video": "pointer-events: none"},
    "mirrored": {"video": "transform: scaleX(-1)"},
    "tinted": {"html": COVER % "rgba(0, 0, 0, 0.2)"},
    "under a fading gradient": {"html": COVER % "linear-gradient(transparent, black)"},
    "under an empty canvas": {"html": f"<canvas style='{OVER} width: 100%'></canvas>"},
    "under a frame of its tile": {"tile": "background: black", "after": AFTER},
    "with a name on it": {"html": "<p style='position: absolute; top: 40px'>Ada</p>"},
}
BUILD = """cases => {
  const mine = stage.camera('guest', '', 320, 180);
  const rules = document.head.appendChild(document.createElement('style'));
  Object.values(cases).forEach(({ tile = '', video = '', after = '', html = '' }, number) => {
    const box = document.createElement('div');
    const place = `left: ${(number % 8) * 155}px; top: ${Math.floor(number / 8) * 95}px`;
    box.id = `tile${number}`;
    box.style.cssText = `position: fixed; width: 150px; height: 90px; ${place}; ${tile}`;
    rules.textContent += `#${box.id}::after { ${after} }`;
    document.body.append(box);
    stage.show(mine, box, `width: 150px; height: 90px; ${video}`);
    box.insertAdjacentHTML('beforeend', html);
  });
  for (const canvas of document.querySelectorAll('.drawn')) {
    canvas.getContext('2d').fillRect(0, 0, canvas.width, canvas.height);
  }
  stage.changes = 0;
  const watch = { subtree: true, childList: true, attributes: true };
  new MutationObserver((all) => (stage.changes += all.length)).observe(document, watch);
}"""


@dataclass(frozen=True)
class Wall:
    """A page of tiles, one for each case, and what was logged of it."""

    stage: Stage
    seen: Snapshot
    names: tuple[str, ...]

    def passes(self, name: str) -> bool:
        """Whether the picture of that case passes, all others left out."""
        return passes(judged(alone(self.seen, self.names.index(name))))


@pytest.fixture(scope="module")
def wall(chromium: Browser) -> Iterator[Wall]:
    """All cases beside each other."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(page_script())
    page = context.new_page()
    page.goto("about:blank")
    stage = stage_in(page)
    cases = {**UNSEEN, **SEEN}
    page.evaluate(BUILD, cases)
    stage.until(f"(await __synthetic.snapshot(0)).pictures.length === {len(cases)}")
    # The page is looked at four times a second.
    stage.look(400)
    yield Wall(stage, stage.look(400), tuple(cases))
    context.close()


@pytest.mark.parametrize("name", UNSEEN)
def test_a_picture_that_nobody_could_see_does_not_pass(wall: Wall, name: str) -> None:
    assert not wall.passes(name)


@pytest.mark.parametrize("name", SEEN)
def test_a_picture_that_a_person_can_see_passes(wall: Wall, name: str) -> None:
    assert wall.passes(name)


def test_looking_leaves_the_page_as_it_was(wall: Wall) -> None:
    changed = wall.stage.run("() => [stage.changes, document.adoptedStyleSheets.length]")
    assert changed == [0, 1], "nothing but the sheet that masks fields, from the start"
