"""The account's rules, chosen by their names, and its copies of the kit, for the commands of `session-bot scenario`."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.account import Rules
from bot.config import Settings
from bot.life import read_credentials
from bot.ports import NoSuchRule
from bot.process import Clock, RemoteClock
from bot.scenario import KitCopy, read_copies
from bot.text import code
from bot.voximplant import Lanes, Management, Rule


@dataclass(frozen=True)
class Choice:
    """The rules of the account: all known ones, and those that were chosen.

    `lacks` says in a sentence which rules may be missing; None where these are all.
    """

    every: tuple[Rule, ...]
    chosen: tuple[Rule, ...]
    lacks: str | None


@dataclass(frozen=True)
class Account:
    """The account's rules, and its copies of the kit."""

    rules: Choice
    copies: tuple[KitCopy, ...]


@contextlib.asynccontextmanager
async def open_management(settings: Settings) -> AsyncIterator[Management]:
    """Open the client of the platform. Raises CredentialsUnusable."""
    clock = RemoteClock(Clock(), "the platform's")
    credentials = read_credentials(settings, clock)
    async with Lanes(proxy=settings.way_out) as lanes:
        yield Management(
            settings.voximplant_api_url, credentials, lanes.platform, read_timeout=settings.read_timeout, clock=clock
        )


async def read_account(management: Management, settings: Settings, names: Sequence[str] | None) -> Account:
    """Read the account anew, and choose the rules of these names, aliases or numbers; None chooses all.

    Raises PlatformError where the account cannot be read, and NoSuchRule, with a sentence, where a name is not the name
    of exactly one rule.
    """
    rules = await choose_rules(Rules(management, settings.rules, Clock()), names, undone="changed")
    return Account(rules, tuple(await read_copies(management)))


async def choose_rules(rules: Rules, names: Sequence[str] | None, *, undone: str) -> Choice:
    """Read the rules, and choose those of these names, aliases or numbers; None chooses all.

    Raises PlatformError where the rules cannot be read, and NoSuchRule, whose sentence has `undone`, where a name is
    not the name of exactly one rule.
    """
    known = await rules.reader.read()
    lacks = (await rules.listing()).lacks
    if names is None:
        return Choice(known.rules, known.rules, lacks)
    by_id = {rule.id: rule for rule in known.rules}
    ids = dict.fromkeys([(await rules.resolve(each, undone)).id for each in names])
    for each in ids:
        if each not in by_id:
            says = f"The rule {code(str(each))} could not be read, so nothing was {undone}."
            raise NoSuchRule(f"{says} {lacks}" if lacks else says)
    return Choice(known.rules, tuple(by_id[each] for each in ids), lacks)
