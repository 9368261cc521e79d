"""A stand-in that spills what it is told: into its log, addresses, headers and bodies."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from synthetic.standin.app import create_app
from synthetic.standin.faults import parse
from synthetic.standin.serving import Server, listen

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExLXVubWFza2VkIn0.c2lnLTQ3MTE"
PASSWORD = "pa55-unknown-4711"
WEBHOOK = "https://hooks.slack.com/services/T4711/B4711/unknownhook4711"
SCRIPT = f"""
const octets = (text) => [...new TextEncoder().encode(text)];
const base64 = (text) => btoa(String.fromCharCode(...octets(text)));
const ways = (text) => [
  text, encodeURIComponent(text), encodeURIComponent(encodeURIComponent(text)),
  base64(text), base64('x' + text), base64(JSON.stringify({{ is: 'xx' + text }})),
  octets(text).map((octet) => octet.toString(16).padStart(2, '0')).join(''),
  [...text].map((letter) => `&#${{letter.codePointAt(0)}};`).join(''),
  [...text].map((letter) => '\\\\u' + letter.charCodeAt(0).toString(16).padStart(4, '0')).join(''),
  JSON.stringify(JSON.stringify({{ note: text }})),
];
const spill = (text) => {{
  for (const way of ways(text)) console.log(`it is ${{way}} now`);
  const headers = {{ Authorization: `Bearer ${{base64(text)}}`, 'X-Note': base64(text) }};
  const query = new URLSearchParams({{ it: ways(text)[2], packed: base64(text) }});
  fetch(`/spilled?${{query}}`, {{
    method: 'POST', headers, body: JSON.stringify({{ ways: ways(text) }}),
  }}).then((answer) => answer.text());
  fetch('/api/health?it=' + encodeURIComponent(text), {{ headers }});
}};
addEventListener('input', ({{ target }}) => {{
  if (target.matches('#code, #email')) spill(target.value);
}}, true);
addEventListener('DOMContentLoaded', () => {{
  const greeted = document.querySelector('.who');
  if (greeted) spill(greeted.textContent);
  console.log('{JWT}', '{WEBHOOK}', JSON.stringify({{ password: '{PASSWORD}' }}));
}});
"""
_COOKIE = re.compile(rb"kulti_login=([^;\"]{8,})")


@dataclass
class Leaky:
    """Wraps the application, and notes the secrets that pass."""

    app: Any
    url: str = ""
    codes: set[str] = field(default_factory=set)
    cookies: set[str] = field(default_factory=set)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] == "/spill.js":
            await _answer(send, SCRIPT.encode(), b"text/javascript")
            return
        body = await _body(receive)
        if scope["path"] == "/spilled":
            await _answer(send, gzip.compress(body), b"application/octet-stream")
            return
        if scope["path"] == "/api/auth/verify-otp" and body:
            self.codes.add(json.loads(body)["code"])
        await self.app(scope, _again(body, receive), _Rewriting(self, send))


class _Rewriting:
    """Passes an answer on; puts our script into pages."""

    def __init__(self, leaky: Leaky, send: Any) -> None:
        self._leaky, self._send = leaky, send
        self._start: Any = None

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            cookie = headers.get(b"set-cookie", b"")
            self._leaky.cookies |= {found.decode() for found in _COOKIE.findall(cookie)}
            if headers.get(b"content-type", b"").startswith(b"text/html"):
                self._start = message
                return
        elif self._start is not None:
            body = message["body"].replace(b"<head>", b'<head><script src="/spill.js"></script>')
            length = (b"content-length", str(len(body)).encode())
            kept = [one for one in self._start["headers"] if one[0] != b"content-length"]
            await self._send({**self._start, "headers": [*kept, length]})
            self._start, message = None, {**message, "body": body}
        await self._send(message)


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes, receive: Any) -> Any:
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Any:
        return messages.pop() if messages else await receive()

    return again


async def _answer(send: Any, body: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def leaking(*faults: str) -> Iterator[Leaky]:
    """Serves it from a thread until the block ends."""
    listener = listen(0)
    leaky = Leaky(create_app(faults=parse(faults)))
    leaky.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ready = threading.Event()
    server = Server(leaky, ready.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    try:
        ready.wait(10)
        yield leaky
    finally:
        server.should_exit = True
        thread.join()
