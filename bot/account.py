"""The account's currency, which the history's costs are in: asked once, and again only if nobody answered."""

import asyncio
from typing import Final

from bot.voximplant.errors import PlatformError
from bot.voximplant.management import Management

PATIENCE_S: Final = 2.0
"""How long the word of an end may wait for the currency's code, which is for people only."""


class Account:
    """What of the platform's account is shown to people."""

    def __init__(self, management: Management) -> None:
        self._management = management
        self._currency: str | None = None

    async def currency(self) -> str | None:
        """Give the currency's code, such as `USD`; None while the platform does not tell."""
        if self._currency is None:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    self._currency = (await self._management.account()).currency
            except (PlatformError, TimeoutError):
                return None
        return self._currency
