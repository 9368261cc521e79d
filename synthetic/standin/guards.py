"""What every request passes: size limits, JSON, typed fields; and how a refusal reads."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NoReturn

from starlette.requests import Request

BODY_LIMIT = 16_384
"""Bytes of a JSON body."""
DRAIN_LIMIT = 16 * 1024 * 1024
"""Bytes read and dropped past a limit, so that the client gets to read the answer."""

_ATOM = r"[a-z0-9!#$%&'*+/=?^_{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z][a-z0-9-]*[a-z0-9]")


class ApiError(Exception):
    """A refusal: status, a stable code for programs, a sentence for people."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})


def too_many(code: str, message: str, retry_after_s: float) -> ApiError:
    """A 429 that says when to come back (whole seconds, at least one)."""
    return ApiError(429, code, message, {"Retry-After": str(max(1, round(retry_after_s + 0.5)))})


async def read_body(request: Request, limit: int, what: str) -> bytes:
    """The body, of at most ``limit`` bytes; raises a 413 naming ``what`` when there is more."""
    kept, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            kept += chunk
        elif size > limit + DRAIN_LIMIT:
            break
    if size > limit:
        raise ApiError(413, "too_large", f"{what} may have {limit:,} bytes at most.")
    return bytes(kept)


def _not_finite(literal: str) -> NoReturn:
    raise ValueError(literal)


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object that ``text`` holds; raises :class:`ValueError` for anything else."""
    try:
        value = json.loads(text, parse_constant=_not_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


async def read_json(request: Request) -> dict[str, Any]:
    """The request's JSON object; raises a 400 or a 413."""
    body = await read_body(request, BODY_LIMIT, "A request")
    try:
        return parse_object(body.decode())
    except ValueError as error:
        message = "The request's body must be a JSON object."
        raise ApiError(400, "not_json", message) from error


def text_field(data: Mapping[str, Any], name: str, *, limit: int, lines: bool = False) -> str:
    """The trimmed text under ``name``: not empty, at most ``limit`` characters, printable.

    Raises a 422, or a 413 when it is too long. ``lines`` allows line breaks and tabs.
    """
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ApiError(422, f"{name}_missing", f"“{name}” must be a text that is not empty.")
    if len(value) > limit:
        raise ApiError(413, f"{name}_too_long", f"“{name}” may have {limit:,} characters at most.")
    allowed = "\n\r\t" if lines else ""
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed for c in value):
        raise ApiError(422, f"{name}_malformed", f"“{name}” holds characters that cannot be shown.")
    return value.strip()


def email_field(data: Mapping[str, Any]) -> str:
    """The e-mail address under ``email``, in lower case; raises a 422."""
    address = text_field(data, "email", limit=254).lower()
    if not _EMAIL.fullmatch(address) or address.index("@") > 64:
        message = "That is not an e-mail address; it should look like name@example.com."
        raise ApiError(422, "email_malformed", message)
    return address
