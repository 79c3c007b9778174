"""The digests of the kit's versions, by which a copy that somebody changed is told from one that nobody did.

A version that was ever shipped keeps its line here for good: copies of it are in accounts.
"""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.scenario._kit import KitVersion
from bot.scenario._options import options_of, with_options

DIGESTS: Final[Mapping[KitVersion, str]] = MappingProxyType(
    {
        KitVersion(1, 0): "142d2ed843ed1e9fe026f69799855fa841c3f43bc6c4b98b23f4b74a7afa08e0",
        KitVersion(1, 1): "ef015a48151e5eef8de22780c76116d4d984659bdf3c12c9140315878eb771b2",
    }
)


def digest(source: str) -> str:
    """Return the SHA-256 of a kit's source, whatever the values of its options, in hex."""
    masked = with_options(source, dict.fromkeys(options_of(source), "\N{HORIZONTAL ELLIPSIS}"))
    return hashlib.sha256(masked.rstrip().encode()).hexdigest()
