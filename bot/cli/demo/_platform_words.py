"""Words of the prompt for the platform's own life without the bot: a call comes in, a back-end starts, one hangs."""

import re
from dataclasses import replace
from typing import Final

from bot.cli.demo._world import World
from bot.sandbox.voximplant import InboundCall, Rule

PLATFORM_HELP: Final = """\
ring <rule> [number]    let a call come in to a rule, from this number
backend <rule> [data]   start a session as a back-end of yours would, without the bot
hang <h…>               let a session hang, by the platform's id: its scenario does nothing more, its calls stay live"""

PLATFORM_WORDS: Final = frozenset({"ring", "backend", "hang"})

_NAME_FIRST: Final = re.compile(r'(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))\s*(?P<rest>.*)', re.DOTALL)
_ID: Final = re.compile(r"h?([0-9]{1,18})")


def happen(world: World, word: str, rest: str) -> str:
    """Act at the platform by one of `PLATFORM_WORDS`; return a sentence on what came of it."""
    if word == "hang":
        return _hang(world, rest.strip())
    account = world.platform.account
    given = _NAME_FIRST.match(rest.strip())
    rule = account.rule_that_rings(given["quoted"] or given["plain"] or "") if given else None
    if given is None or rule is None:
        names = ", ".join(each.rule_name for each in account.rules if each.scenario_ids)
        return f"{word} takes the name or the id of one rule with a scenario: {names}"
    return _ring(world, rule, given["rest"]) if word == "ring" else _start(world, rule, given["rest"])


def _ring(world: World, rule: Rule, number: str) -> str:
    inbound = InboundCall()
    session = world.platform.ring(rule, replace(inbound, caller_id=number or inbound.caller_id))
    return (
        f"A call comes in to {rule.rule_name}, and starts the session h{session.history_id}."
        " The bot did not start it: it can steer it when the scenario announces itself, or by its URL."
    )


def _start(world: World, rule: Rule, data: str) -> str:
    session = world.platform.start(rule, data)
    return (
        f"The back-end starts the session h{session.history_id} of {rule.rule_name}."
        " The bot did not start it: it can steer it when the scenario announces itself, or by its URL."
    )


def _hang(world: World, typed: str) -> str:
    found = _ID.fullmatch(typed)
    session = world.platform.sessions.get(int(found[1])) if found else None
    if session is None or not session.running:
        return "hang takes the platform's id of a session that runs, for example: hang h4202753936"
    session.hang()
    return f"The session h{session.history_id} hangs: the history says that it runs, and nothing more comes of it."
