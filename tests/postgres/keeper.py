"""`python -m tests.postgres.keeper FOLDER PID SETTINGS`: keep a server in this folder while that process lives.

It prints a line of JSON when the server answers. When the process is gone, or at SIGTERM, it ends the server and
removes the folder. It is in a session of its own, so that Ctrl-C and the end of a job do not reach it.
"""

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.postgres.programs import OLDEST, version
from tests.postgres.server import ADMIN, NOBODY, pg_ctl, run_as_server, start

ATTEMPTS: Final = 5  # another process may have the port that was free a moment ago
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    # The folder goes with the tests, so nothing must survive a power cut. A commit is written, and survives the
    # server's own end, `-m immediate` too: so `synchronous_commit` stays on.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "32MB",
    "dynamic_shared_memory_type": "mmap",
    "max_connections": "300",
    "max_locks_per_transaction": "128",
    "timezone": "Asia/Kolkata",  # nothing may depend on it
}
LANGUAGE: Final = ("--locale-provider", "icu", "--icu-locale", "en-US")
"""The order of texts as people want it, in which nothing may be looked for by bytes. PostgreSQL 14 has none for all."""


def main(folder: Path, watched: int, settings: Mapping[str, str]) -> None:
    """Keep the server until the process is gone."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        gone = os.pidfd_open(watched)
        server = _start(folder, settings)
        (folder / "server.json").write_text(server, encoding="utf-8")
        (folder / "server.json").chmod(0o600)
        print(server, flush=True)  # noqa: T201 - this is how it is known
        for stream in (sys.stdout, sys.stderr):  # whoever reads them to their end does not wait for ours
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        select.select([gone], [], [])
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if (folder / "data" / "postmaster.pid").exists():
            with contextlib.suppress(subprocess.CalledProcessError):  # it may have been ended by its test
                pg_ctl(folder, "stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, settings: Mapping[str, str]) -> str:
    """Make a cluster and start it on a free port; return what is to be known of it, as JSON."""
    password, data = secrets.token_urlsafe(24), folder / "data"
    folder.chmod(0o711)  # the server's user goes through it
    data.mkdir(mode=0o700)
    passed = folder / "password"
    passed.touch(mode=0o600)
    passed.write_text(password, encoding="utf-8")
    if os.geteuid() == 0:
        for each in (data, passed):
            os.chown(each, NOBODY, NOBODY)
    language = LANGUAGE if version() > OLDEST else ()
    run_as_server(
        folder, "initdb", "-D", str(data), "-U", ADMIN, "--pwfile", str(passed), "--auth", "scram-sha-256",
        "--no-sync", "--no-locale", "--encoding", "UTF8", "--no-instructions", *language,
    )  # fmt: skip
    passed.unlink()
    for attempt in range(ATTEMPTS):
        port = _free_port()
        lines = {**SETTINGS, "unix_socket_directories": str(data), "port": str(port), **settings}
        (data / "postgresql.auto.conf").write_text(
            "".join(f"{name} = '{value}'\n" for name, value in lines.items()), encoding="utf-8"
        )
        try:
            start(folder)
        except subprocess.CalledProcessError:
            if attempt == ATTEMPTS - 1:
                sys.stderr.write((data / "server.log").read_text(encoding="utf-8"))
                raise
        else:
            break
    return json.dumps({"port": port, "password": password, "keeper": os.getpid()})


def _free_port() -> int:
    """Return a free port, outside the range from which the system chooses its own: it is kept over restarts."""
    while True:
        port = 30_000 + secrets.randbelow(2_700)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
