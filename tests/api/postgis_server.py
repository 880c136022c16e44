"""A PostgreSQL with PostGIS of the tests' own: Debian's, in a folder that goes away, on a port that was free."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Server", "missing", "started_server"]

_BIN = Path(os.environ.get("PARKGEO_TEST_POSTGRESQL", "/usr/lib/postgresql/15/bin"))
_EXTENSION = Path("/usr/share/postgresql/15/extension/postgis.control")
# Nothing here outlives the tests, so nothing needs to reach the disk.
_OPTIONS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=60",
    "shared_buffers=128MB", "logging_collector=off", "jit=off",
)  # fmt: skip


def missing() -> str:
    """Why no server can be started here; empty where one can."""
    try:
        import psycopg  # noqa: F401  only whether it is there
    except ModuleNotFoundError:
        return "psycopg is not installed (pip install 'parkgeo[postgis]')"
    if not (_BIN / "initdb").is_file() or not _EXTENSION.is_file():
        return "PostgreSQL 15 with PostGIS is not installed (apt-get install postgresql-15-postgis-3)"
    if os.geteuid() == 0 and (shutil.which("runuser") is None or _postgres_user() is None):
        return "there is no user postgres, and PostgreSQL does not run as root"
    return ""


def _postgres_user() -> int | None:
    import pwd

    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_uid
    return None


class Server:
    """A server and its databases.

    Parameters
    ----------
    folder
        Where it keeps everything.
    port
        Where it listens, on the loopback address.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def _run(self, *command: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        with (self.folder / "commands.log").open("ab") as log:
            subprocess.run([*as_user, *command], check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", timeout=120)  # fmt: skip

    def prepare(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run(
            str(_BIN / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--no-sync", "--locale=C.UTF-8",
        )  # fmt: skip

    def start(self) -> None:
        told = " ".join(
            ["-c listen_addresses=127.0.0.1", f"-p {self.port}", f"-k {self.folder}", *(f"-c {one}" for one in _OPTIONS)]
        )  # fmt: skip
        log = self.folder / "server.log"
        self._run(
            str(_BIN / "pg_ctl"), "-D", str(self.folder / "data"), "-l", str(log), "-w", "-o", told, "start"
        )

    def stop(self) -> None:
        self._run(str(_BIN / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def address(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """An empty database with PostGIS, copied from one that was made once; gives its address."""
        import psycopg

        name = f"park_{uuid4().hex[:12]}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            made = connection.execute("SELECT FROM pg_database WHERE datname = 'with_postgis'").fetchone()
            if made is None:
                connection.execute("CREATE DATABASE with_postgis")
                with psycopg.connect(self.address("with_postgis"), autocommit=True) as other:
                    other.execute("CREATE EXTENSION postgis")
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE with_postgis')
        return self.address(name)


@contextlib.contextmanager
def started_server() -> Iterator[Server]:
    """A running server; gone at the end."""
    # A short path: that of a socket may have a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(folder, port)
    try:
        server.prepare()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        time.sleep(0)
        shutil.rmtree(folder, ignore_errors=True)
