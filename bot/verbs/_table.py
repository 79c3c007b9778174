"""The table of verbs, from which grammar, help, usage and did-you-mean are made."""

from typing import Final

from bot.ports import Verb
from bot.verbs._adopt import VERB as ADOPT
from bot.verbs._again import VERB as AGAIN
from bot.verbs._audit import VERB as AUDIT
from bot.verbs._close import VERB as CLOSE
from bot.verbs._find import VERB as FIND
from bot.verbs._help import VERB as HELP
from bot.verbs._list import VERB as LIST
from bot.verbs._log import VERB as LOG
from bot.verbs._refresh import VERB as REFRESH
from bot.verbs._rules import VERB as RULES
from bot.verbs._send import VERB as SEND
from bot.verbs._start import VERB as START
from bot.verbs._status import VERB as STATUS
from bot.verbs._stop import VERB as STOP
from bot.verbs._version import VERB as VERSION

VERBS: Final[tuple[Verb, ...]] = (
    START,
    SEND,
    STOP,
    AGAIN,
    CLOSE,
    LIST,
    FIND,
    STATUS,
    REFRESH,
    RULES,
    LOG,
    AUDIT,
    ADOPT,
    HELP,
    VERSION,
)

BY_NAME: Final = {verb.name: verb for verb in VERBS}
