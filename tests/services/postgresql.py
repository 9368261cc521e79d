"""A PostgreSQL of our own for tests: in a temporary folder, on loopback, and gone afterwards."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

PASSWORD = "only-for-tests"
_USER = "synthetic"
_FASTER = ("fsync=off", "full_page_writes=off")
_WITH = ("shared_preload_libraries=pg_stat_statements",)
_WITHIN_S = "60"


def binaries() -> Path | None:
    """The folder of the newest server installed, where Debian keeps it apart from PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    found = debian[-1:] or [Path(path) for path in [shutil.which("initdb")] if path]
    return found[0].parent if found else None


def _version(initdb: Path) -> int:
    return int(initdb.parent.parent.name)


@dataclass(frozen=True)
class PostgreSQL:
    """A server that runs; :meth:`stop` and :meth:`start` are what a restart is made of."""

    folder: Path
    bin: Path
    port: int
    durable: bool

    def url(self, database: str, password: str = PASSWORD) -> str:
        """As ``SYNTHETIC_STORE_URL`` would have it."""
        return f"postgresql://{_USER}:{password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a database that is empty."""
        name = f"history_{secrets.token_hex(4)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        given = " ".join(f"-c {one}" for one in (*_WITH, *(() if self.durable else _FASTER)))
        where = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        log = str(self.folder / "log")
        self._control("-l", log, "-o", f"{where} {given}", "-w", "-t", _WITHIN_S, "start")

    def stop(self) -> None:
        """Stop it at once, as a crash would, and wait until it is gone."""
        self._control("-m", "immediate", "-w", "-t", _WITHIN_S, "stop")

    def _control(self, *arguments: str) -> None:
        _as_owner(
            self.folder, [str(self.bin / "pg_ctl"), "-D", str(self.folder / "data"), *arguments]
        )


@contextmanager
def running(*, durable: bool = False) -> Iterator[PostgreSQL]:
    """A new server, gone afterwards with all that it held; ``durable`` to a power cut, if asked.

    Raises ``FileNotFoundError`` where PostgreSQL is not installed.
    """
    bin_, port = binaries(), _free_port()
    if bin_ is None:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="synthetic-postgresql-"))
    try:
        password = folder / "password"
        password.write_text(PASSWORD)
        if owner := _owner():
            for path in (folder, password):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        made = [
            str(bin_ / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            _USER,
            "-A",
            "scram-sha-256",
        ]
        _as_owner(folder, [*made, f"--pwfile={password}", "-E", "UTF8", "--no-sync", "--no-locale"])
        server = PostgreSQL(folder, bin_, port, durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _owner() -> pwd.struct_passwd | None:
    """Who runs the server: it refuses to be run by root."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _as_owner(folder: Path, command: list[str]) -> None:
    owner = _owner()
    who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": ()} if owner else {}
    # The stubs want each of the three by name.
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)  # type: ignore[call-overload]
