"""The watch: the history read into the records, lost starts searched for, limits kept, people alarmed."""

from bot.watch._stranded_starts import STARTING_VERBS
from bot.watch._watch import Watch

__all__ = ["STARTING_VERBS", "Watch"]
