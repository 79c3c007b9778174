"""The verbs, listed: grammar, help, usage and did-you-mean come out of this list."""

from typing import Final

from bot.verbs import adopt, again, audit, close, help_, list_, log, refresh, rules, send, start, status, stop, version
from bot.verbs.verb import Verb

VERBS: Final[tuple[Verb, ...]] = (
    start.VERB,
    send.VERB,
    stop.VERB,
    again.VERB,
    close.VERB,
    list_.VERB,
    status.VERB,
    refresh.VERB,
    rules.VERB,
    log.VERB,
    audit.VERB,
    adopt.VERB,
    help_.VERB,
    version.VERB,
)

BY_NAME: Final = {verb.name: verb for verb in VERBS}
