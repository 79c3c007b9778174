"""The person's browser, where there is one: it gets the address, and nobody waits for it."""

import contextlib
import os
import threading
import webbrowser
from typing import Final

_IN_THE_TERMINAL: Final = {webbrowser.GenericBrowser, webbrowser.Elinks}


def open_in_browser(url: str) -> None:
    """Open an address in a window of the browser; where there is none, nothing happens.

    A browser inside the terminal would take that over: only the one that BROWSER names is opened there.
    """
    threading.Thread(target=_open, args=[url], name="browser", daemon=True).start()


def _open(url: str) -> None:
    with contextlib.suppress(webbrowser.Error):
        browser = webbrowser.get()
        if os.environ.get("BROWSER") or type(browser) not in _IN_THE_TERMINAL:
            browser.open(url)
