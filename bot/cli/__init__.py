"""The command line, `session-bot`: its commands, their output and their exit codes."""

from bot.cli._app import app, main

__all__ = ["app", "main"]
