"""A PostgreSQL server in a temporary folder, on loopback, run by an unprivileged user, and never left behind.

A keeper (`python -m tests.postgres.keeper`), a process in a session of its own, makes and starts it, and ends it and
removes its folder as soon as the process is gone that the server is for, however that ended.
"""

import contextlib
import fcntl
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from tests.postgres.programs import MISSING, programs

ROOT: Final = Path(__file__).parents[2]
NOBODY: Final = 65_534
ADMIN: Final = "postgres"
RUN: Final = "SESSION_BOT_TESTS_OF"
"""The variable with the id of the process that all workers of a run of the tests belong to."""


@dataclass(frozen=True)
class Server:
    """A server of ours: its folder, its port, the password of its superuser, and the process that keeps it."""

    folder: Path
    port: int
    password: str = field(repr=False)
    keeper: int

    def address(self, database: str, *, user: str = ADMIN, password: str = "", port: int = 0, **options: str) -> str:
        """Return the address of a database as an operator writes it; `port` is that of a wire to the server."""
        words = f"?{urlencode(options)}" if options else ""
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{port or self.port}/{database}{words}"

    @property
    def data(self) -> Path:
        """Return the folder of the cluster; its socket is there, too."""
        return self.folder / "data"

    @property
    def log(self) -> str:
        """Return what the server logged."""
        return (self.data / "server.log").read_text(encoding="utf-8")

    def start(self) -> None:
        """Start it again, and wait until it answers."""
        start(self.folder)

    def stop(self, mode: str = "immediate") -> None:
        """End it without a farewell, as a crash does; with mode `fast` it ends its connections first."""
        pg_ctl(self.folder, "stop", "-m", mode)

    def restart(self, mode: str = "immediate") -> None:
        """End it and start it again, on the same port; after `immediate` it recovers as after a crash."""
        self.stop(mode)
        self.start()


@functools.cache
def shared_server() -> Server:
    """Return the server that all workers of this run of the tests share; the first that asks has it started."""
    run = int(os.environ.setdefault(RUN, str(os.getpid())))
    began = Path(f"/proc/{run}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    folder = Path(tempfile.gettempdir()) / f"session-bot-tests-{os.geteuid()}-{run}-{began}"
    folder.mkdir(mode=0o700, exist_ok=True)
    assert folder.stat().st_uid == os.geteuid(), folder
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = folder / "server.json"
        if not known.exists():
            return _kept(folder, run, {})
        return _read(folder, known.read_text(encoding="utf-8"))


@contextlib.contextmanager
def private_server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a server of its own, with these settings beside the common ones: it may be ended, and started again."""
    folder = Path(tempfile.mkdtemp(prefix="session-bot-test-"))
    server = _kept(folder, os.getpid(), settings or {})
    ended = os.pidfd_open(server.keeper)
    try:
        yield server
    finally:
        signal.pidfd_send_signal(ended, signal.SIGTERM)
        os.waitpid(server.keeper, 0)
        os.close(ended)


def _kept(folder: Path, watched: int, settings: Mapping[str, str]) -> Server:
    """Start a keeper for a server in this folder, and wait until the server answers."""
    command = [sys.executable, "-m", "tests.postgres.keeper", str(folder), str(watched), json.dumps(dict(settings))]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    keeper = subprocess.Popen(  # noqa: S603 - our own words
        command, cwd=ROOT, env=environ, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert keeper.stdout is not None
    with keeper.stdout:
        said = keeper.stdout.readline()
        assert said.startswith("{"), f"The server did not start: {said}{keeper.stdout.read()}"
    keeper.returncode = 0  # it goes on, and whoever ends it waits for it
    return _read(folder, said)


def _read(folder: Path, said: str) -> Server:
    return Server(folder, **json.loads(said))


def start(folder: Path) -> None:
    """Start the server of this folder, and wait until it answers; raises CalledProcessError when it does not."""
    pg_ctl(folder, "start", "-l", str(folder / "data" / "server.log"))


def pg_ctl(folder: Path, *words: str) -> None:
    """Run pg_ctl, and wait until what it is asked for is done."""
    run_as_server(folder, "pg_ctl", "-D", str(folder / "data"), "-w", "-s", *words)


def run_as_server(folder: Path, program: str, *words: str) -> None:
    """Run a program of the server as the user of its folder, whom root becomes: PostgreSQL does not run as root."""
    found = programs()
    assert found is not None, MISSING
    is_root = os.geteuid() == 0
    subprocess.run(  # noqa: S603 - the server's own programs
        [found / program, *words],
        cwd=folder, env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}, check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        user=NOBODY if is_root else None, group=NOBODY if is_root else None, extra_groups=[] if is_root else None,
    )  # fmt: skip
