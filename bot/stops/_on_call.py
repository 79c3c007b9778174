"""The people an alarm about a session mentions."""

from bot.ports import Services
from bot.text import BOT, call, group
from storage.records import Session


def on_call(session: Session, services: Services, *others: str | None) -> str:
    """Return mentions of the rule's `notify`, else of the starter, and of these `others`."""
    named = services.rules.limits(session.rule_id).notify or (session.starter,)
    people = dict.fromkeys([*named, *(each for each in others if each is not None and each != BOT)])
    return " ".join(group(each) if each.startswith("S") else call(each) for each in people)
