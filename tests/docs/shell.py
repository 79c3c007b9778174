"""The examples for a shell, run as they stand."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import examples, texts


@contextlib.contextmanager
def running(first_line: str, folder: Path, *tools: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run an example in a folder, as a terminal would with the virtual environment active; `tools` go before others."""
    script = next(block for block in shell() if block.startswith(f"{first_line}\n"))
    path = os.pathsep.join([*map(str, tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    inherited = {
        name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ
    }  # it says whose code is tested
    with subprocess.Popen(  # noqa: S603 - the pages' own lines
        ["/bin/sh", "-ec", script],
        cwd=folder,
        env={**inherited, "PATH": path, "TMPDIR": str(folder), "SESSION_BOT_OPS_PORT": "0"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def finished(first_line: str, folder: Path, *tools: Path) -> str:
    """Run an example to its end, and return what it printed."""
    with running(first_line, folder, *tools) as process:
        printed, _ = process.communicate(timeout=30)
    assert process.returncode == 0, printed
    return printed


def read_until(process: "subprocess.Popen[str]", words: str) -> None:
    """Read what is printed until a line has these words."""
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if words in line:
            return
    pytest.fail(f"{words!r} was never printed:\n{read}")


def shell() -> list[str]:
    """Return every example for a shell, page by page."""
    return [block for page in texts().values() for block in examples(page, "sh")]
