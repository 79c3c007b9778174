"""Contender (g): starts by a script on the platform's official client; prints the milliseconds of each.

python start_by_client.py HOST:PORT ACCOUNT.json COUNT
"""

import sys
import time

from voximplant.apiclient import VoximplantAPI


def main(endpoint: str, account: str, count: int) -> None:
    """Start sessions one after the other."""
    api = VoximplantAPI(account, endpoint=endpoint)
    for number in range(count):
        began = time.perf_counter()
        api.start_scenarios(rule_id=1001, script_custom_data=f"by-client-{number}")
        print((time.perf_counter() - began) * 1000)  # noqa: T201 - for the benchmark


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
