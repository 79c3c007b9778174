"""The account at the platform: its currency, and the costs of sessions."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol


class Account(Protocol):
    """The account at the platform; `bot.account` implements it."""

    async def currency(self) -> str | None:
        """Return the currency's code, such as `USD`; None while the platform does not answer."""

    async def costs(self, ids: Sequence[int]) -> Mapping[int, Decimal]:
        """Return the cost of each of these sessions, by history id, as far as the platform knows it."""
