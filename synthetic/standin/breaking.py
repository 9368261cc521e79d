"""Breaking a stand-in while it runs, and mending it: an address outside of the product's.

It is there only when the stand-in was started breakable, and answers this machine only: neither a
proxy's visitors nor a page of another site that somebody here has open.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

import httpx
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from synthetic.standin import HEADER
from synthetic.standin.faults import CATALOGUE, Faults
from synthetic.standin.guards import ApiError, read_json

PATH = "/standin/faults"
_WITHIN_S = 5.0
_FORWARDED = ("forwarded", "x-forwarded-for", "via")


def routes(faults: Faults) -> list[Route]:
    """GET says which faults are in force; PUT, as ``{"faults": [NAME[=VALUE]…]}``, sets them."""

    async def answer(request: Request) -> Response:
        if not _from_here(request):
            raise HTTPException(404)
        try:
            if request.method == "PUT":  # which no form or script of another site can send
                faults.become(await _wanted(request))
        except ApiError as error:
            return JSONResponse({"error": error.message}, error.status)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse({"faults": faults.asked})

    return [Route(PATH, answer, methods=["GET", "PUT"])]


async def _wanted(request: Request) -> list[str]:
    asked = (await read_json(request)).get("faults")
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise ValueError("“faults” must be a list of texts.")
    return asked


def _from_here(request: Request) -> bool:
    """Whether this machine asks, under a name that only it has."""
    host = request.url.hostname or ""
    asking = request.client.host if request.client else ""
    forwarded = any(name in request.headers for name in _FORWARDED)
    return not forwarded and all(map(_is_loopback, (host, asking)))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def told(url: str, more: Sequence[str], *, mend: bool) -> str:
    """Have the stand-in at ``url`` misbehave in ``more`` ways; with ``mend``, in no others.

    Gives what is wrong then, in a sentence; raises :class:`ValueError` with one that says why
    nothing changed.
    """
    base = f"{url.rstrip('/')}{PATH}"
    with httpx.Client(timeout=_WITHIN_S, trust_env=False) as client:
        before = [] if mend else _asked(client, "GET", base, None)
        now = _asked(client, "PUT", base, {"faults": [*before, *more]})
    breaks = {fault.name: fault.breaks for fault in CATALOGUE}
    wrong = "; ".join(dict.fromkeys(breaks[one.partition("=")[0]] for one in now))
    return f"{url}: {wrong or 'all is well'}."


def _asked(client: httpx.Client, method: str, url: str, body: object) -> list[str]:
    """The faults in force then."""
    where = url.removesuffix(PATH)
    try:
        answer = client.request(method, url, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ValueError(f"No stand-in answers at {where}: {error}.") from error
    if HEADER not in answer.headers:
        raise ValueError(f"What answers at {where} is no stand-in.")
    if answer.status_code == 404:
        raise ValueError(f"The stand-in at {where} was started without --breakable.")
    if answer.is_error:
        raise ValueError(str(answer.json()["error"]))
    faults: list[str] = answer.json()["faults"]
    return faults
