"""Codes that never change, which a product keeps for test accounts: no mail takes part."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from synthetic.errors import MailboxError
from synthetic.inbox.model import Mail, same_address


class FixedCodes:
    """Knows the code of each address; one without a tag is for its addresses with tags, too."""

    resolution_s = 0.0

    def __init__(
        self,
        codes: Mapping[str, str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._codes = codes
        self._clock = clock

    def ids_to(self, address: str) -> frozenset[str]:
        """None: there are no mails. Raises where no code is known, before one is asked for."""
        self._of(address)
        return frozenset()

    def mails_to(self, address: str, but: Collection[str] = ()) -> list[Mail]:
        """The code, once."""
        if but:
            return []
        code, now = self._of(address), self._clock()
        return [Mail("fixed", (address,), "", code, now, issued_by="the settings (a fixed code)")]

    def wait(self, timeout_s: float) -> None:
        """Nothing comes."""

    def close(self) -> None:
        """Nothing is open."""

    def _of(self, address: str) -> str:
        local, _, domain = address.partition("@")
        untagged = f"{local.partition('+')[0]}@{domain}"
        for wanted in (address, untagged):
            for known, code in self._codes.items():
                if code and same_address(known, wanted):
                    return code
        raise MailboxError(
            f"No fixed code is known for {address}: add it, or {untagged}, to "
            "SYNTHETIC_INBOX__CODES."
        )
