"""The kit as a text: its first line, its size, its options; how it acts is tested in the engine."""

import hashlib
import re

import pytest

from bot.scenario import KIT_NAME, KIT_VERSION, KitVersion, kit_source, kit_version_of
from bot.voximplant import SCENARIO_NAME_CHARACTERS, SCENARIO_SOURCE_BYTES

SOURCE = kit_source()
DIGESTS = {"1.0": "8247459d925b688d11ae8f5df2f38cc230a0018ebe08a9148575983abcf9514e"}
"""The SHA-256 of each version of the kit."""


def test_the_kit_can_be_added_to_an_account() -> None:
    """Its name and its source have the length that the platform takes."""
    assert len(KIT_NAME) <= SCENARIO_NAME_CHARACTERS
    assert len(SOURCE.encode()) <= SCENARIO_SOURCE_BYTES


def test_the_kit_is_short() -> None:
    """A person can read it before it runs in every session: no more than 200 lines, none wider than 120."""
    assert len(SOURCE.splitlines()) <= 200
    assert max(map(len, SOURCE.splitlines())) <= 120


def test_the_kit_is_written_in_es2019() -> None:
    """It uses none of the later signs: `?.`, `??`, private names, or bigints."""
    code = re.sub(r"//.*|\"[^\"]*\"|'[^']*'", "", SOURCE)
    assert not re.search(r"\?\.|\?\?|[^\w]#\w|\b[0-9]+n\b|\bimport\b|\bexport\b|\bglobalThis\b", code)


@pytest.mark.parametrize(
    ("source", "version"),
    [
        (SOURCE, KIT_VERSION),
        ("\ufeff" + SOURCE.replace("\n", "\r\n"), KIT_VERSION),
        ("// session-bot.voxengine.js, version 12.34\nx", KitVersion(12, 34)),
        ("\n" + SOURCE, None),
        ("// session-bot.voxengine.js, version next\n", None),
        ("// session-bot.voxengine.js, version 1.0 of mine\n", None),
        ("", None),
    ],
)
def test_a_version_stands_in_the_first_line(source: str, version: KitVersion | None) -> None:
    """A source is the kit's only where its very first line says so; a byte order mark and line ends do not matter."""
    assert kit_version_of(source) == version


def test_versions_are_compared_by_their_numbers() -> None:
    """Version 1.10 is later than 1.9, and a version reads as its line has it."""
    assert KitVersion(1, 10) > KitVersion(1, 9)
    assert f"version {KIT_VERSION}" in SOURCE.splitlines()[0]


def test_another_kit_has_another_version() -> None:
    """An account's copy of the same version is compared with ours, and updated only if its version is older."""
    assert DIGESTS[str(KIT_VERSION)] == hashlib.sha256(SOURCE.encode()).hexdigest()
