"""The watch: history readings become transitions; lost starts, limits and alarms are looked after."""

from bot.watch._stranded_starts import STARTING_VERBS
from bot.watch._watch import Watch

__all__ = ["STARTING_VERBS", "Watch"]
