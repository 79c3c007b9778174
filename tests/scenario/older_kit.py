"""The kit of version 1.0, as it stands in accounts."""

from pathlib import Path
from typing import Final

OLDER: Final = Path(__file__).with_name("session-bot-1.0.voxengine.js").read_text(encoding="utf-8")
