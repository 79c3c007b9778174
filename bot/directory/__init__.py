"""The directory: what sessions announce of themselves becomes claims, and claims become sessions."""

from bot.directory._claim import Claim

__all__ = ["Claim"]
