"""Pages that make proof hard: frames, strict policies, connections of their own making."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame

from synthetic.browser.view import View
from synthetic.media.proof import contradictions, shown_frames
from synthetic.media.transport import frames_decoded, received_videos, transport
from tests.unit.conftest import Web
from tests.unit.media.staged import GUEST, HOST, judged, passes, stage_in

OpenView = Callable[..., View]
CALL = "async () => void stage.show(await stage.call(stage.camera('guest')))"
STRICT = {
    "Content_Security_Policy": "default-src 'none'; script-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
}


def framed(web: Web, open_view: OpenView, source: str, style: str = "") -> tuple[View, Frame]:
    """A page with an iframe in it, and the iframe's document."""
    web.put("/inner", "<!doctype html><body></body>", Content_Type="text/html")
    frame = f"<iframe src='{source}' style='width: 640px; height: 400px; {style}'></iframe>"
    view = open_view(web.page(frame))
    return view, view.page.frames[1]


@pytest.mark.parametrize("site", ["same", "another"])
def test_a_picture_in_an_iframe_passes_in_its_document(
    web: Web, open_view: OpenView, site: str
) -> None:
    other = web.url.replace("127.0.0.1", "localhost")
    _, frame = framed(web, open_view, "/inner" if site == "same" else f"{other}/inner")
    stage = stage_in(frame)
    stage.run(CALL)
    stage.sees(GUEST)
    assert passes(judged(stage.look()))


@pytest.mark.parametrize(
    "style",
    ["opacity: 0", "position: fixed; left: 3000px", "width: 2px", "visibility: hidden"],
)
def test_a_picture_in_an_iframe_that_nobody_could_see_does_not_pass(
    web: Web, open_view: OpenView, style: str
) -> None:
    _, frame = framed(web, open_view, "/inner", style)
    stage = stage_in(frame)
    stage.run("() => void stage.show(stage.camera('guest'))")
    assert not passes(judged(stage.look(800)))


def test_a_covered_iframe_covers_its_picture(web: Web, open_view: OpenView) -> None:
    view, frame = framed(web, open_view, "/inner")
    cover = "<div style='position: fixed; inset: 0; background: navy'></div>"
    view.page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", cover)
    stage = stage_in(frame)
    stage.run("() => void stage.show(stage.camera('guest'))")
    assert not passes(judged(stage.look(800)))


def test_an_iframe_is_judged_by_the_connections_of_the_page_around_it(
    web: Web, open_view: OpenView
) -> None:
    view, frame = framed(web, open_view, "/inner")
    outer, inner = stage_in(view.page), stage_in(frame)
    outer.run("""async () => {
      const { contentWindow } = document.querySelector('iframe');
      contentWindow.stage.show(await stage.call(stage.camera('guest')));
    }""")
    inner.sees(GUEST)
    before, after = inner.look(300), inner.look(600)
    assert passes(judged(after))
    assert contradictions(before, after, HOST.role, after["since"]) == []
    assert len(received_videos(after)) == 1


def test_a_strict_policy_with_trusted_types_does_not_hinder_proof(
    web: Web, open_view: OpenView
) -> None:
    page = web.put("/", "<!doctype html><body></body>", 200, Content_Type="text/html", **STRICT)
    view = open_view(page)
    trouble: list[str] = []
    view.page.on("console", lambda message: trouble.append(message.text))
    with pytest.raises(PlaywrightError, match="TrustedHTML"):
        view.page.evaluate("() => { document.body.innerHTML = '<p>'; }")
    trouble.clear()
    stage = stage_in(view.page)
    stage.run(CALL)
    stage.sees(GUEST)
    before, after = stage.look(300), stage.look(600)
    assert passes(judged(after))
    assert frames_decoded(before, after, judged(after).track)
    assert trouble == []


WRAPPINGS = {
    "a class of the page's own": """
      globalThis.RTCPeerConnection = class extends RTCPeerConnection {};""",
    "a function around it": """
      const Given = RTCPeerConnection;
      globalThis.RTCPeerConnection = function (...args) { return new Given(...args); };
      RTCPeerConnection.prototype = Given.prototype;""",
    "a proxy": """
      globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {});""",
    "its older name": """
      globalThis.RTCPeerConnection = webkitRTCPeerConnection;""",
    "its constructor": """
      globalThis.RTCPeerConnection = RTCPeerConnection.prototype.constructor;""",
    "a delegate": """
      const Given = RTCPeerConnection;
      globalThis.RTCPeerConnection = class {
        constructor(...args) {
          this.given = new Given(...args);
          return new Proxy(this.given, {
            get(given, name) {
              return typeof given[name] === 'function' ? given[name].bind(given) : given[name];
            },
            set: (given, name, value) => { given[name] = value; return true; },
          });
        }
      };""",
    "statistics of the page's own": """
      RTCPeerConnection.prototype.getStats = () => new Promise(() => {});""",
}


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_statistics_are_collected_whatever_the_page_puts_in_place_of_connections(
    web: Web, open_view: OpenView, wrapping: str
) -> None:
    stage = stage_in(open_view(web.page("", wrapping)).page)
    stage.run("async () => void stage.show(await stage.call(stage.camera('guest')))")
    stage.sees(GUEST)
    before, after = stage.look(200), stage.look(400)
    figures = transport(before, after, judged(after).track)
    assert (figures.bitrate_kbps or 0) > 0
    assert (figures.path, figures.codec is not None) == ("host", True)
    assert figures.ice_ms is not None


MANY = """async () => {
  globalThis.all = [];
  for (let round = 0; round < 50; round++) {
    const one = new RTCPeerConnection();
    one.addTransceiver('video');
    await one.setLocalDescription();
    all.push(new WeakRef(one));
    one.close();
  }
}"""


def test_fifty_connections_opened_and_closed_leave_nothing_behind(
    web: Web, open_view: OpenView
) -> None:
    view = open_view(web.page(""))
    stage = stage_in(view.page)
    stage.run(MANY)
    assert stage.look(100)["connections"] == []
    devtools = view.page.context.new_cdp_session(view.page)
    devtools.send("HeapProfiler.collectGarbage")
    assert stage.run("() => all.filter((one) => one.deref()).length") == 0


def test_fifty_open_connections_beside_the_call_do_not_hinder_it(
    web: Web, open_view: OpenView
) -> None:
    stage = stage_in(open_view(web.page("")).page)
    stage.run("() => { stage.idle = Array.from({ length: 50 }, () => new RTCPeerConnection()); }")
    stage.run(CALL)
    stage.sees(GUEST)
    seen = stage.look()
    assert len(seen["connections"]) == 52
    assert passes(judged(seen))
    assert judged(seen).track in received_videos(seen)


def test_a_target_that_sends_no_second_direction_is_told_in_the_missing_one_only(
    web: Web, open_view: OpenView
) -> None:
    host, guest = (stage_in(open_view(web.page(""), who=who).page) for who in ("host", "guest"))
    host.run("""async () => {
      stage.show(stage.camera('host'));
      await stage.call(stage.camera('host'));
    }""")
    guest.run("async () => void stage.show(await stage.call(stage.camera('host')))")
    guest.sees(HOST)
    at_host, at_guest = host.look(), guest.look()
    assert (passes(judged(at_guest, HOST)), passes(judged(at_host, GUEST))) == (True, False)
    assert shown_frames(at_guest, GUEST) == {}
