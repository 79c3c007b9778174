"""The scenario's half: the kit that makes scenarios stoppable, and where in the account it is bound.

The kit is one JavaScript file, `session-bot.voxengine.js`, which runs in a rule's sessions beside the customer's own
scenarios. Everything here is pure: the requests to the platform are made by those who have its client.
"""

from bot.scenario._kit import KIT_NAME, KIT_VERSION, KitVersion, kit_source, kit_version_of

__all__ = ["KIT_NAME", "KIT_VERSION", "KitVersion", "kit_source", "kit_version_of"]
