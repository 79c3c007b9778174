"""The world of the conversations, the bot as a process and a closed port, for every test that wants them."""

import gc

import pytest

from tests.conversations.conftest import at_world_end, certificates, kept_log, make_world, mode, world
from tests.crash_table import print_table
from tests.faults.conftest import start_process
from tests.voximplant.conftest import closed_port

__all__ = ["at_world_end", "certificates", "closed_port", "kept_log", "make_world", "mode", "start_process", "world"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the whole table of crashes, and of a longer search by the model."""
    parser.addoption("--all-crashes", action="store_true", help="kill the bot at each point with both successors")
    parser.addoption("--model-examples", type=int, default=10, metavar="N", help="the courses that the model takes")


def pytest_collection_finish() -> None:
    """Freeze what was collected: no collection of garbage goes through thousands of tests again."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what came of each crash."""
    print_table(terminalreporter)
