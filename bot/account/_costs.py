"""Costs of ended sessions, and the account's currency: asked for only when people are shown them."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from bot.voximplant import Management
from bot.voximplant.errors import PlatformError

PATIENCE_S: Final = 2.0
"""The time for which the report of an end waits for its cost."""


class Account:
    """The account's facts for people: currency and costs."""

    def __init__(self, management: Management) -> None:
        self._management = management
        self._currency: str | None = None

    async def currency(self) -> str | None:
        """Return the currency's code, such as `USD`, once asked for; None while the platform does not answer."""
        if self._currency is None:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    self._currency = (await self._management.account()).currency
            except (PlatformError, TimeoutError):
                return None
        return self._currency

    async def costs(self, ids: Sequence[int]) -> Mapping[int, Decimal]:
        """Return the cost of each of these sessions, by history id, as far as the platform knows it."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                rows = await self._management.call_history(ids, costs=True)
        except (PlatformError, TimeoutError):
            return {}
        return {row.history_id: row.cost for row in rows if row.cost is not None}
