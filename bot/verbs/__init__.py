"""The verbs, listed: grammar, help, usage and did-you-mean come out of this list."""

from typing import Final

from bot.verbs import help_, list_, rules, send, start, status, stop
from bot.verbs.verb import Verb

VERBS: Final[tuple[Verb, ...]] = (
    start.VERB,
    send.VERB,
    stop.VERB,
    list_.VERB,
    status.VERB,
    rules.VERB,
    help_.VERB,
)

BY_NAME: Final = {verb.name: verb for verb in VERBS}
