"""A new session: the record that `start` and `adopt` write before anything else."""

from bot.ports import ChosenRule, Context
from bot.process import without_urls
from storage.sessions import NewSession


async def newcomer(rule: ChosenRule, on: Context, *, data: str | None = None, max_s: float | None = None) -> NewSession:
    """Return the record of a new session of this rule, of its actor, in the channel of the command."""
    request = on.request
    facts = await on.services.policy.channel(request.channel)
    return NewSession(
        team=request.team,
        channel=request.channel,
        channel_private=facts.private,
        channel_shared=facts.shared,
        rule_id=rule.id,
        rule_name=rule.name,
        application_id=rule.application_id,
        application_name=rule.application_name,
        starter=request.actor,
        custom_data=None if data is None else without_urls(data),  # it is started with as typed, and kept without
        max_s=max_s,
        alias=rule.alias,
    )
