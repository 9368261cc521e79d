"""Pictures that are not what they seem, and those that are, in a real page."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import pytest
from playwright.sync_api import Browser

from synthetic.browser.page_script import page_script
from synthetic.media.delays import levels_of
from synthetic.media.proof import MUTED, voice
from synthetic.media.transport import Snapshot
from tests.unit.media.staged import GUEST, HOST, Stage, alone, judged, passes, stage_in


@pytest.fixture(scope="module")
def shared(chromium: Browser) -> Iterator[Stage]:
    """One page for all tests of this module."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(page_script())
    page = context.new_page()
    page.goto("about:blank")
    yield stage_in(page)
    context.close()


@pytest.fixture
def stage(shared: Stage) -> Stage:
    """That page, emptied."""
    shared.run("() => stage.clear()")
    return shared


def test_the_real_picture_passes(stage: Stage) -> None:
    stage.run("async () => void stage.show(await stage.call(stage.camera('guest')))")
    stage.sees(GUEST)
    assert passes(judged(stage.look()))


TROUBLES = {
    "black": ("'guest', 'black'", "absent"),
    "mark half covered": ("'guest', 'half'", "absent"),
    "looped from another run": ("'stale'", "mismatch"),
    "self-view as remote": ("'host'", "mismatch"),
    "frozen": ("'guest', 'frozen'", "match"),
}


@pytest.fixture(scope="module")
def troubles(shared: Stage) -> dict[str, Snapshot]:
    """What is logged of each trouble, all beside each other in one page."""
    shared.run("() => stage.clear()")
    for camera, _ in TROUBLES.values():
        small = camera + (", " if "', '" in camera else ", '', ") + "320, 180"
        shared.run(f"async () => void stage.show(await stage.call(stage.camera({small})))")
    known = len(shared.look(0)["pictures"]) - len(TROUBLES)
    shared.until(
        "(await __synthetic.snapshot(0)).pictures"
        f".slice({known}).every(({{ entries }}) => entries.length > 3)"
    )
    seen = shared.look(1300)
    return {name: alone(seen, known + number) for number, name in enumerate(TROUBLES)}


@pytest.mark.parametrize("name", TROUBLES)
def test_what_is_not_the_other_person_alive_does_not_pass(
    troubles: dict[str, Snapshot], name: str
) -> None:
    found = judged(troubles[name])
    assert found.identity == TROUBLES[name][1]
    assert not passes(found)


def test_a_frozen_picture_is_sent_again_and_again(troubles: dict[str, Snapshot]) -> None:
    assert judged(troubles["frozen"]).frames_repeated > 5


def test_a_mark_half_covered_is_never_another_number(troubles: dict[str, Snapshot]) -> None:
    entries = troubles["mark half covered"]["pictures"][0]["entries"]
    assert {entry[1] for entry in entries} == {-1}


def test_a_picture_whose_track_is_muted_does_not_pass(stage: Stage) -> None:
    stage.run("""async () => {
      stage.video = stage.show(await stage.call(stage.camera('guest')));
    }""")
    stage.sees(GUEST)
    stage.run("() => { stage.video.srcObject.getVideoTracks()[0].enabled = false; }")
    stage.until(
        "(await __synthetic.snapshot(Date.now() - 300)).pictures"
        ".every(({ entries }) => entries.every(([, data]) => data < 0))"
    )
    assert not passes(judged(stage.look(1200)))


def tiled(stage: Stage, *, in_hosts: str, in_guests: str) -> None:
    """Two tiles, with these people's pictures in them."""
    stage.run(f"""() => {{
      for (const [owner, who] of [['host', '{in_hosts}'], ['guest', '{in_guests}']]) {{
        const tile = Object.assign(document.createElement('div'), {{ id: owner }});
        document.body.append(tile);
        stage.show(stage.camera(who), tile);
      }}
    }}""")
    for wanted in (HOST, GUEST):
        stage.sees(wanted)


TILES = [[0, {"css": "#host"}], [1, {"css": "#guest"}]]


def test_pictures_in_their_own_tiles_pass(stage: Stage) -> None:
    tiled(stage, in_hosts="host", in_guests="guest")
    seen = stage.look(tiles=TILES)
    assert (passes(judged(seen, HOST)), passes(judged(seen, GUEST))) == (True, True)


def test_swapped_pictures_do_not_pass(stage: Stage) -> None:
    tiled(stage, in_hosts="guest", in_guests="host")
    seen = stage.look(tiles=TILES)
    assert judged(seen, HOST).identity == judged(seen, GUEST).identity == "mismatch"


LISTEN = """async () => {
  stage.sound = new Audio();
  stage.sound.srcObject = await stage.call(stage.voice('guest'));
  document.body.append(stage.sound);
  await stage.sound.play();
}"""


def test_a_voice_is_heard(stage: Stage) -> None:
    stage.run(LISTEN)
    stage.frame.wait_for_function("__synthetic.firstVoice({ role: 1, since: 0 })")
    heard = stage.look()
    identity, track, _ = voice(heard, role=1)
    assert identity == "match"
    levels = levels_of(heard["voices"], own=False, track=track)
    assert max(loudness for _, loudness in levels) > 0.05
    assert all(isfinite(loudness) for _, loudness in levels)


@pytest.mark.parametrize(
    ("muting", "logged"),
    [
        ("stage.sound.muted = true", MUTED),
        ("stage.sound.volume = 0", MUTED),
        ("stage.sound.pause()", MUTED),
        ("stage.sound.srcObject.getTracks()[0].enabled = false", -1),
    ],
    ids=["element muted", "volume down", "paused", "track off"],
)
def test_a_muted_voice_is_not_heard(stage: Stage, muting: str, logged: int) -> None:
    stage.run(LISTEN)
    stage.run(f"() => {{ {muting}; }}")
    stage.until(
        "(await __synthetic.snapshot(Date.now() - 200))"
        f".voices.at(-1).entries.every(([, heard]) => heard === {logged})"
    )
    assert voice(stage.look(), role=1)[0] == "absent"


def test_a_picture_drawn_on_a_canvas_passes(stage: Stage) -> None:
    stage.run("""async () => {
      const video = Object.assign(document.createElement('video'), { muted: true });
      video.srcObject = await stage.call(stage.camera('guest'));
      await video.play();
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
      document.body.append(canvas);
      const pen = canvas.getContext('2d');
      const draw = () => {
        if (!canvas.isConnected) return;
        pen.drawImage(video, 0, 0, 640, 360);
        requestAnimationFrame(draw);
      };
      draw();
    }""")
    stage.sees(GUEST)
    assert passes(judged(stage.look()))


def test_a_canvas_is_judged_by_what_is_on_it_not_by_the_video_behind(stage: Stage) -> None:
    stage.run("""async () => {
      const outside = 'position: fixed; left: 3000px';
      const video = stage.show(stage.camera('guest'), document.body, outside);
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
      document.body.append(canvas);
      const pen = canvas.getContext('2d');
      const timer = setInterval(() => {
        pen.drawImage(video, 0, 0, 640, 360);
        pen.fillRect(0, 0, 640, 360);
      }, 33);
      stage.ends.push(() => clearInterval(timer));
    }""")
    assert not passes(judged(stage.look(1000)))


def test_a_video_made_late_passes_once_it_is_there(stage: Stage) -> None:
    stage.run("async () => { stage.late = await stage.call(stage.camera('guest')); }")
    assert judged(stage.look(300)).identity == "absent"
    stage.run("() => void stage.show(stage.late)")
    stage.sees(GUEST)
    assert passes(judged(stage.look()))


def test_a_video_that_is_removed_does_not_pass_until_it_is_made_anew(stage: Stage) -> None:
    stage.run("() => { stage.mine = stage.camera('guest'); stage.old = stage.show(stage.mine); }")
    stage.sees(GUEST)
    stage.run("() => stage.old.remove()")
    assert not passes(judged(stage.look()))
    stage.run("() => void stage.show(stage.mine)")
    assert passes(judged(stage.look()))


def test_a_video_that_is_put_back_passes_again(stage: Stage) -> None:
    stage.run("() => { stage.old = stage.show(stage.camera('guest')); }")
    stage.sees(GUEST)
    stage.run("""async () => {
      stage.old.remove();
      await new Promise(setTimeout);
      stage.show(stage.camera('host'));
      document.body.append(stage.old);
      await stage.old.play();
    }""")
    assert passes(judged(stage.look()))


def test_videos_thrown_away_are_forgotten(stage: Stage) -> None:
    stage.run("""async () => {
      const stream = stage.camera('guest');
      for (let round = 0; round < 30; round++) {
        stage.show(stream).remove();
        await new Promise(setTimeout);
      }
      stage.show(stream);
    }""")
    assert len(stage.look(100)["pictures"]) <= 3


@pytest.mark.parametrize("mode", ["open", "closed"])
def test_a_picture_in_a_shadow_root_passes(stage: Stage, mode: str) -> None:
    stage.run(f"""() => {{
      const host = document.createElement('div');
      document.body.append(host);
      stage.show(stage.camera('guest'), host.attachShadow({{ mode: '{mode}' }}));
    }}""")
    stage.sees(GUEST)
    assert passes(judged(stage.look()))
