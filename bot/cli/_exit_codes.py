"""The exit codes of the command line, for scripts."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `session-bot`; a signal or a broken pipe ends a command as every program."""

    done = 0
    """It was done, delivered, confirmed or shown."""
    problem = 1
    """`doctor`, `scenario check` or `audit --verify` found a problem, or the demo or its tour came out wrong."""
    nothing_done = 2
    """The command line, the settings, the key or the database are wrong, and nothing was done; or what only shows, such
    as a list or a log, could not be written: the disk is full, say."""
    not_confirmed = 3
    """It may or may not have come about."""
    refused = 4
    """It was refused: not understood, not allowed, or not agreed to."""
    not_reached = 5
    """Nothing was sent, or nobody was there."""
