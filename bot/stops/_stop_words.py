"""The text that shows what a stop sends."""

from bot.text import code, mask
from bot.voximplant import Method, StopRequest


def stop_words(stop: StopRequest, limit: int | None = None) -> str:
    """Return the body of a stop, and its path and method where a rule has its own; telling values are masked."""
    body = code(mask(stop.body), limit) if stop.body.strip() else "an empty body"
    path = code(f"{stop.method} …{mask(stop.path)}", limit)
    if stop.method is Method.get:
        return path
    return f"{body} as {path}" if stop.path else body
