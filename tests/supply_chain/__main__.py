"""`python -m tests.supply_chain FILE…`: look the pins of these files up in the advisories (`make audit`).

Ends with 0 where every pin was looked up and none has a known vulnerability, with 1 where one has, and with 2 where one
could not be looked up. Of pins that its service does not know pip-audit itself says "no known
vulnerabilities", also where a proxy answers for that service.
"""

import json
import subprocess
import sys
from typing import Any, Final

CLEAN: Final = 0
VULNERABLE: Final = 1
UNKNOWN: Final = 2
UNREACHABLE: Final = (
    "The advisories could not be asked, so nothing is known of these pins. Run this again where the service is reached."
)


def main() -> int:
    """Run pip-audit and print the verdict; returns the exit code."""
    files = [word for file in sys.argv[1:] for word in ("--requirement", file)]
    command = [sys.executable, "-m", "pip_audit", *files, "--no-deps", "--disable-pip", "--format", "json"]
    ran = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    code, says = verdict(ran.stdout)
    print(says)  # noqa: T201 - for who runs it
    if not ran.stdout:
        print(ran.stderr.strip().rpartition("\n")[2])  # noqa: T201 - for who runs it
    return code


def verdict(report: str) -> tuple[int, str]:
    """Return the exit code and the sentences for a report of pip-audit, empty where it made none."""
    try:
        pins: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except ValueError:
        pins = []
    skipped = [each["name"] for each in pins if "skip_reason" in each]
    if len(skipped) == len(pins):
        return UNKNOWN, UNREACHABLE
    lines = [
        f"{pin['name']} {pin['version']}: {each['id']}, mended in {', '.join(each['fix_versions']) or 'no version yet'}"
        for pin in pins
        for each in pin.get("vulns", ())
    ]
    if skipped:
        lines.append(f"Not looked up, so that nothing is known of them: {', '.join(skipped)}.")
    code = VULNERABLE if len(lines) > bool(skipped) else UNKNOWN if skipped else CLEAN
    return code, "\n".join(lines or [f"No known vulnerability in {len(pins)} pins."])


if __name__ == "__main__":
    sys.exit(main())
