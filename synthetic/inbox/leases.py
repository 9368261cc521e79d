"""Standing accounts are lent: whoever has one is the only one who reads its codes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from synthetic.errors import AccountsExhausted

_LOOK_AGAIN_S = 0.1


@contextmanager
def leased(
    addresses: Sequence[str], target: str, patience_s: float, folder: Path | None = None
) -> Iterator[str]:
    """Lend one of ``addresses``; nobody else on this machine has it meanwhile.

    The lease is a file lock, so it ends with the process, however that ends. Raises
    :class:`AccountsExhausted` when none came free within ``patience_s``.
    """
    folder = folder or Path(tempfile.gettempdir()) / f"synthetic-leases-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + patience_s
    while True:
        for address in addresses:
            name = hashlib.sha256(f"{target} {address}".encode()).hexdigest()[:24]
            with (folder / name).open("w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield address
                return
        if time.monotonic() >= deadline:
            raise AccountsExhausted(
                f"all {len(addresses)} standing accounts were in use for {patience_s:g} s; add "
                "more to SYNTHETIC_ACCOUNTS__STANDING, one for each journey that runs at once"
            )
        time.sleep(_LOOK_AGAIN_S)
