"""version: the version of this bot."""

from dataclasses import dataclass

from bot.ports import Context, Intent, Outcome, Right, Verb
from bot.process import version_words
from bot.text import code


@dataclass(frozen=True)
class Version(Intent):
    """The arguments of `version`: none."""


async def run(wanted: Version, context: Context) -> Outcome:
    """Return the version."""
    del wanted, context
    return Outcome(says=f"{version_words()}.")


VERB = Verb(
    name="version",
    takes=Version,
    arguments=(),
    summary="Tell which version of the bot answers.",
    details=f"Only you see the answer. Example: {code('version')}.",
    right=Right.help,
    run=run,
)
