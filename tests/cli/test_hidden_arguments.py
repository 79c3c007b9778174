"""A password that was written as an argument is not to be seen in the process any more."""

import subprocess
import sys
from pathlib import Path

_SHOWS = """
import sys
from pathlib import Path
from bot.cli._hidden_arguments import hide
hide([sys.argv[2], None])
print(Path("/proc/self/cmdline").read_bytes().decode().replace(chr(0), " "))
"""


def test_a_secret_is_written_over_wherever_it_stands() -> None:
    """`ps` shows an argument as long as before, with the secret gone, and every other one as it was."""
    given = ["postgresql://u:geheim@h/geheim", "geheim", "other"]
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _SHOWS, *given], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert "geheim" not in done.stdout
    assert done.stdout.split()[-3:] == ["postgresql://u:xxxxxx@h/xxxxxx", "xxxxxx", "other"]
