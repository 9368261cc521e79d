"""A local server in the place of a vendor's API, which is held to its documentation."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.services.vendor import Answer, Request, Vendor

TOKEN = "only-for-tests"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
Responder = Callable[[Request], Answer]


@dataclass
class Documented(Vendor):
    """``routes`` by method and path; ``wrong`` takes the place of a path's answer.

    What is not as documented is refused as the vendor would: other methods and paths, another
    token, answers packed in a way that nobody asked for. ``asked_for`` keeps what was asked.
    """

    routes: Mapping[tuple[str, str], Responder] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    asked_for: list[Request] = field(default_factory=list)
    basic: str | None = None

    def answer(self, request: Request) -> Answer:
        self.asked_for.append(request)
        if request.headers.get("authorization") != self._authorization():
            return said(401, {"code": 401, "message": "Token validation error"})
        if request.headers.get("accept-encoding") != "identity":
            return said(406, {"message": "unpacked answers only"})
        responder = self.routes.get((request.method, request.path))
        if responder is None:
            return said(404, {"message": f"no {request.method} {request.path}"})
        if request.path in self.wrong:
            return Answer(200, self.wrong[request.path], {"Content-Type": "application/json"})
        return responder(request)

    def _authorization(self) -> str:
        if self.basic is None:
            return f"Bearer {TOKEN}"
        return f"Basic {base64.b64encode(f'{self.basic}:{TOKEN}'.encode()).decode()}"


def said(status: int, data: Any, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(data), {"Content-Type": "application/json", **(headers or {})})
