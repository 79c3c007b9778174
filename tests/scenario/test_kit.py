"""The kit as a text: its first line, its size, its options; how it acts is tested in the engine."""

import re

import pytest

from bot.scenario import KIT_NAME, KIT_VERSION, KitVersion, kit_source, kit_version_of
from bot.scenario._digests import DIGESTS, digest
from bot.scenario._options import options_of, with_options
from bot.voximplant import SCENARIO_NAME_CHARACTERS, SCENARIO_SOURCE_BYTES

from .older_kit import OLDER

SOURCE = kit_source()


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
    """An account's copy is compared with the digest of its version, and updated only if that is older."""
    assert digest(SOURCE) == DIGESTS[KIT_VERSION], "a kit with another source needs another version, and a digest"
    assert len(set(DIGESTS.values())) == len(DIGESTS)


def test_a_digest_is_that_of_every_value_of_the_options() -> None:
    """The values that a customer sets change nothing of a digest, and anything else in the option lines does."""
    for source in (OLDER, SOURCE):
        version = kit_version_of(source)
        assert version is not None
        values = {name: f"{number} * 60" for number, name in enumerate(options_of(source))}
        assert digest(with_options(source, values)) == digest(source) == DIGESTS[version]
        for changed in (
            source.replace("const ANNOUNCE = false; //", "const ANNOUNCE = false; VoxEngine.mine(); //"),
            source.replace("const GRACE_SECONDS", "const MINE = 1;\n  const GRACE_SECONDS"),
            source.replace("stopping = true", "stopping = 1"),
        ):
            assert changed != source
            assert digest(changed) != digest(source)
