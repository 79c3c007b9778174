"""Copies of a whole database: made as a backup, put back, or taken from one engine to the other."""

from storage.copies._backup import back_up
from storage.copies._copying import Copied, copy, refuse_running
from storage.copies._restoring import Restored, restore

__all__ = ["Copied", "Restored", "back_up", "copy", "refuse_running", "restore"]
