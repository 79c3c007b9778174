"""The scenario's half: the kit that makes scenarios stoppable, and where in the account it is bound.

The kit is one JavaScript file, `session-bot.voxengine.js`, which runs in a rule's sessions beside the customer's own
scenarios. A plan (pure) says what would change in an account; its steps are taken one by one.
"""

from bot.scenario._copies import ANNOUNCE, CopyState, KitCopy, announce_value, kit_source_with
from bot.scenario._kit import KIT_NAME, KIT_VERSION, KitVersion, kit_source, kit_version_of
from bot.scenario._plan import (
    AddKit,
    DeleteKit,
    Plan,
    PutFirst,
    Step,
    Unbind,
    UpdateKit,
    install_plan,
    rule_words,
    uninstall_plan,
)
from bot.scenario._steps import carry_out, read_copies, read_copy

__all__ = [
    "ANNOUNCE", "KIT_NAME", "KIT_VERSION", "AddKit", "CopyState", "DeleteKit", "KitCopy", "KitVersion", "Plan",
    "PutFirst", "Step", "Unbind", "UpdateKit", "announce_value", "carry_out", "install_plan", "kit_source",
    "kit_source_with", "kit_version_of", "read_copies", "read_copy", "rule_words", "uninstall_plan",
]  # fmt: skip
