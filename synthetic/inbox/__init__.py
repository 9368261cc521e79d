"""Where one-time codes come from: mails, by Mailpit's API or IMAP, or somebody who issues them."""

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
    if inbox.kind == "fixed":
        from synthetic.inbox.fixed import FixedCodes

        return FixedCodes({name: one.get_secret_value() for name, one in inbox.codes.items()})
    if inbox.url is None:
        raise SettingsError(
            "No mailbox is set, so codes cannot be read: set SYNTHETIC_INBOX__URL "
            "(and SYNTHETIC_INBOX__KIND: mailpit, imap, supabase or fixed)."
        )
    # Each imports its library only when it is used.
    password = inbox.password.get_secret_value() if inbox.password else ""
    if inbox.kind == "imap":
        from synthetic.inbox.imap import ImapMailbox

        return ImapMailbox(inbox.url, inbox.username or "", password, folder=inbox.folder)
    if inbox.kind == "supabase":
        if not password:
            raise SettingsError(
                "Supabase issues codes to its administrators only: set SYNTHETIC_INBOX__PASSWORD "
                "to the project's service-role (secret) key."
            )
        from synthetic.inbox.supabase import SupabaseAdmin

        return SupabaseAdmin(inbox.url, password)
    from synthetic.inbox.mailpit import MailpitMailbox

    return MailpitMailbox(inbox.url, inbox.username or "", password)
