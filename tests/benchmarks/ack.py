"""The time until commands are acked while the platform hangs, and the cost of a process of the bot.

    python tests/benchmarks/ack.py [rounds]

Starts the real process against the embedded world, lets the platform hang, and types a hundred commands at
once, round after round: none of them ends, so each round finds a hundred more in flight. The ack is measured
where Slack measures it, from sending the envelope to reading its ack. Ends with 1 when a promised number is
missed: p99 of a hundred in flight 100 ms, idle memory 100 MB, start to connected 2 s.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bot.sandbox._certificates import Certificates
from bot.sandbox.slack import LocalSlack
from bot.sandbox.voximplant import Hang, Platform

AT_ONCE = 100
ACK_MS = 100.0
IDLE_MB = 100.0
CONNECTED_S = 2.0


async def main(rounds: int) -> int:
    """Measure, print, and give the exit code."""
    certificates = Certificates()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificates.write_ca(folder / "ca.pem")
        async with Platform(certificates) as platform, LocalSlack() as slack:
            (folder / "account.json").write_text(json.dumps(platform.account.service_account()))
            began = time.monotonic()
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run",
                cwd=folder, env=environment(folder, platform, slack), stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            try:
                await slack.connected()
                connected = time.monotonic() - began
                memory = psutil.Process(process.pid)
                await slack.person("ann").slash(slack.channel("ops"), "help")
                idle = memory.memory_info().rss / 2**20
                for method in ("StartScenarios", "GetApplications", "GetRules", "GetCallHistory"):
                    platform.faults.management(method, Hang(), times=100_000)
                acks = [await one_round(slack, number) for number in range(rounds)]
                busy = memory.memory_info().rss / 2**20
            finally:
                process.kill()
                await process.wait()
    return report(acks, connected=connected, idle=idle, busy=busy)


def environment(folder: Path, platform: Platform, slack: LocalSlack) -> dict[str, str]:
    """Return the settings of the process."""
    return {
        "PATH": os.environ["PATH"],
        "SSL_CERT_FILE": str(folder / "ca.pem"),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "VOXIMPLANT_API_URL": platform.api_url,
        "VOXIMPLANT_CREDENTIALS": str(folder / "account.json"),
        "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
        "SESSION_BOT_OPS_PORT": "0",
    }


async def one_round(slack: LocalSlack, number: int) -> list[float]:
    """Type a hundred starts at once; give each ack's milliseconds, 3,000 where none came."""
    people = [slack.person(f"person{each}") for each in range(10)]
    typed = await asyncio.gather(
        *(
            people[each % 10].slash(slack.channel(f"room{each % 20}"), f"start obedient {number}-{each}")
            for each in range(AT_ONCE)
        )
    )
    return [each.ack_seconds * 1000 if each.acked else 3000.0 for each in typed]


def report(rounds: list[list[float]], *, connected: float, idle: float, busy: float) -> int:
    """Print the numbers; give 1 when one that was promised is missed."""
    lines = [
        f"ack with {(number + 1) * AT_ONCE:5d} in flight:"
        f" p50 {quantile(acks, 0.5):6.1f} ms, p99 {quantile(acks, 0.99):6.1f} ms"
        for number, acks in enumerate(rounds)
    ]
    lines.append(f"start to connected: {connected:.2f} s; memory idle {idle:.0f} MB, under load {busy:.0f} MB")
    print("\n".join(lines))  # noqa: T201 - a script for whoever runs it
    ack = quantile(rounds[0], 0.99)
    return int(ack > ACK_MS or idle > IDLE_MB or connected > CONNECTED_S)


def quantile(values: list[float], part: float) -> float:
    """Return the value below which this part of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)))
