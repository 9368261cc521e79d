"""Two people meet through Janus: what each page sends, gets and shows."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from synthetic.standin.interface import ADDRESS
from synthetic.standin.janus import Janus
from tests.unit.standin.conftest import DESKTOP, Standin, Visitor, serving
from tests.unit.standin.noticing import seen, spied

SPY = """
globalThis.opened = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...options) {
    super(...options);
    opened.push(this);
    this.addEventListener('iceconnectionstatechange', () => states.push(this.iceConnectionState));
  }
};
globalThis.states = [];
globalThis.sockets = [];
globalThis.WebSocket = class extends WebSocket {
  constructor(...options) {
    super(...options);
    if (this.url.endsWith('/sfu')) sockets.push(this);
  }
};
globalThis.alive = () => opened.filter(({ connectionState }) => connectionState !== 'closed');
globalThis.reports = async (type, kind) => {
  const all = await Promise.all(alive().map((one) => one.getStats()));
  const flat = all.flatMap((stats) => [...stats.values()]);
  return flat.filter((one) => one.type === type && (!kind || one.kind === kind));
};
"""
WAYS = "alive().map((one) => one.getTransceivers().map(({ direction }) => direction)).sort()"
SENDS, GETS = ["sendonly", "sendonly"], ["recvonly", "recvonly"]
WIDTH = "async (width) => (await reports('inbound-rtp', 'video'))[0].frameWidth === width"

NO_CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException('', 'NotFoundError');
};
"""

Meeting = tuple[Visitor, Visitor]


@pytest.fixture(scope="module")
def standin(janus: Janus) -> Iterator[Standin]:
    """A faultless stand-in whose video travels through Janus."""
    with serving(janus=janus) as running:
        yield running


@pytest.fixture
def meeting(meet: Callable[..., Meeting], standin: Standin) -> Meeting:
    """A host and a guest who see each other, on pages whose connections can be counted."""
    host, guest = meet(standin, lambda page: page.add_init_script(SPY))
    host.plays("guest")
    guest.plays("host")
    return host, guest


def resumes(visitor: Visitor, tile: str) -> None:
    """Wait until that tile shows new pictures, which a new stream may count from nothing."""
    visitor.page.wait_for_function(
        """video => {
          const shown = video.getVideoPlaybackQuality().totalVideoFrames;
          if (shown < (video.seen ?? shown)) video.seen = 0;
          video.seen ??= shown;
          return video.videoWidth > 0 && shown > video.seen + 10;
        }""",
        arg=visitor.video(tile).element_handle(),
        timeout=20_000,
    )


def test_sending_and_getting_have_connections_of_their_own(meeting: Meeting) -> None:
    for visitor in meeting:
        assert visitor.page.evaluate(WAYS) == [GETS, SENDS]


def test_every_packet_goes_to_janus_on_this_machine(meeting: Meeting) -> None:
    for visitor in meeting:
        remote = visitor.page.evaluate("reports('remote-candidate')")
        assert {candidate["address"] for candidate in remote} == {ADDRESS}


def test_sound_comes_with_the_picture(meeting: Meeting) -> None:
    host, _ = meeting
    assert host.loudness("guest") > 0.01


def test_a_shared_screen_comes_and_goes_on_a_connection_of_its_own(meeting: Meeting) -> None:
    host, guest = meeting
    host.press("Share screen")
    guest.plays("host's screen")
    assert guest.page.evaluate(WAYS) == [["recvonly"], GETS, SENDS]
    assert host.page.evaluate(WAYS) == [GETS, ["sendonly"], SENDS]
    host.press("Stop sharing")
    expect(guest.tile("host's screen")).to_have_count(0)
    guest.page.wait_for_function("() => alive().length === 2")
    host.page.wait_for_function("() => alive().length === 2")


def test_who_leaves_is_seen_no_more(meeting: Meeting) -> None:
    host, guest = meeting
    guest.press("Leave")
    expect(host.tile("guest")).to_have_count(0)
    host.page.wait_for_function("() => alive().length === 1")


def test_a_small_tile_gets_the_low_layer_and_a_large_one_the_high(meeting: Meeting) -> None:
    host, guest = meeting
    sent = host.page.evaluate("reports('outbound-rtp', 'video')")
    assert {layer["rid"] for layer in sent} == {"h", "l"}
    guest.page.wait_for_function(WIDTH, arg=1280)
    guest.page.set_viewport_size({"width": 320, "height": 720})
    guest.page.wait_for_function(WIDTH, arg=640)
    guest.page.set_viewport_size(DESKTOP)
    guest.page.wait_for_function(WIDTH, arg=1280)


def test_turning_the_camera_off_is_shown(meeting: Meeting) -> None:
    host, guest = meeting
    host.press("Turn camera off")
    expect(guest.video("host")).to_be_hidden()
    host.press("Turn camera on")
    resumes(guest, "host")


def test_a_lost_socket_is_opened_again_and_pictures_return(meeting: Meeting) -> None:
    host, guest = meeting
    guest.page.evaluate("sockets.at(-1).close()")
    guest.page.wait_for_function("() => sockets.length === 2 && alive().length === 2")
    resumes(guest, "host")
    resumes(host, "guest")


def test_pictures_return_when_janus_was_out_of_reach(meeting: Meeting, janus: Janus) -> None:
    """For so long that the browser notices and restarts ICE."""
    host, guest = meeting
    janus.process.send_signal(signal.SIGSTOP)
    try:
        for visitor in meeting:
            visitor.page.wait_for_function("() => states.includes('disconnected')", timeout=20_000)
    finally:
        janus.process.send_signal(signal.SIGCONT)
    resumes(guest, "host")
    resumes(host, "guest")


@pytest.mark.parametrize(
    "faults",
    [
        ("video-black", "share-black"),
        ("video-100-kbps", "video-late=2", "audio-one-way", "share-not-stopped"),
    ],
    ids=lambda faults: faults[0],
)
def test_faults_show_there_too(
    meet: Callable[..., Meeting], janus: Janus, faults: tuple[str, ...]
) -> None:
    with serving(*faults, janus=janus) as standin:
        assert seen(faults, meet(standin, spied)) == [*faults]


def test_a_page_without_a_camera_sees_the_others(
    meet: Callable[..., Meeting], standin: Standin
) -> None:
    refusals = iter([True, False])

    def refuse_first(page: Page) -> None:
        if next(refusals):
            page.add_init_script(NO_CAMERA)

    host, _ = meet(standin, refuse_first)
    host.plays("guest")
