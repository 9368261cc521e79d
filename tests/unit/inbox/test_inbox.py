"""The mailbox of the settings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from synthetic._settings_product import Inbox
from synthetic.errors import SettingsError
from synthetic.inbox import open_mailbox


def test_without_an_address_of_a_mailbox_it_is_said_what_to_set() -> None:
    with pytest.raises(SettingsError, match=r"No mailbox is set.*SYNTHETIC_INBOX__URL"):
        open_mailbox(Inbox())


def test_a_mailbox_library_is_imported_only_when_used() -> None:
    script = "import sys, synthetic.inbox; print({'httpx', 'imap_tools'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert shown.stdout.strip() == b"set()"
