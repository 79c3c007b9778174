"""The person's browser, where there is one: it gets the address, and nobody waits for it."""

import os
import sys
import threading
import webbrowser


def open_in_browser(url: str) -> None:
    """Open an address in a window of the browser; without a screen, or without a browser, nothing happens.

    A browser inside the terminal would take that over: only the one that BROWSER names is opened there.
    """
    has_screen = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if has_screen or os.environ.get("BROWSER"):
        threading.Thread(target=webbrowser.open, args=[url], name="browser", daemon=True).start()
