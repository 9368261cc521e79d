"""The mailbox as Mailpit's HTTP API shows it (the part of it that reads and deletes)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import getaddresses
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from synthetic.standin import __version__
from synthetic.standin.guards import BODY_LIMIT, parse_object, read_body
from synthetic.standin.mail import Mail, Mailbox

_TERM = re.compile(r'(?:(to|from|subject):)?(?:"([^"]*)"|(\S+))', re.IGNORECASE)
_SNIPPET = 250


def routes(mailbox: Mailbox) -> list[Route]:
    """The API over ``mailbox``, to be mounted under a prefix."""

    async def messages(request: Request) -> Response:
        if request.method == "DELETE":
            return await _delete(request, mailbox)
        return _listing(request, mailbox, list(mailbox.mails))

    async def search(request: Request) -> Response:
        query = request.query_params.get("query", "").strip()
        if not query:
            return PlainTextResponse("Error: no search query", 400)
        found = [mail for mail in mailbox.mails if _matches(mail, query)]
        if request.method == "DELETE":
            _remove(mailbox, {mail.id for mail in found})
            return PlainTextResponse("ok")
        return _listing(request, mailbox, found)

    async def message(request: Request) -> Response:
        wanted = request.path_params["id"]
        for mail in reversed(mailbox.mails):
            if wanted in (mail.id, "latest"):
                return JSONResponse(_whole(mail))
        return PlainTextResponse("404 page not found", 404)

    async def info(_request: Request) -> Response:
        return JSONResponse({"Version": f"stand-in {__version__}", "Messages": len(mailbox.mails)})

    return [
        Route("/api/v1/messages", messages, methods=["GET", "DELETE"]),
        Route("/api/v1/search", search, methods=["GET", "DELETE"]),
        Route("/api/v1/message/{id}", message),
        Route("/api/v1/info", info),
    ]


async def _delete(request: Request, mailbox: Mailbox) -> Response:
    body = await read_body(request, BODY_LIMIT, "A request")
    try:
        asked = parse_object(body.decode()).get("IDs") if body else None
    except ValueError:
        asked = None
    everything = {mail.id for mail in mailbox.mails}
    wanted = {i for i in asked if isinstance(i, str)} if isinstance(asked, list) else set()
    _remove(mailbox, wanted or everything)
    return PlainTextResponse("ok")


def _remove(mailbox: Mailbox, ids: set[str]) -> None:
    kept = [mail for mail in mailbox.mails if mail.id not in ids]
    mailbox.mails.clear()
    mailbox.mails.extend(kept)


def _listing(request: Request, mailbox: Mailbox, found: list[Mail]) -> Response:
    start, limit = _number(request, "start", 0), _number(request, "limit", 50)
    page = found[::-1][start : start + limit]
    total = len(mailbox.mails)
    return JSONResponse(
        {
            "total": total,
            "unread": total,
            "count": len(page),
            "messages_count": len(found),
            "messages_unread": len(found),
            "start": start,
            "tags": [],
            "messages": [_summary(mail) for mail in page],
        }
    )


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else default


def _matches(mail: Mail, query: str) -> bool:
    fields: dict[str, Callable[[], str]] = {
        "to": lambda: " ".join((str(mail.message["To"] or ""), *mail.recipients)),
        "from": lambda: str(mail.message["From"] or ""),
        "subject": lambda: str(mail.message["Subject"] or ""),
        "": lambda: f"{mail.message['Subject']} {mail.text}",
    }
    terms = _TERM.findall(query)
    return bool(terms) and all(
        (quoted or plain).lower() in fields[field.lower()]().lower()
        for field, quoted, plain in terms
    )


def _addresses(mail: Mail, header: str) -> list[dict[str, str]]:
    pairs = getaddresses([str(value) for value in mail.message.get_all(header, [])])
    return [{"Name": name, "Address": address} for name, address in pairs]


def _common(mail: Mail) -> dict[str, Any]:
    sender = _addresses(mail, "From")
    return {
        "ID": mail.id,
        "MessageID": str(mail.message["Message-ID"] or "").strip("<>"),
        "From": sender[0] if sender else {"Name": "", "Address": ""},
        "To": _addresses(mail, "To"),
        "Cc": _addresses(mail, "Cc"),
        "Bcc": _addresses(mail, "Bcc"),
        "ReplyTo": _addresses(mail, "Reply-To"),
        "Subject": str(mail.message["Subject"] or ""),
        "Username": "",
        "Tags": [],
        "Size": mail.size,
    }


def _received(mail: Mail) -> str:
    moment = datetime.fromtimestamp(mail.received_at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _summary(mail: Mail) -> dict[str, Any]:
    snippet = " ".join(mail.text.split())[:_SNIPPET]
    return _common(mail) | {
        "Read": False,
        "Created": _received(mail),
        "Attachments": 0,
        "Snippet": snippet,
    }


def _whole(mail: Mail) -> dict[str, Any]:
    return _common(mail) | {
        "ReturnPath": _common(mail)["From"]["Address"],
        "Date": _received(mail),
        "Text": mail.text,
        "HTML": "",
        "Inline": [],
        "Attachments": [],
    }
