"""Where the mails with one-time codes are read: Mailpit's HTTP API, or IMAP."""

from __future__ import annotations

from synthetic._settings_product import Inbox
from synthetic.errors import SettingsError
from synthetic.inbox.codes import Code, wait_for_code
from synthetic.inbox.model import Mail, Mailbox

__all__ = ["Code", "Mail", "Mailbox", "open_mailbox", "wait_for_code"]


def open_mailbox(inbox: Inbox) -> Mailbox:
    """The mailbox that the settings name; nothing is connected before its first use.

    Raises :class:`SettingsError` when no address of a mailbox is set.
    """
    if inbox.url is None:
        raise SettingsError(
            "No mailbox is set, so codes cannot be read: set SYNTHETIC_INBOX__URL "
            "(and SYNTHETIC_INBOX__KIND, mailpit or imap)."
        )
    password = inbox.password.get_secret_value() if inbox.password else ""
    if inbox.kind == "imap":
        from synthetic.inbox.imap import ImapMailbox  # imports its library only when used

        return ImapMailbox(inbox.url, inbox.username or "", password, folder=inbox.folder)
    from synthetic.inbox.mailpit import MailpitMailbox  # imports httpx only when used

    return MailpitMailbox(inbox.url, inbox.username or "", password)
