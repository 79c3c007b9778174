"""The verbs, listed: grammar, help, usage and did-you-mean come out of this list."""

from typing import Final

from bot.ports._verb import Verb
from bot.verbs import (
    _adopt as adopt,
)
from bot.verbs import (
    _again as again,
)
from bot.verbs import (
    _audit as audit,
)
from bot.verbs import (
    _close as close,
)
from bot.verbs import (
    _help as help_,
)
from bot.verbs import (
    _list as list_,
)
from bot.verbs import (
    _log as log,
)
from bot.verbs import (
    _refresh as refresh,
)
from bot.verbs import (
    _rules as rules,
)
from bot.verbs import (
    _send as send,
)
from bot.verbs import (
    _start as start,
)
from bot.verbs import (
    _status as status,
)
from bot.verbs import (
    _stop as stop,
)
from bot.verbs import (
    _version as version,
)

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
