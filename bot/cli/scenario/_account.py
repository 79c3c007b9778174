"""The account's rules and copies of the kit, as a command of `session-bot scenario` needs them."""

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
class Account:
    """The account: all known rules, those that were chosen, and the copies of the kit.

    `lacks` says in a sentence which rules may be missing; None where these are all.
    """

    every: tuple[Rule, ...]
    chosen: tuple[Rule, ...]
    copies: tuple[KitCopy, ...]
    lacks: str | None


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
    rules = Rules(management, settings.rules, Clock())
    known = await rules.reader.read()
    listing = await rules.listing()
    ids = None if names is None else [(await rules.resolve(each, undone="changed")).id for each in names]
    by_id = {rule.id: rule for rule in known.rules}
    missing = [each for each in ids or () if each not in by_id]
    if missing:
        says = f"The rule {code(str(missing[0]))} could not be read, so nothing was changed."
        raise NoSuchRule(f"{says} {listing.lacks}" if listing.lacks else says)
    chosen = known.rules if ids is None else tuple(by_id[each] for each in dict.fromkeys(ids))
    return Account(known.rules, chosen, tuple(await read_copies(management)), listing.lacks)
