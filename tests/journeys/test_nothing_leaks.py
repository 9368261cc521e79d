"""What a run keeps to itself is in none of the octets that it writes, prints or sends."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.journeys.conftest import Smoke
from tests.journeys.leaky import JWT, PASSWORD, WEBHOOK, leaking
from tests.ocr import frames_of, words_in

GUESTS = ("standing-4711@leaks.test", "another-4711@leaks.test")
SECRETS = {
    "hook": "T0/B0/planted-hook-4711",
    "routing": "planted-routing-4711",
    "dsn": "planted-dsn-4711",
    "inbox": 'planted "inbox" 4711+/=',
    "gateway": "planted-gateway-4711",
}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff")
_MOST_PICTURES = 12
_MOST_FRAMES = 8


@pytest.fixture
def posts(web: Callable[..., str]) -> tuple[str, list[bytes]]:
    """A place to post to, and what was posted there."""
    posted: list[bytes] = []

    def take(handler: BaseHTTPRequestHandler) -> None:
        posted.append(handler.rfile.read(int(handler.headers.get("Content-Length", 0))))
        handler.send_response(200)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    return web(take), posted


def unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The content as it is, and all that is packed in it."""
    yield name, content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                yield from unpacked(f"{name}!{member.filename}", archive.read(member))
    if content.startswith(b"\x1f\x8b"):
        yield from unpacked(f"{name}!", gzip.decompress(content))
    for embedded in re.findall(rb"data:[\w/+-]+;base64,([A-Za-z0-9+/=]+)", content):
        yield from unpacked(f"{name}!data", base64.b64decode(embedded))


def forms(secret: str) -> Iterator[bytes]:
    """How a secret may be written."""
    octets = secret.encode()
    plain = [
        *(quote(secret, safe=""), quote(quote(secret, safe=""), safe=""), quote_plus(secret)),
        *(json.dumps(secret)[1:-1], json.dumps(json.dumps(secret))[3:-3], html.escape(secret)),
        *("".join(f"\\u{ord(one):04x}" for one in secret), octets.hex()),
        *("".join(f"&#{ord(one)};" for one in secret), "".join(f"%{one:02x}" for one in octets)),
    ]
    yield from {one.encode() for one in plain}
    yield from (secret.encode("utf-16-le"), secret.encode("utf-16-be"))
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + octets)
        yield whole[-(-offset * 4 // 3) : (offset + len(octets)) * 4 // 3]


def found(secret: str, content: bytes) -> bool:
    """Whether it stands there; a code not as a part of a longer number."""
    edges = (rb"(?<![\d.])", rb"(?!\d)") if secret.isdigit() else (rb"", rb"")
    if re.search(edges[0] + re.escape(secret.encode()) + edges[1], content, re.IGNORECASE):
        return True
    return any(form in content for form in forms(secret) if form != secret.encode())


def test_the_search_finds_what_it_is_to_find() -> None:
    told = f"see {GUESTS[0]}".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a", gzip.compress(base64.b64encode(told)))
    assert any(found(GUESTS[0], content) for _, content in unpacked("x", packed.getvalue()))
    assert found("471108", b'{"code":471108}')
    assert not found("471108", b'{"at":14711080}')


@pytest.mark.parametrize(("fault", "attempts"), [("verify-500", 2), ("chat-lost", 1)])
def test_a_failed_run_tells_no_secret(
    fault: str, attempts: int, smoke: Smoke, posts: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    site, posted = posts
    with leaking(fault) as target:
        run = smoke(
            env={
                "SYNTHETIC_BASE_URL": target.url,
                "SYNTHETIC_ATTEMPTS": str(attempts),
                "SYNTHETIC_INBOX__URL": f"{target.url}/mail",
                "SYNTHETIC_INBOX__USERNAME": "reader",
                "SYNTHETIC_INBOX__PASSWORD": SECRETS["inbox"],
                "SYNTHETIC_ACCOUNTS__STANDING": ",".join(GUESTS),
                "SYNTHETIC_NOTIFY_STANDIN": "1",
                "SYNTHETIC_SLACK__WEBHOOK_URL": f"{site}/services/{SECRETS['hook']}",
                "SYNTHETIC_PAGERDUTY__ROUTING_KEY": SECRETS["routing"],
                "SYNTHETIC_SENTRY__DSN": f"https://{SECRETS['dsn']}@127.0.0.1/42",
                "SYNTHETIC_PUSHGATEWAY_URL": f"http://ann:{SECRETS['gateway']}@127.0.0.1:1",
            }
        )
    assert run.code == 1, run.output
    assert target.codes
    assert fault == "verify-500" or target.cookies

    secrets = {*SECRETS.values(), *target.codes, *target.cookies, *GUESTS, JWT, PASSWORD, WEBHOOK}
    files = [path for path in run.reports.rglob("*") if path.is_file()]
    written = [(str(path.relative_to(run.reports)), path.read_bytes()) for path in files]
    written += [("output", run.output.encode())]
    written += [(f"message {number}", body) for number, body in enumerate(posted)]
    everything = [part for name, content in written for part in unpacked(name, content)]
    assert posted
    assert sum(name.endswith("trace.zip") for name, _ in written) >= 1
    assert leaks(secrets, everything) == []
    shown = {*target.codes, *GUESTS}
    assert leaks_in_pictures(shown, everything) == []
    films = {path.read_bytes(): path for path in files if path.suffix == ".webm"}
    assert bool(films) == (attempts > 1)
    assert not films or leaks_in_films(shown, films.values(), tmp_path) == []


def leaks(secrets: set[str], everything: list[tuple[str, bytes]]) -> list[str]:
    return [
        f"{name}: {secret}"
        for name, content in everything
        for secret in secrets
        if found(secret, content)
    ]


def leaks_in_pictures(secrets: set[str], everything: list[tuple[str, bytes]]) -> list[str]:
    """What can be read in pictures; of the many in a trace, the last ones are read."""
    pictures = {content: name for name, content in everything if content.startswith(_PICTURES)}
    ours = [one for one in pictures if "!" not in pictures[one]]
    filmed = [one for one in pictures if "!" in pictures[one]]
    assert ours
    read = {pictures[one]: words_in(one) for one in [*ours, *filmed[-_MOST_PICTURES:]]}
    assert any("stand-in" in text for text in read.values())
    return leaks_in_words(secrets, read)


def leaks_in_films(secrets: set[str], films: Iterable[Path], folder: Path) -> list[str]:
    """What can be read in the last pictures of each film."""
    read: dict[str, str] = {}
    for number, film in enumerate(films):
        frames = folder / f"film-{number}"
        frames.mkdir()
        pictures = enumerate(frames_of(film, frames, _MOST_FRAMES))
        read |= {f"{film}, {at}": words_in(picture) for at, picture in pictures}
    assert any("sign up" in text.lower() for text in read.values()), "it can be read"
    return leaks_in_words(secrets, read)


def leaks_in_words(secrets: set[str], read: Mapping[str, str]) -> list[str]:
    words = {name: "".join(text.split()).lower() for name, text in read.items()}
    return [
        f"{name}: {secret}" for name, text in words.items() for secret in secrets if secret in text
    ]
