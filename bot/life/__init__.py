"""The life of a process: build, start, recover, drain. It imports every wing below.

What is here serves every process, with Slack or without; the bot itself is `bot.life.app`.
"""

from bot.life._keys import path_beside, place_of_keys, sealing_keys
from bot.life._other_processes import OtherProcesses
from bot.life._recovery import recover_dead_commands
from bot.life._services import ProcessParts, build_services, host_rules, read_credentials

__all__ = [
    "OtherProcesses", "ProcessParts", "build_services", "host_rules", "path_beside", "place_of_keys",
    "read_credentials", "recover_dead_commands", "sealing_keys",
]  # fmt: skip
