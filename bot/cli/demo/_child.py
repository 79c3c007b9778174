"""`python -m bot.cli.demo._child run` is `session-bot run` that ends with its parent process, however that ends.

Its standard input is a pipe without a writer. The kernel closes it when the other end is gone, also after
a SIGKILL, and that counts as a SIGTERM: the bot drains and ends.
"""

import os
import signal
import threading
from typing import Final

from bot.cli import main

_STDIN: Final = 0


def _end_with_stdin() -> None:
    while os.read(_STDIN, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_stdin, name="tether", daemon=True).start()
    main()
