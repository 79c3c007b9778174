"""Trigger ids: the right to open one modal, once, within 3 s (facts: Slack, section 1)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.slack._errors import refuse

LIFETIME = timedelta(seconds=3)


@dataclass
class _Trigger:
    user_id: str
    issued_at: datetime
    exchanged: bool = False


class Triggers:
    """The issued trigger ids."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._issued: dict[str, _Trigger] = {}

    def issue(self, user_id: str, trigger_id: str | None = None) -> str:
        """Return a trigger id; one that the caller names, and that is known already, keeps its age."""
        if trigger_id is None:
            trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._issued.setdefault(trigger_id, _Trigger(user_id, self._clock()))
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """Use a trigger id up and return the user id of its owner.

        Raises SlackError `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`, as documented.
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            refuse("invalid_trigger_id")
        if trigger.exchanged:
            refuse("exchanged_trigger_id")
        if self._clock() - trigger.issued_at > LIFETIME:
            refuse("expired_trigger_id")
        trigger.exchanged = True
        return trigger.user_id
