"""The workplace of the demo: who works there, in which channels, by which rules, and who may do what."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.cli.demo._world import World
from bot.sandbox.page import FirstStep
from bot.sandbox.slack import Role

ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ann": "starts sessions in #night-shift, and may stop any; reads no logs",
        "bob": "on call: stops any session, reads logs and the audit, sees all channels, adopts; starts only obedient",
        "gil": "a guest in #night-shift: sees the cards, and may do nothing",
        "sam": "of another company, in #partners: may do nothing",
    }
)
"""What the policy of the demo lets each person do."""

FIRST_STEPS: Final[Sequence[FirstStep]] = (
    FirstStep(label="Start a session", line='/session start obedient {"ticket": 12}'),
    FirstStep(label="Pass data to it", line='/session send {id} {"say": "hello"}', button="Send…"),
    FirstStep(label="Stop it", button="Stop"),
)

EXPECT_S: Final = 20
MAX_S: Final = 30

LIMITS: Final = (
    f"To try: slow-stop is expected to last {EXPECT_S} s, any-request is stopped after {MAX_S} s, obedient has presets."
)

_CONFIG: Final = """\
[rules.obedient]
id = {obedient}
presets = {{ hello = '{{"say": "hello"}}', transfer = '{{"to": "+15550123"}}', "plain text" = "ring back at nine" }}

[rules.stuck]
id = {stuck}
notify = ["{bob}"]

[rules.slow-stop]
id = {slow_stop}
expect = "{expect}s"

[rules.any-request]
id = {any_request}
max = "{max}s"

[[policy.grant]]
verbs = ["look", "stop", "close"]

[[policy.grant]]
who = ["{ann}"]
channels = ["{night_shift}"]
verbs = ["start", "send"]

[[policy.grant]]
who = ["{bob}"]
rules = ["obedient"]
verbs = ["start"]

[[policy.grant]]
who = ["{bob}"]
verbs = ["send", "log", "audit", "adopt", "everywhere"]
"""


def furnish(world: World) -> None:
    """Add the guest, the stranger, and the other channels: a second public one, a private one, and a shared one."""
    ann, bob = world.person("ann"), world.person("bob")
    gil, sam = world.slack.person("gil", role=Role.GUEST), world.slack.person("sam", role=Role.STRANGER)
    world.slack.channel(world.channel.name, members=[gil])
    world.slack.channel("day-shift", members=[ann, bob])
    world.slack.channel("leads", private=True, members=[bob])
    world.slack.channel("partners", shared=True, members=[ann, bob, sam])
    for person in (ann, bob, gil):
        _ = person.dm  # a direct conversation exists once asked for


def workplace_config(world: World) -> str:
    """Return the part of `session-bot.toml` that has the limits and presets of the rules, and the policy."""
    ids = {rule.rule_name: rule.rule_id for rule in world.platform.account.rules}
    ann, bob = world.person("ann"), world.person("bob")
    return _CONFIG.format(
        obedient=ids["obedient"],
        stuck=ids["stuck"],
        slow_stop=ids["slow-stop"],
        any_request=ids["any-request"],
        expect=EXPECT_S,
        max=MAX_S,
        ann=ann.id,
        bob=bob.id,
        night_shift=world.channel.id,
    )
