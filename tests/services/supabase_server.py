"""A local server that does what Supabase's admin API for users does with codes.

As its auth server has it (``internal/api/mail.go`` of supabase/auth): a code takes the place of the
one before, an unknown address becomes a user, and the answer is the user with ``email_otp``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.services import vendor
from tests.services.vendor import Answer, Request, Vendor

KEY = "service-role-right-key"


@dataclass
class SupabaseServer(Vendor):
    """``codes`` are those that are good now, by address; ``issued`` counts all that ever were."""

    codes: dict[str, str] = field(default_factory=dict)
    issued: int = 0

    def answer(self, request: Request) -> Answer:
        if request.headers.get("apikey") != KEY:
            return Answer(401, json.dumps({"message": "Invalid API key"}))
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Answer(403, json.dumps({"code": 403, "error_code": "not_admin"}))
        if (request.method, request.path) == ("GET", "/auth/v1/admin/users"):
            return Answer(200, json.dumps({"users": [], "aud": "authenticated"}))
        if (request.method, request.path) == ("POST", "/auth/v1/admin/generate_link"):
            return self._generated(json.loads(request.body))
        return Answer(404, json.dumps({"error": "requested path is invalid"}))

    def _generated(self, asked: dict[str, Any]) -> Answer:
        if "@" not in asked.get("email", ""):
            return Answer(400, json.dumps({"error_code": "validation_failed"}))
        known = asked["email"] in self.codes
        self.issued += 1
        self.codes[asked["email"]] = code = f"{self.issued:06d}"
        link = {
            "id": "11111111-2222-3333-4444-555555555555",
            "email": asked["email"],
            "action_link": f"{self.url}/auth/v1/verify?token=pkce&type={asked['type']}",
            "email_otp": code,
            "hashed_token": "0f",
            "verification_type": asked["type"] if known else "signup",
            "redirect_to": self.url,
        }
        return Answer(200, json.dumps(link))


@contextmanager
def serving() -> Iterator[SupabaseServer]:
    """The server on a free port of loopback."""
    with vendor.serving(SupabaseServer()) as server:
        yield server
