"""The world of the conversations, the bot as a process and a closed port, for every test that wants them."""

from tests.conversations.conftest import at_world_end, certificates, kept_log, make_world, mode, world
from tests.faults.conftest import start_process
from tests.voximplant.conftest import closed_port

__all__ = ["at_world_end", "certificates", "closed_port", "kept_log", "make_world", "mode", "start_process", "world"]
