"""Signs a standing account in over plain HTTP, with the code that the product mails to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import httpx

from synthetic._settings_product import Inbox
from synthetic.asking import retry_after
from synthetic.errors import RateLimited, Refused, TargetUnreachable
from synthetic.inbox import open_mailbox, wait_for_code

NOT_THERE = (404, 410)
_VERIFY = "/api/auth/verify-otp"


def sign_in(
    client: httpx.Client,
    base_url: str,
    address: str,
    *,
    log_in: str,
    inbox: Inbox,
    timeout_s: float,
    secret: Callable[[str], None],
) -> bool:
    """Whether there is such an account; if so, ``client`` holds its cookies afterwards.

    ``log_in`` is the method and path that asks for a code, ``timeout_s`` how long we wait for it;
    ``secret`` is told the code before it is used. Raises what reading a mailbox does, and
    :class:`TargetUnreachable`, :class:`Refused` or :class:`RateLimited` when the target will not.
    """
    method, _, path = log_in.partition(" ")
    with closing(open_mailbox(inbox)) as mailbox:
        seen_before, since = mailbox.ids_to(address), datetime.now(UTC)
        if _asked(client, method, base_url.rstrip("/") + path, {"email": address}) in NOT_THERE:
            return False
        code = wait_for_code(
            mailbox,
            address,
            since=since,
            seen_before=seen_before,
            timeout_s=timeout_s,
            pattern=inbox.code_pattern,
        )
    secret(code.value)
    proof = {"email": address, "code": code.value}
    _asked(client, "POST", base_url.rstrip("/") + _VERIFY, proof)
    return True


def _asked(client: httpx.Client, method: str, url: str, body: dict[str, str]) -> int:
    try:
        # The head holds all that we want; a body may drip for hours, or unpack to gigabytes.
        with client.stream(method, url, json=body) as answer:
            status, headers = answer.status_code, answer.headers
    except (httpx.HTTPError, OSError) as error:
        raise TargetUnreachable(f"{url} did not answer ({type(error).__name__})") from error
    if status == 429:
        limited = RateLimited(f"{url} answered 429: we signed in too often; we try again later")
        limited.retry_after_s = retry_after(headers)
        raise limited
    if status >= 400 and status not in NOT_THERE:
        raise Refused(f"{url} answered {status}; it is tried again later")
    return status
