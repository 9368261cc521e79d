"""Waits for the mail with a one-time code, and finds the code in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from synthetic.errors import NoCode
from synthetic.inbox.model import Mail, Mailbox

# Supabase, whose mails the product sends, lets 60 s pass between two codes to one address: what
# was sent earlier than that before the request answers another one. Less could be a clock's error.
ANSWERS_ANOTHER = timedelta(seconds=60)
FINE_S = 0.1  # a stamp coarser than this says less about an arrival than the look that found it

_WORD = re.compile(r"\b(?:(?:pass)?codes?|otp|one[- ]time|pin|verif\w*|código)\b", re.I)
_CODE = re.compile(
    r"(?<![\w.,:/@#&=+%()-])(?<!\d )(?:\d{3}[ -]\d{3}|\d{4,8})(?![\w/@%-]|[.,:]\d| \d)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_NEAR = 60  # characters between the word and its code: a short sentence


@dataclass(frozen=True)
class Code:
    """A one-time code: not printed. ``mails_seen`` counts the new mails to the address so far.

    ``issued_by`` says who gave it where no mail was delivered: then it does not show that any is.
    """

    value: str = field(repr=False)
    received_at: datetime
    mails_seen: int
    issued_by: str = ""


def find_code(mail: Mail, pattern: str | None = None) -> str | None:
    """The code in a mail, or None; ``pattern`` is a regular expression for unusual ones.

    Without one: 4–8 digits that stand alone, best on a line of their own or after a word such as
    "code"; years and telephone numbers are passed over.
    """
    if mail.issued_by:
        return mail.text
    text = f"{mail.subject}\n\n{mail.text}"
    if pattern:
        match = re.search(pattern, text)
        return (match.group(1) if match.groups() else match.group()) if match else None
    best = max(_CODE.finditer(text), key=lambda match: _weight(match, text), default=None)
    if best is None or _weight(best, text) < 0:
        return None
    return re.sub(r"\D", "", best.group())


def _weight(match: re.Match[str], text: str) -> int:
    start, end = match.span()
    line_start, line_end = text.rfind("\n", 0, start) + 1, (text + "\n").find("\n", end)
    alone = text[line_start:line_end].strip() == match.group()
    before = bool(_WORD.search(text, max(0, start - _NEAR), start))
    after = bool(_WORD.search(text, end, line_end))
    weight = 4 * alone + 3 * before + 2 * after + (len(match.group()) >= 6)
    return weight - 3 if _YEAR.fullmatch(match.group()) else weight


def wait_for_code(
    mailbox: Mailbox,
    address: str,
    *,
    since: datetime,
    seen_before: Collection[str],
    timeout_s: float,
    pattern: str | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Code:
    """The code mailed to exactly ``address`` after it was requested at ``since`` (aware).

    ``seen_before`` is ``mailbox.ids_to(address)`` from before the request: whatever a clock says,
    those mails cannot answer it. Of several new mails the newest counts. Raises
    :class:`~synthetic.errors.NoCode` when none came within ``timeout_s``, and
    :class:`~synthetic.errors.MailboxError` when the mailbox cannot be read.
    """
    deadline = since + timedelta(seconds=timeout_s)
    oldest = since - timedelta(seconds=mailbox.resolution_s)
    mails: dict[str, Mail] = {}
    while True:
        mails |= {mail.id: mail for mail in mailbox.mails_to(address, {*seen_before, *mails})}
        seen_at = clock()
        new = [mail for mail in mails.values() if _is_new(mail, oldest)]
        new.sort(key=lambda mail: mail.received_at)  # stable: equal stamps stay in order of arrival
        for mail in reversed(new):
            value = find_code(mail, pattern)
            if value:
                arrived = _arrival(mail, since, seen_at, mailbox.resolution_s)
                return Code(value, arrived, len(new), mail.issued_by)
        left_s = (deadline - seen_at).total_seconds()
        if left_s <= 0:
            older = len(seen_before) + len(mails) - len(new)
            raise NoCode(_what_came(address, timeout_s, older, len(new)), address)
        mailbox.wait(left_s)


def _is_new(mail: Mail, oldest: datetime) -> bool:
    sent_for_another = mail.sent_at is not None and mail.sent_at < oldest - ANSWERS_ANOTHER
    return mail.received_at >= oldest and not sent_for_another


def _arrival(mail: Mail, since: datetime, seen_at: datetime, resolution_s: float) -> datetime:
    # The mailbox's stamp is free of our polling, but only believable between request and look.
    if resolution_s <= FINE_S and since <= mail.received_at <= seen_at:
        return mail.received_at
    return seen_at


def _what_came(address: str, timeout_s: float, older: int, without_code: int) -> str:
    came = f"No mail with a code came to {address} within {timeout_s:g} s of asking for one"
    if without_code:
        return (
            f"{came}: {without_code} came without a code in it; see SYNTHETIC_INBOX__CODE_PATTERN."
        )
    if older:
        return f"{came}: the mailbox works and holds {older} older to this address, not used."
    return f"{came}: the mailbox works and holds none to this address; see the target's mail log."
