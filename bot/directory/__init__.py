"""The directory: what sessions announce of themselves becomes claims, and claims become sessions."""

from bot.directory._claim import Claim
from bot.directory._inbox import Inbox
from bot.directory._intake import Intake
from bot.directory._look_ups import LookUpQueue, LookUps
from bot.directory._refusal import MANUAL, Refusal, Refusals
from bot.directory._rounds import Rounds
from bot.directory._rows import ClaimChecks

__all__ = [
    "MANUAL", "Claim", "ClaimChecks", "Inbox", "Intake", "LookUpQueue", "LookUps", "Refusal", "Refusals", "Rounds",
]  # fmt: skip
