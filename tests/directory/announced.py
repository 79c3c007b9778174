"""Announcements as the kit writes them, and what is told of the application in which they stand."""

import hmac
import json
from datetime import UTC, datetime
from typing import Any, Final

from bot.directory import ClaimChecks
from bot.voximplant import HostRules

NOW: Final = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
SECONDS: Final = int(NOW.timestamp())
SECRET: Final = b"agreed with the scenarios"
PATH: Final = "request/AF30C0FFEE42CCA6.1580999958.1204800_185.164.149.16/90AB12CD34EF5D84"
URL: Final = f"https://185.164.149.16:12092/{PATH}"
CHECKS: Final = ClaimChecks(hosts=HostRules())
SIGNED_CHECKS: Final = ClaimChecks(hosts=HostRules(), secrets=(b"the one before", SECRET))


def announcement(session: int = 7, **members: Any) -> str:
    """Return what the kit writes for a session, with these members; one that is `...` is left out."""
    whole = {
        "beat": SECONDS,
        "calls": 1,
        "v": 1,
        "url": URL,
        "session": str(session),
        "data": "call +49 30 901820",
        "started": SECONDS - 60,
    } | members
    return json.dumps({name: each for name, each in whole.items() if each is not ...}, separators=(",", ":"))


def signed(text: str, secret: bytes = SECRET) -> str:
    """Return an announcement with the signature that the kit puts last."""
    return f'{text[:-1]},"hmac":"{hmac.digest(secret, text.encode(), "sha256").hex()}"}}'
