"""Environments as the pages' examples need them."""


def enough() -> dict[str, str]:
    """Return the settings that must be there."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "VOXIMPLANT_ACCOUNT_ID": "1",
        "VOXIMPLANT_API_KEY": "key",
    }


def assigned(environment: str) -> dict[str, str]:
    """Read an environment file as a shell and systemd do."""
    return dict(line.split("=", 1) for line in environment.splitlines() if not line.startswith("#"))
