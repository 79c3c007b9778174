"""How a command of the command line ends, for scripts."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `session-bot`; a signal or a broken pipe ends a command as every program."""

    done = 0
    """It was done, shown or confirmed."""
    problem = 1
    """Doctor found a problem, or the demo or its tour came out wrong."""
    nothing_done = 2
    """The command line, the settings, the key or the database are wrong; nothing was done."""
    not_confirmed = 3
    """It may or may not have come about."""
    refused = 4
    """The bot refused it, and recorded that."""
    not_reached = 5
    """Nothing was sent, or nobody was there."""
