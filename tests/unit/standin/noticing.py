"""How people in a room notice each of its faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

SPY = """
globalThis.opened = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...options) {
    super(...options);
    opened.push(this);
  }
};
globalThis.recorded = new Set();
const { drawImage } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.drawImage = function (source, ...rest) {
  if (this.canvas.width === 640) recorded.add(source);
  return drawImage.call(this, source, ...rest);
};
"""
LOUDEST_HZ = """async video => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(video.srcObject).connect(analyser);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  return (levels.indexOf(Math.max(...levels)) * context.sampleRate) / analyser.fftSize;
}"""
FRAMES_IN_2_S = """video => new Promise((resolve) => {
  let frames = 0;
  const count = () => (frames++, video.requestVideoFrameCallback(count));
  video.requestVideoFrameCallback(count);
  setTimeout(() => resolve(frames), 2000);
})"""
KBPS = """() => opened.flatMap((one) => one.getSenders())
  .filter(({ track }) => track?.kind === "video")
  .flatMap((sender) => sender.getParameters().encodings)
  .map(({ maxBitrate = 1e9 }) => maxBitrate / 1000)"""
LATE_S = """async () => {
  const reports = await Promise.all(opened.map((one) => one.getStats()));
  const all = reports.flatMap((report) => [...report.values()]);
  const one = all.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
  return one.jitterBufferDelay / one.jitterBufferEmittedCount;
}"""


def black(guest: Any, tile: str) -> bool:
    guest.plays(tile)
    # A decoder's black is not always 0.
    return bool(max(guest.look(tile)) < 8)


def share(host: Any) -> None:
    button = host.page.get_by_role("button", name="Share screen")
    if button.is_visible():
        button.click()
    expect(host.tile("host's screen (you)")).to_be_visible()


def shares_black(host: Any, guest: Any) -> bool:
    share(host)
    return black(guest, "host's screen")


def shares_tiny(host: Any, guest: Any) -> bool:
    share(host)
    guest.plays("host's screen", frames=1)
    return bool(guest.video("host's screen").evaluate("v => v.clientWidth") < 40)


def shares_unseen(host: Any, guest: Any) -> bool:
    share(host)
    return not comes(lambda: guest.tile("host's screen").wait_for(timeout=3000))


def comes(wait: Callable[[], object]) -> bool:
    try:
        wait()
    except PlaywrightTimeout:
        return False
    return True


def shares_on(host: Any, guest: Any) -> bool:
    share(host)
    guest.plays("host's screen", frames=1)
    host.press("Stop sharing")
    expect(host.tile("host's screen (you)")).to_have_count(0)
    gone = comes(lambda: guest.tile("host's screen").wait_for(state="detached", timeout=1500))
    return not gone and goes_on(guest, "host's screen")


def goes_on(guest: Any, tile: str, frames: int = 3) -> bool:
    seen = guest.video(tile).evaluate("v => v.getVideoPlaybackQuality().totalVideoFrames")
    guest.plays(tile, frames=seen + frames)
    return True


def silent(guest: Any) -> bool:
    guest.plays("host")
    return bool(guest.loudness("host") < 0.001)


def frozen(guest: Any) -> bool:
    guest.plays("host", frames=45)
    # The encoder sharpens a still picture; nothing in it moves.
    return bool(guest.moved("host") < 40)


def covered(guest: Any) -> bool:
    guest.plays("host")
    style = "e => getComputedStyle(e, '::after').content !== 'none'"
    return bool(guest.tile("host").evaluate(style))


def shows_oneself(guest: Any) -> bool:
    guest.plays("host")
    streams = [
        guest.video(tile).evaluate("v => v.srcObject.id") for tile in ("host", "guest (you)")
    ]
    return bool(streams[0] == streams[1])


def unlisted(host: Any) -> bool:
    host.plays("guest")
    return bool(host.participants.count() == 1)


def purple(guest: Any) -> bool:
    guest.plays("host")
    green = guest.look("host")
    return bool(sum(25 < value < 55 for value in green) > 0.8 * len(green))


def is_so(guest: Any, script: str) -> bool:
    guest.plays("host")
    return bool(guest.video("host").evaluate(script))


def strange_voice(guest: Any) -> bool:
    guest.plays("host")
    return bool(abs(guest.video("host").evaluate(LOUDEST_HZ) - 3700) < 50)


def keeps_camera(host: Any, guest: Any) -> bool:
    guest.plays("host")
    host.press("Turn camera off")
    dark = "e => e.classList.contains('dark')"
    seen = guest.page.wait_for_function
    gone = comes(lambda: seen(dark, arg=guest.tile("host").element_handle(), timeout=1000))
    kept = not gone and goes_on(guest, "host")
    host.press("Turn camera on")
    return kept


def keeps_voice(host: Any, guest: Any) -> bool:
    guest.plays("host")
    host.press("Mute microphone")
    # What was said before is still on its way.
    goes_on(guest, "host", frames=5)
    guest.loudness("host")
    kept = guest.loudness("host") > 0.01
    host.press("Unmute microphone")
    return bool(kept)


def lacks(host: Any, guest: Any, tracks: str) -> bool:
    guest.plays("host")
    there = f"v => v.srcObject?.{tracks}().length"
    seen = host.page.wait_for_function
    return not comes(lambda: seen(there, arg=host.video("guest").element_handle(), timeout=2000))


def slow(guest: Any) -> bool:
    guest.plays("host")
    return bool(guest.video("host").evaluate(FRAMES_IN_2_S) <= 12)


def held_back(host: Any, guest: Any) -> bool:
    guest.plays("host")
    return set(host.page.evaluate(KBPS)) == {100}


def late(guest: Any) -> bool:
    guest.plays("host", frames=5)
    return bool(guest.page.evaluate(LATE_S) > 1)


def becomes_bold(host: Any, guest: Any) -> bool:
    host.page.get_by_label("Message").fill("<b>hello</b>")
    host.press("Send")
    said = guest.page.get_by_role("article").last
    said.wait_for()
    return bool(said.locator("b").count())


def recorded_alone(host: Any) -> bool:
    host.plays("guest")
    host.press("Start recording")
    with host.page.expect_response("**/chunks/0"):
        pass
    return bool(host.page.evaluate("recorded.size") == 1)


def recorded_for_ever(host: Any) -> bool:
    host.press("Stop recording")
    alert, link = host.page.get_by_role("alert"), host.page.get_by_role("link", name="Download")
    alert.filter(has_text="completed").or_(link).wait_for()
    return bool(alert.inner_text())


Pages = tuple[Any, Any]
SEEN: dict[str, Callable[[Pages], bool]] = {
    "video-black": lambda pages: black(pages[1], "host"),
    "video-frozen": lambda pages: frozen(pages[1]),
    "video-freezes=1": lambda pages: frozen(pages[1]),
    "video-covered": lambda pages: covered(pages[1]),
    "video-self": lambda pages: shows_oneself(pages[1]),
    "video-stranger": lambda pages: purple(pages[1]),
    "video-no-size": lambda pages: is_so(pages[1], "v => v.clientWidth === 0"),
    "video-transparent": lambda pages: is_so(pages[1], "v => getComputedStyle(v).opacity === '0'"),
    "video-one-way": lambda pages: lacks(*pages, "getVideoTracks"),
    "video-5-fps": lambda pages: slow(pages[1]),
    "video-160x90": lambda pages: is_so(pages[1], "v => v.videoHeight <= 90"),
    "video-100-kbps": lambda pages: held_back(*pages),
    "video-late=2": lambda pages: late(pages[1]),
    "audio-silent": lambda pages: silent(pages[1]),
    "audio-stranger": lambda pages: strange_voice(pages[1]),
    "audio-one-way": lambda pages: lacks(*pages, "getAudioTracks"),
    "camera-off-ignored": lambda pages: keeps_camera(*pages),
    "mute-ignored": lambda pages: keeps_voice(*pages),
    "chat-unescaped": lambda pages: becomes_bold(*pages),
    "recording-without-one": lambda pages: recorded_alone(pages[0]),
    "recording-not-completed": lambda pages: recorded_for_ever(pages[0]),
    "share-black": lambda pages: shares_black(*pages),
    "share-tiny": lambda pages: shares_tiny(*pages),
    "share-not-shown": lambda pages: shares_unseen(*pages),
    "share-not-stopped": lambda pages: shares_on(*pages),
    "join-not-listed": lambda pages: unlisted(pages[0]),
}


def spied(page: Page) -> None:
    page.add_init_script(SPY)


def seen(names: tuple[str, ...], pages: Pages) -> list[str]:
    return [name for name in names if SEEN[name](pages)]
