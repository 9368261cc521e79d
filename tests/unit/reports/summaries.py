"""Folders of failed runs as they would be recorded, built for tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from synthetic.media.mark import Mark
from synthetic.results import Control, Journey, Request, Run, Step
from tests.runs import START, at, camera, failed, run, step

JOURNEY = "test_two_people_meet"
RUN_ID = "20261123T211530Z-3f9c"
EARLIER = "20261123T191530Z-0001"
STORY = (
    "The guest never saw the host's picture: frames arrive (30/s) but are black. "
    "Our cameras work: the same two browsers saw each other on a blank page."
)
_EPOCH_MS = START.timestamp() * 1000
_STEPS = (
    ("sign-up form opens", "signup", "host"),
    ("sign-up code arrives", "signup", "host"),
    ("sign up", "signup", "host"),
    ("log in", "login", "guest"),
    ("dashboard loads", "dashboard", "host"),
    ("create session", "session_create", "host"),
    ("join session", "session_join", "guest"),
    ("video both ways", "video", "guest"),
    ("hear each other", "video", "guest"),
    ("chat, host to guest", "chat", "host"),
    ("leave", "leave", "guest"),
)


def steps(until: str | None, message: str = "", error: str = "StepTimeout") -> list[Step]:
    """The journey's steps, up to the one that failed; all passed without one."""
    made: list[Step] = []
    over = False
    for number, (name, feature, actor) in enumerate(_STEPS):
        usual: dict[str, Any] = {"name": name, "feature": feature, "actor": actor}
        usual["started_at"] = at(number * 0.8)
        if over:
            made.append(step(**usual, status="skipped"))
        elif name == until:
            made.append(failed(message, error, **usual))
            over = True
        else:
            made.append(step(**usual, latency_ms=60.0 + number))
    return made


def request(
    endpoint: str,
    seconds: float,
    *,
    status: int | None = 200,
    took_ms: float | None = 12,
    **more: Any,
) -> Request:
    """A request of the host's, wanted unless its status says otherwise."""
    usual = {"method": "POST", "actor": "host", "journey": JOURNEY, "step": "sign-up code arrives"}
    wanted = {"expected": status is not None and status < 400}
    timed = {"at": at(seconds), "status": status, "duration_ms": took_ms, "endpoint": endpoint}
    return Request.model_validate({**usual, **wanted, **timed, **more})


def attempt(*made: Step, number: int = 1, origin: str | None = "target", **more: Any) -> Journey:
    """An attempt at the journey that ended as its steps did."""
    bad = any(one.status == "failed" for one in made)
    usual = {"status": "failed" if bad else "passed", "origin": origin if bad else None}
    return Journey.model_validate(
        {"name": JOURNEY, "attempt": number, "steps": made, **usual, **more}
    )


CONTROLS = (
    Control(name="call", ok=True, said="the same two browsers saw each other on a blank page"),
    Control(name="machine", ok=True, said="our machine had room: 61 % of its processors were free"),
    Control(name="udp", ok=None, said="no STUN server was set to try"),
)

MAIL = Control(name="mail", ok=True, said="a mail to ourselves came after 0.4 s")


def a_run(*journeys: Journey, **more: Any) -> Run:
    """A failed run against the stand-in."""
    usual: dict[str, Any] = {
        "run_id": RUN_ID,
        "target": "stand-in",
        "verdict": "failed",
        "origin": "target",
        "duration_s": 41.3,
    }
    return run(*journeys, **{**usual, **more})


def good_run(**more: Any) -> Run:
    """The run before, in which all was well."""
    usual: dict[str, Any] = {
        "run_id": EARLIER,
        "verdict": "passed",
        "origin": None,
        "requests": requests(),
        "media": [camera(journey=JOURNEY, step="video both ways")],
    }
    return a_run(attempt(*steps(None)), **{**usual, **more})


def requests() -> list[Request]:
    """What the host's page asks until it is in the room."""
    return [
        request("/api/auth/signup", 0.9, status=202),
        request("/api/auth/verify-otp", 1.7, step="sign up"),
        request("/api/sessions/list", 1.8, method="GET", step="sign up"),
        request("/api/sessions/create", 4.1, step="create session"),
        request("/api/sessions/join", 4.9, step="join session", actor="guest"),
        request("/api/hms/token", 5.0, step="join session", actor="guest"),
    ]


def write_run(reports: Path, record: Run) -> Path:
    """The run's folder, with its record in it."""
    folder = reports / "runs" / record.run_id
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(record.to_json(), "utf-8")
    return folder


def keep(folder: Path, attempt: int, role: str, **pieces: Any) -> Path:
    """Evidence of an actor: text, JSON values, or a picture's words, by name of the file."""
    place = folder / "evidence" / f"{JOURNEY}-{attempt}" / role
    place.mkdir(parents=True, exist_ok=True)
    for name, content in pieces.items():
        if name == "screenshot":
            _picture(content).save(place / "screenshot.png")
        elif name == "console":
            (place / "console.txt").write_text(content, "utf-8")
        elif name in ("trace", "video"):
            (place / ("trace.zip" if name == "trace" else "video.webm")).write_bytes(content)
        else:
            (place / f"{name}.json").write_text(json.dumps(content), "utf-8")
    return place


def good_picture(path: Path, words: str) -> None:
    """A picture of a step that went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _picture(words).save(path)


def _picture(words: str) -> Image.Image:
    picture = Image.new("RGB", (1280, 720), "#12181a")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((80, 120, 820, 600), fill="black" if "black" in words else "#3f7f6f")
    pen.text((100, 40), words, fill="white", font_size=36)
    return picture


def exchange(path: str, seconds: float, status: int | None = 200, **more: Any) -> dict[str, Any]:
    """A row of network.json."""
    url = f"http://127.0.0.1:8000{path}?token=secret-query"
    moment = str(at(seconds))
    usual = {"method": "GET", "url": url, "status": status, "duration_ms": 4.2, "at": moment}
    return {**usual, **more}


def snapshots(
    role: int | None, owner: int, fps: Sequence[int], kbps: int = 1200
) -> list[dict[str, Any]]:
    """Statistics over time of a page that shows ``role`` (None: black), a second apart."""
    since_ms = _EPOCH_MS + 6000
    made = []
    for second in range(1, len(fps) + 1):
        entries = [
            [since_ms + 1000 * past + 1000 * n / rate, _mark(role, n), 640, 360, True]
            for past, rate in enumerate(fps[:second])
            for n in range(rate)
        ]
        stats = {
            "type": "inbound-rtp",
            "kind": "video",
            "trackIdentifier": "camera",
            "timestamp": since_ms + 1000 * second,
            "framesDecoded": sum(fps[:second]),
            "bytesReceived": second * kbps * 125,
            "packetsLost": 0,
        }
        connection = {
            "state": "connected",
            "states": [[since_ms - 400, "checking"], [since_ms - 100, "connected"]],
            "stats": [stats],
        }
        looks = [[since_ms + 50 * n, owner if n % 3 else -1] for n in range(20 * second)]
        made.append(
            {
                "at": since_ms + 1000 * second,
                "pictures": [{"track": "camera", "owner": owner, "entries": entries}],
                "voices": [{"own": False, "track": "voice", "entries": looks, "levels": []}],
                "connections": [connection],
            }
        )
    return made


def _mark(role: int | None, frame: int) -> int:
    return -1 if role is None else Mark(role=role, screen=False, nonce=77, frame=frame % 240).data


def video_black(reports: Path) -> Path:
    """Both attempts failed: the guest's page shows a black picture; a good run came before."""
    write_run(reports, good_run())
    message = (
        "guest did not see the picture of host within 20 s: video 1 shows 412 frames that name "
        "nobody"
    )
    bad = steps("video both ways", message, "WrongPicture")
    both = [attempt(*bad, number=n, story=STORY, controls=CONTROLS) for n in (1, 2)]
    asked = [one.model_copy(update={"attempt": n}) for n in (1, 2) for one in requests()]
    folder = write_run(reports, a_run(*both, requests=asked))
    for number in (1, 2):
        keep(
            folder,
            number,
            "host",
            screenshot="host: sees the guest",
            console="log: joined\n",
            network=[exchange(f"/static/{n}.js", 0.1 * n) for n in range(8)],
            webrtc=snapshots(1, 1, [30, 29, 30, 30, 30, 29, 30, 30]),
            mail=[{"subject": "Your code", "received_at": str(at(0.95)), "sent_at": str(at(0.9))}],
        )
        keep(
            folder,
            number,
            "guest",
            screenshot="guest: the picture is black",
            console="error: Uncaught (in promise) AbortError: play() was interrupted\n",
            network=[exchange("/session/s1", 4.8), exchange("/static/room.js", 4.85)],
            webrtc=snapshots(None, 0, [30, 30, 30, 30, 30, 30, 30, 30]),
            trace=b"x" * 250_000,
            video=b"x" * 2_400_000,
        )
    return folder


def code_missing(reports: Path) -> Path:
    """No mail came at either attempt; the good run's sign-up answered 202, now it is 500."""
    write_run(reports, good_run(target="https://kulti.test/"))
    message = "no code reached host-1@mail.test within 60 s of the click at 21:15:31"
    bad = steps("sign-up code arrives", message, "NoCode")
    story = f"No code reached the host within 60 s. The monitor works: {MAIL.said}."
    both = [attempt(*bad, number=n, story=story, controls=(MAIL,)) for n in (1, 2)]
    asked = [request("/api/auth/signup", 0.9, status=500, took_ms=31, attempt=n) for n in (1, 2)]
    record = a_run(*both, target="https://kulti.test/", requests=asked)
    folder = write_run(reports, record)
    keep(folder, 2, "host", screenshot="host: enter the code", mail=[], network=[])
    return folder


def browser_died(reports: Path) -> Path:
    """The guest's browser ended by itself, and left hardly anything."""
    message = (
        "the browser of guest ended by itself during 'join session' (Target crashed); look for an "
        "out-of-memory kill, and run again"
    )
    bad = attempt(*steps("join session", message, "BrowserDied"), origin="runner")
    folder = write_run(reports, a_run(bad, verdict="inconclusive", origin="runner"))
    place = keep(folder, 1, "guest", console="(silent)")
    for name in ("screenshot", "webrtc", "trace"):
        (place / f"{name}.txt").write_text("not to be had: Target page was closed\n", "utf-8")
    return folder


EVIL = "<script>document.title='got you'</script>\"'><img src=x onerror=alert(1)>{{7*7}}\u202e"


def hostile(reports: Path) -> Path:
    """Everything that a target can say is markup, and megabytes of it."""
    name, big = EVIL, EVIL * 20_000
    write_run(reports, good_run(target=EVIL * 3))
    bad = steps("video both ways", big, "WrongPicture")
    told: dict[str, Any] = {"story": big, "controls": [{"name": EVIL, "ok": None, "said": big}]}
    asked = [request(EVIL, 1, status=500), *(request(EVIL, n, status=None) for n in range(900))]
    record = a_run(attempt(*bad, **told), target=EVIL * 3, location=EVIL, requests=asked)
    folder = write_run(reports, record)
    keep(
        folder,
        1,
        "host",
        console="\n".join(f"error: {EVIL} {'x' * n} {big[:9000]}" for n in range(300)),
        network=[exchange(f"/{name}{n}", n, 500, method=EVIL) for n in range(900)],
        answers=[exchange("/", n, said=big, odd=True) for n in range(9)],
        mail=[{"subject": big, "received_at": str(at(1))}],
        webrtc={"at": 1e308, "connections": [{"state": EVIL, "stats": [{"type": EVIL}]}]},
    )
    (folder / "evidence" / f"{JOURNEY}-1" / "host" / "a&b <x>.txt").write_text(EVIL)
    return folder
