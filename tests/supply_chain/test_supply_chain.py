"""The wheel is the same bytes wherever it is built, and says what it is made of."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.supply_chain import __main__ as audit
from tests.supply_chain import sbom

SOURCES = ("bot", "storage", "pyproject.toml", "README.md", "LICENSE", "sbom.cdx.json", ".gitignore")


def built(tree: Path, zone: str, umask: int, *, litter: bool) -> Path:
    """Return the wheel that is built from a copy of the sources in this folder."""
    tree.mkdir()
    before = os.umask(umask)
    try:
        for name in reversed(SOURCES) if litter else SOURCES:
            source = sbom.ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, tree / name, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copyfile
                )
            else:
                shutil.copyfile(source, tree / name)
        if litter:
            (tree / "bot/__pycache__").mkdir()
            (tree / "bot/__pycache__/left.cpython-311.pyc").write_bytes(b"compiled")
            (tree / "session-bot.db").write_bytes(b"somebody's")
        environ = {**os.environ, "TZ": zone, "SOURCE_DATE_EPOCH": "1700000000"}
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tree / "dist")]
        ran = subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    finally:
        os.umask(before)
    assert ran.returncode == 0, ran.stderr
    (wheel,) = (tree / "dist").glob("*.whl")
    return wheel


def test_a_wheel_is_byte_equal_wherever_it_is_built(tmp_path: Path) -> None:
    """Folder, time zone, umask and what lies about change no byte; the bill of materials is within."""
    one = built(tmp_path / "one", "UTC", 0o022, litter=False)
    two = built(tmp_path / "another place", "Asia/Tokyo", 0o077, litter=True)
    assert one.read_bytes() == two.read_bytes()
    with ZipFile(one) as wheel:
        (bill,) = [each for each in wheel.namelist() if ".dist-info/sboms/" in each]
        assert json.loads(wheel.read(bill))["bomFormat"] == "CycloneDX"
        assert not [each for each in wheel.namelist() if each.startswith("tests/")]


def test_the_bill_of_materials_is_up_to_date() -> None:
    """It names what is installed with the bot, in the pinned versions; `make reference` writes it anew."""
    assert sbom.FILE.read_text(encoding="utf-8") == sbom.made()
    scopes = {each["name"]: each.get("scope") for each in json.loads(sbom.made())["components"]}
    assert all(scopes[each] is None for each in ("aiohttp", "cryptography", "cffi"))
    assert {each for each, scope in scopes.items() if scope} == {"psycopg", "psycopg-binary", "psycopg-pool"}


CLEAN = {"name": "one", "version": "1", "vulns": []}
KNOWN = {"name": "two", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
SKIPPED = {"name": "three", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("pins", "code", "says"),
    [
        ([CLEAN], audit.CLEAN, "No known vulnerability in 1 pins."),
        ([CLEAN, KNOWN], audit.VULNERABLE, "two 2: PYSEC-1, mended in 3"),
        ([SKIPPED, KNOWN], audit.VULNERABLE, "PYSEC-1"),
        ([CLEAN, SKIPPED], audit.UNKNOWN, "nothing is known of them: three."),
        ([SKIPPED], audit.UNKNOWN, audit.UNREACHABLE),
        ([], audit.UNKNOWN, audit.UNREACHABLE),
    ],
)
def test_what_could_not_be_looked_up_is_not_called_clean(pins: list[object], code: int, says: str) -> None:
    """A pin of which the advisories say nothing is no sound one, and neither are all of them."""
    ended, said = audit.verdict(json.dumps({"dependencies": pins}))
    assert ended == code
    assert says in said


def test_an_audit_without_an_answer_knows_nothing() -> None:
    """Where pip-audit fails, the verdict is a sentence and an exit code of its own."""
    assert audit.verdict("") == (audit.UNKNOWN, audit.UNREACHABLE)
