"""A local receiver of our webhook that believes only what is signed and fresh."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.services import vendor
from tests.services.vendor import Answer, Request, Vendor

SECRET = "right-secret"
PATH = "/hook/hidden-path"
OLDEST_S = 300


@dataclass
class WebhookServer(Vendor):
    """What was taken, doubles included."""

    taken: list[dict[str, Any]] = field(default_factory=list)

    @property
    def hook_url(self) -> str:
        return self.url + PATH

    @property
    def by_key(self) -> Counter[str]:
        """How often each key came: at least once."""
        return Counter(one["key"] for one in self.taken)

    def answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", PATH):
            return Answer(404)
        if not is_signed(request, SECRET, time.time()):
            return Answer(401, "signature does not match")
        try:
            self.taken.append(json.loads(request.body))
        except ValueError:
            return Answer(400, "no JSON")
        return Answer(204)


def is_signed(request: Request, secret: str, now: float) -> bool:
    """Whether body and timestamp bear the signature, and the timestamp is not an old one."""
    said = request.headers.get("x-synthetic-timestamp", "")
    if not said.isdecimal() or abs(now - int(said)) > OLDEST_S:
        return False
    signed = said.encode() + b"." + request.body
    wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    given = request.headers.get("x-synthetic-signature", "")
    return hmac.compare_digest(given, f"v1={wanted}")


@contextmanager
def serving() -> Iterator[WebhookServer]:
    """The server on a free port of loopback."""
    with vendor.serving(WebhookServer()) as server:
        yield server
