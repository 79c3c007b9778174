"""The world of the conversations, and the bot as a process, for every test that wants them."""

from tests.conversations.conftest import certificates, make_world, mode, world
from tests.faults.conftest import start_process

__all__ = ["certificates", "make_world", "mode", "start_process", "world"]
