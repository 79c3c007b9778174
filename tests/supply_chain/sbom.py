"""`python -m tests.supply_chain.sbom`: write sbom.cdx.json anew, which the wheel carries (PEP 770).

It names what is installed with the bot, and as optional what PostgreSQL needs, in the versions of constraints.txt,
without a date or a number of its own, so that the same pins make the same bytes.
"""

import importlib.metadata
import json
import tomllib
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "sbom.cdx.json"
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL: Final = PROJECT["optional-dependencies"]["postgres"]
Needs = dict[str, list[str]]


def made() -> str:
    """Return the bill of materials as CycloneDX JSON."""
    always = _closure(PROJECT["dependencies"])
    needs = {**_closure(OPTIONAL), **always}
    versions = _pins()
    reference = {name: f"pkg:pypi/{name}" + (f"@{versions[name]}" if name in versions else "") for name in needs}
    itself = f"pkg:pypi/{PROJECT['name']}@{PROJECT['version']}"
    direct = [canonicalize_name(Requirement(each).name) for each in PROJECT["dependencies"]]
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component(PROJECT["name"], PROJECT["version"], itself, "application")},
        "components": [
            {
                **_component(name, versions.get(name), reference[name], "library"),
                **({} if name in always else {"scope": "optional"}),
            }
            for name in sorted(needs)
        ],
        "dependencies": [
            {"ref": itself, "dependsOn": sorted(reference[each] for each in direct)},
            *(
                {"ref": reference[name], "dependsOn": [reference[each] for each in needs[name]]}
                for name in sorted(needs)
            ),
        ],
    }
    return json.dumps(bill, indent=2) + "\n"


def _component(name: str, version: str | None, reference: str, kind: str) -> dict[str, Any]:
    """Return a component; pip has no version, since it comes with the environment."""
    component = {"type": kind, "bom-ref": reference, "name": name, "purl": reference}
    return component if version is None else {**component, "version": version}


def _pins() -> dict[str, str]:
    pins = (line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line)
    return {canonicalize_name(name): version for name, version in pins}


def _closure(requirements: list[str]) -> Needs:
    """Return each distribution that these need, by its name, with those that it needs itself."""
    needs: Needs = {}
    waiting = [Requirement(each) for each in requirements]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in needs:
            continue
        extras = {"", *wanted.extras}
        further = [
            each
            for each in map(Requirement, importlib.metadata.requires(name) or [])
            if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras)
        ]
        needs[name] = sorted({canonicalize_name(each.name) for each in further})
        waiting += further
    return needs


if __name__ == "__main__":
    FILE.write_text(made(), encoding="utf-8")
